//! One message, and what it said before.

use super::{
    row::{MessageRow, Stored, message_fields},
    standing::{Standing, standing},
};
use crate::{Actor, Env, Result, db::vars};
use chrono::{DateTime, Utc};
use model::{Code, ConversationId, Message, MessageId, Version};
use surrealdb::types::SurrealValue;
use uuid::Uuid;

pub(super) const WHERE_IS: &str = "SELECT VALUE record::id(id) FROM message WHERE uid = $uid";
pub(super) const GET: &str = concat!(
    "SELECT ",
    message_fields!(),
    " FROM ONLY type::record('message', [$conversation, $seq])"
);
pub(super) const VERSIONS: &str = "
    SELECT body, until FROM message_version:[$conversation, $seq]..[$conversation, $seq + 1] ORDER BY id ASC";

/// Where a message stands, and how the actor does in its conversation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub conversation: ConversationId,
    pub seq: u64,
    pub standing: Standing,
}

#[derive(SurrealValue)]
struct VersionRow {
    body: String,
    until: DateTime<Utc>,
}

/// Finds a message that the actor may see.
///
/// # Errors
/// `not_found` when there is none, the actor is not in its conversation, or it is below their floor.
pub(super) async fn place_of(env: &Env, actor: &Actor, message: MessageId) -> Result<Place> {
    let found: Option<(Uuid, u64)> = env.db.find(WHERE_IS, vars! { uid: message.uuid() }).await?;
    let (conversation, seq) = found.ok_or(Code::NotFound)?;
    let standing = standing(env, actor.id(), conversation.into()).await?;
    if seq <= standing.floor {
        return Err(Code::NotFound.into());
    }
    Ok(Place {
        conversation: conversation.into(),
        seq,
        standing,
    })
}

/// The message that stands there.
pub(super) async fn row_at(env: &Env, place: &Place) -> Result<Option<MessageRow>> {
    let binds = vars! { conversation: place.conversation.uuid(), seq: place.seq };
    env.db.find(GET, binds).await
}

/// A message as the actor sees it.
///
/// # Errors
/// `not_found` when there is none that the actor may see.
pub async fn get_message(env: &Env, actor: &Actor, message: MessageId) -> Result<Message> {
    let place = place_of(env, actor, message).await?;
    let row = row_at(env, &place).await?.ok_or(Code::NotFound)?;
    Ok(Stored::from(row).seen_by(actor.id(), place.standing.floor))
}

/// What a message said before it was edited, the oldest first; nothing for one that was not, or was deleted.
///
/// # Errors
/// `not_found` when there is none that the actor may see.
pub async fn list_versions(env: &Env, actor: &Actor, message: MessageId) -> Result<Vec<Version>> {
    let place = place_of(env, actor, message).await?;
    let binds = vars! { conversation: place.conversation.uuid(), seq: place.seq };
    let rows: Vec<VersionRow> = env.db.list(VERSIONS, binds).await?;
    let version = |row: VersionRow| Version {
        body: row.body,
        until: row.until.into(),
    };
    Ok(rows.into_iter().map(version).collect())
}
