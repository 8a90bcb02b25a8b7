//! What became of messages after they were written.

use super::{
    list_messages::{END, page_size},
    row::{MessageRow, Stored, message_fields},
    standing::standing,
};
use crate::{Actor, Env, Result, db::vars};
use model::{Changes, ConversationId, limits};

/// One row for each change: the message, or nothing when a later change made it what it is.
pub(super) const CHANGED: &str = concat!(
    "SELECT VALUE (SELECT ",
    message_fields!(),
    " FROM type::record('message', [record::id($parent.id)[0], $parent.seq]) WHERE rev = record::id($parent.id)[1])[0]
      FROM message_change:[$conversation, $from]..[$conversation, $to] ORDER BY id ASC LIMIT $limit"
);
const REVS: &str = "
    SELECT VALUE record::id(id)[1] FROM message_change:[$conversation, $from]..[$conversation, $to] ORDER BY id ASC LIMIT $limit";

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
    let floor = standing(env, actor.id(), conversation).await?.floor;
    let after = after.min(END - 1);
    let wanted = i64::try_from(limit).unwrap_or(1) + 1;
    let binds = vars! { conversation: conversation.uuid(), from: after + 1, to: END, limit: wanted };
    let mut revs: Vec<u64> = env.db.list(REVS, binds).await?;
    let has_more = revs.len() > limit;
    revs.truncate(limit);
    let rev = revs.last().copied().unwrap_or(after);
    // Up to there and no further: what a later change did to a message is told by that change.
    let binds = vars! { conversation: conversation.uuid(), from: after + 1, to: rev + 1, limit: wanted };
    let rows: Vec<Option<MessageRow>> = env.db.list(CHANGED, binds).await?;
    let items = rows
        .into_iter()
        .flatten()
        .map(|row| Stored::from(row).seen_by(actor.id(), floor))
        .filter(|message| message.seq > floor)
        .collect();
    Ok(Changes { items, rev, has_more })
}
