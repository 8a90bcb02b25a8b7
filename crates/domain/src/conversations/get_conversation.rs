//! One conversation.

use super::row::{MembershipRow, membership_binds, membership_fields, membership_prelude};
use crate::{Actor, Env, Result};
use model::{AccountId, Code, Conversation, ConversationId};

pub(super) const GET: &str = concat!(
    membership_prelude!(),
    "SELECT ",
    membership_fields!(),
    " FROM ONLY type::record('membership', [$conversation, $me])"
);

/// A conversation as the actor sees it, also when it is not in their list.
///
/// # Errors
/// `not_found` when there is none, or the actor is not in it.
pub async fn get_conversation(env: &Env, actor: &Actor, id: ConversationId) -> Result<Conversation> {
    let row = read(env, actor.id(), id).await?;
    row.map(Conversation::from).ok_or_else(|| Code::NotFound.into())
}

/// A conversation as one of its members sees it, if it is in their list; for the realtime door, which shows it to them.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn view_of(env: &Env, member: AccountId, id: ConversationId) -> Result<Option<Conversation>> {
    let row = read(env, member, id).await?;
    Ok(row.filter(MembershipRow::is_shown).map(Conversation::from))
}

async fn read(env: &Env, member: AccountId, id: ConversationId) -> Result<Option<MembershipRow>> {
    let mut binds = membership_binds(member);
    binds.insert("conversation", id.uuid());
    env.db.find(GET, binds).await
}
