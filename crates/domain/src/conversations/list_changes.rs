//! What became of messages after they were written.

use super::{
    list_messages::{page_size, range},
    row::{MessageRow, Stored, message_fields},
    standing::standing,
};
use crate::{Actor, Env, Result};
use model::{Changes, ConversationId, limits};

/// One row for each change: the message, or nothing when a later change made it what it is.
pub(super) const CHANGED: &str = concat!(
    "SELECT VALUE (SELECT ",
    message_fields!(),
    " FROM type::record('message', [record::id($parent.id)[0], $parent.seq]) WHERE rev = record::id($parent.id)[1])[0]
      FROM message_change:[$conversation, $from]..[$conversation, $to] ORDER BY id ASC"
);

/// The messages that were changed after `after`, as they are now, ascending by `rev`. Changes of messages below the
/// actor's floor are counted, but not shown.
///
/// # Errors
/// `not_found` when the actor is not in the conversation; `invalid` when `limit` is out of bounds.
pub async fn list_changes(
    env: &Env,
    actor: &Actor,
    conversation: ConversationId,
    after: u64,
    limit: Option<usize>,
) -> Result<Changes> {
    let limit = page_size(limit, limits::PAGE_DEFAULT)?;
    let standing = standing(env, actor.id(), conversation).await?;
    let floor = standing.floor;
    // Up to there and no further: what a later change did to a message is told by that change.
    let after = after.min(standing.rev);
    let rev = after.saturating_add(limit as u64).min(standing.rev);
    let rows: Vec<Option<MessageRow>> = env.db.list(CHANGED, range(conversation, after + 1, rev + 1)).await?;
    let items = rows
        .into_iter()
        .flatten()
        .map(|row| Stored::from(row).seen_by(actor.id(), floor))
        .filter(|message| message.seq > floor)
        .collect();
    Ok(Changes {
        items,
        rev,
        has_more: rev < standing.rev,
    })
}
