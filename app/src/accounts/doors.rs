//! The server functions of the account pages.

use crate::doors::Refused;
#[cfg(feature = "ssr")]
use crate::{
    context::set_cookie,
    doors::{Posted, carry, refused, visitor},
    routes, session_cookie,
};
#[cfg(feature = "ssr")]
use domain::accounts;
use leptos::prelude::*;
use model::command::Strength;
use serde::{Deserialize, Serialize};

/// What a code allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Allows {
    /// To set the first password of an account.
    FirstPassword,
    /// To set another one.
    NewPassword,
    /// To make an address one's own.
    NewEmail,
}

/// What a code allows, as its page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeView {
    /// What it allows.
    pub allows: Allows,
    /// Whose it is.
    pub username: Option<String>,
}

/// Signs up.
#[server(prefix = "/form", endpoint = "sign-up")]
pub async fn sign_up(
    #[server(default)] email: String,
    #[server(default)] username: String,
    #[server(default)] display_name: String,
    #[server(default)] invitation: String,
) -> Result<String, Refused> {
    let visitor = visitor()?;
    let form = Posted::new("sign-up", routes::sign_up_with(&invitation))
        .with("email", &email)
        .with("username", &username)
        .with("display_name", &display_name)
        .with("invitation", &invitation);
    let display_name = Some(display_name).filter(|name| !name.trim().is_empty());
    let command = model::command::Register {
        email: email.clone(),
        username,
        display_name,
        invitation: Some(invitation).filter(|code| !code.trim().is_empty()),
    };
    let result = accounts::register(&visitor.env, &visitor.caller, command).await;
    form.answer(result, |registered| {
        let registration = registered.registration_id.to_string();
        Posted::new("sent", "")
            .with("email", &email)
            .with("registration", &registration)
            .leave(None);
        routes::SIGN_UP_SENT.to_owned()
    })
}

/// Looks at a code without using it up.
#[server(prefix = "/form", endpoint = "inspect-code")]
pub async fn inspect_code(#[server(default)] code: String, registration: Option<String>) -> Result<CodeView, Refused> {
    let visitor = visitor()?;
    let registration = registration.and_then(|id| id.parse().ok());
    let subject = accounts::inspect_code(&visitor.env, &visitor.caller, &code, registration)
        .await
        .map_err(refused)?;
    let allows = match subject.purpose {
        accounts::Purpose::SignUp | accounts::Purpose::FirstAdmin => Allows::FirstPassword,
        accounts::Purpose::Reset => Allows::NewPassword,
        accounts::Purpose::ChangeEmail => Allows::NewEmail,
    };
    Ok(CodeView {
        allows,
        username: subject.username,
    })
}

/// Sets the password that a code allows to set, and signs in.
#[server(prefix = "/form", endpoint = "set-password")]
pub async fn set_password(
    #[server(default)] code: String,
    #[server(default)] password: String,
    #[server(default)] password_confirmation: String,
    #[server(default)] username: String,
) -> Result<String, Refused> {
    let visitor = visitor()?;
    let form = Posted::new("set-password", routes::confirm(&code)).with("username", &username);
    let username = Some(username).filter(|name| !name.trim().is_empty());
    let command = accounts::ByCode {
        code,
        password,
        password_confirmation,
        username,
    };
    let result = accounts::set_password_by_code(&visitor.env, &visitor.caller, command).await;
    form.answer(result, |opened| {
        carry(&opened, visitor.secure);
        routes::CHAT.to_owned()
    })
}

/// Says how good a password is.
#[server(prefix = "/form", endpoint = "measure-password")]
pub async fn measure_password(
    #[server(default)] password: String,
    #[server(default)] about: String,
) -> Result<Strength, Refused> {
    Ok(accounts::measure_password(&password, &[about.as_str()]))
}

/// Signs in.
#[server(prefix = "/form", endpoint = "sign-in")]
pub async fn sign_in(
    #[server(default)] login: String,
    #[server(default)] password: String,
    #[server(default)] next: String,
) -> Result<String, Refused> {
    let visitor = visitor()?;
    let next = routes::after_sign_in(&next);
    let form = Posted::new("sign-in", routes::sign_in_for(&next)).with("login", &login);
    let command = model::command::SignIn {
        login,
        password,
        session: None,
    };
    let result = accounts::sign_in(&visitor.env, &visitor.caller, command).await;
    form.answer(result, |opened| {
        carry(&opened, visitor.secure);
        next
    })
}

/// Signs out.
#[server(prefix = "/form", endpoint = "sign-out")]
pub async fn sign_out() -> Result<String, Refused> {
    let visitor = visitor()?;
    let result = match &visitor.actor {
        Some(actor) => accounts::sign_out(&visitor.env, actor).await,
        None => Ok(()),
    };
    Posted::new("sign-out", routes::SETTINGS).answer(result, |()| {
        set_cookie(&session_cookie::clear(visitor.secure));
        routes::SIGN_IN.to_owned()
    })
}

/// Asks for a mail with which to set a new password.
#[server(prefix = "/form", endpoint = "forgot-password")]
pub async fn forgot_password(#[server(default)] login: String) -> Result<String, Refused> {
    let visitor = visitor()?;
    let form = Posted::new("forgot", routes::FORGOT).with("login", &login);
    let command = model::command::ForgotPassword { login };
    let result = accounts::forgot_password(&visitor.env, &visitor.caller, command).await;
    form.answer(result, |()| routes::FORGOT_SENT.to_owned())
}

/// Becomes the first administrator.
#[server(prefix = "/form", endpoint = "claim-admin")]
pub async fn claim_admin(
    #[server(default)] code: String,
    #[server(default)] email: String,
    #[server(default)] username: String,
    #[server(default)] display_name: String,
    #[server(default)] password: String,
    #[server(default)] password_confirmation: String,
) -> Result<String, Refused> {
    let visitor = visitor()?;
    let form = Posted::new("setup", format!("{}/{}", routes::SETUP, routes::segment(&code)))
        .with("email", &email)
        .with("username", &username)
        .with("display_name", &display_name);
    let display_name = Some(display_name).filter(|name| !name.trim().is_empty());
    let command = model::command::ClaimAdmin {
        code,
        email,
        username,
        display_name,
        password,
        password_confirmation,
    };
    let result = accounts::claim_admin(&visitor.env, &visitor.caller, command).await;
    form.answer(result, |opened| {
        carry(&opened, visitor.secure);
        routes::CHAT.to_owned()
    })
}
