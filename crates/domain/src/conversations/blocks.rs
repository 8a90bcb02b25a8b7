//! Block somebody, and take it back.
//!
//! Between two people of whom one blocks the other nothing is written, in a direct conversation; neither adds or mentions
//! the other. In a group, who blocks does not see what the other writes until they ask, and is not told of it.

use super::who::{find_account, person};
use crate::{Actor, Env, Result, accounts::PersonRow, db::vars};
use model::{Code, Person, Rejection, limits};
use uuid::Uuid;

const BLOCK: &str = "
    IF (SELECT VALUE id FROM block:[$me]..[$me, $last]).len() >= $most { THROW 'invalid' };
    IF (SELECT VALUE id FROM ONLY type::record('block', [$me, $who])) = NONE {
        CREATE type::record('block', [$me, $who]) SET account = $me, blocked = $who, at = $now;
    };
    RETURN true;";
const UNBLOCK: &str = "DELETE type::record('block', [$me, $who]); RETURN true;";
pub(super) const LIST: &str = "
    SELECT record::id(id) AS id, username, display_name FROM
        (SELECT VALUE record::id(id)[1] FROM block:[$me]..[$me, $last]).map(|$who| type::record('account', $who))
        WHERE username != NONE";

/// Blocks somebody. Blocking them again changes nothing.
///
/// # Errors
/// `not_found` when there is nobody of that name or id; `invalid` when it is oneself, or too many are blocked already.
pub async fn block(env: &Env, actor: &Actor, user: &str) -> Result<Person> {
    let who = find_account(env, user).await?.ok_or(Code::NotFound)?;
    if who == actor.id().uuid() {
        return Err(Rejection::new(Code::Invalid)
            .because("You can't block yourself.")
            .into());
    }
    let binds = vars! {
        me: actor.id().uuid(),
        who: who,
        most: i64::try_from(limits::BLOCKS_MAX).unwrap_or(i64::MAX),
        last: Uuid::max(),
        now: env.now().datetime(),
    };
    env.db.transact::<bool>(BLOCK, binds).await?;
    person(env, who).await?.ok_or_else(|| Code::NotFound.into())
}

/// Takes a block back. Where there is none, nothing changes.
///
/// # Errors
/// `not_found` when there is nobody of that name or id.
pub async fn unblock(env: &Env, actor: &Actor, user: &str) -> Result<()> {
    let who = find_account(env, user).await?.ok_or(Code::NotFound)?;
    env.db
        .transact::<bool>(UNBLOCK, vars! { me: actor.id().uuid(), who: who })
        .await?;
    Ok(())
}

/// Whom the actor blocks, in the order of their usernames.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn list_blocks(env: &Env, actor: &Actor) -> Result<Vec<Person>> {
    let rows: Vec<PersonRow> = env
        .db
        .list(LIST, vars! { me: actor.id().uuid(), last: Uuid::max() })
        .await?;
    let mut people: Vec<Person> = rows.into_iter().map(Person::from).collect();
    people.sort_by(|a, b| a.username.cmp(&b.username));
    Ok(people)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        conversations::{edit_message, get_conversation, open_conversation, react, send_message, testing::Talk},
        fixtures::refusal,
    };
    use model::command::{EditMessage, OpenConversation};

    #[tokio::test]
    async fn between_two_with_a_block_nothing_is_written_either_way_until_it_is_taken_back() {
        let talk = Talk::between_ada_and_grace().await;
        let said = talk.ada_says("Buy my engine").await;
        assert_eq!(
            block(&talk.env, &talk.grace, "@ada").await.expect("blocks").username,
            "ada"
        );
        block(&talk.env, &talk.grace, "ada").await.expect("again");
        for who in [&talk.ada, &talk.grace] {
            assert_eq!(
                refusal(send_message(&talk.env, who, talk.id, talk.saying("Hello?")).await),
                Code::Blocked
            );
            assert_eq!(refusal(react(&talk.env, who, said.id, "🎉").await), Code::Blocked);
            assert!(!get_conversation(&talk.env, who, talk.id).await.expect("reads").writable);
        }
        let edit = EditMessage {
            body: "Buy it now".into(),
        };
        assert_eq!(
            refusal(edit_message(&talk.env, &talk.ada, said.id, edit).await),
            Code::Blocked
        );
        assert_eq!(list_blocks(&talk.env, &talk.grace).await.expect("lists").len(), 1);
        assert!(
            list_blocks(&talk.env, &talk.ada).await.expect("lists").is_empty(),
            "who is blocked is not told"
        );
        let seen = get_conversation(&talk.env, &talk.grace, talk.id).await.expect("reads");
        assert_eq!(seen.unread, 0, "what somebody blocked wrote is not unread");
        assert_eq!(seen.members[1].read_seq, None);

        unblock(&talk.env, &talk.grace, "ada").await.expect("unblocks");
        talk.ada_says("Sorry").await;
        assert_eq!(
            get_conversation(&talk.env, &talk.grace, talk.id)
                .await
                .expect("reads")
                .unread,
            2
        );
    }

    #[tokio::test]
    async fn in_a_group_what_a_blocked_one_writes_arrives_but_does_not_count_and_names_nobody() {
        let talk = Talk::group_of_three().await;
        block(&talk.env, &talk.grace, "ada").await.expect("blocks");
        let named = talk.ada_says("@grace @hedy look").await;
        assert_eq!(named.mentions, [talk.hedy.id()]);
        let seen = async |who| get_conversation(&talk.env, who, talk.id).await.expect("reads");
        let (grace, hedy) = (seen(&talk.grace).await, seen(&talk.hedy).await);
        assert_eq!((grace.unread, grace.mentions, grace.last_seq), (0, 0, 3));
        assert_eq!((hedy.unread, hedy.mentions), (1, 1));
        assert!(grace.writable);
    }

    #[tokio::test]
    async fn nobody_opens_a_conversation_across_a_block_nor_blocks_nobody_or_themselves() {
        let talk = Talk::between_ada_and_grace().await;
        block(&talk.env, &talk.hedy, "ada").await.expect("blocks");
        for (who, whom) in [(&talk.ada, "hedy"), (&talk.hedy, "ada")] {
            let opened = open_conversation(&talk.env, who, OpenConversation::direct(whom)).await;
            assert_eq!(refusal(opened.map(|o| o.created)), Code::Blocked);
        }
        let there = open_conversation(&talk.env, &talk.grace, OpenConversation::direct("ada")).await;
        assert!(!there.expect("opens").created);
        assert_eq!(refusal(block(&talk.env, &talk.ada, "nobody").await), Code::NotFound);
        assert_eq!(refusal(block(&talk.env, &talk.ada, "ada").await), Code::Invalid);
    }
}
