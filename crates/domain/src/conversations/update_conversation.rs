//! Change a conversation: what it is called, what newcomers may read, and how I keep it.

use super::{
    create_group::{title_of, word},
    get_conversation::get_conversation,
    happened::{Happened, append_event},
    set_member::must_own,
    standing::standing,
};
use crate::{Actor, Env, Result, db::vars};
use model::{Conversation, ConversationId, command::UpdateConversation};

const CHANGE: &str = concat!(
    must_own!(),
    "IF $title != NONE AND $title != $place.title {
        UPDATE type::record('conversation', $conversation) SET title = $title;
        ",
    append_event!("$renamed"),
    "};
    IF $history != NONE AND $history != ($place.history ?? 'joined') {
        UPDATE type::record('conversation', $conversation) SET history = $history;
        ",
    append_event!("$opened"),
    "};
    RETURN true;"
);

/// Archived is what has nothing after `archived_seq`.
const KEEP: &str = "
    LET $head = (SELECT VALUE last_seq FROM ONLY type::record('conversation', $conversation));
    UPDATE type::record('membership', [$conversation, $me])
        SET muted = $muted ?? muted, version = (version ?? 0) + 1,
            archived_seq = IF $archived = NONE { archived_seq } ELSE IF $archived { $head } ELSE { NONE };
    RETURN true;";

/// Changes what is given. Title and history are a group's; muted and archived are the actor's own.
///
/// # Errors
/// `not_found` when the actor is not in it; `invalid` on `title`; `forbidden` for the title or history of a direct
/// conversation; `not_owner` for those of a group. Either all is changed or nothing.
pub async fn update_conversation(
    env: &Env,
    actor: &Actor,
    conversation: ConversationId,
    command: UpdateConversation,
) -> Result<Conversation> {
    let standing = standing(env, actor.id(), conversation).await?;
    let UpdateConversation {
        title,
        history,
        muted,
        archived,
    } = command;
    let title = title.as_deref().map(title_of).transpose()?;
    if title.is_some() || history.is_some() {
        standing.must_own()?;
        let history = history.map(word);
        let binds = vars! {
            conversation: conversation.uuid(),
            me: actor.id().uuid(),
            title: title.clone(),
            history: history.map(str::to_owned),
            renamed: Happened::new(env, "renamed").saying(title.unwrap_or_default()),
            opened: Happened::new(env, "history").saying(history.unwrap_or_default()),
            now: env.now().datetime(),
        };
        let turn = env.locks.of(conversation.uuid()).await;
        env.db.transact::<bool>(CHANGE, binds).await?;
        drop(turn);
    }
    if muted.is_some() || archived.is_some() {
        let binds = vars! {
            conversation: conversation.uuid(),
            me: actor.id().uuid(),
            muted: muted,
            archived: archived,
        };
        env.db.transact::<bool>(KEEP, binds).await?;
    }
    get_conversation(env, actor, conversation).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{conversations::testing::Talk, fixtures::refusal};
    use model::{Code, Event, History};

    const NOTHING: UpdateConversation = UpdateConversation {
        title: None,
        history: None,
        muted: None,
        archived: None,
    };

    #[tokio::test]
    async fn owners_rename_and_open_a_group_and_the_log_tells_it_once() {
        let talk = Talk::group_of_three().await;
        let title = || UpdateConversation {
            title: Some("  Analytical  engine ".into()),
            ..NOTHING
        };
        assert_eq!(
            refusal(update_conversation(&talk.env, &talk.grace, talk.id, title()).await),
            Code::NotOwner
        );
        for _ in 0..2 {
            let seen = update_conversation(&talk.env, &talk.ada, talk.id, title())
                .await
                .expect("renames");
            assert_eq!((seen.title.as_str(), seen.last_seq), ("Analytical engine", 3));
        }
        let open = UpdateConversation {
            history: Some(History::All),
            ..NOTHING
        };
        let seen = update_conversation(&talk.env, &talk.ada, talk.id, open)
            .await
            .expect("opens");
        assert!(matches!(
            seen.last_message.and_then(|m| m.event),
            Some(Event::History { history: History::All })
        ));
        for bad in ["", "  ", &"x".repeat(81)] {
            let command = UpdateConversation {
                title: Some(bad.to_owned()),
                ..NOTHING
            };
            assert_eq!(
                refusal(update_conversation(&talk.env, &talk.ada, talk.id, command).await),
                Code::Invalid
            );
        }
        let two = Talk::between_ada_and_grace().await;
        assert_eq!(
            refusal(update_conversation(&two.env, &two.ada, two.id, title()).await),
            Code::Forbidden
        );
    }

    #[tokio::test]
    async fn what_is_archived_comes_back_with_a_new_message_unless_it_is_muted() {
        let talk = Talk::between_ada_and_grace().await;
        talk.ada_says("One").await;
        let archive = UpdateConversation {
            archived: Some(true),
            ..NOTHING
        };
        let seen = update_conversation(&talk.env, &talk.grace, talk.id, archive.clone())
            .await
            .expect("archives");
        assert!(seen.archived && !seen.muted);
        talk.ada_says("Two").await;
        let archived = async || {
            get_conversation(&talk.env, &talk.grace, talk.id)
                .await
                .expect("reads")
                .archived
        };
        assert!(!archived().await);
        let both = UpdateConversation {
            muted: Some(true),
            ..archive
        };
        update_conversation(&talk.env, &talk.grace, talk.id, both)
            .await
            .expect("mutes");
        talk.ada_says("Three").await;
        assert!(archived().await);
        let back = UpdateConversation {
            archived: Some(false),
            ..NOTHING
        };
        let seen = update_conversation(&talk.env, &talk.grace, talk.id, back)
            .await
            .expect("brings back");
        assert!(!seen.archived && seen.muted);
    }
}
