//! Change the text of a message.

use super::{
    changed::{append_change, binds, seen, still_in_it},
    get_message::place_of,
    mentions::mentioned,
    row::{MessageRow, message_fields},
    send_message::{may_write, tidy},
};
use crate::{Actor, Env, Result, search::reword};
use model::{Message, MessageId, command::EditMessage};

const EDIT: &str = concat!(
    still_in_it!(),
    "LET $old = (SELECT author, body, deleted_at, event FROM ONLY type::record('message', [$conversation, $seq]));
    IF $old.author != $me OR $old.event != NONE { THROW 'not_author' };
    IF $old.deleted_at != NONE { THROW 'message_deleted' };
    ",
    may_write!(),
    "IF $old.body != $body {
    ",
    append_change!(),
    "    CREATE type::record('message_version', [$conversation, $seq, $rev]) SET body = $old.body, until = $now;
        UPDATE type::record('message', [$conversation, $seq])
            SET body = $body, mentions = $mentions, edited_at = $now, rev = $rev;
        FOR $person IN $mentions ?? [] { UPSERT type::record('named', [$person, $conversation, $seq]) };
        ",
    reword!(),
    "};
    RETURN (SELECT ",
    message_fields!(),
    " FROM ONLY type::record('message', [$conversation, $seq]));"
);

/// Changes the text of a message of the actor's; what it said before is kept. The same text again changes nothing.
///
/// # Errors
/// `not_found` when there is none that the actor may see; `not_author`; `message_deleted`; `invalid` when the text is
/// empty or too long; `blocked` and `nobody_there` in direct conversations.
pub async fn edit_message(env: &Env, actor: &Actor, message: MessageId, command: EditMessage) -> Result<Message> {
    let body = tidy(&command.body)?;
    let place = place_of(env, actor, message).await?;
    let mentions = Some(mentioned(env, actor.id(), place.conversation, &body).await?).filter(|ids| !ids.is_empty());
    let mut binds = binds(env, actor.id(), &place);
    binds.insert("body", body);
    binds.insert("mentions", mentions);
    let turn = env.locks.of(place.conversation.uuid()).await;
    let row: MessageRow = env.db.transact(EDIT, binds).await?;
    drop(turn);
    Ok(seen(row, actor.id(), &place))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        conversations::{list_changes, list_messages, list_versions, testing::Talk},
        fixtures::refusal,
    };
    use model::Code;

    fn saying(body: &str) -> EditMessage {
        EditMessage { body: body.into() }
    }

    #[tokio::test]
    async fn an_edit_keeps_the_place_tells_what_was_said_before_and_is_found_by_who_was_away() {
        let talk = Talk::between_ada_and_grace().await;
        let first = talk.ada_says("Good mroning").await;
        talk.ada_says("How are you?").await;
        let edited = edit_message(&talk.env, &talk.ada, first.id, saying("Good morning, @grace")).await;
        let edited = edited.expect("edits");
        assert_eq!((edited.seq, edited.rev), (1, 1));
        assert!(edited.edited_at.is_some());
        assert_eq!(edited.mentions, [talk.grace.id()]);
        let again = edit_message(&talk.env, &talk.ada, first.id, saying("Good morning, @grace ")).await;
        assert_eq!(again.expect("edits"), edited, "the same text is no change");

        let page = list_messages(&talk.env, &talk.grace, talk.id, Default::default())
            .await
            .expect("reads");
        assert_eq!(page.items[0], edited);
        let changes = list_changes(&talk.env, &talk.grace, talk.id, 0, None)
            .await
            .expect("reads");
        assert_eq!((changes.items, changes.rev, changes.has_more), (vec![edited], 1, false));
        let versions = list_versions(&talk.env, &talk.grace, first.id).await.expect("reads");
        assert_eq!(
            versions.iter().map(|v| v.body.as_str()).collect::<Vec<_>>(),
            ["Good mroning"]
        );
    }

    #[tokio::test]
    async fn only_the_author_edits_and_neither_events_nor_what_is_deleted() {
        let talk = Talk::between_ada_and_grace().await;
        let said = talk.ada_says("Good morning").await;
        let by_grace = edit_message(&talk.env, &talk.grace, said.id, saying("Good night")).await;
        assert_eq!(refusal(by_grace), Code::NotAuthor);
        let by_hedy = edit_message(&talk.env, &talk.hedy, said.id, saying("Good night")).await;
        assert_eq!(refusal(by_hedy), Code::NotFound);
        let empty = edit_message(&talk.env, &talk.ada, said.id, saying(" \n ")).await;
        assert_eq!(refusal(empty), Code::Invalid);
        crate::conversations::delete_message(&talk.env, &talk.ada, said.id)
            .await
            .expect("deletes");
        let gone = edit_message(&talk.env, &talk.ada, said.id, saying("Good night")).await;
        assert_eq!(refusal(gone), Code::MessageDeleted);
    }
}
