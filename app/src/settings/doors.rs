//! The server functions of the settings. Their forms are plain: the browser posts them by itself, and what was refused
//! comes back in the flash.

use super::view::SettingsView;
use crate::doors::Refused;
#[cfg(feature = "ssr")]
use crate::{
    context::set_cookie,
    cookies,
    doors::{Posted, refused, visitor},
    facts::Theme,
    routes, session_cookie,
};
#[cfg(feature = "ssr")]
use domain::{accounts, conversations};
use leptos::prelude::*;
use server_fn::codec::GetUrl;

/// Keeps the theme of this device in a cookie, so that the next page comes in it from the server.
#[server(prefix = "/form", endpoint = "set-theme")]
pub async fn set_theme(#[server(default)] theme: String) -> Result<String, Refused> {
    cookies::keep("theme", Theme::parse(&theme).as_str());
    Posted::new("theme", routes::SETTINGS).answer(Ok(()), |()| routes::SETTINGS.to_owned())
}

/// What the settings page shows besides the account itself.
#[server(prefix = "/form", endpoint = "settings", input = GetUrl)]
pub async fn settings() -> Result<SettingsView, Refused> {
    let visitor = visitor()?;
    let actor = visitor.member()?;
    let devices = accounts::list_sessions(&visitor.env, actor).await.map_err(refused)?;
    let pending_email = accounts::pending_email(&visitor.env, actor).await.map_err(refused)?;
    Ok(SettingsView {
        pending_email,
        devices: devices.into_iter().map(Into::into).collect(),
        blocked: conversations::list_blocks(&visitor.env, actor).await.map_err(refused)?,
    })
}

/// Changes the name that people see.
#[server(prefix = "/form", endpoint = "change-name")]
pub async fn change_name(#[server(default)] display_name: String) -> Result<String, Refused> {
    let visitor = visitor()?;
    let form = Posted::new("name", routes::SETTINGS).with("display_name", &display_name);
    let actor = match visitor.member() {
        Ok(actor) => actor,
        Err(refused) => return form.refuse(refused),
    };
    let command = model::command::UpdateMe {
        display_name: Some(display_name),
        ..model::command::UpdateMe::default()
    };
    let result = accounts::update_me(&visitor.env, &visitor.caller, actor, command).await;
    form.answer(result, |account| {
        Posted::done(format!("You are now called {}.", account.display_name));
        routes::SETTINGS.to_owned()
    })
}

/// Sets what others see of me. A switch that is off sends nothing.
#[server(prefix = "/form", endpoint = "set-privacy")]
pub async fn set_privacy(read_receipts: Option<String>, presence: Option<String>) -> Result<String, Refused> {
    let visitor = visitor()?;
    let form = Posted::new("privacy", routes::SETTINGS);
    let actor = match visitor.member() {
        Ok(actor) => actor,
        Err(refused) => return form.refuse(refused),
    };
    let command = model::command::UpdateMe {
        read_receipts: Some(read_receipts.is_some()),
        presence: Some(presence.is_some()),
        ..model::command::UpdateMe::default()
    };
    let result = accounts::update_me(&visitor.env, &visitor.caller, actor, command).await;
    form.answer(result, |_| {
        Posted::done("What others see of you is as you chose.");
        routes::SETTINGS.to_owned()
    })
}

/// Blocks somebody no longer.
#[server(prefix = "/form", endpoint = "settings-unblock")]
pub async fn unblock(#[server(default)] person: String) -> Result<String, Refused> {
    let visitor = visitor()?;
    let form = Posted::new("unblock", routes::SETTINGS);
    let actor = match visitor.member() {
        Ok(actor) => actor,
        Err(refused) => return form.refuse(refused),
    };
    let result = conversations::unblock(&visitor.env, actor, &person).await;
    form.answer(result, |()| {
        Posted::done("They can write to you again.");
        routes::SETTINGS.to_owned()
    })
}

/// Asks for a code to another address; it becomes mine when the code comes back.
#[server(prefix = "/form", endpoint = "change-email")]
pub async fn change_email(
    #[server(default)] email: String,
    #[server(default)] password: String,
) -> Result<String, Refused> {
    let visitor = visitor()?;
    let form = Posted::new("email", routes::SETTINGS_EMAIL).with("email", &email);
    let actor = match visitor.member() {
        Ok(actor) => actor,
        Err(refused) => return form.refuse(refused),
    };
    let command = model::command::UpdateMe {
        email: Some(email),
        password: Some(password),
        ..model::command::UpdateMe::default()
    };
    let result = accounts::update_me(&visitor.env, &visitor.caller, actor, command).await;
    form.answer(result, |_| routes::SETTINGS_EMAIL_SENT.to_owned())
}

/// Makes the address that a code was sent to the account's own. Whoever has the code need not be signed in here.
#[server(prefix = "/form", endpoint = "confirm-email")]
pub async fn confirm_email(#[server(default)] code: String) -> Result<String, Refused> {
    let visitor = visitor()?;
    let form = Posted::new("confirm-email", routes::confirm(&code));
    let result = accounts::confirm_email(&visitor.env, &visitor.caller, &code).await;
    form.answer(result, |account| {
        let address = account.email.unwrap_or_default();
        Posted::done(format!("Your e-mail address is now {address}."));
        if visitor.actor.is_some() {
            routes::SETTINGS.to_owned()
        } else {
            routes::SIGN_IN.to_owned()
        }
    })
}

/// Sets another password; every other session ends.
#[server(prefix = "/form", endpoint = "change-password")]
pub async fn change_password(
    #[server(default)] current_password: String,
    #[server(default)] password: String,
    #[server(default)] password_confirmation: String,
) -> Result<String, Refused> {
    let visitor = visitor()?;
    let form = Posted::new("password", routes::SETTINGS_PASSWORD);
    let actor = match visitor.member() {
        Ok(actor) => actor,
        Err(refused) => return form.refuse(refused),
    };
    let command = model::command::ChangePassword {
        current_password,
        password,
        password_confirmation,
    };
    let result = accounts::change_password(&visitor.env, &visitor.caller, actor, command).await;
    form.answer(result, |()| {
        Posted::done("Your password is changed. You are signed out on every other device.");
        routes::SETTINGS.to_owned()
    })
}

/// Ends one session of mine.
#[server(prefix = "/form", endpoint = "revoke-device")]
pub async fn revoke_device(#[server(default)] device: String) -> Result<String, Refused> {
    let visitor = visitor()?;
    let form = Posted::new("devices", routes::SETTINGS);
    let actor = match visitor.member() {
        Ok(actor) => actor,
        Err(refused) => return form.refuse(refused),
    };
    // What is no id is no session of mine either.
    let result = match device.parse() {
        Ok(session) => accounts::revoke_session(&visitor.env, actor, session).await,
        Err(_) => Err(model::Code::NotFound.into()),
    };
    form.answer(result, |()| {
        Posted::done("That device is signed out.");
        routes::SETTINGS.to_owned()
    })
}

/// Ends every session of mine but this one.
#[server(prefix = "/form", endpoint = "revoke-devices")]
pub async fn revoke_devices() -> Result<String, Refused> {
    let visitor = visitor()?;
    let form = Posted::new("devices", routes::SETTINGS);
    let actor = match visitor.member() {
        Ok(actor) => actor,
        Err(refused) => return form.refuse(refused),
    };
    let result = accounts::revoke_other_sessions(&visitor.env, actor).await;
    form.answer(result, |_| {
        Posted::done("You are signed out on every other device.");
        routes::SETTINGS.to_owned()
    })
}

/// Deletes my account, for good.
#[server(prefix = "/form", endpoint = "delete-account")]
pub async fn delete_account(#[server(default)] password: String) -> Result<String, Refused> {
    let visitor = visitor()?;
    let form = Posted::new("delete", routes::SETTINGS_DELETE);
    let actor = match visitor.member() {
        Ok(actor) => actor,
        Err(refused) => return form.refuse(refused),
    };
    let command = model::command::DeleteMe { password };
    let result = accounts::delete_me(&visitor.env, &visitor.caller, actor, command).await;
    form.answer(result, |()| {
        set_cookie(&session_cookie::clear(visitor.secure));
        Posted::done("Your account is deleted. Goodbye, and thank you for having been here.");
        routes::SIGN_IN.to_owned()
    })
}
