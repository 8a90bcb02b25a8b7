//! The accounts of others, for administrators and servers.

use crate::{
    boot::App,
    http::{
        body::{Json, Path, Query},
        problem::{Problem, ProblemDocument},
        visitor::ByAuthority,
    },
};
use axum::{Json as Answer, extract::State, http::StatusCode};
use domain::users::{self, UserQuery};
use model::{
    Account, AccountId, Listing,
    admin::{CreateUser, UpdateUser},
    limits,
};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which accounts.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// The beginnings of one or more of their names, or the beginning of their address; all when not given.
    #[param(example = "ada", max_length = 254)]
    q: Option<String>,
    /// The `next` of an earlier page.
    after: Option<String>,
    /// How many at most, 1–100; 50 when not given.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<usize>,
}

/// List and search accounts
///
/// In the order of their usernames.
#[utoipa::path(
    get, path = "/users", tag = "users", params(Which),
    security(("token" = []), ("cookie" = []), ("api_key" = ["users:read"])),
    responses(
        (status = 200, description = "A page of accounts.", body = Listing<Account>, example = json!({
            "items": [{"id": "019a1b2c-3d4e-7f60-8a9b-0c1d2e3f4a5b", "username": "ada", "display_name": "Ada Lovelace",
                "email": "ada@example.org", "role": "user", "created_at": "2026-11-21T09:30:00.000Z"}],
            "next": "YWRh"
        })),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "Only for administrators, and API keys with the scope.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn list(
    State(app): State<App>,
    ByAuthority(by): ByAuthority,
    Query(Which { q, after, limit }): Query<Which>,
) -> Result<Answer<Listing<Account>>, Problem> {
    let limit = limit.unwrap_or(limits::PAGE_DEFAULT);
    Ok(Answer(
        users::list_users(&app.env, &by, UserQuery { q, after, limit }).await?,
    ))
}

/// Make an account
///
/// Without a password, its owner gets a mail with a link to set one, good for a week; with one, no mail. Only people make
/// administrators.
#[utoipa::path(
    post, path = "/users", tag = "users",
    security(("token" = []), ("cookie" = []), ("api_key" = ["users:write"])),
    request_body(content = CreateUser, example = json!({
        "email": "ada@example.org", "username": "ada", "display_name": "Ada Lovelace"
    })),
    responses(
        (status = 201, description = "The account.", body = Account, example = json!({
            "id": "019a1b2c-3d4e-7f60-8a9b-0c1d2e3f4a5b", "username": "ada", "display_name": "Ada Lovelace",
            "email": "ada@example.org", "role": "user", "created_at": "2026-11-21T09:30:00.000Z"
        })),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "Only for administrators, and API keys with the scope.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "The username or the address is taken.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn create(
    State(app): State<App>,
    ByAuthority(by): ByAuthority,
    Json(command): Json<CreateUser>,
) -> Result<(StatusCode, Answer<Account>), Problem> {
    let account = users::create_user(&app.env, &by, command).await?;
    Ok((StatusCode::CREATED, Answer(account)))
}

/// See to it that an account exists
///
/// As `POST /api/v1/users`, but when there is an account with both this address and this username, it is the answer, and
/// nothing is changed.
#[utoipa::path(
    post, path = "/users/register", tag = "users",
    security(("token" = []), ("cookie" = []), ("api_key" = ["users:write"])),
    request_body(content = CreateUser, example = json!({
        "email": "ada@example.org", "username": "ada", "display_name": "Ada Lovelace"
    })),
    responses(
        (status = 200, description = "It was there.", body = Account, example = json!({
            "id": "019a1b2c-3d4e-7f60-8a9b-0c1d2e3f4a5b", "username": "ada", "display_name": "Ada Lovelace",
            "email": "ada@example.org", "role": "user", "created_at": "2026-11-21T09:30:00.000Z"
        })),
        (status = 201, description = "It is new.", body = Account, example = json!({
            "id": "019a1b2c-3d4e-7f60-8a9b-0c1d2e3f4a5b", "username": "ada", "display_name": "Ada Lovelace",
            "email": "ada@example.org", "role": "user", "created_at": "2026-11-21T09:30:00.000Z"
        })),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "Only for administrators, and API keys with the scope.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "Somebody else has the username or the address.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn register(
    State(app): State<App>,
    ByAuthority(by): ByAuthority,
    Json(command): Json<CreateUser>,
) -> Result<(StatusCode, Answer<Account>), Problem> {
    let (account, created) = users::register_user(&app.env, &by, command).await?;
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Answer(account)))
}

/// One account
#[utoipa::path(
    get, path = "/users/{id}", tag = "users",
    security(("token" = []), ("cookie" = []), ("api_key" = ["users:read"])),
    params(("id" = AccountId, Path, description = "The account.")),
    responses(
        (status = 200, description = "The account.", body = Account, example = json!({
            "id": "019a1b2c-3d4e-7f60-8a9b-0c1d2e3f4a5b", "username": "ada", "display_name": "Ada Lovelace",
            "email": "ada@example.org", "role": "user", "created_at": "2026-11-21T09:30:00.000Z"
        })),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "Only for administrators, and API keys with the scope.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "There is no such account.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn get(
    State(app): State<App>,
    ByAuthority(by): ByAuthority,
    Path(id): Path<AccountId>,
) -> Result<Answer<Account>, Problem> {
    Ok(Answer(users::get_user(&app.env, &by, id).await?))
}

/// Change an account
///
/// What is not given stays. Another address needs no confirmation; the old one is told. `"disabled": true` signs them out
/// everywhere at once and lets them in no more. Only people change roles, and administrators.
#[utoipa::path(
    patch, path = "/users/{id}", tag = "users",
    security(("token" = []), ("cookie" = []), ("api_key" = ["users:write"])),
    params(("id" = AccountId, Path, description = "The account.")),
    request_body(content = UpdateUser, example = json!({"display_name": "Ada King", "disabled": true})),
    responses(
        (status = 200, description = "The account, as it is now.", body = Account, example = json!({
            "id": "019a1b2c-3d4e-7f60-8a9b-0c1d2e3f4a5b", "username": "ada", "display_name": "Ada King",
            "email": "ada@example.org", "role": "user", "created_at": "2026-11-21T09:30:00.000Z",
            "disabled_at": "2026-11-21T10:00:00.000Z"
        })),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "Only for administrators, and API keys with the scope.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "There is no such account.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "The address is taken, or this is the last administrator.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn update(
    State(app): State<App>,
    ByAuthority(by): ByAuthority,
    Path(id): Path<AccountId>,
    Json(command): Json<UpdateUser>,
) -> Result<Answer<Account>, Problem> {
    Ok(Answer(users::update_user(&app.env, &by, id, command).await?))
}

/// Delete an account
///
/// For good: names, address, sessions, tokens and memberships are gone; what they said to others stays with them, without
/// a name. An administrator can't be deleted.
#[utoipa::path(
    delete, path = "/users/{id}", tag = "users",
    security(("token" = []), ("cookie" = []), ("api_key" = ["users:write"])),
    params(("id" = AccountId, Path, description = "The account.")),
    responses(
        (status = 204, description = "It is gone."),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "Only for administrators, and API keys with the scope.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "There is no such account.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "Not an administrator's.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn delete(
    State(app): State<App>,
    ByAuthority(by): ByAuthority,
    Path(id): Path<AccountId>,
) -> Result<StatusCode, Problem> {
    users::delete_user(&app.env, &by, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sign somebody out everywhere
///
/// Every session of the account ends, with its tokens and sockets. They may sign in again.
#[utoipa::path(
    post, path = "/users/{id}/sign_out", tag = "users",
    security(("token" = []), ("cookie" = []), ("api_key" = ["users:write"])),
    params(("id" = AccountId, Path, description = "The account.")),
    responses(
        (status = 204, description = "They are signed out."),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "Only for administrators, and API keys with the scope.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "There is no such account.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn sign_out(
    State(app): State<App>,
    ByAuthority(by): ByAuthority,
    Path(id): Path<AccountId>,
) -> Result<StatusCode, Problem> {
    users::sign_out_user(&app.env, &by, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Mail somebody a link to set a password
///
/// Until it is used, their password stays as it is. Who never had one is invited once more.
#[utoipa::path(
    post, path = "/users/{id}/reset", tag = "users",
    security(("token" = []), ("cookie" = []), ("api_key" = ["users:write"])),
    params(("id" = AccountId, Path, description = "The account.")),
    responses(
        (status = 202, description = "A mail is on its way."),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "Only for administrators, and API keys with the scope; or the account is disabled.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "There is no such account.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn send_reset(
    State(app): State<App>,
    ByAuthority(by): ByAuthority,
    Path(id): Path<AccountId>,
) -> Result<StatusCode, Problem> {
    users::send_reset(&app.env, &by, id).await?;
    Ok(StatusCode::ACCEPTED)
}
