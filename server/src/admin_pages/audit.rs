//! Who did what, newest first.

use super::frame::{Answer, Asked, Frame};
use askama::Template;
use axum::extract::Query;
use domain::audit;
use model::{
    Code,
    admin::{AuditBy, AuditEntry},
};
use serde::Deserialize;

/// How many are on one page.
const SHOWN: usize = 50;

/// Where the page begins.
#[derive(Deserialize)]
pub struct Wish {
    before: Option<String>,
}

/// An entry, in words.
struct Row {
    entry: AuditEntry,
    by: &'static str,
    what: String,
}

#[derive(Template)]
#[template(path = "admin/audit.html")]
struct AuditPage<'a> {
    frame: &'a Frame,
    /// Not the first page.
    older: bool,
    rows: Vec<Row>,
    next: Option<String>,
}

impl From<AuditEntry> for Row {
    fn from(entry: AuditEntry) -> Self {
        Self {
            by: match entry.by {
                AuditBy::Admin => "administrator",
                AuditBy::Key => "API key",
                AuditBy::Machine => "on the machine",
            },
            what: in_words(&entry.action),
            entry,
        }
    }
}

/// An action, in words; one that has none yet, by its name.
fn in_words(action: &str) -> String {
    let words = match action {
        "user.create" => "Made an account",
        "user.register" => "Registered an account",
        "user.update" => "Changed an account",
        "user.disable" => "Disabled",
        "user.enable" => "Enabled again",
        "user.sign_out" => "Signed out everywhere",
        "user.send_reset" => "Sent a link for a new password",
        "user.set_password" => "Set a password",
        "user.delete" => "Deleted an account",
        "user.import" => "Imported accounts",
        "api_key.create" => "Made an API key",
        "api_key.revoke" => "Revoked an API key",
        "invitation.create" => "Made an invitation",
        "invitation.revoke" => "Withdrew an invitation",
        "registration.policy" => "Changed who may sign up",
        other => other,
    };
    words.to_owned()
}

pub async fn list(asked: Asked, Query(wish): Query<Wish>) -> Answer {
    let older = wish.before.is_some();
    let before = wish.before.map(|id| id.parse()).transpose();
    let found = match before {
        Ok(before) => audit::list_audit(&asked.env, &asked.by, before, SHOWN).await,
        Err(_) => Err(Code::NotFound.into()),
    };
    let found = found.map_err(|error| asked.trouble(error))?;
    Ok(asked.show(&AuditPage {
        frame: &asked.frame,
        older,
        rows: found.items.into_iter().map(Row::from).collect(),
        next: found.next,
    }))
}
