//! See what was written and what became of it.

use crate::{Env, Result, db::vars, mail::MailKind};
use chrono::{DateTime, Utc};
use model::{MailId, Timestamp};
use surrealdb::types::SurrealValue;
use uuid::Uuid;

const LIST: &str = "
    SELECT record::id(id) AS id, to, data, state, attempts, last_error, created_at
    FROM mail ORDER BY id DESC LIMIT $limit";

/// Where a mail is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailState {
    /// It waits for its turn.
    Queued,
    /// A worker has it in hand.
    Sending,
    /// A server has accepted it.
    Sent,
    /// It will never leave, unless somebody sends it again.
    Failed,
}

impl MailState {
    /// The name in the queue and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
        }
    }

    fn parse(text: &str) -> Self {
        match text {
            "queued" => Self::Queued,
            "sending" => Self::Sending,
            "sent" => Self::Sent,
            _ => Self::Failed,
        }
    }
}

/// A mail in the outbox.
#[derive(Clone, Debug)]
pub struct OutboxEntry {
    /// Its id.
    pub id: MailId,
    /// The address it goes to.
    pub to: String,
    /// What it says.
    pub mail: MailKind,
    /// When it was written.
    pub created_at: Timestamp,
    /// Where it is.
    pub state: MailState,
    /// How often its delivery was tried.
    pub attempts: i64,
    /// Why the last try did not succeed.
    pub last_error: Option<String>,
}

#[derive(SurrealValue)]
struct Entry {
    id: Uuid,
    to: String,
    data: String,
    state: String,
    attempts: i64,
    last_error: Option<String>,
    created_at: DateTime<Utc>,
}

/// The newest mails, newest first, whatever their state. Those whose text was wiped after sending (everywhere but in
/// development) are left out.
///
/// # Errors
/// When the database can't be read.
pub async fn list_outbox(env: &Env, limit: usize) -> Result<Vec<OutboxEntry>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let entries: Vec<Entry> = env.db.list(LIST, vars! { limit: limit }).await?;
    entries
        .into_iter()
        .filter(|entry| !entry.data.is_empty())
        .map(Entry::open)
        .collect()
}

impl Entry {
    fn open(self) -> Result<OutboxEntry> {
        Ok(OutboxEntry {
            id: self.id.into(),
            mail: MailKind::from_json(&self.data)?,
            to: self.to,
            created_at: self.created_at.into(),
            state: MailState::parse(&self.state),
            attempts: self.attempts,
            last_error: self.last_error,
        })
    }
}
