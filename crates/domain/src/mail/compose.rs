//! Write a mail into the queue, in the transaction that causes it.

use crate::{Env, mail::MailKind};
use chrono::{DateTime, Utc};
use model::Email;
use surrealdb::types::SurrealValue;
use uuid::Uuid;

/// A mail and the id of its row. A verb binds `mail_id: queued.id` and `mail: queued.row`, and says in its transaction:
/// ```surql
/// CREATE ONLY type::record('mail', $mail_id) CONTENT $mail;
/// ```
#[derive(Clone, Debug)]
pub struct Queued {
    /// The row's id.
    pub id: Uuid,
    /// The row.
    pub row: Row,
}

/// A row of the table `mail`, as it enters the queue.
#[derive(Clone, Debug, SurrealValue)]
pub struct Row {
    to: String,
    kind: String,
    lane: i64,
    data: String,
    state: String,
    open: bool,
    attempts: i64,
    created_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
}

/// Makes the row of a mail that may leave at once.
#[must_use]
pub fn compose(env: &Env, to: &Email, mail: &MailKind) -> Queued {
    let now = env.now().datetime();
    let row = Row {
        to: to.to_string(),
        kind: mail.name().to_owned(),
        lane: mail.lane(),
        data: mail.to_json(),
        state: "queued".to_owned(),
        open: true,
        attempts: 0,
        created_at: now,
        due_at: now,
    };
    Queued { id: env.new_id(), row }
}
