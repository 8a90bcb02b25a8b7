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
/// development), or can't be read, are left out.
///
/// # Errors
/// When the database can't be read.
pub async fn list_outbox(env: &Env, limit: usize) -> Result<Vec<OutboxEntry>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let entries: Vec<Entry> = env.db.list(LIST, vars! { limit: limit }).await?;
    Ok(entries.into_iter().filter_map(Entry::open).collect())
}

impl Entry {
    fn open(self) -> Option<OutboxEntry> {
        Some(OutboxEntry {
            id: self.id.into(),
            mail: MailKind::from_json(&self.data).ok()?,
            to: self.to,
            created_at: self.created_at.into(),
            state: MailState::parse(&self.state),
            attempts: self.attempts,
            last_error: self.last_error,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures,
        mail::testing::{code_mail, queue, welcome_mail},
    };
    use model::samples::{ADA, GRACE};

    #[tokio::test]
    async fn the_newest_mails_come_first_as_soon_as_they_are_queued() {
        let (env, clock) = fixtures::env().await;
        queue(&env, ADA, &code_mail(ADA)).await;
        clock.advance_s(1);
        queue(&env, GRACE, &code_mail(GRACE)).await;
        let newest = queue(&env, GRACE, &welcome_mail(GRACE)).await;
        let outbox = list_outbox(&env, 2).await.expect("lists");
        assert_eq!(
            outbox.iter().map(|entry| entry.mail.name()).collect::<Vec<_>>(),
            ["welcome", "sign_up_code"]
        );
        let OutboxEntry {
            id,
            to,
            created_at,
            state,
            attempts,
            last_error,
            ..
        } = &outbox[0];
        assert_eq!((*id, to.as_str(), *created_at), (newest, GRACE.email, env.now()));
        assert_eq!((*state, *attempts, last_error.as_deref()), (MailState::Queued, 0, None));
    }

    #[tokio::test]
    async fn listing_reads_no_more_rows_than_it_shows() {
        let (env, _) = fixtures::env().await;
        let explain = format!("{LIST} EXPLAIN");
        let mut answer = env
            .db
            .surreal()
            .query(&explain)
            .bind(vars! { limit: 2 })
            .await
            .expect("asks");
        let plan: surrealdb::types::Value = answer.take(0).expect("a plan");
        let plan = plan.into_json_value().to_string();
        assert!(
            plan.contains("\"direction\":\"Backward\",\"limit\":\"$limit\"") && !plan.contains("Sort"),
            "{plan}"
        );
    }
}
