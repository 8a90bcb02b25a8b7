//! One account, and what can be done to it.

use super::{
    frame::{Answer, Asked, Done, Frame, Trouble},
    typed::Typed,
    users::PATH,
};
use askama::Template;
use axum::{extract::Path, response::Response};
use domain::{Error, users};
use model::{Account, AccountId, Code, Rejection, Role, admin::UpdateUser};

#[derive(Template)]
#[template(path = "admin/user.html")]
struct UserPage<'a> {
    frame: &'a Frame,
    account: &'a Account,
    form: Typed,
    initials: String,
    hue: u128,
    /// Why something other than saving was refused.
    refused: Option<Rejection>,
}

#[derive(Template)]
#[template(path = "admin/user_delete.html")]
struct DeletePage<'a> {
    frame: &'a Frame,
    account: &'a Account,
    refused: Option<Rejection>,
}

/// The page of an account.
pub fn path(id: AccountId) -> String {
    format!("{PATH}/{id}")
}

/// The role that was chosen.
pub fn role(form: &Typed) -> Option<Role> {
    [Role::User, Role::Admin]
        .into_iter()
        .find(|role| role.as_str() == form.get("role"))
}

/// What is no id is no account.
async fn load(asked: &Asked, id: &str) -> Result<Account, Trouble> {
    let found = match id.parse() {
        Ok(id) => users::get_user(&asked.env, &asked.by, id).await,
        Err(_) => Err(Code::NotFound.into()),
    };
    found.map_err(|error| asked.trouble(error))
}

fn page(asked: &Asked, account: &Account, form: Typed, refused: Option<Rejection>) -> Response {
    let status = refused.as_ref().map_or_else(
        || form.status(),
        |refused| form.clone().refused(refused.clone()).status(),
    );
    let page = UserPage {
        frame: &asked.frame,
        account,
        form,
        initials: app::initials(&account.display_name),
        hue: app::hue(account.id),
        refused,
    };
    asked.answer(status, &page)
}

/// The form as the account is.
fn as_it_is(account: &Account) -> Typed {
    let email = account.email.as_deref().unwrap_or_default();
    Typed::with(&[
        ("email", email),
        ("display_name", &account.display_name),
        ("role", account.role.as_str()),
    ])
}

pub async fn show(asked: Asked, Path(id): Path<String>) -> Answer {
    let account = load(&asked, &id).await?;
    Ok(page(&asked, &account, as_it_is(&account), None))
}

pub async fn update(asked: Asked, Path(id): Path<String>, form: Typed) -> Answer {
    let account = load(&asked, &id).await?;
    // The form carries every field; only what differs is a change.
    let changed = |name: &str, now: &str| Some(form.get(name).to_owned()).filter(|new| new != now);
    let command = UpdateUser {
        email: changed("email", account.email.as_deref().unwrap_or_default()),
        display_name: changed("display_name", &account.display_name),
        role: role(&form).filter(|role| *role != account.role),
        disabled: None,
    };
    match users::update_user(&asked.env, &asked.by, account.id, command).await {
        Ok(_) => Ok(asked.then(&path(account.id), Done::USER_UPDATED)),
        Err(error) => {
            let form = form.refused(asked.reason(error));
            Ok(page(&asked, &account, form, None))
        }
    }
}

/// Back to the account with what was done, or with why not.
fn settle<T>(asked: &Asked, account: &Account, result: Result<T, Error>, done: Done) -> Response {
    match result {
        Ok(_) => asked.then(&path(account.id), done),
        Err(error) => page(asked, account, as_it_is(account), Some(asked.reason(error))),
    }
}

async fn set_disabled(asked: Asked, id: String, disabled: bool) -> Answer {
    let account = load(&asked, &id).await?;
    let command = UpdateUser {
        email: None,
        display_name: None,
        role: None,
        disabled: Some(disabled),
    };
    let result = users::update_user(&asked.env, &asked.by, account.id, command).await;
    let done = if disabled {
        Done::USER_DISABLED
    } else {
        Done::USER_ENABLED
    };
    Ok(settle(&asked, &account, result, done))
}

pub async fn disable(asked: Asked, Path(id): Path<String>) -> Answer {
    set_disabled(asked, id, true).await
}

pub async fn enable(asked: Asked, Path(id): Path<String>) -> Answer {
    set_disabled(asked, id, false).await
}

pub async fn sign_out(asked: Asked, Path(id): Path<String>) -> Answer {
    let account = load(&asked, &id).await?;
    let result = users::sign_out_user(&asked.env, &asked.by, account.id).await;
    Ok(settle(&asked, &account, result, Done::USER_SIGNED_OUT))
}

pub async fn reset(asked: Asked, Path(id): Path<String>) -> Answer {
    let account = load(&asked, &id).await?;
    let result = users::send_reset(&asked.env, &asked.by, account.id).await;
    Ok(settle(&asked, &account, result, Done::RESET_SENT))
}

pub async fn ask_delete(asked: Asked, Path(id): Path<String>) -> Answer {
    let account = load(&asked, &id).await?;
    Ok(asked.show(&DeletePage {
        frame: &asked.frame,
        account: &account,
        refused: None,
    }))
}

pub async fn delete(asked: Asked, Path(id): Path<String>) -> Answer {
    let account = load(&asked, &id).await?;
    match users::delete_user(&asked.env, &asked.by, account.id).await {
        Ok(()) => Ok(asked.then(PATH, Done::USER_DELETED)),
        Err(error) => {
            let refused = asked.reason(error);
            let status = Typed::default().refused(refused.clone()).status();
            let page = DeletePage {
                frame: &asked.frame,
                account: &account,
                refused: Some(refused),
            };
            Ok(asked.answer(status, &page))
        }
    }
}
