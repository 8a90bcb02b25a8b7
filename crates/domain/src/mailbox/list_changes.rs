//! What changed in a mailbox: each document once, at the place of its last change.

use super::{
    Mailbox, Reading, Selector,
    fault::Outcome,
    head::{Head, head},
    render::show_winners,
    store,
};
use crate::{Env, Result, db::vars};
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap};
use surrealdb::types::{RecordId, RecordIdKey, SurrealValue, Value as Datum};
use sync::mailbox::Rev;
use uuid::Uuid;

/// Places that are read at first; more when there are holes between, since a document leaves its place when it changes.
const WINDOW: u64 = 256;
/// Places that are read at once at most.
const WINDOW_MAX: u64 = 16_384;
/// Up to so many places behind a page, the changes that are left are counted; beyond, there are at most as many as places.
const COUNTED: u64 = 2_048;

pub(super) const RANGE: &str = "
    SELECT id, doc, deleted, leaves FROM document_change:[$mailbox, $from]..[$mailbox, $to]";
pub(super) const COUNT: &str = "
    SELECT VALUE count FROM ONLY (SELECT count() FROM document_change:[$mailbox, $from]..[$mailbox, $to] GROUP ALL)";

/// Which documents are told of.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Filter {
    /// All.
    #[default]
    All,
    /// These.
    DocIds(BTreeSet<String>),
    /// Those of which this holds.
    Selector(Selector),
    /// Design documents.
    Design,
}

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChangesQuery {
    /// After this sequence.
    pub since: Since,
    /// At most so many rows; 0 is taken for 1, as CouchDB does.
    pub limit: Option<u64>,
    /// The newest first.
    pub descending: bool,
    /// All leaves of a document, and not only its winner.
    pub all_leaves: bool,
    /// With the documents.
    pub include_docs: bool,
    /// What is shown of them.
    pub reading: Reading,
    /// Which of them.
    pub filter: Filter,
}

/// Where to begin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Since {
    /// At the beginning.
    #[default]
    Start,
    /// At the end: only what is yet to come.
    Now,
    /// Behind this sequence, as it was told.
    Seq(String),
}

/// A change.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeRow {
    /// Its sequence, for `since`.
    pub seq: String,
    /// The document.
    pub id: String,
    /// Its leaves, the winner first, or only the winner.
    pub changes: Vec<String>,
    /// Whether the winner is a tombstone.
    pub deleted: bool,
    /// The document, when it was asked for.
    pub doc: Option<Map<String, Value>>,
}

/// A page of changes.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangesPage {
    /// In the order of their sequences.
    pub results: Vec<ChangeRow>,
    /// Where to go on; told also when there is nothing new.
    pub last_seq: String,
    /// How many are left, or a little more than that when it would take long to count them.
    pub pending: u64,
}

#[derive(Clone, SurrealValue)]
struct Row {
    id: RecordId,
    doc: String,
    deleted: bool,
    leaves: Vec<String>,
}

/// A change as it is kept.
struct Place {
    seq: u64,
    doc: String,
    deleted: bool,
    leaves: Vec<String>,
}

impl Row {
    fn place(self) -> Option<Place> {
        let RecordIdKey::Array(parts) = &self.id.key else {
            return None;
        };
        let seq = match parts.get(1)? {
            Datum::Number(number) => u64::try_from(number.into_int().ok()?).ok()?,
            _ => return None,
        };
        Some(Place {
            seq,
            doc: self.doc,
            deleted: self.deleted,
            leaves: self.leaves,
        })
    }
}

/// A page of what changed.
///
/// # Errors
/// When there is no such mailbox any more.
pub async fn list_changes(env: &Env, mailbox: &Mailbox, query: &ChangesQuery) -> Outcome<ChangesPage> {
    let head = head(env, mailbox.id()).await?;
    let since = match &query.since {
        // Backwards, everything is told, as CouchDB does.
        _ if query.descending => 0,
        Since::Start => 0,
        Since::Now => head.seq,
        Since::Seq(text) => head.since(text),
    };
    let limit = query.limit.map(|limit| limit.max(1));
    let mut walk = Walk {
        from: since.saturating_add(1),
        to: head.seq.saturating_add(1),
        descending: query.descending,
        window: limit.map_or(WINDOW_MAX, |limit| limit.clamp(1, WINDOW)),
    };
    let mut results = Vec::new();
    let is_full = |results: &[ChangeRow]| limit.is_some_and(|limit| results.len() as u64 >= limit);
    if let Filter::DocIds(ids) = &query.filter {
        let places = places_of(env, mailbox, ids, &walk).await?;
        take(env, mailbox, query, &head, places, limit, &mut results).await?;
    } else {
        while !is_full(&results)
            && let Some(places) = walk.next(env, mailbox).await?
        {
            take(env, mailbox, query, &head, places, limit, &mut results).await?;
        }
    }
    let last = results.last().map(|row| row.seq.clone());
    let last_seq = match last {
        Some(last) if is_full(&results) || query.descending => last,
        _ => head.token(head.seq),
    };
    let pending = match is_full(&results) && !query.descending {
        true => pending(env, mailbox, head.since(&last_seq), &head).await?,
        false => 0,
    };
    Ok(ChangesPage {
        results,
        last_seq,
        pending,
    })
}

/// A way through the places of a mailbox, `from..to`, a window at a time.
struct Walk {
    from: u64,
    to: u64,
    descending: bool,
    window: u64,
}

impl Walk {
    /// The next changes; nothing at the end.
    async fn next(&mut self, env: &Env, mailbox: &Mailbox) -> Result<Option<Vec<Place>>> {
        if self.from >= self.to {
            return Ok(None);
        }
        let (from, to) = if self.descending {
            let from = self.to.saturating_sub(self.window).max(self.from);
            (from, std::mem::replace(&mut self.to, from))
        } else {
            let to = self.from.saturating_add(self.window).min(self.to);
            (std::mem::replace(&mut self.from, to), to)
        };
        let binds = vars! { mailbox: mailbox.id(), from: from, to: to };
        let rows: Vec<Row> = env.db.list(RANGE, binds).await?;
        let mut places: Vec<Place> = rows.into_iter().filter_map(Row::place).collect();
        if self.descending {
            places.reverse();
        }
        // Where there are many holes, larger steps cost nothing.
        if (places.len() as u64) < self.window {
            self.window = self.window.saturating_mul(2).min(WINDOW_MAX);
        }
        Ok(Some(places))
    }
}

/// The documents whose last changes are `from..to`.
pub(super) async fn documents_in(env: &Env, mailbox: Uuid, from: u64, to: u64) -> Result<Vec<String>> {
    let binds = vars! { mailbox: mailbox, from: from, to: to };
    let rows: Vec<Row> = env.db.list(RANGE, binds).await?;
    Ok(rows.into_iter().map(|row| row.doc).collect())
}

/// The documents whose last changes are `from..to` and that are there, with their winners.
pub(super) async fn winners_in(env: &Env, mailbox: Uuid, from: u64, to: u64) -> Result<Vec<(String, Rev)>> {
    let binds = vars! { mailbox: mailbox, from: from, to: to };
    let rows: Vec<Row> = env.db.list(RANGE, binds).await?;
    let winner = |row: Row| Some((row.doc, row.leaves.first()?.parse().ok()?));
    Ok(rows.into_iter().filter(|row| !row.deleted).filter_map(winner).collect())
}

/// The changes of these documents, in order.
async fn places_of(env: &Env, mailbox: &Mailbox, ids: &BTreeSet<String>, walk: &Walk) -> Result<Vec<Place>> {
    let found = store::documents(env, mailbox.id(), ids.iter().map(String::as_str).collect()).await?;
    let places = found
        .into_iter()
        .filter(|(_, stored)| (walk.from..walk.to).contains(&stored.seq));
    let mut places: Vec<Place> = places
        .map(|(doc, stored)| Place {
            seq: stored.seq,
            doc,
            deleted: stored.tree.is_deleted(),
            leaves: stored.tree.leaves().into_iter().map(Rev::to_string).collect(),
        })
        .collect();
    places.sort_by_key(|place| place.seq);
    if walk.descending {
        places.reverse();
    }
    Ok(places)
}

/// Adds the changes that are told of, up to the limit.
async fn take(
    env: &Env,
    mailbox: &Mailbox,
    query: &ChangesQuery,
    head: &Head,
    mut places: Vec<Place>,
    limit: Option<u64>,
    results: &mut Vec<ChangeRow>,
) -> Result<()> {
    if query.filter == Filter::Design {
        places.retain(|place| place.doc.starts_with("_design/"));
    }
    let room = limit.map_or(usize::MAX, |limit| {
        usize::try_from(limit)
            .unwrap_or(usize::MAX)
            .saturating_sub(results.len())
    });
    let needs_docs = query.include_docs || matches!(query.filter, Filter::Selector(_));
    if !matches!(query.filter, Filter::Selector(_)) {
        places.truncate(room);
    }
    let mut docs = match needs_docs {
        // They are as of now, which may be later than the change.
        true => {
            let ids = places.iter().map(|place| place.doc.as_str());
            show_winners(env, mailbox, ids.collect(), query.reading).await?
        }
        false => HashMap::new(),
    };
    let mut taken = 0;
    for place in places {
        let doc = docs.remove(&place.doc);
        if let Filter::Selector(selector) = &query.filter
            && !doc.as_ref().is_some_and(|doc| selector.matches(doc))
        {
            continue;
        }
        if taken == room {
            break;
        }
        taken += 1;
        let mut changes = place.leaves;
        if !query.all_leaves {
            changes.truncate(1);
        }
        results.push(ChangeRow {
            seq: head.token(place.seq),
            id: place.doc,
            changes,
            deleted: place.deleted,
            doc: doc.filter(|_| query.include_docs),
        });
    }
    Ok(())
}

async fn pending(env: &Env, mailbox: &Mailbox, last: u64, head: &Head) -> Result<u64> {
    let left = head.seq.saturating_sub(last);
    if left == 0 || left > COUNTED {
        return Ok(left.min(head.live.saturating_add(head.dead)));
    }
    let binds = vars! { mailbox: mailbox.id(), from: last.saturating_add(1), to: head.seq.saturating_add(1) };
    Ok(env.db.find(COUNT, binds).await?.unwrap_or_default())
}

#[cfg(test)]
#[path = "list_changes_tests.rs"]
mod tests;
