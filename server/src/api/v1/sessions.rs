//! Sign in, sign out, refresh.

use crate::{
    boot::App,
    http::{
        body::{Json, Path},
        problem::{Problem, ProblemDocument},
        visitor::{Asking, Member},
    },
};
use app::{device_cookie, session_cookie};
use axum::{
    Json as Answer,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::accounts::{self, Opened};
use model::{
    SessionId,
    command::{Device, Refresh, SignIn, SignedIn, TokenPair},
};

/// The answer to whoever opened a session, with its cookie if it is carried by one.
pub(super) fn with_cookie(opened: Opened, secure: bool) -> Response {
    let mut response = Answer(opened.signed_in).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for cookie in cookies(opened.cookie, opened.device, secure) {
        headers.append(header::SET_COOKIE, cookie);
    }
    response
}

/// The cookies of a session and of the device it was opened on.
pub(crate) fn cookies(session: Option<String>, device: Option<String>, secure: bool) -> Vec<HeaderValue> {
    let session = session.map(|value| session_cookie::set(&value, secure));
    let device = device.map(|value| device_cookie::set(&value, secure));
    let both = [session, device].into_iter().flatten();
    both.filter_map(|cookie| HeaderValue::from_str(&cookie).ok()).collect()
}

/// Sign in
///
/// By username or e-mail address. With `"session": "token"` the answer holds an access token and a refresh token;
/// otherwise it sets a cookie.
#[utoipa::path(
    post, path = "/session", tag = "sessions", security(()),
    responses(
        (status = 200, description = "A session is open.", body = SignedIn),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn sign_in(
    State(app): State<App>,
    Asking(visitor): Asking,
    Json(command): Json<SignIn>,
) -> Result<Response, Problem> {
    let opened = accounts::sign_in(&app.env, &visitor.caller, command).await?;
    Ok(with_cookie(opened, visitor.secure))
}

/// Sign out
///
/// Ends this session; its cookie or tokens are dead at once.
#[utoipa::path(
    delete, path = "/session", tag = "sessions", security(("token" = []), ("cookie" = [])),
    responses(
        (status = 204, description = "The session has ended."),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn sign_out(
    State(app): State<App>,
    Asking(visitor): Asking,
    Member(actor): Member,
) -> Result<Response, Problem> {
    accounts::sign_out(&app.env, &actor).await?;
    let cookie = [(header::SET_COOKIE, session_cookie::clear(visitor.secure))];
    Ok((StatusCode::NO_CONTENT, cookie).into_response())
}

/// Exchange a refresh token for a new pair
///
/// Within ten seconds the same token gets the same successor again; later reuse revokes the session.
#[utoipa::path(
    post, path = "/session/refresh", tag = "sessions", security(()),
    responses(
        (status = 200, description = "The new pair.", body = TokenPair),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn refresh(
    State(app): State<App>,
    Asking(visitor): Asking,
    Json(command): Json<Refresh>,
) -> Result<Response, Problem> {
    let pair: TokenPair = accounts::refresh_session(&app.env, &visitor.caller, command).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Answer(pair)).into_response())
}

/// List my devices
///
/// Every session of mine: the one that asks first, then the one used last.
#[utoipa::path(
    get, path = "/sessions", tag = "sessions", security(("token" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "My sessions.", body = [Device]),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn list(State(app): State<App>, Member(actor): Member) -> Result<Answer<Vec<Device>>, Problem> {
    Ok(Answer(accounts::list_sessions(&app.env, &actor).await?))
}

/// Sign a device out
///
/// Its cookie or tokens are dead at once, and its sockets close.
#[utoipa::path(
    delete, path = "/sessions/{id}", tag = "sessions", security(("token" = []), ("cookie" = [])),
    params(("id" = SessionId, Path, description = "The session.")),
    responses(
        (status = 204, description = "The session has ended."),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "It is not there, or not mine.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn revoke(
    State(app): State<App>,
    Member(actor): Member,
    Path(id): Path<SessionId>,
) -> Result<StatusCode, Problem> {
    accounts::revoke_session(&app.env, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sign all other devices out
///
/// Every session of mine ends but the one that asks.
#[utoipa::path(
    delete, path = "/sessions", tag = "sessions", security(("token" = []), ("cookie" = [])),
    responses(
        (status = 204, description = "The others have ended."),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn revoke_others(State(app): State<App>, Member(actor): Member) -> Result<StatusCode, Problem> {
    accounts::revoke_other_sessions(&app.env, &actor).await?;
    Ok(StatusCode::NO_CONTENT)
}
