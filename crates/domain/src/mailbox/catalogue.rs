//! The catalogue of a mailbox: how its letters stand, in the order in which they were sent. It is cut into sheets, of which a
//! list reads those that it shows, and a write those that it changes; the catalogue itself tells how many letters of each kind
//! are on each sheet. Nothing in here asks the database.

use model::{
    Timestamp,
    mailbox::{Counts, Folder, Shelf, State},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Letters on one sheet.
pub const SHEET_MAX: usize = 128;

/// When it was sent, and which it is: the order of letters, from the oldest.
pub type Place = (i64, Uuid);

/// How a letter stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Packed", into = "Packed")]
pub struct Entry {
    /// Where it is in the order of letters.
    pub place: Place,
    /// Where it lies.
    pub folder: Folder,
    /// Whether it was read.
    pub read: bool,
    /// Whether it has a star.
    pub starred: bool,
    /// The owner's words for it, ascending.
    pub labels: Vec<String>,
}

/// An entry without the names of its fields: there are many.
type Packed = (i64, Uuid, Folder, bool, bool, Vec<String>);

impl From<Packed> for Entry {
    fn from((sent_at, id, folder, read, starred, labels): Packed) -> Self {
        Self {
            place: (sent_at, id),
            folder,
            read,
            starred,
            labels,
        }
    }
}

impl From<Entry> for Packed {
    fn from(entry: Entry) -> Self {
        let (sent_at, id) = entry.place;
        (sent_at, id, entry.folder, entry.read, entry.starred, entry.labels)
    }
}

impl Entry {
    /// A letter and its state. One without a state (a device brings them back one after the other) lies in the archive.
    pub fn new(place: Place, state: Option<State>) -> Self {
        let Some(state) = state else {
            return Self {
                place,
                folder: Folder::Archive,
                read: true,
                starred: false,
                labels: Vec::new(),
            };
        };
        let labels: BTreeSet<String> = state.labels.value.into_iter().collect();
        Self {
            place,
            folder: state.folder.value,
            read: state.read.value,
            starred: state.starred.value,
            labels: labels.into_iter().collect(),
        }
    }

    /// Whether a list shows it.
    pub fn is_on(&self, shelf: &Shelf) -> bool {
        let is_kept = self.folder != Folder::Trash;
        match shelf {
            Shelf::Folder(folder) => self.folder == *folder,
            Shelf::Starred => is_kept && self.starred,
            Shelf::Label(label) => is_kept && self.labels.contains(label),
            Shelf::Drafts | Shelf::Outbox => false,
        }
    }
}

/// The place of a letter.
pub fn place_of(sent_at: Timestamp, id: Uuid) -> Place {
    (sent_at.millis(), id)
}

/// How many letters of each kind there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    inbox: u64,
    unread: u64,
    sent: u64,
    archive: u64,
    trash: u64,
    starred: u64,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    labels: BTreeMap<String, u64>,
}

impl Tally {
    fn of(entries: &[Entry]) -> Self {
        let mut tally = Self::default();
        for entry in entries {
            match entry.folder {
                Folder::Inbox => tally.inbox += 1,
                Folder::Sent => tally.sent += 1,
                Folder::Archive => tally.archive += 1,
                Folder::Trash => tally.trash += 1,
            }
            tally.unread += u64::from(entry.folder == Folder::Inbox && !entry.read);
            if entry.folder != Folder::Trash {
                tally.starred += u64::from(entry.starred);
                for label in &entry.labels {
                    *tally.labels.entry(label.clone()).or_default() += 1;
                }
            }
        }
        tally
    }

    fn on(&self, shelf: &Shelf) -> u64 {
        match shelf {
            Shelf::Folder(Folder::Inbox) => self.inbox,
            Shelf::Folder(Folder::Sent) => self.sent,
            Shelf::Folder(Folder::Archive) => self.archive,
            Shelf::Folder(Folder::Trash) => self.trash,
            Shelf::Starred => self.starred,
            Shelf::Label(label) => self.labels.get(label).copied().unwrap_or_default(),
            Shelf::Drafts | Shelf::Outbox => 0,
        }
    }

    const fn all(&self) -> u64 {
        self.inbox + self.sent + self.archive + self.trash
    }
}

/// A sheet, as the catalogue tells of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// Its number.
    pub n: u64,
    /// Its oldest letter.
    first: Place,
    tally: Tally,
}

impl Sheet {
    /// Whether it tells what is on it.
    pub fn tells(&self, entries: &[Entry]) -> bool {
        self.tally == Tally::of(entries) && entries.first().is_some_and(|entry| entry.place == self.first)
    }
}

/// A mailbox's sheets from the oldest on, and what lies there besides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    /// The sheets.
    pub sheets: Vec<Sheet>,
    /// The number of the next sheet.
    pub next: u64,
    /// Drafts.
    pub drafts: u64,
    /// Orders without a receipt, or with one that says that nobody got the letter.
    pub outbox: u64,
}

impl Catalogue {
    /// Which sheet a letter of this place is on, or would be; none when there is none at all.
    pub fn sheet_of(&self, place: Place) -> Option<usize> {
        let after = self.sheets.partition_point(|sheet| sheet.first <= place);
        (!self.sheets.is_empty()).then(|| after.saturating_sub(1))
    }

    /// The sheets, from the newest, that a part of a list is on; and how many letters of the first of them come before it.
    pub fn sheets_with(&self, shelf: &Shelf, skip: u64, limit: u64) -> (Vec<u64>, u64) {
        let (mut numbers, mut before, mut passed) = (Vec::new(), 0, 0);
        let end = skip.saturating_add(limit);
        for sheet in self.sheets.iter().rev() {
            let here = sheet.tally.on(shelf);
            if passed >= end {
                break;
            }
            if here > 0 && passed + here > skip {
                if numbers.is_empty() {
                    before = skip - passed;
                }
                numbers.push(sheet.n);
            }
            passed += here;
        }
        (numbers, before)
    }

    /// How many letters a list has.
    pub fn total(&self, shelf: &Shelf) -> u64 {
        self.sheets.iter().map(|sheet| sheet.tally.on(shelf)).sum()
    }

    /// How many letters there are.
    pub fn letters(&self) -> u64 {
        self.sheets.iter().map(|sheet| sheet.tally.all()).sum()
    }

    /// How many lie where.
    pub fn counts(&self) -> Counts {
        let mut labels: BTreeMap<String, u64> = BTreeMap::new();
        for (label, count) in self.sheets.iter().flat_map(|sheet| &sheet.tally.labels) {
            *labels.entry(label.clone()).or_default() += count;
        }
        let folder = |folder| self.total(&Shelf::Folder(folder));
        Counts {
            inbox_unread: self.sheets.iter().map(|sheet| sheet.tally.unread).sum(),
            inbox: folder(Folder::Inbox),
            sent: folder(Folder::Sent),
            archive: folder(Folder::Archive),
            trash: folder(Folder::Trash),
            starred: self.total(&Shelf::Starred),
            drafts: self.drafts,
            outbox: self.outbox,
            labels: labels.into_iter().collect(),
        }
    }
}

/// A catalogue that is being changed, with the sheets that this needs.
#[derive(Debug, Default)]
pub struct Book {
    catalogue: Catalogue,
    sheets: BTreeMap<u64, Vec<Entry>>,
    changed: BTreeSet<u64>,
}

impl Book {
    /// A catalogue, and those of its sheets on which something changes.
    pub const fn new(catalogue: Catalogue, sheets: BTreeMap<u64, Vec<Entry>>) -> Self {
        Self {
            catalogue,
            sheets,
            changed: BTreeSet::new(),
        }
    }

    /// Takes a letter out.
    pub fn remove(&mut self, place: Place) {
        let Some(at) = self.catalogue.sheet_of(place) else {
            return;
        };
        let n = self.catalogue.sheets[at].n;
        let Some(entries) = self.sheets.get_mut(&n) else {
            return;
        };
        if let Ok(found) = entries.binary_search_by_key(&place, |entry| entry.place) {
            entries.remove(found);
            self.changed.insert(n);
            match entries.first() {
                Some(first) => self.catalogue.sheets[at].first = first.place,
                None => drop(self.catalogue.sheets.remove(at)),
            }
        }
    }

    /// Puts a letter in, or changes how it stands.
    pub fn put(&mut self, entry: Entry) {
        let Some(at) = self.catalogue.sheet_of(entry.place) else {
            let first = self.add(vec![entry]);
            self.catalogue.sheets.insert(0, first);
            return;
        };
        let is_last = at + 1 == self.catalogue.sheets.len();
        let n = self.catalogue.sheets[at].n;
        let entries = self.sheets.entry(n).or_default();
        match entries.binary_search_by_key(&entry.place, |entry| entry.place) {
            Ok(found) if entries[found] == entry => return,
            Ok(found) => entries[found] = entry,
            Err(found) => entries.insert(found, entry),
        }
        self.changed.insert(n);
        if entries.len() > SHEET_MAX {
            // Mostly letters are newer than all others: then what is full stays full. One in the middle gets room for more.
            let keep = if is_last { SHEET_MAX } else { SHEET_MAX / 2 };
            let rest = entries.split_off(keep);
            let sheet = self.add(rest);
            self.catalogue.sheets.insert(at + 1, sheet);
        }
        if let Some(first) = self.sheets.get(&n).and_then(|entries| entries.first()) {
            self.catalogue.sheets[at].first = first.place;
        }
    }

    /// A new sheet with these letters.
    fn add(&mut self, entries: Vec<Entry>) -> Sheet {
        let n = self.catalogue.next;
        self.catalogue.next = n + 1;
        let first = entries.first().map_or((0, Uuid::nil()), |entry| entry.place);
        self.sheets.insert(n, entries);
        self.changed.insert(n);
        Sheet {
            n,
            first,
            tally: Tally::default(),
        }
    }

    /// Adds to what lies there besides.
    pub fn count(&mut self, drafts: i64, outbox: i64) {
        self.catalogue.drafts = self.catalogue.drafts.saturating_add_signed(drafts);
        self.catalogue.outbox = self.catalogue.outbox.saturating_add_signed(outbox);
    }

    /// The catalogue as it is now, and the sheets that changed; one without letters is no more.
    pub fn close(mut self) -> (Catalogue, BTreeMap<u64, Vec<Entry>>) {
        for sheet in &mut self.catalogue.sheets {
            if self.changed.contains(&sheet.n)
                && let Some(entries) = self.sheets.get(&sheet.n)
            {
                sheet.tally = Tally::of(entries);
            }
        }
        let Self {
            catalogue,
            mut sheets,
            changed,
        } = self;
        sheets.retain(|n, _| changed.contains(n));
        (catalogue, sheets)
    }
}

#[cfg(test)]
#[path = "catalogue_tests.rs"]
mod tests;
