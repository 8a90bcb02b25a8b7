//! One conversation.

use super::row::{MembershipRow, membership_fields};
use crate::{Actor, Env, Result, db::vars};
use model::{AccountId, Code, Conversation, ConversationId};
use uuid::Uuid;

const GET: &str = concat!(
    "SELECT ",
    membership_fields!(),
    " FROM ONLY type::record('membership', [$conversation, $me])"
);

/// A conversation as the actor sees it.
///
/// # Errors
/// `not_found` when there is none, or the actor is not in it.
pub async fn get_conversation(env: &Env, actor: &Actor, id: ConversationId) -> Result<Conversation> {
    view_of(env, actor.id(), id).await?.ok_or_else(|| Code::NotFound.into())
}

/// A conversation as one of its members sees it; for the realtime door, which shows it to them.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn view_of(env: &Env, member: AccountId, id: ConversationId) -> Result<Option<Conversation>> {
    let binds = vars! { conversation: id.uuid(), me: member.uuid(), last: Uuid::max() };
    let row: Option<MembershipRow> = env.db.find(GET, binds).await?;
    Ok(row.map(Conversation::from))
}
