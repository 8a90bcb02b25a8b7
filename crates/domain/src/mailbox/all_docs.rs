//! The documents of a mailbox in the order of their ids.

use super::{Mailbox, Reading, fault::Outcome, head::head, keys, render::show_winners, store};
use crate::{Env, Result, db::vars};
use serde_json::{Map, Value};
use surrealdb::types::{RecordId, SurrealValue};

/// Between two ids, both of them included; what is excluded is left out afterwards, since there is no text right before
/// another.
pub(super) const RANGE: &str = "
    SELECT id, winner FROM document:[$mailbox, $from]..=[$mailbox, $to] WHERE !deleted LIMIT $limit";
pub(super) const BACKWARDS: &str = "
    SELECT id, winner FROM document:[$mailbox, $from]..=[$mailbox, $to] WHERE !deleted ORDER BY id DESC LIMIT $limit";

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AllDocsQuery {
    /// Exactly these, in this order, also when they are deleted or not there.
    pub keys: Option<Vec<String>>,
    /// From this id on.
    pub start: Option<String>,
    /// Up to this id.
    pub end: Option<String>,
    /// Whether `end` itself is left out.
    pub without_end: bool,
    /// From the last to the first; then `start` is the greater one.
    pub descending: bool,
    /// How many are passed over.
    pub skip: u64,
    /// At most so many.
    pub limit: Option<u64>,
    /// With the documents.
    pub include_docs: bool,
    /// What is shown of them.
    pub reading: Reading,
}

/// A document in the list.
#[derive(Clone, Debug, PartialEq)]
pub enum ListedDoc {
    /// It is there.
    Found {
        /// Its id.
        id: String,
        /// Its winner.
        rev: String,
        /// Whether that is a tombstone; only where ids were asked for.
        deleted: bool,
        /// The document, when it was asked for.
        doc: Option<Map<String, Value>>,
    },
    /// No document has this id.
    Missing(String),
}

/// The list.
#[derive(Clone, Debug, PartialEq)]
pub struct AllDocs {
    /// Documents that are not deleted, in the whole mailbox.
    pub total: u64,
    /// How many were passed over.
    pub offset: u64,
    /// The list, without the documents; [`with_docs`] adds them.
    pub rows: Vec<ListedDoc>,
    /// The newest change.
    pub update_seq: String,
}

#[derive(SurrealValue)]
struct Row {
    id: RecordId,
    winner: String,
}

/// Lists documents. Their contents are added by [`with_docs`], some at a time.
///
/// # Errors
/// When there is no such mailbox any more.
pub async fn all_docs(env: &Env, mailbox: &Mailbox, query: &AllDocsQuery) -> Outcome<AllDocs> {
    let head = head(env, mailbox.id()).await?;
    let mut rows = match &query.keys {
        Some(ids) => by_id(env, mailbox, ids).await?,
        None => in_range(env, mailbox, query).await?,
    };
    if query.descending && query.keys.is_some() {
        rows.reverse();
    }
    let skip = usize::try_from(query.skip).unwrap_or(usize::MAX);
    let limit = query
        .limit
        .map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(AllDocs {
        total: head.live,
        offset: query.skip,
        rows: rows.into_iter().skip(skip).take(limit).collect(),
        update_seq: head.token(head.seq),
    })
}

async fn by_id(env: &Env, mailbox: &Mailbox, ids: &[String]) -> Result<Vec<ListedDoc>> {
    let found = store::documents(env, mailbox.id(), ids.iter().map(String::as_str).collect()).await?;
    let listed = |id: &String| match found.get(id).and_then(|stored| Some((stored, stored.tree.winner()?))) {
        Some((stored, rev)) => ListedDoc::Found {
            id: id.clone(),
            rev: rev.to_string(),
            deleted: stored.tree.is_deleted(),
            doc: None,
        },
        None => ListedDoc::Missing(id.clone()),
    };
    Ok(ids.iter().map(listed).collect())
}

async fn in_range(env: &Env, mailbox: &Mailbox, query: &AllDocsQuery) -> Result<Vec<ListedDoc>> {
    let (from, to) = match query.descending {
        false => (&query.start, &query.end),
        true => (&query.end, &query.start),
    };
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        return Ok(Vec::new());
    }
    let to = to
        .clone()
        .map_or_else(|| keys::LAST.into_value(), SurrealValue::into_value);
    // One more, since the end may be left out.
    let limit = query
        .limit
        .map_or(u64::MAX, |limit| limit.saturating_add(query.skip).saturating_add(1));
    let binds = vars! {
        mailbox: mailbox.id(),
        from: from.clone().unwrap_or_default(),
        to: to,
        limit: i64::try_from(limit).unwrap_or(i64::MAX),
    };
    let surql = if query.descending { BACKWARDS } else { RANGE };
    let rows: Vec<Row> = env.db.list(surql, binds).await?;
    let listed = rows.into_iter().filter_map(|Row { id, winner }| {
        let id = keys::part(&id, 1)?.to_owned();
        if query.without_end && query.end.as_ref() == Some(&id) {
            return None;
        }
        Some(ListedDoc::Found {
            id,
            rev: winner,
            deleted: false,
            doc: None,
        })
    });
    Ok(listed.collect())
}

/// Adds the documents to some rows of a list. One that was deleted is not shown.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn with_docs(env: &Env, mailbox: &Mailbox, rows: &mut [ListedDoc], reading: Reading) -> Outcome<()> {
    let ids = rows.iter().filter_map(|row| match row {
        ListedDoc::Found { id, deleted: false, .. } => Some(id.as_str()),
        _ => None,
    });
    let mut found = show_winners(env, mailbox, ids.collect(), reading).await?;
    for row in rows.iter_mut() {
        if let ListedDoc::Found {
            id,
            rev,
            deleted: false,
            doc,
        } = row
        {
            // As it is now: the revision goes with what is shown.
            *doc = found.remove(id.as_str());
            let now = doc.as_ref().and_then(|doc| doc.get("_rev")).and_then(Value::as_str);
            if let Some(now) = now {
                now.clone_into(rev);
            }
        }
    }
    Ok(())
}
