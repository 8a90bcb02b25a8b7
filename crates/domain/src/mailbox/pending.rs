//! What a transaction is about to do to one mailbox. Nothing is written before all of it is known.

use super::{
    catalogue_rows::{CatalogueRow, LetterRow, SheetRow, Shelved, ThreadRow},
    head::Head,
    keys,
    store::{self, Body, Stored},
};
use crate::{Env, Error, Result};
use model::limits;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use surrealdb::types::{Bytes, RecordId, SurrealValue};
use sync::mailbox::{Decision, Incoming, Mode, Rev, RevTree, Stubs, write};
use uuid::Uuid;

/// Bodies of superseded revisions that one document keeps, before they are dropped.
const SPARE_MAX: usize = 20;

/// A mailbox as it was read, and what is to become of it.
pub struct Pending {
    mailbox: Uuid,
    base: Head,
    head: Head,
    /// The documents that were read, as they will be; also those that are not there yet.
    documents: HashMap<String, Stored>,
    /// Where changed documents stood before, if anywhere.
    moved: BTreeMap<String, Option<u64>>,
    bodies: BTreeMap<(String, Rev), Body>,
    forgotten: BTreeSet<(String, Rev)>,
    bytes: BTreeMap<(String, String), Vec<u8>>,
    /// Attachments that go.
    lost: BTreeSet<(String, String)>,
    /// The newest letter that is delivered, and the write that does it.
    letter: Option<(String, u64)>,
    /// Documents that get a revision, and whether they were there before.
    taken: BTreeMap<String, bool>,
    /// What the screens show of it.
    shelved: Option<Shelved>,
}

/// Rows that are to be written; many mailboxes are one transaction.
#[derive(Default)]
pub struct Rows {
    /// The heads that must not have changed.
    pub heads: Vec<HeadRow>,
    /// Rows that go.
    pub gone: Vec<RecordId>,
    pub documents: Vec<DocumentRow>,
    pub changes: Vec<ChangeRow>,
    pub bodies: Vec<BodyRow>,
    pub attachments: Vec<AttachmentRow>,
    pub catalogues: Vec<CatalogueRow>,
    pub sheets: Vec<SheetRow>,
    pub letters: Vec<LetterRow>,
    pub threads: Vec<ThreadRow>,
}

#[derive(SurrealValue)]
pub struct HeadRow {
    id: RecordId,
    epoch: String,
    base: u64,
    seq: u64,
    tidied_base: u64,
    tidied: u64,
    live: u64,
    dead: u64,
    letter: Option<String>,
    letter_seq: Option<u64>,
}

#[derive(SurrealValue)]
pub struct DocumentRow {
    id: RecordId,
    tree: String,
    seq: u64,
    winner: String,
    deleted: bool,
}

#[derive(SurrealValue)]
pub struct ChangeRow {
    id: RecordId,
    doc: String,
    deleted: bool,
    leaves: Vec<String>,
}

#[derive(SurrealValue)]
pub struct BodyRow {
    id: RecordId,
    body: String,
    attachments: Option<String>,
}

#[derive(SurrealValue)]
pub struct AttachmentRow {
    id: RecordId,
    data: Bytes,
}

impl Pending {
    /// Reads these documents of a mailbox.
    pub async fn read(env: &Env, mailbox: Uuid, head: Head, ids: BTreeSet<&str>) -> Result<Self> {
        Ok(Self {
            mailbox,
            base: head.clone(),
            head,
            documents: store::documents(env, mailbox, ids).await?,
            moved: BTreeMap::new(),
            bodies: BTreeMap::new(),
            forgotten: BTreeSet::new(),
            bytes: BTreeMap::new(),
            lost: BTreeSet::new(),
            letter: None,
            taken: BTreeMap::new(),
            shelved: None,
        })
    }

    /// Reads more documents, as far as they were not read yet.
    pub async fn read_also(&mut self, env: &Env, ids: &BTreeSet<String>) -> Result<()> {
        let unknown = ids.iter().filter(|id| !self.documents.contains_key(*id));
        let unknown: BTreeSet<&str> = unknown.map(String::as_str).collect();
        if !unknown.is_empty() {
            self.documents
                .extend(store::documents(env, self.mailbox, unknown).await?);
        }
        Ok(())
    }

    /// What those of these documents will say that are there.
    pub async fn winners(&self, env: &Env, ids: BTreeSet<String>) -> Result<HashMap<String, Map<String, Value>>> {
        let mut said = HashMap::new();
        let mut kept: Vec<(&str, &Rev)> = Vec::new();
        for id in &ids {
            let tree = self.documents.get(id).map(|stored| &stored.tree);
            let Some(winner) = tree.filter(|tree| !tree.is_deleted()).and_then(RevTree::winner) else {
                continue;
            };
            match self.body(id, winner) {
                Some(body) => drop(said.insert(id.clone(), body.fields.clone())),
                None => kept.push((id, winner)),
            }
        }
        if !kept.is_empty() {
            let bodies = store::bodies(env, self.mailbox, kept).await?;
            said.extend(bodies.into_iter().map(|((id, _), body)| (id, body.fields)));
        }
        Ok(said)
    }

    /// Whether nothing was ever written into it.
    pub const fn is_new(&self) -> bool {
        self.base.seq == 0
    }

    /// The documents that get a revision, and whether they were there before.
    pub fn taken(&self) -> impl Iterator<Item = (&str, bool)> {
        self.taken.iter().map(|(id, was_there)| (id.as_str(), *was_there))
    }

    /// Whether a document will be there, and is not deleted.
    pub fn is_there(&self, id: &str) -> bool {
        let tree = self.documents.get(id).map(|stored| &stored.tree);
        tree.is_some_and(|tree| !tree.is_empty() && !tree.is_deleted())
    }

    /// Whether a document was there before.
    pub fn was_there(&self, id: &str) -> bool {
        self.taken.get(id).copied().unwrap_or_else(|| self.is_there(id))
    }

    /// Sets what the screens show of it.
    pub fn shelve(&mut self, shelved: Shelved) {
        self.shelved = Some(shelved);
    }

    /// The same, when nothing else is written.
    pub fn tidy(&mut self, shelved: Shelved) {
        self.head.tidied = self.base.tidied + 1;
        self.shelved = Some(shelved);
    }

    /// Whose it is.
    pub const fn mailbox(&self) -> Uuid {
        self.mailbox
    }

    /// How far it will have come.
    pub const fn seq(&self) -> u64 {
        self.head.seq
    }

    /// A document as it will be.
    pub fn document(&self, id: &str) -> Option<&Stored> {
        self.documents.get(id)
    }

    /// The revisions of a document as they will be; none of one that is not there.
    pub fn tree(&self, id: &str) -> RevTree {
        self.documents
            .get(id)
            .map(|stored| stored.tree.clone())
            .unwrap_or_default()
    }

    /// What a revision says that this transaction writes.
    pub fn body(&self, id: &str, rev: &Rev) -> Option<&Body> {
        self.bodies.get(&(id.to_owned(), rev.clone()))
    }

    /// Bytes that this transaction writes.
    pub fn bytes(&self, id: &str, digest: &str) -> Option<&Vec<u8>> {
        self.bytes.get(&(id.to_owned(), digest.to_owned()))
    }

    /// Takes a decision over. The change gets the next number, also when the winner stays.
    pub fn take(&mut self, id: &str, decided: sync::mailbox::Stored, body: Body, bytes: BTreeMap<String, Vec<u8>>) {
        self.head.seq += 1;
        let before = self.documents.get(id);
        match before.map(|stored| stored.tree.is_deleted()) {
            Some(true) => self.head.dead = self.head.dead.saturating_sub(1),
            Some(false) => self.head.live = self.head.live.saturating_sub(1),
            None => {}
        }
        match decided.deleted {
            true => self.head.dead += 1,
            false => self.head.live += 1,
        }
        let place = before.map(|stored| stored.seq);
        let was_there = self.is_there(id);
        self.taken.entry(id.to_owned()).or_insert(was_there);
        self.moved.entry(id.to_owned()).or_insert(place);
        for rev in decided.forget {
            let key = (id.to_owned(), rev);
            self.bodies.remove(&key);
            self.forgotten.insert(key);
        }
        if decided.keep_body {
            for (digest, bytes) in bytes {
                self.bytes.insert((id.to_owned(), digest), bytes);
            }
            self.bodies.insert((id.to_owned(), decided.rev), body);
        }
        let stored = Stored {
            tree: decided.tree,
            seq: self.head.seq,
        };
        self.documents.insert(id.to_owned(), stored);
    }

    /// Writes a document of the server's own, unless it is there already.
    pub fn put(&mut self, id: &str, body: Map<String, Value>, stubs: Stubs, bytes: BTreeMap<String, Vec<u8>>) {
        let incoming = Incoming {
            id: id.to_owned(),
            body,
            stubs,
            ..Incoming::default()
        };
        let decision = write(&self.tree(id), &incoming, Mode::Edit, limits::REVISIONS_MAX);
        if let Decision::Store(decided) = decision {
            let body = Body {
                fields: incoming.body,
                stubs: incoming.stubs,
            };
            self.take(id, *decided, body, bytes);
        }
    }

    /// Notes that what was written last is a letter that somebody got.
    pub fn announce(&mut self, letter: &str) {
        self.letter = Some((letter.to_owned(), self.head.seq));
    }

    /// Documents that get a revision, and of which much is kept that nobody needs any more: all that is left of what was deleted,
    /// and of others when it is many revisions.
    pub fn overgrown(&self) -> BTreeSet<String> {
        let spare = |id: &&String| {
            let tree = self.documents.get(*id).map(|stored| &stored.tree);
            tree.is_some_and(|tree| {
                let spare = tree.spare_bodies().len();
                spare > SPARE_MAX || spare > 0 && tree.is_deleted()
            })
        };
        self.taken.keys().filter(spare).cloned().collect()
    }

    /// The revisions of a document whose bodies are kept.
    pub fn held(&self, id: &str) -> Vec<Rev> {
        let tree = self.tree(id);
        tree.revs().filter(|rev| tree.has_body(rev)).cloned().collect()
    }

    /// Drops the bodies of a document that nobody needs any more, and the attachments that only they have.
    pub fn compact(&mut self, id: &str, bodies: &HashMap<(String, Rev), Body>) {
        let Some(stored) = self.documents.get_mut(id) else {
            return;
        };
        let spare = stored.tree.compact();
        if spare.is_empty() {
            return;
        }
        self.head.tidied = self.base.tidied + 1;
        self.moved.entry(id.to_owned()).or_insert(Some(stored.seq));
        let of = |rev: &Rev| {
            bodies
                .get(&(id.to_owned(), rev.clone()))
                .into_iter()
                .flat_map(|body| body.stubs.values())
        };
        let kept: BTreeSet<&str> = stored
            .tree
            .leaves()
            .into_iter()
            .flat_map(of)
            .map(|stub| stub.digest.as_str())
            .collect();
        let lost = spare.iter().flat_map(of).map(|stub| stub.digest.as_str());
        let lost = lost.filter(|digest| !kept.contains(digest));
        self.lost.extend(lost.map(|digest| (id.to_owned(), digest.to_owned())));
        for rev in spare {
            let key = (id.to_owned(), rev);
            // It may have come in this very transaction.
            self.bodies.remove(&key);
            self.forgotten.insert(key);
        }
    }

    /// Whether there is anything to write.
    pub fn is_changed(&self) -> bool {
        !self.moved.is_empty() || self.shelved.is_some()
    }

    /// Adds its rows to those of a transaction.
    ///
    /// # Errors
    /// Only when a body can't be written down.
    pub fn rows(self, rows: &mut Rows) -> Result<()> {
        let mailbox = self.mailbox;
        let (letter, letter_seq) = self.letter.unzip();
        rows.heads.push(HeadRow {
            id: keys::head(mailbox),
            epoch: self.base.epoch,
            base: self.base.seq,
            seq: self.head.seq,
            tidied_base: self.base.tidied,
            tidied: self.head.tidied,
            live: self.head.live,
            dead: self.head.dead,
            letter,
            letter_seq,
        });
        for (doc, place) in &self.moved {
            let Some(stored) = self.documents.get(doc) else {
                continue;
            };
            if let Some(seq) = place {
                rows.gone.push(keys::change(mailbox, *seq));
            }
            let leaves: Vec<String> = stored.tree.leaves().into_iter().map(Rev::to_string).collect();
            let deleted = stored.tree.is_deleted();
            rows.documents.push(DocumentRow {
                id: keys::document(mailbox, doc),
                tree: stored.tree.to_string(),
                seq: stored.seq,
                winner: leaves.first().cloned().unwrap_or_default(),
                deleted,
            });
            rows.changes.push(ChangeRow {
                id: keys::change(mailbox, stored.seq),
                doc: doc.clone(),
                deleted,
                leaves,
            });
        }
        if let Some(shelved) = self.shelved {
            rows.gone.extend(shelved.gone);
            rows.catalogues.extend(shelved.catalogue);
            rows.sheets.extend(shelved.sheets);
            rows.letters.extend(shelved.letters);
            rows.threads.extend(shelved.threads);
        }
        for (doc, digest) in &self.lost {
            rows.gone.push(keys::attachment(mailbox, doc, digest));
        }
        for (doc, rev) in self.forgotten {
            rows.gone.push(keys::body(mailbox, &doc, &rev.to_string()));
        }
        for ((doc, rev), body) in self.bodies {
            let attachments = match body.stubs.is_empty() {
                true => None,
                false => Some(serde_json::to_string(&body.stubs).map_err(Error::broken("writing attachments"))?),
            };
            rows.bodies.push(BodyRow {
                id: keys::body(mailbox, &doc, &rev.to_string()),
                body: Value::Object(body.fields).to_string(),
                attachments,
            });
        }
        for ((doc, digest), bytes) in self.bytes {
            rows.attachments.push(AttachmentRow {
                id: keys::attachment(mailbox, &doc, &digest),
                data: bytes.into(),
            });
        }
        Ok(())
    }
}
