//! Read a log, a page at a time.

use super::{
    row::{MessageRow, Stored, message_fields},
    standing::standing,
};
use crate::{Actor, Env, Result, db::vars};
use model::{ConversationId, Message, Page, Rejection, limits};

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

pub(super) const OLDER: &str = concat!(
    "SELECT ",
    message_fields!(),
    " FROM message:[$conversation, $from]..[$conversation, $to] ORDER BY id DESC LIMIT $limit"
);
pub(super) const NEWER: &str = concat!(
    "SELECT ",
    message_fields!(),
    " FROM message:[$conversation, $from]..[$conversation, $to] ORDER BY id ASC LIMIT $limit"
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
    let floor = standing(env, actor.id(), conversation).await?.floor;
    let (statement, from, to) = match window.after {
        Some(after) => (NEWER, after.clamp(floor, END - 1) + 1, END),
        None => (OLDER, floor + 1, window.before.unwrap_or(END).clamp(floor + 1, END)),
    };
    // One more than asked for tells whether there is more.
    let wanted = i64::try_from(limit).unwrap_or(1) + 1;
    let binds = vars! { conversation: conversation.uuid(), from: from, to: to, limit: wanted };
    let rows: Vec<MessageRow> = env.db.list(statement, binds).await?;
    let has_more = rows.len() > limit;
    let seen = |row| Stored::from(row).seen_by(actor.id(), floor);
    let mut items: Vec<Message> = rows.into_iter().take(limit).map(seen).collect();
    items.sort_by_key(|message| message.seq);
    Ok(Page { items, has_more })
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
        for statement in [OLDER, NEWER] {
            let binds = vars! { conversation: env.new_id(), from: 1, to: 9, limit: 10 };
            let plan = env.db.plan(statement, binds).await;
            assert!(plan.contains("RecordIdScan") && !plan.contains("TableScan"), "{plan}");
        }
    }
}
