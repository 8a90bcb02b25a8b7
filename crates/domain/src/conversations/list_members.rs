//! Who is in a conversation.

use super::{
    get_conversation::get_conversation,
    list_messages::page_size,
    row::{MemberRow, member_fields},
};
use crate::{Actor, Env, Result, accounts::answers_to, db::vars};
use model::{AccountId, ConversationId, Member, MemberPage, limits};
use uuid::Uuid;

pub(super) const MEMBERS: &str = concat!(
    "SELECT ",
    member_fields!(),
    " FROM membership:[$conversation, $from]>..[$conversation, $last] WHERE account != $me LIMIT $limit"
);

/// The members, oneself first, then in the order of their ids. With `q`, those one of whose names begins with each of its
/// words. Markers are shown also in large groups, where both sides let them be seen.
///
/// # Errors
/// `not_found` when the actor is not in it; `invalid` when `limit` is out of bounds.
pub async fn list_members(
    env: &Env,
    actor: &Actor,
    conversation: ConversationId,
    q: Option<String>,
    after: Option<AccountId>,
    limit: Option<usize>,
) -> Result<MemberPage> {
    let limit = page_size(limit, limits::PAGE_DEFAULT)?;
    let seen = get_conversation(env, actor, conversation).await?;
    let q = q.filter(|q| !q.trim().is_empty());
    // A search looks at all of them; without one, a page and one more tells whether there is more.
    let wanted = if q.is_some() { limits::MEMBERS_MAX } else { limit + 1 };
    let binds = vars! {
        conversation: conversation.uuid(),
        me: actor.id().uuid(),
        from: after.map_or(Uuid::nil(), AccountId::uuid),
        last: Uuid::max(),
        limit: i64::try_from(wanted).unwrap_or(1),
    };
    let rows: Vec<MemberRow> = env.db.list(MEMBERS, binds).await?;
    let told = markers(env, actor).await? && seen.writable;
    let matches = |member: &Member| {
        let person = &member.person;
        q.as_deref()
            .is_none_or(|q| answers_to(q, &person.username, &person.display_name))
    };
    let myself = seen.members.into_iter().next().filter(|_| after.is_none());
    let others = rows.into_iter().map(|row| row.seen(told));
    let mut items: Vec<Member> = myself.into_iter().chain(others).filter(matches).collect();
    let next = (items.len() > limit)
        .then(|| items.truncate(limit))
        .and(items.last())
        .map(|m| m.person.id)
        // Oneself comes first, whatever one's id is: all others come after.
        .map(|id| if id == actor.id() { Uuid::nil().into() } else { id });
    Ok(MemberPage { items, next })
}

const TELLS: &str = "SELECT VALUE read_receipts ?? true FROM ONLY type::record('account', $me)";

async fn markers(env: &Env, actor: &Actor) -> Result<bool> {
    let tells: Option<bool> = env.db.find(TELLS, vars! { me: actor.id().uuid() }).await?;
    Ok(tells != Some(false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversations::testing::Talk;

    #[tokio::test]
    async fn members_are_listed_in_pages_oneself_first_and_found_by_name() {
        let talk = Talk::group_of_three().await;
        let list = async |q: Option<&str>, after, limit| {
            list_members(&talk.env, &talk.grace, talk.id, q.map(str::to_owned), after, limit)
                .await
                .expect("lists")
        };
        let first = list(None, None, Some(2)).await;
        assert_eq!(first.items[0].person.username, "grace");
        let second = list(None, first.next, Some(2)).await;
        assert_eq!((first.items.len(), second.items.len(), second.next), (2, 1, None));
        let all: Vec<_> = first
            .items
            .iter()
            .chain(&second.items)
            .map(|m| m.person.username.as_str())
            .collect();
        assert_eq!(all.len(), 3);
        let found = list(Some("lam"), None, None).await;
        assert_eq!(
            found
                .items
                .iter()
                .map(|m| m.person.username.as_str())
                .collect::<Vec<_>>(),
            ["hedy"]
        );
        assert_eq!(list(None, None, Some(3)).await.next, None);
    }
}
