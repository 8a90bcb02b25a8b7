//! All conversations of somebody.

use super::row::{MembershipRow, membership_binds, membership_fields, membership_prelude};
use crate::{Actor, Env, Result};
use model::Conversation;
use std::cmp::Reverse;

pub(super) const LIST: &str = concat!(
    membership_prelude!(),
    "SELECT ",
    membership_fields!(),
    " FROM membership WHERE account = $me"
);

/// The actor's conversations, the one with the newest activity first. Those in which nothing was said yet are shown
/// only to whoever opened them.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn list_conversations(env: &Env, actor: &Actor) -> Result<Vec<Conversation>> {
    let rows: Vec<MembershipRow> = env.db.list(LIST, membership_binds(actor.id())).await?;
    let shown = rows.into_iter().filter(MembershipRow::is_shown);
    let mut conversations: Vec<Conversation> = shown.map(Conversation::from).collect();
    conversations.sort_by_key(|conversation| Reverse((conversation.updated_at, conversation.id)));
    Ok(conversations)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        conversations::{mark_read, open_conversation, send_message},
        fixtures,
    };
    use model::{
        ClientId,
        command::{MarkRead, OpenConversation, SendMessage},
        samples::{ADA, GRACE, HEDY},
    };

    #[tokio::test]
    async fn the_list_is_by_activity_and_unread_is_what_others_said_after_my_marker() {
        let (env, clock) = fixtures::env().await;
        let ada = fixtures::actor(&env, ADA).await;
        let grace = fixtures::actor(&env, GRACE).await;
        let hedy = fixtures::actor(&env, HEDY).await;
        let open = async |with: &str| {
            let command = OpenConversation::direct(with);
            open_conversation(&env, &ada, command)
                .await
                .expect("opens")
                .conversation
                .id
        };
        let (with_grace, with_hedy) = (open("grace").await, open("hedy").await);
        assert!(
            list_conversations(&env, &grace).await.expect("lists").is_empty(),
            "nothing was said yet"
        );
        let say = async |actor, id, body: &str| {
            clock.advance_s(1);
            let message = SendMessage {
                client_id: ClientId(env.new_id()),
                body: body.into(),
                reply_to: None,
            };
            send_message(&env, actor, id, message).await.expect("sends");
        };
        say(&grace, with_grace, "one").await;
        say(&hedy, with_hedy, "two").await;
        say(&grace, with_grace, "three").await;
        say(&ada, with_grace, "mine").await;
        let list = list_conversations(&env, &ada).await.expect("lists");
        let seen: Vec<_> = list.iter().map(|c| (c.title.as_str(), c.unread, c.last_seq)).collect();
        assert_eq!(seen, [("Grace Hopper", 2, 3), ("Hedy Lamarr", 1, 1)]);
        assert_eq!(list[0].last_message.as_ref().map(|m| m.body.as_str()), Some("mine"));
        assert_eq!(list[0].members.len(), 2);
        mark_read(&env, &ada, with_grace, MarkRead { seq: 1 })
            .await
            .expect("marks");
        assert_eq!(list_conversations(&env, &ada).await.expect("lists")[0].unread, 1);
    }

    #[tokio::test]
    async fn the_list_reads_the_members_own_rows_by_their_index() {
        let (env, _) = fixtures::env().await;
        let plan = env.db.plan(LIST, membership_binds(env.new_id().into())).await;
        assert!(
            plan.contains("membership_account") && !plan.contains("TableScan"),
            "{plan}"
        );
    }
}
