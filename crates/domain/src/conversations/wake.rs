//! What the realtime door reads when it is woken. It speaks for the server, not for an actor: who may see what it
//! reads is decided by [`members_of`].

use super::{
    list_changes::CHANGED,
    list_messages::{RANGE, range},
    row::{MessageRow, Stored},
};
use crate::{Env, Result, db::vars};
use model::{AccountId, ConversationId, Timestamp};
use surrealdb::types::SurrealValue;
use uuid::Uuid;

pub(super) const AUDIENCE: &str = "
    SELECT account, math::max([joined_seq ?? 0, cleared_seq ?? 0]) AS floor,
        (SELECT VALUE read_receipts ?? true FROM ONLY type::record('account', $parent.account)) ?? false AS tells
    FROM membership:[$conversation]..[$conversation, $last]";
pub(super) const HEAD: &str = "
    SELECT record::id(id) AS id, last_seq, rev ?? 0 AS rev FROM ONLY type::record('conversation', $conversation)";
pub(super) const GROWN: &str = "
    SELECT record::id(id) AS id, last_seq, rev ?? 0 AS rev FROM conversation WHERE touched_at >= $since";

/// How far a conversation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SurrealValue)]
pub struct Head {
    id: Uuid,
    /// The `seq` of the newest message.
    pub last_seq: u64,
    /// The `rev` of the newest change.
    pub rev: u64,
}

impl Head {
    /// Of which conversation.
    #[must_use]
    pub const fn conversation(&self) -> ConversationId {
        ConversationId(self.id)
    }
}

/// Somebody to whom a conversation is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listener {
    /// Who.
    pub account: AccountId,
    /// They see what comes after it.
    pub floor: u64,
    /// Whether they let their markers be seen, and so see those of others.
    pub tells: bool,
}

#[derive(SurrealValue)]
struct ListenerRow {
    account: Uuid,
    floor: u64,
    tells: bool,
}

/// The log after `seq`, at most `limit` messages of it, ascending.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn log_after(env: &Env, conversation: ConversationId, seq: u64, limit: u64) -> Result<Vec<Stored>> {
    let from = seq.saturating_add(1);
    let rows: Vec<MessageRow> = env
        .db
        .list(RANGE, range(conversation, from, from.saturating_add(limit)))
        .await?;
    Ok(rows.into_iter().map(Stored::from).collect())
}

/// The messages that were changed by the `limit` changes after `rev`, as they are now, ascending by their `rev`. One that
/// was changed again later is left out: it is told by that change.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn changes_after(env: &Env, conversation: ConversationId, rev: u64, limit: u64) -> Result<Vec<Stored>> {
    let from = rev.saturating_add(1);
    let rows: Vec<Option<MessageRow>> = env
        .db
        .list(CHANGED, range(conversation, from, from.saturating_add(limit)))
        .await?;
    Ok(rows.into_iter().flatten().map(Stored::from).collect())
}

/// How far a conversation has come; nothing when there is none.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn head_of(env: &Env, conversation: ConversationId) -> Result<Option<Head>> {
    env.db.find(HEAD, vars! { conversation: conversation.uuid() }).await
}

/// The newest messages of a log, at most `limit`, ascending.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn newest(env: &Env, conversation: ConversationId, limit: u64) -> Result<Vec<Stored>> {
    let head = head_of(env, conversation).await?.map_or(0, |head| head.last_seq);
    log_after(env, conversation, head.saturating_sub(limit), limit).await
}

/// Who is in a conversation.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn audience(env: &Env, conversation: ConversationId) -> Result<Vec<Listener>> {
    let binds = vars! { conversation: conversation.uuid(), last: Uuid::max() };
    let rows: Vec<ListenerRow> = env.db.list(AUDIENCE, binds).await?;
    let listener = |row: ListenerRow| Listener {
        account: row.account.into(),
        floor: row.floor,
        tells: row.tells,
    };
    Ok(rows.into_iter().map(listener).collect())
}

/// The ids of all who are in a conversation.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn members_of(env: &Env, conversation: ConversationId) -> Result<Vec<AccountId>> {
    let listeners = audience(env, conversation).await?;
    Ok(listeners.into_iter().map(|listener| listener.account).collect())
}

/// The conversations in which something happened since, and how far they have come; for the look that needs no wake-up.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn grown_since(env: &Env, since: Timestamp) -> Result<Vec<Head>> {
    env.db.list(GROWN, vars! { since: since.datetime() }).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[tokio::test]
    async fn the_look_without_a_wake_up_reads_only_what_is_new() {
        let (env, _) = fixtures::env().await;
        let plan = env.db.plan(GROWN, vars! { since: env.now().datetime() }).await;
        assert!(
            plan.contains("conversation_touched") && !plan.contains("TableScan"),
            "{plan}"
        );
    }
}
