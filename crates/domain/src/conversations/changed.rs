//! How a message changes after it was written: each change takes the conversation's next `rev`, so that whoever was away
//! can ask for what they missed.

use super::{get_message::Place, row::MessageRow};
use crate::{Env, search::stretch_of};
use model::{AccountId, Message};
use surrealdb::types::Variables;
use uuid::Uuid;

/// Statements of a transaction that number a change of the message `[$conversation, $seq]` as `$rev`, for the row to take.
macro_rules! append_change {
    () => {
        "LET $rev = (UPDATE ONLY type::record('conversation', $conversation)
            SET rev = (rev ?? 0) + 1, touched_at = $now RETURN AFTER).rev;
         CREATE type::record('message_change', [$conversation, $rev]) SET seq = $seq;
         "
    };
}
pub(super) use append_change;

/// Statements that refuse who is no longer in the conversation.
macro_rules! still_in_it {
    () => {
        "IF (SELECT VALUE id FROM ONLY type::record('membership', [$conversation, $me])) = NONE { THROW 'not_found' };
         "
    };
}
pub(super) use still_in_it;

/// The binds that all changes share.
pub fn binds(env: &Env, me: AccountId, place: &Place) -> Variables {
    crate::db::vars! {
        conversation: place.conversation.uuid(),
        seq: place.seq,
        me: me.uuid(),
        stretch: stretch_of(place.seq),
        last: Uuid::max(),
        now: env.now().datetime(),
    }
}

/// The changed message as whoever changed it sees it.
pub fn seen(row: MessageRow, me: AccountId, place: &Place) -> Message {
    super::row::Stored::from(row).seen_by(me, place.standing.floor)
}
