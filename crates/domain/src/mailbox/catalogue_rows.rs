//! The rows of catalogues, read and written.

use super::{
    catalogue::{Catalogue, Entry, Place, Sheet},
    keys,
};
use crate::{Env, Error, Result, db::vars};
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use surrealdb::types::{RecordId, SurrealValue};
use uuid::Uuid;

/// Rows that are read with one query.
const TOGETHER: usize = 500;

pub(super) const CATALOGUES: &str = "SELECT id, sheets, next, drafts, outbox FROM $ids WHERE id != NONE";
pub(super) const SHEETS: &str = "SELECT id, letters FROM $ids WHERE id != NONE";
pub(super) const PLACES: &str = "SELECT record::id(id)[1] AS letter, sent_at FROM $ids WHERE id != NONE";

/// What is to be written for a mailbox's screens.
#[derive(Default)]
pub struct Shelved {
    /// The catalogue, if it changes.
    pub catalogue: Option<CatalogueRow>,
    /// Sheets that change.
    pub sheets: Vec<SheetRow>,
    /// Letters that are new, or have other words.
    pub letters: Vec<LetterRow>,
    /// Their threads.
    pub threads: Vec<ThreadRow>,
    /// Rows that go.
    pub gone: Vec<RecordId>,
}

/// A catalogue.
#[derive(SurrealValue)]
pub struct CatalogueRow {
    id: RecordId,
    sheets: String,
    next: u64,
    drafts: u64,
    outbox: u64,
}

/// A sheet.
#[derive(SurrealValue)]
pub struct SheetRow {
    id: RecordId,
    letters: String,
}

/// A letter.
#[derive(PartialEq, SurrealValue)]
pub struct LetterRow {
    /// [mailbox, letter]
    pub id: RecordId,
    pub(super) sent_at: i64,
    pub(super) thread: String,
    pub(super) words: String,
}

/// A letter in its thread.
#[derive(SurrealValue)]
pub struct ThreadRow {
    id: RecordId,
}

#[derive(SurrealValue)]
struct PlaceRow {
    letter: Uuid,
    sent_at: i64,
}

impl From<RecordId> for ThreadRow {
    fn from(id: RecordId) -> Self {
        Self { id }
    }
}

impl ThreadRow {
    /// [mailbox, thread, letter]
    pub const fn id(&self) -> &RecordId {
        &self.id
    }
}

impl CatalogueRow {
    /// The row of a catalogue.
    ///
    /// # Errors
    /// Only when it can't be written down.
    pub fn new(mailbox: Uuid, catalogue: &Catalogue) -> Result<Self> {
        Ok(Self {
            id: keys::catalogue(mailbox),
            sheets: json(&catalogue.sheets)?,
            next: catalogue.next,
            drafts: catalogue.drafts,
            outbox: catalogue.outbox,
        })
    }
}

/// The row of a sheet; none of an empty one.
///
/// # Errors
/// Only when it can't be written down.
pub fn sheet(mailbox: Uuid, n: u64, entries: &[Entry]) -> Result<Option<SheetRow>> {
    if entries.is_empty() {
        return Ok(None);
    }
    Ok(Some(SheetRow {
        id: keys::sheet(mailbox, n),
        letters: json(entries)?,
    }))
}

fn json<T: serde::Serialize + ?Sized>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(Error::broken("writing a catalogue"))
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(Error::broken("reading a catalogue"))
}

async fn rows<T: SurrealValue>(env: &Env, surql: &'static str, ids: Vec<RecordId>) -> Result<Vec<T>> {
    let mut all = Vec::with_capacity(ids.len());
    for some in ids.chunks(TOGETHER) {
        all.extend(env.db.list::<T>(surql, vars! { ids: some.to_vec() }).await?);
    }
    Ok(all)
}

/// The catalogues of these mailboxes, as far as they were made.
pub async fn catalogues(env: &Env, mailboxes: &[Uuid]) -> Result<HashMap<Uuid, Catalogue>> {
    let ids = mailboxes.iter().map(|mailbox| keys::catalogue(*mailbox)).collect();
    let mut found = HashMap::new();
    for row in rows::<CatalogueRow>(env, CATALOGUES, ids).await? {
        let Some(mailbox) = keys::owner(&row.id) else {
            continue;
        };
        let sheets: Vec<Sheet> = read(&row.sheets)?;
        let catalogue = Catalogue {
            sheets,
            next: row.next,
            drafts: row.drafts,
            outbox: row.outbox,
        };
        found.insert(mailbox, catalogue);
    }
    Ok(found)
}

/// Sheets of mailboxes by their numbers.
pub type Sheets = BTreeMap<u64, Vec<Entry>>;

/// These sheets of these mailboxes.
pub async fn sheets(env: &Env, wanted: BTreeSet<(Uuid, u64)>) -> Result<HashMap<Uuid, Sheets>> {
    let ids = wanted.into_iter().map(|(mailbox, n)| keys::sheet(mailbox, n)).collect();
    let mut found: HashMap<Uuid, Sheets> = HashMap::new();
    for SheetRow { id, letters } in rows(env, SHEETS, ids).await? {
        if let (Some(mailbox), Some(n)) = (keys::owner(&id), keys::number(&id)) {
            found.entry(mailbox).or_default().insert(n, read(&letters)?);
        }
    }
    Ok(found)
}

/// Where these letters of a mailbox are in the order of its letters, as far as they are there.
pub async fn places(env: &Env, mailbox: Uuid, letters: &[Uuid]) -> Result<HashMap<Uuid, Place>> {
    let ids = letters.iter().map(|letter| keys::letter(mailbox, *letter)).collect();
    let found = rows::<PlaceRow>(env, PLACES, ids).await?;
    Ok(found
        .into_iter()
        .map(|row| (row.letter, (row.sent_at, row.letter)))
        .collect())
}
