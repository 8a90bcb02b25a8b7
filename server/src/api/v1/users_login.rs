//! Sign in with what the `Authorization` header holds: a login and its password, or a token of the host site.

use super::sessions::with_cookie;
use crate::{
    boot::App,
    http::{
        body::MaybeJson,
        problem::{Problem, ProblemDocument},
        visitor::Asking,
    },
};
use axum::{extract::State, http::HeaderMap, response::Response};
use axum_extra::headers::{
    Authorization, HeaderMapExt,
    authorization::{Basic, Bearer},
};
use domain::accounts;
use model::{
    Code, Rejection,
    command::{SessionKind, SignIn, SignedIn},
};
use serde::Deserialize;
use utoipa::ToSchema;

/// Which session to open.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// A token when not given.
    session: Option<SessionKind>,
}

/// Sign in with a header
///
/// `Authorization: Basic` with a username or e-mail address and the password, or `Authorization: Bearer` with a token (JWT)
/// of the site that this Roost is embedded in. The first token of a person makes their account, later ones keep its name
/// and address. The body may be left out.
#[utoipa::path(
    post, path = "/users/login", tag = "sessions", security(("basic" = []), ("host_token" = [])),
    request_body(content = Option<Login>, example = json!({"session": "token"})),
    responses(
        (status = 200, description = "A session is open.", body = SignedIn, example = json!({
            "account": {"id": "019a1b2c-3d4e-7f60-8a9b-0c1d2e3f4a5b", "username": "ada", "display_name": "Ada Lovelace",
                "email": "ada@example.org", "role": "user", "created_at": "2026-11-21T09:30:00.000Z"},
            "session": {"id": "019a1b2c-3d4e-7f60-8a9b-0c1d2e3f4a5c", "kind": "token",
                "created_at": "2026-11-21T09:30:00.000Z", "expires_at": "2026-12-21T09:30:00.000Z"},
            "access_token": "eyJ…", "refresh_token": "AZoRLD1O…", "expires_in": 900
        })),
        (status = 401, description = "The name, the password or the token is not right.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "The account is disabled.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "Another account has the address that the token names.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 415, description = "The body is not JSON.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn login(
    State(app): State<App>,
    Asking(visitor): Asking,
    headers: HeaderMap,
    MaybeJson(body): MaybeJson<Login>,
) -> Result<Response, Problem> {
    let kind = body.unwrap_or_default().session.unwrap_or(SessionKind::Token);
    let opened = if let Some(Authorization(basic)) = headers.typed_get::<Authorization<Basic>>() {
        let command = SignIn {
            login: basic.username().to_owned(),
            password: basic.password().to_owned(),
            session: Some(kind),
        };
        accounts::sign_in(&app.env, &visitor.caller, command).await?
    } else if let Some(Authorization(bearer)) = headers.typed_get::<Authorization<Bearer>>() {
        accounts::sign_in_from_host(&app.env, &visitor.caller, bearer.token(), kind).await?
    } else {
        let why = "Send Authorization: Basic with a name and a password, or Bearer with a token of the host site.";
        return Err(Rejection::new(Code::CredentialsInvalid).because(why).into());
    };
    Ok(with_cookie(opened, visitor.secure))
}
