//! React to a message, and take it back.

use super::{
    changed::{append_change, binds, seen, still_in_it},
    get_message::{Place, place_of, row_at},
    row::{MessageRow, ReactionRow, message_fields},
    send_message::may_write,
};
use crate::{Actor, Env, Error, Result, db::vars};
use model::{Code, Message, MessageId, Rejection, limits};
use surrealdb::types::SurrealValue;
use uuid::Uuid;

const LOOK: &str = "
    SELECT deleted_at != NONE AS deleted, event != NONE AS told, rev ?? 0 AS rev, reactions ?? [] AS reactions
    FROM ONLY type::record('message', [$conversation, $seq])";

const REACT: &str = concat!(
    still_in_it!(),
    may_write!(),
    "IF ((SELECT VALUE rev FROM ONLY type::record('message', [$conversation, $seq])) ?? 0) != $seen { THROW 'busy' };
    ",
    append_change!(),
    "UPDATE type::record('message', [$conversation, $seq]) SET reactions = $reactions, rev = $rev;
    UPSERT type::record('named', [$me, $conversation, $seq]);
    RETURN (SELECT ",
    message_fields!(),
    " FROM ONLY type::record('message', [$conversation, $seq]));"
);

/// How often it is looked at anew because somebody else changed the message meanwhile.
const TRIES: usize = 20;

#[derive(SurrealValue)]
struct Look {
    deleted: bool,
    told: bool,
    rev: u64,
    reactions: Vec<ReactionRow>,
}

/// Adds the actor's reaction. The same again changes nothing.
///
/// # Errors
/// `not_found` when there is no such message that the actor may see; `invalid` on `emoji` when it is none, or the message
/// has as many different ones as it can; `message_deleted`; `blocked` and `nobody_there` in direct conversations.
pub async fn react(env: &Env, actor: &Actor, message: MessageId, emoji: &str) -> Result<Message> {
    set(env, actor, message, emoji, true).await
}

/// Takes the actor's reaction back. Where there is none, nothing changes.
///
/// # Errors
/// As [`react`].
pub async fn unreact(env: &Env, actor: &Actor, message: MessageId, emoji: &str) -> Result<Message> {
    set(env, actor, message, emoji, false).await
}

async fn set(env: &Env, actor: &Actor, message: MessageId, emoji: &str, on: bool) -> Result<Message> {
    let emoji = emojis::get(emoji)
        .filter(|known| known.as_str().len() <= limits::EMOJI_MAX_BYTES)
        .ok_or_else(|| Rejection::field("emoji", "That is not an emoji."))?
        .as_str();
    let place = place_of(env, actor, message).await?;
    let _turn = env.locks.of(place.conversation.uuid()).await;
    for _ in 0..TRIES {
        match try_set(env, actor, &place, emoji, on).await {
            Err(Error::Rejected(rejection)) if rejection.code == Code::Busy => {}
            outcome => return Ok(seen(outcome?, actor.id(), &place)),
        }
    }
    Err(Code::Busy.into())
}

async fn try_set(env: &Env, actor: &Actor, place: &Place, emoji: &str, on: bool) -> Result<MessageRow> {
    let at = vars! { conversation: place.conversation.uuid(), seq: place.seq };
    let look: Option<Look> = env.db.find(LOOK, at).await?;
    let look = look.ok_or(Code::NotFound)?;
    if look.deleted {
        return Err(Code::MessageDeleted.into());
    }
    if look.told {
        return Err(Rejection::new(Code::Forbidden)
            .because("Nobody wrote this message.")
            .into());
    }
    let Some(reactions) = changed(look.reactions, actor.id().uuid(), emoji, on)? else {
        return Ok(row_at(env, place).await?.ok_or(Code::NotFound)?);
    };
    let mut binds = binds(env, actor.id(), place);
    binds.insert("seen", look.rev);
    binds.insert("reactions", reactions);
    env.db.transact(REACT, binds).await
}

/// The reactions with mine set or not; nothing when they are so already.
fn changed(mut reactions: Vec<ReactionRow>, me: Uuid, emoji: &str, on: bool) -> Result<Option<Vec<ReactionRow>>> {
    let place = reactions.iter().position(|reaction| reaction.emoji == emoji);
    match place {
        Some(at) if reactions[at].by.contains(&me) == on => return Ok(None),
        None if !on => return Ok(None),
        Some(at) if on => reactions[at].by.push(me),
        Some(at) => {
            reactions[at].by.retain(|who| *who != me);
            if reactions[at].by.is_empty() {
                reactions.remove(at);
            }
        }
        None if reactions.len() >= limits::REACTIONS_MAX => {
            let why = format!("A message has at most {} different reactions.", limits::REACTIONS_MAX);
            return Err(Rejection::field("emoji", why).into());
        }
        None => reactions.push(ReactionRow::new(emoji, me)),
    }
    Ok(Some(reactions))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        conversations::{list_messages, testing::Talk},
        fixtures::refusal,
    };

    #[tokio::test]
    async fn reactions_are_counted_by_people_and_mine_depends_on_who_looks() {
        let talk = Talk::between_ada_and_grace().await;
        let said = talk.ada_says("It compiles!").await;
        for _ in 0..2 {
            react(&talk.env, &talk.grace, said.id, "🎉").await.expect("reacts");
        }
        let seen = react(&talk.env, &talk.ada, said.id, "🎉").await.expect("reacts");
        assert_eq!(
            (seen.reactions[0].count, seen.reactions[0].mine, seen.rev),
            (2, true, 2)
        );
        unreact(&talk.env, &talk.ada, said.id, "🎉").await.expect("takes back");
        unreact(&talk.env, &talk.ada, said.id, "🎉").await.expect("takes back");
        let page = list_messages(&talk.env, &talk.ada, talk.id, Default::default())
            .await
            .expect("reads");
        let reaction = &page.items[0].reactions[0];
        assert_eq!((reaction.count, reaction.mine, page.items[0].rev), (1, false, 3));
        unreact(&talk.env, &talk.grace, said.id, "🎉")
            .await
            .expect("takes back");
        let page = list_messages(&talk.env, &talk.ada, talk.id, Default::default())
            .await
            .expect("reads");
        assert!(page.items[0].reactions.is_empty());
    }

    #[tokio::test]
    async fn reactions_at_the_same_moment_are_all_kept() {
        let talk = Talk::group_of_three().await;
        let said = talk.ada_says("Lunch?").await;
        let all = [
            (&talk.ada, "👍"),
            (&talk.grace, "👍"),
            (&talk.hedy, "👍"),
            (&talk.grace, "🍕"),
            (&talk.hedy, "🥗"),
        ];
        let reacts = all.map(|(who, emoji)| react(&talk.env, who, said.id, emoji));
        futures::future::try_join_all(reacts).await.expect("all react");
        let page = list_messages(&talk.env, &talk.ada, talk.id, Default::default())
            .await
            .expect("reads");
        let message = page.items.last().expect("the message");
        assert_eq!(message.rev, 5);
        assert_eq!(message.reactions.iter().map(|r| r.count).sum::<u64>(), 5);
    }

    #[tokio::test]
    async fn words_are_no_emoji_and_strangers_find_nothing() {
        let talk = Talk::between_ada_and_grace().await;
        let said = talk.ada_says("Hello").await;
        for none in ["", "a", "🎉🎉", "<b>", "1"] {
            assert_eq!(
                refusal(react(&talk.env, &talk.ada, said.id, none).await),
                Code::Invalid,
                "{none}"
            );
        }
        assert_eq!(
            refusal(react(&talk.env, &talk.hedy, said.id, "🎉").await),
            Code::NotFound
        );
    }
}
