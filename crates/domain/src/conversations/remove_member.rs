//! Take somebody out of a group, or leave it.

use super::{
    happened::{Happened, append_event},
    who::find_account,
};
use crate::{Actor, Env, Result, db::vars};
use model::{AccountId, Code, ConversationId};
use uuid::Uuid;

/// Statements that delete all of `$conversation` but its memberships.
macro_rules! delete_conversation {
    () => {
        concat!(
            "{
            FOR $said IN (SELECT author, client_id FROM message:[$conversation]..[$conversation, $last]) {
                DELETE type::record('sent', [$said.author, $said.client_id])
            };
            DELETE message:[$conversation]..[$conversation, $last];
            DELETE message_change:[$conversation]..[$conversation, $last];
            DELETE message_version:[$conversation]..[$conversation, $last];
            DELETE type::record('conversation', $conversation);
            ",
            $crate::search::forget_all_words!(),
            "};
        "
        )
    };
}
pub(crate) use delete_conversation;

const REMOVE: &str = concat!(
    "LET $mine = (SELECT role FROM ONLY type::record('membership', [$conversation, $me]));
    IF $mine = NONE { THROW 'not_found' };
    IF (SELECT VALUE kind FROM ONLY type::record('conversation', $conversation)) != 'group' { THROW 'forbidden' };
    IF $who != $me AND $mine.role != 'owner' { THROW 'not_owner' };
    IF (SELECT VALUE id FROM ONLY type::record('membership', [$conversation, $who])) = NONE { THROW 'not_found' };
    ",
    append_event!("$gone"),
    "DELETE type::record('membership', [$conversation, $who]);
    UPDATE type::record('conversation', $conversation) SET members -= 1;
    LET $rest = (SELECT account, role, joined_at FROM membership:[$conversation]..[$conversation, $last]
        ORDER BY joined_at ASC, account ASC);
    IF array::len($rest) = 0 {
        ",
    delete_conversation!(),
    "} ELSE IF $rest.filter(|$one| $one.role = 'owner').len() = 0 {
        LET $heir = $rest[0].account;
        UPDATE type::record('membership', [$conversation, $heir]) SET role = 'owner', version = (version ?? 0) + 1;
        ",
    append_event!("{ uid: $rises.uid, client_id: $rises.client_id, kind: $rises.kind, people: [$heir], text: NONE }"),
    "};
    RETURN true;"
);

/// Takes somebody out of a group, or leaves it, when it is oneself. When the last owner leaves, whoever has been in it
/// longest becomes one; with the last member goes all that was said.
///
/// # Errors
/// `not_found` when the actor or the other is not in it; `forbidden` in a direct conversation; `not_owner`.
pub async fn remove_member(env: &Env, actor: &Actor, conversation: ConversationId, user: &str) -> Result<()> {
    super::standing::standing(env, actor.id(), conversation).await?;
    let who = find_account(env, user).await?.ok_or(Code::NotFound)?;
    take_out(env, actor.id(), conversation, who).await
}

const GROUPS: &str = "
    SELECT VALUE conversation FROM membership WHERE account = $me
        AND (SELECT VALUE kind FROM ONLY type::record('conversation', $parent.conversation)) = 'group'";

/// Leaves every group, for an account that goes.
pub(crate) async fn leave_all(env: &Env, account: AccountId) -> Result<()> {
    let groups: Vec<Uuid> = env.db.list(GROUPS, vars! { me: account.uuid() }).await?;
    for group in groups {
        match take_out(env, account, group.into(), account.uuid()).await {
            Err(crate::Error::Rejected(rejection)) if rejection.code == Code::NotFound => {}
            outcome => outcome?,
        }
    }
    Ok(())
}

async fn take_out(env: &Env, by: AccountId, conversation: ConversationId, who: Uuid) -> Result<()> {
    let gone = if who == by.uuid() {
        Happened::new(env, "left")
    } else {
        Happened::new(env, "removed").to(vec![who])
    };
    let binds = vars! {
        conversation: conversation.uuid(),
        me: by.uuid(),
        who: who,
        gone: gone,
        rises: Happened::new(env, "promoted"),
        last: Uuid::max(),
        now: env.now().datetime(),
    };
    let turn = env.locks.of(conversation.uuid()).await;
    env.db.transact::<bool>(REMOVE, binds).await?;
    drop(turn);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        conversations::{get_conversation, list_conversations, list_messages, send_message, testing::Talk},
        fixtures::refusal,
    };
    use model::{Event, MemberRole};

    #[tokio::test]
    async fn who_left_or_was_taken_out_finds_the_group_no_more_and_the_others_are_told() {
        let talk = Talk::group_of_three().await;
        remove_member(&talk.env, &talk.hedy, talk.id, "hedy")
            .await
            .expect("leaves");
        remove_member(&talk.env, &talk.ada, talk.id, "grace")
            .await
            .expect("removes");
        for gone in [&talk.hedy, &talk.grace] {
            assert_eq!(
                refusal(get_conversation(&talk.env, gone, talk.id).await),
                Code::NotFound
            );
            assert_eq!(
                refusal(send_message(&talk.env, gone, talk.id, talk.saying("Wait")).await),
                Code::NotFound
            );
            assert!(list_conversations(&talk.env, gone).await.expect("lists").is_empty());
        }
        let page = list_messages(&talk.env, &talk.ada, talk.id, Default::default())
            .await
            .expect("reads");
        let told: Vec<_> = page
            .items
            .iter()
            .map(|m| (m.author.username.as_str(), m.body.as_str()))
            .collect();
        assert_eq!(told[2..], [("hedy", "left"), ("ada", "removed Grace Hopper")]);
    }

    #[tokio::test]
    async fn a_group_is_never_without_an_owner_and_goes_with_its_last_member() {
        let talk = Talk::group_of_three().await;
        assert_eq!(
            refusal(remove_member(&talk.env, &talk.grace, talk.id, "ada").await),
            Code::NotOwner
        );
        remove_member(&talk.env, &talk.ada, talk.id, "ada")
            .await
            .expect("leaves");
        let seen = get_conversation(&talk.env, &talk.grace, talk.id).await.expect("reads");
        assert_eq!(seen.members.iter().filter(|m| m.role == MemberRole::Owner).count(), 1);
        assert!(
            matches!(seen.last_message.and_then(|m| m.event), Some(Event::Promoted { people }) if people.len() == 1)
        );
        remove_member(&talk.env, &talk.grace, talk.id, "grace")
            .await
            .expect("leaves");
        remove_member(&talk.env, &talk.hedy, talk.id, "hedy")
            .await
            .expect("leaves");
        let rows = "RETURN array::flatten([(SELECT VALUE id FROM message), (SELECT VALUE id FROM conversation),
            (SELECT VALUE id FROM membership), (SELECT VALUE id FROM sent)]).len()";
        let left: Option<u64> = talk.env.db.find(rows, vars! {}).await.expect("counts");
        assert_eq!(left, Some(0));
    }
}
