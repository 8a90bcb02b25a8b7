//! Make a mailbox's catalogue of its documents: where there is none yet, because the mailbox is older than catalogues are.

use super::{
    catalogue::{Book, Catalogue, Entry, Place, place_of},
    catalogue_rows::{self, CatalogueRow, LetterRow, Shelved, ThreadRow},
    commit::{Guards, write},
    head::find_head,
    keys,
    list_changes::winners_in,
    pending::Pending,
    shelve, store,
};
use crate::{Env, Result, db::vars};
use model::{
    Code,
    mailbox::{DocId, Kind},
};
use std::collections::{BTreeMap, BTreeSet};
use sync::mailbox::Rev;
use uuid::Uuid;

/// Places of the list of changes that are read together.
const WINDOW: u64 = 500;
/// How often it is begun anew because somebody else, in another process, wrote meanwhile.
const ROUNDS: usize = 20;

/// Letters may be there from a try that came to nothing.
const LAY: &str = "
    INSERT IGNORE INTO letter $letters RETURN NONE;
    INSERT IGNORE INTO letter_thread $threads RETURN NONE;
    RETURN true;";

/// What a mailbox's documents tell of its letters.
#[derive(Default)]
pub struct Gathered {
    /// The letters.
    pub places: BTreeMap<Uuid, Place>,
    /// How they stand, those that have a state.
    pub states: BTreeMap<Uuid, model::mailbox::State>,
    /// Drafts.
    pub drafts: u64,
    orders: BTreeSet<Uuid>,
    delivered: BTreeSet<Uuid>,
}

impl Gathered {
    /// Orders that wait, or were refused.
    pub fn outbox(&self) -> u64 {
        self.orders.difference(&self.delivered).count() as u64
    }

    /// How the letters stand, from the oldest.
    pub fn entries(&self) -> Vec<Entry> {
        let state = |id: &Uuid| self.states.get(id).cloned();
        let mut entries: Vec<Entry> = self
            .places
            .iter()
            .map(|(id, place)| Entry::new(*place, state(id)))
            .collect();
        entries.sort_by_key(|entry| entry.place);
        entries
    }
}

/// Makes the catalogue of a mailbox. Whoever writes meanwhile begins anew, or it does.
///
/// # Errors
/// `busy` when others do not stop writing; and when the database can't be asked.
pub async fn fill(env: &Env, mailbox: Uuid) -> Result<()> {
    for _ in 0..ROUNDS {
        let Some(head) = find_head(env, mailbox).await? else {
            return Ok(());
        };
        let mut gathered = Gathered::default();
        let mut from = 1;
        while from <= head.seq {
            let to = from.saturating_add(WINDOW);
            let letters = gather(env, mailbox, from..to.min(head.seq + 1), &mut gathered).await?;
            lay(env, letters).await?;
            from = to;
        }
        let mut book = Book::new(Catalogue::default(), BTreeMap::new());
        gathered.entries().into_iter().for_each(|entry| book.put(entry));
        book.count(gathered.drafts.cast_signed(), gathered.outbox().cast_signed());
        let (catalogue, sheets) = book.close();
        let mut shelved = Shelved {
            catalogue: Some(CatalogueRow::new(mailbox, &catalogue)?),
            ..Shelved::default()
        };
        for (n, entries) in sheets {
            shelved.sheets.extend(catalogue_rows::sheet(mailbox, n, &entries)?);
        }
        let mut pending = Pending::read(env, mailbox, head, BTreeSet::new()).await?;
        pending.tidy(shelved);
        if write(env, vec![pending], Guards::default()).await? {
            return Ok(());
        }
    }
    Err(Code::Busy.into())
}

/// Adds what the documents with these places tell. Returns the rows of their letters.
pub async fn gather(
    env: &Env,
    mailbox: Uuid,
    places: std::ops::Range<u64>,
    gathered: &mut Gathered,
) -> Result<Vec<(LetterRow, ThreadRow)>> {
    let shown = winners_in(env, mailbox, places.start, places.end).await?;
    let shown: Vec<(DocId, Rev)> = shown
        .into_iter()
        .filter_map(|(id, rev)| Some((DocId::parse(&id)?, rev)))
        .collect();
    let read = [Kind::Letter, Kind::State, Kind::Receipt];
    let wanted = shown
        .iter()
        .filter(|(id, _)| read.contains(&id.kind()))
        .map(|(id, rev)| (id.as_str(), rev));
    let bodies = store::bodies(env, mailbox, wanted.collect()).await?;
    let said = bodies.into_iter().map(|((id, _), body)| (id, body.fields)).collect();
    let mut letters = Vec::new();
    for (id, _) in &shown {
        let Some(uuid) = id.uuid() else { continue };
        match id.kind() {
            Kind::Letter => {
                if let Some(letter) = shelve::letter(&said, uuid) {
                    gathered.places.insert(uuid, place_of(letter.sent_at, uuid));
                    let thread = keys::thread(mailbox, &letter.thread, uuid).into();
                    letters.push((LetterRow::new(mailbox, uuid, &letter), thread));
                }
            }
            Kind::State => gathered
                .states
                .extend(shelve::state(&said, uuid).map(|state| (uuid, state))),
            Kind::Draft => gathered.drafts += 1,
            Kind::Order => drop(gathered.orders.insert(uuid)),
            Kind::Receipt => gathered.delivered.extend(
                said.get(id.as_str())
                    .filter(|body| shelve::is_delivery(body))
                    .map(|_| uuid),
            ),
            Kind::Attachment | Kind::Settings => {}
        }
    }
    Ok(letters)
}

async fn lay(env: &Env, letters: Vec<(LetterRow, ThreadRow)>) -> Result<()> {
    if letters.is_empty() {
        return Ok(());
    }
    let (letters, threads): (Vec<_>, Vec<_>) = letters.into_iter().unzip();
    env.db
        .transact::<bool>(LAY, vars! { letters: letters, threads: threads })
        .await
        .map(drop)
}
