//! What the realtime door reads when it is woken. It speaks for the server, not for an actor: who may see what it
//! reads is decided by [`members_of`].

use super::{
    list_messages::{END, NEWER, OLDER},
    row::MessageRow,
};
use crate::{Env, Result, db::vars};
use model::{AccountId, ConversationId, Message, Timestamp};
use surrealdb::types::SurrealValue;
use uuid::Uuid;

const MEMBERS: &str = "SELECT VALUE account FROM membership:[$conversation]..[$conversation, $last]";
const GROWN: &str = "SELECT record::id(id) AS id, last_seq FROM conversation WHERE updated_at >= $since";

#[derive(SurrealValue)]
struct Head {
    id: Uuid,
    last_seq: u64,
}

/// The log after `seq`, at most `limit` messages of it, ascending.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn log_after(env: &Env, conversation: ConversationId, seq: u64, limit: i64) -> Result<Vec<Message>> {
    let binds = vars! { conversation: conversation.uuid(), from: seq.min(END - 1) + 1, to: END, limit: limit };
    let rows: Vec<MessageRow> = env.db.list(NEWER, binds).await?;
    Ok(rows.into_iter().map(Message::from).collect())
}

/// The newest messages of a log, at most `limit`, ascending.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn newest(env: &Env, conversation: ConversationId, limit: i64) -> Result<Vec<Message>> {
    let binds = vars! { conversation: conversation.uuid(), from: 0, to: END, limit: limit };
    let rows: Vec<MessageRow> = env.db.list(OLDER, binds).await?;
    Ok(rows.into_iter().rev().map(Message::from).collect())
}

/// Who is in a conversation.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn members_of(env: &Env, conversation: ConversationId) -> Result<Vec<AccountId>> {
    let ids: Vec<Uuid> = env
        .db
        .list(MEMBERS, vars! { conversation: conversation.uuid(), last: Uuid::max() })
        .await?;
    Ok(ids.into_iter().map(AccountId).collect())
}

/// The conversations in which something happened since, and the heads of their logs; for the look that needs no
/// wake-up.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn grown_since(env: &Env, since: Timestamp) -> Result<Vec<(ConversationId, u64)>> {
    let heads: Vec<Head> = env.db.list(GROWN, vars! { since: since.datetime() }).await?;
    Ok(heads
        .into_iter()
        .map(|head| (ConversationId(head.id), head.last_seq))
        .collect())
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
            plan.contains("conversation_updated") && !plan.contains("TableScan"),
            "{plan}"
        );
    }
}
