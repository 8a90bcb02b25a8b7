//! Wake-ups for the realtime door: something changed, go and read it.
//!
//! They come from SurrealDB's live queries, one for each hot table and process, and so also tell of what other
//! processes on the same database did. A live query is no log: a wake-up can be missing, late or out of order. Whoever
//! listens must read the truth from the tables, and look now and then without being woken.

use crate::{
    Env, Error, Result,
    conversations::Written,
    mailbox::{Arrived, HeadRow},
};
use futures::{Stream, StreamExt, future::ready, stream};
use model::{AccountId, ConversationId, SessionId};
use std::sync::Arc;
use surrealdb::{
    Notification,
    types::{Action, SurrealValue},
};
use tokio::sync::broadcast::error::RecvError;
use uuid::Uuid;

/// What may have changed.
#[derive(Clone, Debug)]
pub enum Change {
    /// A conversation's log has grown, or some of its messages were changed.
    Log {
        /// Which.
        conversation: ConversationId,
        /// The `seq` of its newest message.
        seq: u64,
        /// The `rev` of its newest change.
        rev: u64,
    },
    /// This process wrote messages. They are durable, so this one is no hint.
    Written(Arc<Written>),
    /// Somebody's read marker moved, or how they keep a conversation changed.
    Kept {
        /// Where.
        conversation: ConversationId,
        /// Whose.
        account: AccountId,
        /// How far they have read.
        read_seq: u64,
        /// How often they changed how they keep it.
        version: u64,
    },
    /// Somebody came into a conversation, or left it.
    Members {
        /// Which.
        conversation: ConversationId,
        /// Who.
        account: AccountId,
        /// Whether they came.
        came: bool,
    },
    /// Somebody blocked somebody, or no longer does.
    Blocks {
        /// Who.
        by: AccountId,
        /// Whom.
        of: AccountId,
    },
    /// Something was written into a mailbox.
    Mailbox(Arrived),
    /// An account changed, perhaps in what it lets others see.
    Account(AccountId),
    /// A session ended.
    SessionEnded(SessionId),
    /// The database hung up on one of the live queries; watch anew.
    Lost,
}

#[derive(SurrealValue)]
struct IdRow {
    id: Uuid,
}

#[derive(SurrealValue)]
struct ConversationRow {
    id: Uuid,
    seq: u64,
    rev: u64,
}

#[derive(SurrealValue)]
struct MembershipRow {
    conversation: Uuid,
    account: Uuid,
    read_seq: u64,
    version: u64,
}

#[derive(SurrealValue)]
struct BlockRow {
    by: Uuid,
    of: Uuid,
}

const CONVERSATIONS: &str = "LIVE SELECT record::id(id) AS id, last_seq AS seq, rev ?? 0 AS rev FROM conversation";
const MEMBERSHIPS: &str = "LIVE SELECT conversation, account, read_seq, version ?? 0 AS version FROM membership";
const BLOCKS: &str = "LIVE SELECT account AS by, blocked AS of FROM block";
const MAILBOXES: &str = "LIVE SELECT record::id(id) AS id, seq, letter, letter_seq FROM mailbox";
const ACCOUNTS: &str = "LIVE SELECT record::id(id) AS id FROM account";
const SESSIONS: &str = "LIVE SELECT record::id(id) AS id FROM session";

/// Listens from now on. The stream ends with [`Change::Lost`].
///
/// # Errors
/// Only when the database can't be asked.
pub async fn watch(env: &Env) -> Result<impl Stream<Item = Change> + Send + Unpin + use<>> {
    let written = written(env).boxed();
    let logs = live(env, CONVERSATIONS).await?.filter_map(|(action, row)| {
        let ConversationRow { id, seq, rev } = row;
        let conversation = id.into();
        ready((action == Action::Update).then_some(Change::Log { conversation, seq, rev }))
    });
    let memberships = live(env, MEMBERSHIPS).await?.map(|(action, row): (_, MembershipRow)| {
        let (conversation, account) = (row.conversation.into(), row.account.into());
        match action {
            Action::Update => Change::Kept {
                conversation,
                account,
                read_seq: row.read_seq,
                version: row.version,
            },
            other => Change::Members {
                conversation,
                account,
                came: other == Action::Create,
            },
        }
    });
    let blocks = live(env, BLOCKS).await?.map(|(_, row): (_, BlockRow)| Change::Blocks {
        by: row.by.into(),
        of: row.of.into(),
    });
    let accounts = live(env, ACCOUNTS).await?.filter_map(|(action, row): (_, IdRow)| {
        ready((action == Action::Update).then(|| Change::Account(row.id.into())))
    });
    let sessions = live(env, SESSIONS).await?.filter_map(|(action, row): (_, IdRow)| {
        ready((action == Action::Delete).then(|| Change::SessionEnded(row.id.into())))
    });
    let mailboxes = live(env, MAILBOXES).await?.filter_map(|(action, row): (_, HeadRow)| {
        ready((action == Action::Update).then(|| Change::Mailbox(row.into())))
    });
    let lost = || stream::once(ready(Change::Lost));
    Ok(stream::select_all([
        written,
        logs.chain(lost()).boxed(),
        memberships.chain(lost()).boxed(),
        blocks.chain(lost()).boxed(),
        accounts.chain(lost()).boxed(),
        sessions.chain(lost()).boxed(),
        mailboxes.chain(lost()).boxed(),
    ]))
}

/// What this process writes. Whoever can't follow loses some of it, and is woken by the live query all the same.
fn written(env: &Env) -> impl Stream<Item = Change> + Send + use<> {
    stream::unfold(env.desk.listen(), |mut written| async {
        loop {
            match written.recv().await {
                Ok(news) => return Some((Change::Written(news), written)),
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    })
}

/// One live query; the stream ends when the database hangs up.
pub(crate) async fn live<T>(env: &Env, surql: &'static str) -> Result<impl Stream<Item = (Action, T)> + Send + use<T>>
where
    T: SurrealValue + Unpin + Send + 'static,
{
    let mut response = env.db.surreal().query(surql).await?.check()?;
    let notifications = response.stream::<Notification<T>>(0).map_err(Error::from)?;
    Ok(notifications.filter_map(|notification| {
        ready(match notification {
            Ok(Notification { action, data, .. }) => Some((action, data)),
            Err(error) => {
                tracing::warn!(%error, "a live query sent something unreadable");
                None
            }
        })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{accounts, conversations, fixtures};
    use model::{
        ClientId,
        command::{MarkRead, OpenConversation, SendMessage},
        samples::{ADA, GRACE},
    };

    #[tokio::test]
    async fn a_message_a_marker_a_newcomer_and_a_sign_out_each_wake_the_listener() {
        let (env, _) = fixtures::env().await;
        let ada = fixtures::actor(&env, ADA).await;
        let grace = fixtures::actor(&env, GRACE).await;
        let mut changes = watch(&env).await.expect("watches");
        let mut until = async |wanted: &dyn Fn(&Change) -> bool| {
            while let Some(change) = changes.next().await {
                if wanted(&change) {
                    return;
                }
            }
            panic!("the stream ended before");
        };
        let with_grace = OpenConversation::direct("grace");
        let id = conversations::open_conversation(&env, &ada, with_grace)
            .await
            .expect("opens")
            .conversation
            .id;
        until(&|change| matches!(change, Change::Members { conversation, came: true, .. } if *conversation == id))
            .await;
        let message = SendMessage {
            client_id: ClientId(env.new_id()),
            body: "Good morning".into(),
            reply_to: None,
        };
        conversations::send_message(&env, &ada, id, message)
            .await
            .expect("sends");
        until(&|change| matches!(change, Change::Log { conversation, seq: 1, rev: 0 } if *conversation == id)).await;
        conversations::mark_read(&env, &grace, id, MarkRead { seq: 1 })
            .await
            .expect("marks");
        let marked = |change: &Change| {
            matches!(change, Change::Kept { conversation, account, read_seq: 1, .. }
                if *conversation == id && *account == grace.id())
        };
        until(&marked).await;
        accounts::sign_out(&env, &grace).await.expect("signs out");
        until(&|change| matches!(change, Change::SessionEnded(session) if *session == grace.session)).await;
    }

    #[tokio::test]
    async fn what_this_process_writes_is_told_with_its_words() {
        let (env, _) = fixtures::env().await;
        let ada = fixtures::actor(&env, ADA).await;
        fixtures::actor(&env, GRACE).await;
        let opened = conversations::open_conversation(&env, &ada, OpenConversation::direct("grace")).await;
        let id = opened.expect("opens").conversation.id;
        let mut changes = watch(&env).await.expect("watches");
        let message = SendMessage {
            client_id: ClientId(env.new_id()),
            body: "Good morning".into(),
            reply_to: None,
        };
        let sent = conversations::send_message(&env, &ada, id, message)
            .await
            .expect("sends");
        loop {
            if let Some(Change::Written(news)) = changes.next().await {
                let told: Vec<_> = news.messages.iter().map(conversations::Stored::plainly).collect();
                assert_eq!(told, [sent.message]);
                return;
            }
        }
    }
}
