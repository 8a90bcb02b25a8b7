//! Long logs, for measurements and tests: written as they would be, but many messages at once.

use crate::{Env, Result, db::vars};
use chrono::{DateTime, Utc};
use model::{AccountId, ConversationId};
use surrealdb::types::SurrealValue;
use uuid::Uuid;

/// Messages that are written by one transaction.
const BATCH: u64 = 1_000;
/// Every so many of them is changed once.
const CHANGED: u64 = 10;

const FILL: &str = "
    INSERT INTO message $messages RETURN NONE;
    INSERT INTO sent $sent RETURN NONE;
    INSERT INTO message_change $changes RETURN NONE;
    UPDATE type::record('conversation', $conversation)
        SET last_seq = $last_seq, rev = $rev, updated_at = $now, touched_at = $now;
    RETURN true;";
const HEAD: &str = "SELECT last_seq, rev ?? 0 AS rev FROM ONLY type::record('conversation', $conversation)";

#[derive(SurrealValue)]
struct Head {
    last_seq: u64,
    rev: u64,
}

#[derive(SurrealValue)]
struct Message {
    id: (Uuid, u64),
    uid: Uuid,
    author: Uuid,
    client_id: Uuid,
    body: String,
    sent_at: DateTime<Utc>,
    rev: Option<u64>,
}

#[derive(SurrealValue)]
struct Sent {
    id: (Uuid, Uuid),
    conversation: Uuid,
    seq: u64,
}

#[derive(SurrealValue)]
struct Change {
    id: (Uuid, u64),
    seq: u64,
}

/// Writes messages by these people in turn until the log has so many; what each says is told by its `seq`.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn fill(
    env: &Env,
    conversation: ConversationId,
    authors: &[AccountId],
    until: u64,
    say: impl Fn(u64) -> String,
) -> Result<()> {
    let id = conversation.uuid();
    loop {
        let head: Option<Head> = env.db.find(HEAD, vars! { conversation: id }).await?;
        let Some(head) = head.filter(|head| head.last_seq < until) else {
            return Ok(());
        };
        let last_seq = until.min(head.last_seq + BATCH);
        let (mut messages, mut sent, mut changes) = (Vec::new(), Vec::new(), Vec::new());
        let mut rev = head.rev;
        for (seq, author) in (head.last_seq + 1..=last_seq).zip(authors.iter().cycle()) {
            let changed = seq % CHANGED == 0;
            rev += u64::from(changed);
            let client_id = env.new_id();
            messages.push(Message {
                id: (id, seq),
                uid: env.new_id(),
                author: author.uuid(),
                client_id,
                body: say(seq),
                sent_at: env.now().datetime(),
                rev: changed.then_some(rev),
            });
            sent.push(Sent {
                id: (author.uuid(), client_id),
                conversation: id,
                seq,
            });
            if changed {
                changes.push(Change { id: (id, rev), seq });
            }
        }
        let binds = vars! {
            conversation: id, messages: messages, sent: sent, changes: changes, last_seq: last_seq, rev: rev,
            now: env.now().datetime(),
        };
        env.db.transact::<bool>(FILL, binds).await?;
    }
}
