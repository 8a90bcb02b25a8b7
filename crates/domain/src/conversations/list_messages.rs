//! Read a log, a page at a time.

use super::{
    row::{MessageRow, Stored, message_fields},
    standing::standing,
};
use crate::{Actor, Env, Result, db::vars};
use model::{ConversationId, Message, Page, Rejection, limits};
use surrealdb::types::Variables;

/// Which part of a log.
#[derive(Clone, Copy, Debug, Default)]
pub struct Window {
    /// How many at most, 1–100; 10 when not given.
    pub limit: Option<usize>,
    /// Only messages before this `seq`.
    pub before: Option<u64>,
    /// Only messages after this `seq`, from there on; without it, the latest.
    pub after: Option<u64>,
}

/// SurrealDB 3.3.5 reads all of a range of ids before it cuts it to a `LIMIT` (decision 23). The log is dense, so the range
/// itself is made as long as what is wanted.
pub(super) const RANGE: &str = concat!(
    "SELECT ",
    message_fields!(),
    " FROM message:[$conversation, $from]..[$conversation, $to] ORDER BY id ASC"
);
/// After every `seq` there is. SurrealDB's integers are signed.
pub(super) const END: u64 = i64::MAX as u64;

/// A page of a log, ascending by `seq`: the latest ones, those before `before`, or those after `after`; never those at or
/// below the actor's floor.
///
/// # Errors
/// `not_found` when the actor is not in the conversation; `invalid` when `limit` is out of bounds, or both `before`
/// and `after` are given.
pub async fn list_messages(env: &Env, actor: &Actor, conversation: ConversationId, window: Window) -> Result<Page> {
    let limit = page_size(window.limit, limits::MESSAGES_PAGE)?;
    if window.before.is_some() && window.after.is_some() {
        return Err(Rejection::field("after", "Give either before or after, not both.").into());
    }
    let standing = standing(env, actor.id(), conversation).await?;
    let (first, end) = (standing.floor + 1, standing.last_seq + 1);
    let wanted = limit as u64;
    let (from, to) = match window.after {
        Some(after) => {
            let from = after.saturating_add(1).clamp(first, end.max(first));
            (from, from.saturating_add(wanted).min(end))
        }
        None => {
            let to = window.before.unwrap_or(end).clamp(first, end.max(first));
            (to.saturating_sub(wanted).max(first), to)
        }
    };
    let has_more = if window.after.is_some() { to < end } else { from > first };
    let rows: Vec<MessageRow> = env.db.list(RANGE, range(conversation, from, to)).await?;
    let seen = |row| Stored::from(row).seen_by(actor.id(), standing.floor);
    let items: Vec<Message> = rows.into_iter().map(seen).collect();
    Ok(Page { items, has_more })
}

/// The binds of [`RANGE`]: from `from` to before `to`.
pub(super) fn range(conversation: ConversationId, from: u64, to: u64) -> Variables {
    vars! { conversation: conversation.uuid(), from: from.min(END), to: to.min(END) }
}

/// How many to answer with.
///
/// # Errors
/// `invalid` on `limit` when it is out of bounds.
pub(super) fn page_size(limit: Option<usize>, default: usize) -> Result<usize> {
    let limit = limit.unwrap_or(default);
    if (1..=limits::PAGE_MAX).contains(&limit) {
        return Ok(limit);
    }
    Err(Rejection::field("limit", format!("The limit is between 1 and {}.", limits::PAGE_MAX)).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Error,
        conversations::{open_conversation, send_message},
        fixtures,
    };
    use model::{
        ClientId, Code,
        command::{OpenConversation, SendMessage},
        samples::{ADA, GRACE, MALLORY},
    };

    #[tokio::test]
    async fn a_log_opens_with_its_latest_ten_and_is_read_in_both_directions() {
        let (env, _) = fixtures::env().await;
        let ada = fixtures::actor(&env, ADA).await;
        fixtures::actor(&env, GRACE).await;
        let command = OpenConversation::direct("grace");
        let id = open_conversation(&env, &ada, command)
            .await
            .expect("opens")
            .conversation
            .id;
        for n in 1..=25 {
            let message = SendMessage {
                client_id: ClientId(env.new_id()),
                body: format!("number {n}"),
                reply_to: None,
            };
            send_message(&env, &ada, id, message).await.expect("sends");
        }
        let read = async |window: Window| {
            let page = list_messages(&env, &ada, id, window).await.expect("lists");
            assert!(
                page.items
                    .iter()
                    .all(|m| m.body == format!("number {}", m.seq) && m.author.username == "ada")
            );
            (
                page.items.first().map(|m| m.seq),
                page.items.last().map(|m| m.seq),
                page.items.len(),
                page.has_more,
            )
        };
        let none = Window::default();
        assert_eq!(read(none).await, (Some(16), Some(25), 10, true));
        assert_eq!(
            read(Window {
                before: Some(16),
                ..none
            })
            .await,
            (Some(6), Some(15), 10, true)
        );
        assert_eq!(
            read(Window {
                before: Some(6),
                ..none
            })
            .await,
            (Some(1), Some(5), 5, false)
        );
        assert_eq!(
            read(Window {
                before: Some(1),
                ..none
            })
            .await,
            (None, None, 0, false)
        );
        assert_eq!(
            read(Window {
                after: Some(3),
                limit: Some(4),
                ..none
            })
            .await,
            (Some(4), Some(7), 4, true)
        );
        assert_eq!(
            read(Window {
                after: Some(20),
                ..none
            })
            .await,
            (Some(21), Some(25), 5, false)
        );
        assert_eq!(
            read(Window {
                after: Some(u64::MAX),
                ..none
            })
            .await,
            (None, None, 0, false)
        );
        let mallory = fixtures::actor(&env, MALLORY).await;
        let refused = list_messages(&env, &mallory, id, none).await;
        assert!(matches!(refused, Err(Error::Rejected(r)) if r.code == Code::NotFound));
        for bad in [
            Window { limit: Some(0), ..none },
            Window {
                limit: Some(101),
                ..none
            },
            Window {
                before: Some(1),
                after: Some(1),
                ..none
            },
        ] {
            assert!(list_messages(&env, &ada, id, bad).await.is_err(), "{bad:?}");
        }
    }

    #[tokio::test]
    async fn a_page_is_a_range_of_ids_in_either_direction() {
        let (env, _) = fixtures::env().await;
        let plan = env.db.plan(RANGE, range(env.new_id().into(), 1, 9)).await;
        assert!(plan.contains("RecordIdScan") && !plan.contains("TableScan"), "{plan}");
    }
}
