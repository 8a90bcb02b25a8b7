//! Wake-ups for the realtime door: something changed, go and read it.
//!
//! They come from SurrealDB's live queries, one for each hot table and process, and so also tell of what other
//! processes on the same database did. A live query is no log: a wake-up can be missing, late or out of order. Whoever
//! listens must read the truth from the tables, and look now and then without being woken.

use crate::{Env, Error, Result};
use futures::{Stream, StreamExt, stream};
use model::{AccountId, ConversationId, SessionId};
use surrealdb::{
    Notification,
    types::{Action, SurrealValue},
};
use uuid::Uuid;

/// What may have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// A conversation's log has grown.
    Log(ConversationId),
    /// Somebody's read marker moved.
    Read {
        /// Where.
        conversation: ConversationId,
        /// Whose.
        account: AccountId,
        /// To where.
        seq: u64,
    },
    /// Somebody came into a conversation, or left it.
    Members(ConversationId),
    /// A session ended.
    SessionEnded(SessionId),
    /// The database hung up on one of the live queries; watch anew.
    Lost,
}

#[derive(SurrealValue)]
struct ConversationRow {
    id: Uuid,
}

#[derive(SurrealValue)]
struct MembershipRow {
    conversation: Uuid,
    account: Uuid,
    read_seq: u64,
}

const CONVERSATIONS: &str = "LIVE SELECT record::id(id) AS id FROM conversation";
const MEMBERSHIPS: &str = "LIVE SELECT conversation, account, read_seq FROM membership";
const SESSIONS: &str = "LIVE SELECT record::id(id) AS id FROM session";

/// Listens from now on. The stream ends with [`Change::Lost`].
///
/// # Errors
/// Only when the database can't be asked.
pub async fn watch(env: &Env) -> Result<impl Stream<Item = Change> + Send + Unpin + use<>> {
    let conversations = live::<ConversationRow>(env, CONVERSATIONS)
        .await?
        .filter_map(|woken| async {
            match woken {
                None => Some(Change::Lost),
                Some((Action::Update, row)) => Some(Change::Log(row.id.into())),
                Some(_) => None,
            }
        });
    let memberships = live::<MembershipRow>(env, MEMBERSHIPS)
        .await?
        .filter_map(|woken| async {
            match woken {
                None => Some(Change::Lost),
                Some((
                    Action::Update,
                    MembershipRow {
                        conversation,
                        account,
                        read_seq,
                    },
                )) => Some(Change::Read {
                    conversation: conversation.into(),
                    account: account.into(),
                    seq: read_seq,
                }),
                Some((_, row)) => Some(Change::Members(row.conversation.into())),
            }
        });
    let sessions = live::<ConversationRow>(env, SESSIONS).await?.filter_map(|woken| async {
        match woken {
            None => Some(Change::Lost),
            Some((Action::Delete, row)) => Some(Change::SessionEnded(row.id.into())),
            Some(_) => None,
        }
    });
    Ok(stream::select_all([
        conversations.boxed(),
        memberships.boxed(),
        sessions.boxed(),
    ]))
}

/// One live query; `None` once, when it ends.
async fn live<T>(env: &Env, surql: &'static str) -> Result<impl Stream<Item = Option<(Action, T)>> + Send + use<T>>
where
    T: SurrealValue + Unpin + Send + 'static,
{
    let mut response = env.db.surreal().query(surql).await?.check()?;
    let notifications = response.stream::<Notification<T>>(0).map_err(Error::from)?;
    let woken = notifications.filter_map(|notification| async {
        match notification {
            Ok(Notification { action, data, .. }) => Some(Some((action, data))),
            Err(error) => {
                tracing::warn!(%error, "a live query sent something unreadable");
                None
            }
        }
    });
    Ok(woken.chain(stream::once(async { None })))
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
    async fn a_message_a_marker_and_a_sign_out_each_wake_the_listener() {
        let (env, _) = fixtures::env().await;
        let ada = fixtures::actor(&env, ADA).await;
        let grace = fixtures::actor(&env, GRACE).await;
        let mut changes = watch(&env).await.expect("watches");
        let mut until = async |wanted: Change| {
            while let Some(change) = changes.next().await {
                if change == wanted {
                    return;
                }
            }
            panic!("the stream ended before {wanted:?}");
        };
        let with_grace = OpenConversation::direct("grace");
        let id = conversations::open_conversation(&env, &ada, with_grace)
            .await
            .expect("opens")
            .conversation
            .id;
        until(Change::Members(id)).await;
        let message = SendMessage {
            client_id: ClientId(env.new_id()),
            body: "Good morning".into(),
            reply_to: None,
        };
        conversations::send_message(&env, &ada, id, message)
            .await
            .expect("sends");
        until(Change::Log(id)).await;
        conversations::mark_read(&env, &grace, id, MarkRead { seq: 1 })
            .await
            .expect("marks");
        until(Change::Read {
            conversation: id,
            account: grace.id(),
            seq: 1,
        })
        .await;
        accounts::sign_out(&env, &grace).await.expect("signs out");
        until(Change::SessionEnded(grace.session)).await;
    }
}
