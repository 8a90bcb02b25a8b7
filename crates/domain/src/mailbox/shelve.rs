//! Bring what the screens show up to date with what a transaction does to the documents, in the same transaction.

use super::{
    catalogue::{Book, Catalogue, Entry, Place, place_of},
    catalogue_rows::{self, CatalogueRow, LetterRow, Shelved},
    fill_catalogue, keys,
    open_mailbox::is_of_laboratory,
    pending::Pending,
};
use crate::{Env, Result};
use model::mailbox::{DocId, Document, Kind, Letter, Receipt, ReceiptState, State};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use sync::mailbox::view::searched;
use uuid::Uuid;

/// What becomes of one letter.
struct Change {
    id: Uuid,
    /// Where it was.
    before: Option<Place>,
    /// How it stands from now on, if it does.
    after: Option<Entry>,
    /// The letter itself, when it is written anew.
    letter: Option<Letter>,
}

/// What becomes of a mailbox.
#[derive(Default)]
struct Changes {
    letters: Vec<Change>,
    drafts: i64,
    outbox: i64,
}

/// Prepares the rows of all mailboxes that are about to be written. `false` when something had to be made first, and whoever writes
/// has to begin anew.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn shelve(env: &Env, boxes: &mut [Pending]) -> Result<bool> {
    let mut concerned: Vec<&mut Pending> = boxes.iter_mut().filter(|pending| is_concerned(pending)).collect();
    let ids: Vec<Uuid> = concerned.iter().map(|pending| pending.mailbox()).collect();
    let mut catalogues = catalogue_rows::catalogues(env, &ids).await?;
    let mut changed: Vec<(&mut Pending, Catalogue, Changes)> = Vec::new();
    for pending in concerned.drain(..) {
        let catalogue = match catalogues.remove(&pending.mailbox()) {
            Some(catalogue) => catalogue,
            None if pending.is_new() => Catalogue::default(),
            None => {
                fill_catalogue::fill(env, pending.mailbox()).await?;
                return Ok(false);
            }
        };
        let changes = changes(env, pending).await?;
        changed.push((pending, catalogue, changes));
    }
    let needed = changed
        .iter()
        .flat_map(|(pending, catalogue, changes)| {
            let mailbox = pending.mailbox();
            sheets_of(catalogue, changes).into_iter().map(move |n| (mailbox, n))
        })
        .collect();
    let mut sheets = catalogue_rows::sheets(env, needed).await?;
    for (pending, catalogue, changes) in changed {
        let sheets = sheets.remove(&pending.mailbox()).unwrap_or_default();
        let shelved = apply(pending.mailbox(), catalogue, sheets, changes)?;
        pending.shelve(shelved);
    }
    Ok(true)
}

/// Whether anything is written that a screen shows.
fn is_concerned(pending: &Pending) -> bool {
    let shown = [Kind::Letter, Kind::State, Kind::Draft, Kind::Order, Kind::Receipt];
    let is_shown = |id: &str| Kind::of(id).is_some_and(|kind| shown.contains(&kind));
    !is_of_laboratory(pending.mailbox()) && pending.taken().any(|(id, _)| is_shown(id))
}

/// The sheets on which something changes.
fn sheets_of(catalogue: &Catalogue, changes: &Changes) -> BTreeSet<u64> {
    let places = changes.letters.iter().flat_map(|change| {
        change
            .before
            .into_iter()
            .chain(change.after.as_ref().map(|entry| entry.place))
    });
    let at = places.filter_map(|place| catalogue.sheet_of(place));
    at.filter_map(|at| catalogue.sheets.get(at))
        .map(|sheet| sheet.n)
        .collect()
}

fn apply(mailbox: Uuid, catalogue: Catalogue, sheets: BTreeMap<u64, Vec<Entry>>, changes: Changes) -> Result<Shelved> {
    let before = catalogue.clone();
    let mut book = Book::new(catalogue, sheets);
    let mut shelved = Shelved::default();
    for Change {
        id,
        before,
        after,
        letter,
    } in changes.letters
    {
        let place = after.as_ref().map(|entry| entry.place);
        if let Some(before) = before.filter(|before| place != Some(*before)) {
            book.remove(before);
        }
        if before.is_some() && after.is_none() {
            shelved.gone.push(keys::letter(mailbox, id));
        }
        if let Some(letter) = letter {
            shelved.threads.push(keys::thread(mailbox, &letter.thread, id).into());
            shelved.letters.push(LetterRow::new(mailbox, id, &letter));
        }
        if let Some(after) = after {
            book.put(after);
        }
    }
    book.count(changes.drafts, changes.outbox);
    let (catalogue, sheets) = book.close();
    if catalogue != before || !sheets.is_empty() {
        shelved.catalogue = Some(CatalogueRow::new(mailbox, &catalogue)?);
    }
    for (n, entries) in sheets {
        match catalogue_rows::sheet(mailbox, n, &entries)? {
            Some(row) => shelved.sheets.push(row),
            None => shelved.gone.push(keys::sheet(mailbox, n)),
        }
    }
    Ok(shelved)
}

/// What the documents that are written mean for the lists.
async fn changes(env: &Env, pending: &mut Pending) -> Result<Changes> {
    let mut ids: BTreeMap<Kind, BTreeSet<Uuid>> = BTreeMap::new();
    let mut drafts = 0;
    let taken: Vec<(DocId, bool)> = pending
        .taken()
        .filter_map(|(id, was_there)| Some((DocId::parse(id)?, was_there)))
        .collect();
    for (id, was_there) in taken {
        if id.kind() == Kind::Draft {
            drafts += i64::from(pending.is_there(id.as_str())) - i64::from(was_there);
        }
        if let Some(uuid) = id.uuid() {
            ids.entry(id.kind()).or_default().insert(uuid);
        }
    }
    let mut of = |kind| ids.remove(&kind).unwrap_or_default();
    let (letters, states) = (of(Kind::Letter), of(Kind::State));
    let orders = of(Kind::Order).into_iter().chain(of(Kind::Receipt)).collect();
    Ok(Changes {
        letters: of_letters(env, pending, &letters, &states).await?,
        drafts,
        outbox: of_orders(env, pending, &orders).await?,
    })
}

async fn of_letters(
    env: &Env,
    pending: &mut Pending,
    letters: &BTreeSet<Uuid>,
    states: &BTreeSet<Uuid>,
) -> Result<Vec<Change>> {
    if letters.is_empty() && states.is_empty() {
        return Ok(Vec::new());
    }
    // What was not there before has no row.
    let had = |id: &&Uuid| !letters.contains(id) || pending.was_there(&name(Kind::Letter, **id));
    let had: Vec<Uuid> = letters.union(states).filter(had).copied().collect();
    let before = catalogue_rows::places(env, pending.mailbox(), &had).await?;
    let all: BTreeSet<Uuid> = letters
        .iter()
        .chain(states.iter().filter(|id| before.contains_key(id)))
        .copied()
        .collect();
    let state_names = all.iter().map(|id| name(Kind::State, *id)).collect();
    pending.read_also(env, &state_names).await?;
    let letter_names = letters.iter().map(|id| name(Kind::Letter, *id));
    let said = pending.winners(env, letter_names.chain(state_names).collect()).await?;
    let change = |id: Uuid| {
        let letter: Option<Letter> = letters.contains(&id).then(|| letter(&said, id)).flatten();
        let before = before.get(&id).copied();
        let place = match letters.contains(&id) {
            true => letter.as_ref().map(|letter| place_of(letter.sent_at, id)),
            false => before,
        };
        Change {
            id,
            before,
            after: place.map(|place| Entry::new(place, state(&said, id))),
            letter,
        }
    };
    Ok(all.into_iter().map(change).collect())
}

fn name(kind: Kind, id: Uuid) -> String {
    format!("{}:{id}", kind.prefix())
}

/// What alive documents say, by their ids.
type Said = HashMap<String, Map<String, Value>>;

/// The letter of this id.
pub fn letter(said: &Said, id: Uuid) -> Option<Letter> {
    match Document::from_body(said.get(&name(Kind::Letter, id))?) {
        Some(Document::Letter(letter)) => Some(letter),
        _ => None,
    }
}

/// How the letter of this id stands.
pub fn state(said: &Said, id: Uuid) -> Option<State> {
    match Document::from_body(said.get(&name(Kind::State, id))?) {
        Some(Document::State(state)) => Some(state),
        _ => None,
    }
}

/// By how much the outbox grows.
async fn of_orders(env: &Env, pending: &mut Pending, orders: &BTreeSet<Uuid>) -> Result<i64> {
    if orders.is_empty() {
        return Ok(0);
    }
    let names = |kind| orders.iter().map(move |id| name(kind, *id));
    let receipts: BTreeSet<String> = names(Kind::Receipt).collect();
    pending
        .read_also(env, &names(Kind::Order).chain(receipts.clone()).collect())
        .await?;
    let said = pending.winners(env, receipts).await?;
    let outbox = orders.iter().map(|id| {
        let (order, receipt) = (name(Kind::Order, *id), name(Kind::Receipt, *id));
        let is_delivered = said.get(&receipt).is_some_and(is_delivery);
        let waits = |order: bool, receipt: bool| i64::from(order && !(receipt && is_delivered));
        waits(pending.is_there(&order), pending.is_there(&receipt))
            - waits(pending.was_there(&order), pending.was_there(&receipt))
    });
    Ok(outbox.sum())
}

/// Whether a receipt says that somebody got the letter.
pub fn is_delivery(body: &Map<String, Value>) -> bool {
    let delivered = ReceiptState::Delivered;
    matches!(Document::from_body(body), Some(Document::Receipt(Receipt { state, .. })) if state == delivered)
}

impl LetterRow {
    /// The row of a letter.
    pub fn new(mailbox: Uuid, id: Uuid, letter: &Letter) -> Self {
        let (sent_at, _) = place_of(letter.sent_at, id);
        let words: Vec<String> = sync::words::words(&searched(letter)).into_iter().collect();
        Self {
            id: keys::letter(mailbox, id),
            sent_at,
            thread: letter.thread.clone(),
            words: format!("\n{}\n", words.join("\n")),
        }
    }
}
