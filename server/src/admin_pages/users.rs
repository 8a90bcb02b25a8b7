//! The directory of accounts, and making one.

use super::{
    frame::{Answer, Asked, Done, Frame},
    typed::Typed,
    user,
};
use askama::Template;
use axum::extract::Query;
use domain::users::{self, UserQuery};
use model::{Account, Role, admin::CreateUser};
use serde::Deserialize;

pub const PATH: &str = "/admin/users";
/// How many are on one page.
const SHOWN: usize = 50;

/// What is looked for.
#[derive(Deserialize)]
pub struct Wish {
    #[serde(default)]
    q: String,
    after: Option<String>,
}

/// One account in the table.
struct Row {
    account: Account,
    initials: String,
    hue: u128,
}

#[derive(Template)]
#[template(path = "admin/users.html")]
struct ListPage<'a> {
    frame: &'a Frame,
    q: &'a str,
    /// Not the first page.
    later: bool,
    rows: Vec<Row>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/user_new.html")]
struct NewPage<'a> {
    frame: &'a Frame,
    form: Typed,
}

pub async fn list(asked: Asked, Query(wish): Query<Wish>) -> Answer {
    let later = wish.after.is_some();
    let query = UserQuery {
        q: Some(wish.q.clone()).filter(|q| !q.trim().is_empty()),
        after: wish.after,
        limit: SHOWN,
    };
    let found = users::list_users(&asked.env, &asked.by, query)
        .await
        .map_err(|error| asked.trouble(error))?;
    let row = |account: Account| Row {
        initials: app::initials(&account.display_name),
        hue: app::hue(account.id),
        account,
    };
    Ok(asked.show(&ListPage {
        frame: &asked.frame,
        q: &wish.q,
        later,
        rows: found.items.into_iter().map(row).collect(),
        next: found.next,
    }))
}

pub async fn ask(asked: Asked) -> Answer {
    Ok(asked.show(&NewPage {
        frame: &asked.frame,
        form: Typed::with(&[("role", Role::User.as_str())]),
    }))
}

pub async fn create(asked: Asked, form: Typed) -> Answer {
    let command = CreateUser {
        email: form.get("email").to_owned(),
        username: form.get("username").to_owned(),
        display_name: form.some("display_name"),
        password: None,
        role: user::role(&form),
    };
    match users::create_user(&asked.env, &asked.by, command).await {
        Ok(account) => Ok(asked.then(&user::path(account.id), Done::USER_CREATED)),
        Err(error) => {
            let form = form.refused(asked.reason(error));
            let frame = &asked.frame;
            Ok(asked.answer(form.status(), &NewPage { frame, form }))
        }
    }
}
