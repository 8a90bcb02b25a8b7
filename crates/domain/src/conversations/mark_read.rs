//! Move a read marker.

use crate::{Actor, Env, Result, db::vars};
use model::{ConversationId, command::MarkRead};

/// A marker that is not moved is not written, so that nobody is woken for nothing.
const MARK: &str = "
    LET $mine = (SELECT read_seq FROM ONLY type::record('membership', [$conversation, $me]));
    IF $mine = NONE { THROW 'not_found' };
    LET $head = (SELECT VALUE last_seq FROM ONLY type::record('conversation', $conversation));
    LET $to = math::min([$seq, $head]);
    IF $to > $mine.read_seq {
        UPDATE type::record('membership', [$conversation, $me]) SET read_seq = $to;
    };
    RETURN math::max([$to, $mine.read_seq]);";

/// Moves the actor's read marker forward, never back and never beyond the head, and returns where it is.
///
/// # Errors
/// `not_found` when the actor is not in the conversation.
pub async fn mark_read(env: &Env, actor: &Actor, conversation: ConversationId, command: MarkRead) -> Result<u64> {
    let binds = vars! {
        conversation: conversation.uuid(),
        me: actor.id().uuid(),
        seq: command.seq.min(super::list_messages::END),
    };
    env.db.transact(MARK, binds).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Error,
        conversations::{open_conversation, send_message},
        fixtures,
    };
    use model::{
        ClientId, Code,
        command::{OpenConversation, SendMessage},
        samples::{ADA, GRACE, MALLORY},
    };

    #[tokio::test]
    async fn a_marker_only_moves_forward_and_not_beyond_the_head() {
        let (env, _) = fixtures::env().await;
        let ada = fixtures::actor(&env, ADA).await;
        fixtures::actor(&env, GRACE).await;
        let command = OpenConversation::direct("grace");
        let id = open_conversation(&env, &ada, command)
            .await
            .expect("opens")
            .conversation
            .id;
        for body in ["one", "two", "three"] {
            let message = SendMessage {
                client_id: ClientId(env.new_id()),
                body: body.into(),
                reply_to: None,
            };
            send_message(&env, &ada, id, message).await.expect("sends");
        }
        for (seq, at) in [(2, 2), (1, 2), (0, 2), (99, 3), (u64::MAX, 3)] {
            assert_eq!(
                mark_read(&env, &ada, id, MarkRead { seq }).await.expect("marks"),
                at,
                "{seq}"
            );
        }
        let mallory = fixtures::actor(&env, MALLORY).await;
        let refused = mark_read(&env, &mallory, id, MarkRead { seq: 1 }).await;
        assert!(matches!(refused, Err(Error::Rejected(r)) if r.code == Code::NotFound));
    }
}
