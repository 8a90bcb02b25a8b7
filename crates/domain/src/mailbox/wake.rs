//! For those who wait for changes of mailboxes, and for the doors that tell of letters.

use super::{Mailbox, bell::Listening};
use crate::{Env, Result, db::vars};
use model::{AccountId, Timestamp};
use surrealdb::types::SurrealValue;
use uuid::Uuid;

pub(super) const GROWN: &str = "
    SELECT record::id(id) AS id, seq, letter, letter_seq FROM mailbox WHERE touched_at >= $since";

/// How far a mailbox has come, and its newest letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// Whose mailbox.
    pub account: AccountId,
    /// The newest change.
    pub seq: u64,
    /// The newest letter that came in, and which change that was.
    pub letter: Option<(String, u64)>,
}

#[derive(SurrealValue)]
pub(crate) struct HeadRow {
    id: Uuid,
    seq: u64,
    letter: Option<String>,
    letter_seq: Option<u64>,
}

impl From<HeadRow> for Arrived {
    fn from(row: HeadRow) -> Self {
        Self {
            account: row.id.into(),
            seq: row.seq,
            letter: row.letter.zip(row.letter_seq),
        }
    }
}

/// Hears of the next changes of a mailbox. Take it before reading: what comes in between is heard.
#[must_use]
pub fn listen(env: &Env, mailbox: &Mailbox) -> Listening {
    env.bell.listen(mailbox.id())
}

/// Passes on that a mailbox has come so far, to those of this process who wait for it.
pub fn ring(env: &Env, arrived: &Arrived) {
    env.bell.ring(arrived.account.uuid(), arrived.seq);
}

/// The mailboxes in which something was written since; for the look that needs no wake-up.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn grown_since(env: &Env, since: Timestamp) -> Result<Vec<Arrived>> {
    let rows: Vec<HeadRow> = env.db.list(GROWN, vars! { since: since.datetime() }).await?;
    Ok(rows.into_iter().map(Arrived::from).collect())
}
