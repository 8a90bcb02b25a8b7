//! Sign up, and set a password.

use crate::{
    api::v1::sessions::with_cookie,
    boot::App,
    http::{
        body::{Json, Path},
        problem::{Problem, ProblemDocument},
        visitor::Asking,
    },
};
use axum::{
    Json as Answer,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{Authority, accounts};
use model::command::{ForgotPassword, PasswordToken, Register, Registered, SetPassword, SignedIn};

/// Sign up
///
/// A link and a code go to the address. The answer is the same whether or not the address has an account.
///
/// With an API key that has the scope `registration`, the answer holds the code, no mail is sent, and neither the policy
/// of registration nor an invitation matters. For an address that has an account, that code opens nothing.
#[utoipa::path(
    post, path = "/registration", tag = "accounts", security((), ("api_key" = ["registration"])),
    responses(
        (status = 202, description = "A mail is on its way.", body = Registered),
        (status = 403, description = "This Roost takes no sign-ups, or only with an invitation that is good; or the API key may not do this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "Taken.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn register(
    State(app): State<App>,
    Asking(visitor): Asking,
    Json(command): Json<Register>,
) -> Result<(StatusCode, Answer<Registered>), Problem> {
    let registered = match visitor.key {
        Some(key) => accounts::register_for_server(&app.env, &Authority::Key(key), command).await?,
        None => accounts::register(&app.env, &visitor.caller, command).await?,
    };
    Ok((StatusCode::ACCEPTED, Answer(registered)))
}

/// Exchange a mailed code for a token
///
/// Works once. The token sets one password.
#[utoipa::path(
    get, path = "/invitation_token/{code}", tag = "accounts", security(()),
    params(("code" = String, Path, description = "The code from the mail; case, hyphens and spaces do not matter.")),
    responses(
        (status = 200, description = "The token.", body = PasswordToken),
        (status = 403, description = "The code or token is not good.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn exchange_code(
    State(app): State<App>,
    Asking(visitor): Asking,
    Path(code): Path<String>,
) -> Result<Answer<PasswordToken>, Problem> {
    Ok(Answer(accounts::exchange_code(&app.env, &visitor.caller, &code).await?))
}

/// Set a password
///
/// Finishes a sign-up or a reset, and opens a session. After a reset every other session has ended.
#[utoipa::path(
    post, path = "/password", tag = "accounts", security(()),
    responses(
        (status = 201, description = "The password is set, and a session is open.", body = SignedIn),
        (status = 403, description = "The token is not good, or the invitation is used up.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "Taken.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn set_password(
    State(app): State<App>,
    Asking(visitor): Asking,
    Json(command): Json<SetPassword>,
) -> Result<Response, Problem> {
    let opened = accounts::set_password(&app.env, &visitor.caller, command).await?;
    Ok((StatusCode::CREATED, with_cookie(opened, visitor.secure)).into_response())
}

/// Ask for a new password
///
/// If there is such an account, a link and a code go to its address.
#[utoipa::path(
    post, path = "/password/forgot", tag = "accounts", security(()),
    responses((status = 202, description = "If there is such an account, a mail is on its way."))
)]
pub async fn forgot_password(
    State(app): State<App>,
    Asking(visitor): Asking,
    Json(command): Json<ForgotPassword>,
) -> Result<StatusCode, Problem> {
    accounts::forgot_password(&app.env, &visitor.caller, command).await?;
    Ok(StatusCode::ACCEPTED)
}
