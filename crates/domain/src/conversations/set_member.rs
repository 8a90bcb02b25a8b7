//! Add somebody to a group, or change what they may do in it.

use super::{
    get_conversation::get_conversation,
    happened::{Happened, append_event},
    who::find_account,
};
use crate::{Actor, Env, Result, db::vars};
use model::{Code, Conversation, ConversationId, MemberRole, command::SetMember, limits};
use uuid::Uuid;

/// Statements that refuse all but an owner of a group; they leave `$mine` and `$place`.
macro_rules! must_own {
    () => {
        "LET $mine = (SELECT role FROM ONLY type::record('membership', [$conversation, $me]));
        IF $mine = NONE { THROW 'not_found' };
        LET $place = (SELECT kind, title, history, last_seq, members FROM ONLY type::record('conversation', $conversation));
        IF $place.kind != 'group' { THROW 'forbidden' };
        IF $mine.role != 'owner' { THROW 'not_owner' };
        "
    };
}
pub(super) use must_own;

/// A newcomer to a group whose history is theirs to read has read it: it was not written for them.
const SET: &str = concat!(
    must_own!(),
    "LET $theirs = (SELECT role FROM ONLY type::record('membership', [$conversation, $who]));
    IF $theirs = NONE {
        IF $place.members >= $most { THROW 'group_full' };
        IF (SELECT VALUE id FROM type::record('block', [$me, $who]), type::record('block', [$who, $me])) != [] {
            THROW 'blocked'
        };
        CREATE type::record('membership', [$conversation, $who])
            SET conversation = $conversation, account = $who, role = $role, read_seq = $place.last_seq,
                joined_seq = IF $place.history = 'all' { 0 } ELSE { $place.last_seq }, joined_at = $now;
        UPDATE type::record('conversation', $conversation) SET members += 1;
        ",
    append_event!("$came"),
    "};
    IF $role != NONE AND $role != ($theirs.role ?? 'member') {
        IF $role = 'member' AND (SELECT VALUE id FROM membership:[$conversation]..[$conversation, $last]
            WHERE role = 'owner').len() <= 1 { THROW 'last_owner' };
        UPDATE type::record('membership', [$conversation, $who]) SET role = $role, version = (version ?? 0) + 1;
        ",
    append_event!("$turned"),
    "};
    RETURN $theirs = NONE;"
);

/// Adds somebody, or gives them another role. Says whether they are new. What is so already changes nothing.
///
/// # Errors
/// `not_found` when the actor is not in the conversation, or there is no such person; `forbidden` in a direct
/// conversation; `not_owner`; `last_owner`; `group_full`; `blocked` when there is a block between the two.
pub async fn set_member(
    env: &Env,
    actor: &Actor,
    conversation: ConversationId,
    user: &str,
    command: SetMember,
) -> Result<(Conversation, bool)> {
    // Who is not in it learns nothing of who is there.
    super::standing::standing(env, actor.id(), conversation).await?;
    let who = find_account(env, user).await?.ok_or(Code::NotFound)?;
    let (role, turned) = match command.role {
        None => (None, "promoted"),
        Some(MemberRole::Owner) => (Some("owner"), "promoted"),
        Some(MemberRole::Member) => (Some("member"), "demoted"),
    };
    let binds = vars! {
        conversation: conversation.uuid(),
        me: actor.id().uuid(),
        who: who,
        role: role.map(str::to_owned),
        came: Happened::new(env, "added").to(vec![who]),
        turned: Happened::new(env, turned).to(vec![who]),
        most: i64::try_from(limits::MEMBERS_MAX).unwrap_or(i64::MAX),
        last: Uuid::max(),
        now: env.now().datetime(),
    };
    let turn = env.locks.of(conversation.uuid()).await;
    let created = env.db.transact(SET, binds).await?;
    drop(turn);
    Ok((get_conversation(env, actor, conversation).await?, created))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        conversations::{block, list_messages, remove_member, send_message, testing::Talk, update_conversation},
        fixtures::{self, refusal},
    };
    use model::{Event, History, command::UpdateConversation, samples::MALLORY};

    fn as_is() -> SetMember {
        SetMember { role: None }
    }

    fn to_be(role: MemberRole) -> SetMember {
        SetMember { role: Some(role) }
    }

    #[tokio::test]
    async fn a_newcomer_sees_what_is_written_from_their_joining_on_or_all_as_the_group_says() {
        let talk = Talk::group_of_three().await;
        let mallory = fixtures::actor(&talk.env, MALLORY).await;
        let before = talk.ada_says("Before Mallory").await;
        let (_, created) = set_member(&talk.env, &talk.ada, talk.id, "@mallory", as_is())
            .await
            .expect("adds");
        assert!(created);
        let answer = talk.grace_answers(&before, "After").await;
        assert!(answer.quote.is_some());
        let page = list_messages(&talk.env, &mallory, talk.id, Default::default())
            .await
            .expect("reads");
        assert_eq!(page.items.iter().map(|m| m.seq).collect::<Vec<_>>(), [4, 5]);
        assert!(matches!(&page.items[0].event, Some(Event::Added { people }) if people[0].username == "mallory"));
        assert_eq!(page.items[0].body, "added Mallory Quinn");
        assert!(page.items[1].quote.is_none(), "what was quoted is not for her");
        assert!(!page.has_more);
        let mine = get_conversation(&talk.env, &mallory, talk.id).await.expect("reads");
        assert_eq!((mine.floor, mine.unread, mine.member_count), (3, 1, 4));

        remove_member(&talk.env, &talk.ada, talk.id, "mallory")
            .await
            .expect("removes");
        let all = UpdateConversation {
            history: Some(History::All),
            title: None,
            muted: None,
            archived: None,
        };
        update_conversation(&talk.env, &talk.ada, talk.id, all)
            .await
            .expect("changes");
        set_member(&talk.env, &talk.ada, talk.id, "mallory", as_is())
            .await
            .expect("adds");
        let page = list_messages(&talk.env, &mallory, talk.id, Default::default())
            .await
            .expect("reads");
        assert_eq!(page.items.first().map(|m| m.seq), Some(1));
        let mine = get_conversation(&talk.env, &mallory, talk.id).await.expect("reads");
        assert_eq!((mine.floor, mine.unread), (0, 0), "what was said before is not unread");
    }

    #[tokio::test]
    async fn owners_alone_add_and_promote_and_one_of_them_remains() {
        let talk = Talk::group_of_three().await;
        fixtures::actor(&talk.env, MALLORY).await;
        let add = set_member(&talk.env, &talk.grace, talk.id, "mallory", as_is()).await;
        assert_eq!(refusal(add), Code::NotOwner);
        let down = set_member(&talk.env, &talk.ada, talk.id, "ada", to_be(MemberRole::Member)).await;
        assert_eq!(refusal(down), Code::LastOwner);
        let (seen, created) = set_member(&talk.env, &talk.ada, talk.id, "grace", to_be(MemberRole::Owner))
            .await
            .expect("promotes");
        assert!(!created);
        assert_eq!(seen.member(talk.grace.id()).expect("grace").role, MemberRole::Owner);
        assert!(matches!(
            seen.last_message.and_then(|m| m.event),
            Some(Event::Promoted { .. })
        ));
        set_member(&talk.env, &talk.grace, talk.id, "ada", to_be(MemberRole::Member))
            .await
            .expect("demotes");
        let seen = get_conversation(&talk.env, &talk.ada, talk.id).await.expect("reads");
        assert_eq!(seen.role, MemberRole::Member);
    }

    #[tokio::test]
    async fn nobody_adds_across_a_block_or_to_a_conversation_of_two() {
        let talk = Talk::group_of_three().await;
        let mallory = fixtures::actor(&talk.env, MALLORY).await;
        block(&talk.env, &mallory, "ada").await.expect("blocks");
        let add = set_member(&talk.env, &talk.ada, talk.id, "mallory", as_is()).await;
        assert_eq!(refusal(add), Code::Blocked);
        let two = Talk::between_ada_and_grace().await;
        let add = set_member(&two.env, &two.ada, two.id, "hedy", as_is()).await;
        assert_eq!(refusal(add), Code::Forbidden);
        let stranger = send_message(&two.env, &two.hedy, two.id, two.saying("Hello")).await;
        assert_eq!(refusal(stranger), Code::NotFound);
    }
}
