//! Delete a message.

use super::{
    changed::{append_change, binds, seen, still_in_it},
    get_message::place_of,
    row::{MessageRow, message_fields},
};
use crate::{Actor, Env, Result, search::forget_words};
use model::{Message, MessageId};

const DELETE: &str = concat!(
    still_in_it!(),
    "LET $old = (SELECT author, deleted_at, event FROM ONLY type::record('message', [$conversation, $seq]));
    IF $old.author != $me OR $old.event != NONE { THROW 'not_author' };
    IF $old.deleted_at = NONE {
    ",
    append_change!(),
    "    UPDATE type::record('message', [$conversation, $seq])
            SET body = '', mentions = NONE, reactions = NONE, edited_at = NONE, deleted_at = $now, rev = $rev;
        DELETE message_version:[$conversation, $seq]..[$conversation, $seq + 1];
        ",
    forget_words!(),
    "};
    RETURN (SELECT ",
    message_fields!(),
    " FROM ONLY type::record('message', [$conversation, $seq]));"
);

/// Deletes a message of the actor's, with what it said before and all reactions. A tombstone keeps its place, so the log
/// stays dense. Deleting it again changes nothing.
///
/// # Errors
/// `not_found` when there is none that the actor may see; `not_author`.
pub async fn delete_message(env: &Env, actor: &Actor, message: MessageId) -> Result<Message> {
    let place = place_of(env, actor, message).await?;
    let binds = binds(env, actor.id(), &place);
    let turn = env.locks.of(place.conversation.uuid()).await;
    let row: MessageRow = env.db.transact(DELETE, binds).await?;
    drop(turn);
    Ok(seen(row, actor.id(), &place))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        conversations::{
            edit_message, get_conversation, list_changes, list_messages, list_versions, react, testing::Talk,
        },
        fixtures::refusal,
    };
    use model::{Code, command::EditMessage};

    #[tokio::test]
    async fn a_tombstone_keeps_its_place_and_nothing_else() {
        let talk = Talk::between_ada_and_grace().await;
        let said = talk.ada_says("My password is swordfish").await;
        let answer = talk.grace_answers(&said, "Better not say that").await;
        assert_eq!(answer.quote.expect("a quote").excerpt, "My password is swordfish");
        let edit = EditMessage {
            body: "My password is *******".into(),
        };
        edit_message(&talk.env, &talk.ada, said.id, edit).await.expect("edits");
        react(&talk.env, &talk.grace, said.id, "👀").await.expect("reacts");

        let gone = delete_message(&talk.env, &talk.ada, said.id).await.expect("deletes");
        assert_eq!((gone.seq, gone.rev, gone.body.as_str()), (1, 3, ""));
        assert!(gone.deleted_at.is_some() && gone.reactions.is_empty());
        assert!(
            list_versions(&talk.env, &talk.grace, said.id)
                .await
                .expect("reads")
                .is_empty()
        );
        let page = list_messages(&talk.env, &talk.grace, talk.id, Default::default())
            .await
            .expect("reads");
        assert_eq!(page.items.iter().map(|m| m.seq).collect::<Vec<_>>(), [1, 2]);
        let quote = page.items[1].quote.clone().expect("a quote");
        assert_eq!((quote.excerpt.as_str(), quote.deleted), ("", true));
        let changes = list_changes(&talk.env, &talk.grace, talk.id, 0, None)
            .await
            .expect("reads");
        assert_eq!(
            (changes.items, changes.rev),
            (vec![gone.clone()], 3),
            "three changes left one message"
        );
        assert_eq!(
            delete_message(&talk.env, &talk.ada, said.id).await.expect("again"),
            gone
        );
    }

    #[tokio::test]
    async fn what_is_deleted_is_not_unread_and_only_its_author_deletes_it() {
        let talk = Talk::between_ada_and_grace().await;
        let said = talk.ada_says("Good morning").await;
        talk.ada_says("Good evening").await;
        assert_eq!(
            refusal(delete_message(&talk.env, &talk.grace, said.id).await),
            Code::NotAuthor
        );
        let unread = async || {
            get_conversation(&talk.env, &talk.grace, talk.id)
                .await
                .expect("reads")
                .unread
        };
        assert_eq!(unread().await, 2);
        delete_message(&talk.env, &talk.ada, said.id).await.expect("deletes");
        assert_eq!(unread().await, 1);
    }
}
