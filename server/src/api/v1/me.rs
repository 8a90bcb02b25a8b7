//! Oneself.

use crate::{
    boot::App,
    http::{
        body::Json,
        problem::{Problem, ProblemDocument},
        visitor::{Asking, Member},
    },
};
use app::session_cookie;
use axum::{
    Json as Answer,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::accounts;
use model::{
    Account,
    command::{ChangePassword, ConfirmEmail, DeleteMe, UpdateMe},
};

/// Who am I
#[utoipa::path(
    get, path = "/me", tag = "accounts", security(("token" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "My account.", body = Account),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn me(Member(actor): Member) -> Answer<Account> {
    Answer(actor.account)
}

/// Change my account
///
/// The display name changes at once. A new address needs the password; a code goes there, and the address changes when
/// the code comes back (`POST /api/v1/me/email`).
#[utoipa::path(
    patch, path = "/me", tag = "accounts", security(("token" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "My account, as it is now.", body = Account),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn update(
    State(app): State<App>,
    Asking(visitor): Asking,
    Member(actor): Member,
    Json(command): Json<UpdateMe>,
) -> Result<Answer<Account>, Problem> {
    Ok(Answer(
        accounts::update_me(&app.env, &visitor.caller, &actor, command).await?,
    ))
}

/// Confirm a new address
///
/// With the code that was mailed there; nobody need be signed in. The address so far is told.
#[utoipa::path(
    post, path = "/me/email", tag = "accounts", security(()),
    responses(
        (status = 200, description = "The account, with its new address.", body = Account),
        (status = 403, description = "The code is not good.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn confirm_email(
    State(app): State<App>,
    Asking(visitor): Asking,
    Json(command): Json<ConfirmEmail>,
) -> Result<Answer<Account>, Problem> {
    Ok(Answer(
        accounts::confirm_email(&app.env, &visitor.caller, &command.code).await?,
    ))
}

/// Change my password
///
/// Every other session of mine ends.
#[utoipa::path(
    put, path = "/me/password", tag = "accounts", security(("token" = []), ("cookie" = [])),
    responses(
        (status = 204, description = "It is changed."),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn change_password(
    State(app): State<App>,
    Asking(visitor): Asking,
    Member(actor): Member,
    Json(command): Json<ChangePassword>,
) -> Result<StatusCode, Problem> {
    accounts::change_password(&app.env, &visitor.caller, &actor, command).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Delete my account
///
/// For good: names, address, sessions, tokens and memberships are gone; what I said to others stays with them, without my
/// name. Administrators have to become members first.
#[utoipa::path(
    delete, path = "/me", tag = "accounts", security(("token" = []), ("cookie" = [])),
    responses(
        (status = 204, description = "It is gone."),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "Not an administrator's.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn delete(
    State(app): State<App>,
    Asking(visitor): Asking,
    Member(actor): Member,
    Json(command): Json<DeleteMe>,
) -> Result<Response, Problem> {
    accounts::delete_me(&app.env, &visitor.caller, &actor, command).await?;
    let cookie = [(header::SET_COOKIE, session_cookie::clear(visitor.secure))];
    Ok((StatusCode::NO_CONTENT, cookie).into_response())
}
