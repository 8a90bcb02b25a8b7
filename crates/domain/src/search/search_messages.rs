//! Find messages by their words.

use super::{
    gather::{Found, Question, gather},
    place::{Place, blocked, places, titles},
    words::{Wanted, highlights, wanted},
};
use crate::{
    Actor, Env, Result,
    conversations::{MessageRow, Stored, message_fields},
    db::vars,
    throttle::Action,
};
use chrono::{DateTime, Utc};
use model::{ConversationId, Hit, Hits, Rejection, limits};
use std::collections::HashMap;
use uuid::Uuid;

/// What to look for.
#[derive(Clone, Debug, Default)]
pub struct SearchMessages {
    /// Words, or their beginnings; a message must have all of them.
    pub q: String,
    /// Only in this conversation.
    pub conversation: Option<ConversationId>,
    /// The `next` of the page before.
    pub after: Option<String>,
    /// How many at most, 1–100; 20 when not given.
    pub limit: Option<usize>,
}

/// Of many conversations, or of many kinds of messages, nobody wants more at once.
const LIMIT: usize = 20;

const SHOW: &str = concat!(
    "SELECT ",
    message_fields!(),
    " FROM $at.map(|$one| type::record('message', $one))"
);

/// Where a page ended: whether its last message had the words as whole ones, when it was sent, and its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cursor {
    whole: bool,
    sent_at: DateTime<Utc>,
    uid: Uuid,
}

impl Cursor {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '.');
        let whole = match parts.next()? {
            "w" => true,
            "b" => false,
            _ => return None,
        };
        let nanos = parts.next()?.parse().ok()?;
        let uid = parts.next()?.parse().ok()?;
        Some(Self {
            whole,
            sent_at: DateTime::from_timestamp_nanos(nanos),
            uid,
        })
    }

    fn text(self) -> String {
        let tier = if self.whole { 'w' } else { 'b' };
        format!(
            "{tier}.{}.{}",
            self.sent_at.timestamp_nanos_opt().unwrap_or_default(),
            self.uid
        )
    }
}

/// Messages that have every word of `q`: first those that have them as whole words, then those in which words begin so,
/// the newest of each first. Only of conversations that the actor is in, above their floor, by people whom they do not
/// block; no events, nothing deleted. A question without any word finds nothing.
///
/// # Errors
/// `not_found` when the actor is not in the `conversation`; `invalid` on `limit` and `after`; `rate_limited`.
pub async fn search_messages(env: &Env, actor: &Actor, command: SearchMessages) -> Result<Hits> {
    env.throttle.count(Action::Search, &actor.id().to_string())?;
    let limit = command.limit.unwrap_or(LIMIT);
    crate::paging::rows_for(limit)?;
    let after = match command.after.as_deref().map(Cursor::parse) {
        None => None,
        Some(Some(cursor)) => Some(cursor),
        Some(None) => return Err(Rejection::field("after", "That is not where a page ended.").into()),
    };
    let places = places(env, actor.id(), command.conversation).await?;
    let question: String = command.q.chars().take(limits::QUERY_MAX).collect();
    let wanted = wanted(&question);
    if wanted.is_empty() || places.is_empty() {
        return Ok(Hits {
            items: Vec::new(),
            next: None,
        });
    }
    let blocked = blocked(env, actor.id()).await?;
    let mut found: Vec<(bool, Found)> = Vec::new();
    for whole in [true, false] {
        let enough = (limit + 1).saturating_sub(found.len());
        let passed = if whole {
            after.is_some_and(|after| !after.whole)
        } else {
            // Without a word that may be the beginning of another, there are only whole ones.
            !wanted.iter().any(Wanted::may_begin)
        };
        if passed || enough == 0 {
            continue;
        }
        let question = Question {
            wanted: &wanted,
            whole,
            before: after
                .filter(|after| after.whole == whole)
                .map(|after| (after.sent_at, after.uid)),
            blocked: &blocked,
            enough,
        };
        found.extend(
            gather(env, &question, &places)
                .await?
                .into_iter()
                .map(|found| (whole, found)),
        );
    }
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|(whole, last)| Cursor {
        whole: *whole,
        sent_at: last.sent_at,
        uid: last.uid,
    });
    Ok(Hits {
        items: show(env, actor, &wanted, &places, found).await?,
        next: next.map(Cursor::text),
    })
}

/// What was found, as the actor sees it.
async fn show(
    env: &Env,
    actor: &Actor,
    wanted: &[Wanted],
    places: &[Place],
    found: Vec<(bool, Found)>,
) -> Result<Vec<Hit>> {
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let at: Vec<(Uuid, u64)> = found.iter().map(|(_, found)| found.at).collect();
    let mut shown: Vec<&Place> = places
        .iter()
        .filter(|place| at.iter().any(|at| at.0 == place.conversation()))
        .collect();
    shown.dedup_by_key(|place| place.conversation());
    let titles = titles(env, actor.id(), &shown).await?;
    let known: HashMap<Uuid, (&Place, String)> = shown
        .into_iter()
        .zip(titles)
        .map(|(place, title)| (place.conversation(), (place, title)))
        .collect();
    let rows: Vec<MessageRow> = env.db.list(SHOW, vars! { at: at }).await?;
    let hit = |row| {
        let stored = Stored::from(row);
        let (place, title) = known.get(&stored.conversation().uuid())?;
        let message = stored.seen_by(actor.id(), place.floor);
        Some(Hit {
            highlights: highlights(&message.body, wanted),
            title: title.clone(),
            message,
        })
    };
    Ok(rows.into_iter().filter_map(hit).collect())
}
