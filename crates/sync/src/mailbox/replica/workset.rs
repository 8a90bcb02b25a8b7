//! Some documents of a copy, while something is done to them.

use super::{Batch, BodyRow, Denied, DocRow};
use crate::mailbox::{
    Decision, Incoming, Mode, Resolution, Rev, RevTree, Revision, Revisions, outgoing, resolve, write,
};
use model::{limits, mailbox::Kind};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// A revision that came from the server.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrival {
    /// The document.
    pub id: String,
    /// Its line.
    pub line: Revisions,
    /// Whether it is a tombstone.
    pub deleted: bool,
    /// Its fields.
    pub body: Map<String, Value>,
    /// Its `_attachments`.
    pub attachments: Map<String, Value>,
}

impl Arrival {
    /// From a document as the protocol sends it, with `_revisions` or without. `None` for what has no id or no revision.
    #[must_use]
    pub fn read(document: Map<String, Value>) -> Option<Self> {
        let incoming = Incoming::parse(Value::Object(document)).ok()?;
        Some(Self {
            line: incoming.line()?,
            id: Some(incoming.id).filter(|id| !id.is_empty())?,
            deleted: incoming.deleted,
            body: incoming.body,
            attachments: incoming.attachments,
        })
    }
}

/// Documents, as they were read and as they become. Nothing is written before [`Workset::into_batch`].
#[derive(Clone, Debug, Default)]
pub struct Workset {
    docs: BTreeMap<String, DocRow>,
    bodies: BTreeMap<(String, Rev), BodyRow>,
    fresh: BTreeSet<(String, Rev)>,
    forget: BTreeSet<(String, Rev)>,
    /// What is to be written, by the place of its last change among the others.
    touched: BTreeMap<String, usize>,
    changes: usize,
    locals: Vec<(String, Option<Value>)>,
    strict: bool,
}

impl Workset {
    /// Begins with these rows; documents without one are new.
    #[must_use]
    pub fn of(rows: Vec<DocRow>) -> Self {
        Self {
            docs: rows.into_iter().map(|row| (row.id.clone(), row)).collect(),
            ..Self::default()
        }
    }

    /// What is known of a document, with all that was done to it here.
    #[must_use]
    pub fn tree(&self, id: &str) -> RevTree {
        self.docs.get(id).map(|row| row.tree.clone()).unwrap_or_default()
    }

    /// Takes in bodies that were read.
    pub fn lend(&mut self, bodies: Vec<BodyRow>) {
        for body in bodies {
            self.bodies.entry((body.id.clone(), body.rev.clone())).or_insert(body);
        }
    }

    /// The body of a revision, when it is at hand.
    #[must_use]
    pub fn body(&self, id: &str, rev: &Rev) -> Option<&BodyRow> {
        self.bodies.get(&(id.to_owned(), rev.clone()))
    }

    /// Writes something beside the documents.
    pub fn note(&mut self, name: &str, value: Option<Value>) {
        self.locals.push((name.to_owned(), value));
    }

    /// Whether anything is to be written.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.touched.is_empty() && self.locals.is_empty()
    }

    /// An edit made here. Only [`Decision::Store`] leaves something.
    pub fn edit(&mut self, incoming: &Incoming, mode: Mode) -> Decision {
        let decision = write(&self.tree(&incoming.id), incoming, mode, limits::REVISIONS_MAX);
        if let Decision::Store(stored) = &decision {
            let body = stored.keep_body.then(|| BodyRow {
                id: incoming.id.clone(),
                rev: stored.rev.clone(),
                body: incoming.body.clone(),
                attachments: incoming.attachments.clone(),
            });
            self.keep(&incoming.id, stored.tree.clone(), body, &stored.forget, None);
        }
        decision
    }

    /// A revision that came from the server, in this history of it. Whether it was new.
    pub fn arrive(&mut self, arrival: Arrival, epoch: &str) -> bool {
        let known = match self.docs.get(&arrival.id) {
            None => Some(epoch.to_owned()),
            Some(row) => row.known.clone().filter(|known| known == epoch),
        };
        let incoming = Incoming {
            rev: arrival.line.newest(),
            revisions: Some(arrival.line),
            id: arrival.id,
            deleted: arrival.deleted,
            body: arrival.body,
            attachments: arrival.attachments,
            ..Incoming::default()
        };
        let stored = matches!(self.edit(&incoming, Mode::Replicate), Decision::Store(_));
        if let Some(row) = self.docs.get_mut(&incoming.id).filter(|_| stored) {
            row.known = known;
        }
        stored
    }

    /// Revisions that were decided on here.
    pub fn add(&mut self, id: &str, revisions: &[Revision]) {
        for revision in revisions {
            let incoming = Incoming {
                id: id.to_owned(),
                rev: revision.line.newest(),
                revisions: Some(revision.line.clone()),
                deleted: revision.deleted,
                body: revision.body.clone(),
                ..Incoming::default()
            };
            self.edit(&incoming, Mode::Replicate);
        }
    }

    /// Takes out a revision that the server refuses, and keeps its words apart.
    pub fn deny(&mut self, id: &str, rev: &Rev, reason: &str) {
        let mut tree = self.tree(id);
        let taken = tree.withdraw(rev);
        if taken.is_empty() {
            return;
        }
        let denied = Denied {
            id: id.to_owned(),
            rev: rev.clone(),
            reason: reason.to_owned(),
            body: self.body(id, rev).map(|row| row.body.clone()).unwrap_or_default(),
        };
        // What only the server writes is there as the server has it; nobody has lost a word.
        if !matches!(Kind::of(id), Some(Kind::Letter | Kind::Receipt)) || tree.is_empty() {
            self.note(&denied.key(), serde_json::to_value(&denied).ok());
        }
        let known = self.docs.get(id).and_then(|row| row.known.clone());
        self.keep(id, tree, None, &taken, known);
    }

    /// Live leaves of documents that stand in conflict here, whose bodies are not at hand yet.
    #[must_use]
    pub fn wanted(&self) -> Vec<(String, Rev)> {
        let conflicted = self.touched.keys().filter_map(|id| self.docs.get(id));
        conflicted
            .filter(|row| !row.tree.conflicts().is_empty())
            .flat_map(|row| {
                let alive = row.tree.leaves().into_iter().filter(|rev| !row.tree.is_tombstone(rev));
                alive.map(|rev| (row.id.clone(), rev.clone()))
            })
            .filter(|key| !self.bodies.contains_key(key))
            .collect()
    }

    /// Brings together what stands in conflict, as far as that can be done without its owner.
    pub fn resolve(&mut self) {
        for id in self.in_order() {
            let tree = self.tree(&id);
            let bodies = self.live_bodies(&id);
            if let Resolution::Write(revisions) = resolve(&id, &tree, &bodies) {
                self.add(&id, &revisions);
            }
        }
    }

    /// Bodies at hand of a document's live leaves.
    #[must_use]
    pub fn live_bodies(&self, id: &str) -> BTreeMap<Rev, Map<String, Value>> {
        let tree = self.tree(id);
        let alive = tree.leaves().into_iter().filter(|rev| !tree.is_tombstone(rev));
        alive
            .filter_map(|rev| Some((rev.clone(), self.body(id, rev)?.body.clone())))
            .collect()
    }

    /// Asks that the batch is on the disk before it counts.
    pub const fn be_strict(&mut self) {
        self.strict = true;
    }

    fn keep(&mut self, id: &str, mut tree: RevTree, body: Option<BodyRow>, forget: &[Rev], known: Option<String>) {
        let spare = tree.compact();
        for rev in forget.iter().chain(&spare) {
            let key = (id.to_owned(), rev.clone());
            self.bodies.remove(&key);
            // What was never written need not be removed.
            if !self.fresh.remove(&key) {
                self.forget.insert(key);
            }
        }
        if let Some(body) = body {
            let key = (id.to_owned(), body.rev.clone());
            self.forget.remove(&key);
            self.fresh.insert(key.clone());
            self.bodies.insert(key, body);
        }
        let row = DocRow {
            id: id.to_owned(),
            seq: 0,
            tree,
            known,
        };
        self.docs.insert(id.to_owned(), row);
        self.changes += 1;
        self.touched.insert(id.to_owned(), self.changes);
    }

    /// What is to be written, the latest change last.
    fn in_order(&self) -> Vec<String> {
        let mut touched: Vec<(&String, &usize)> = self.touched.iter().collect();
        touched.sort_unstable_by_key(|(_, place)| **place);
        touched.into_iter().map(|(id, _)| id.clone()).collect()
    }

    /// What is to be written, given the number of the copy's latest change when the rows were read.
    #[must_use]
    pub fn into_batch(self, head: u64) -> Batch {
        let mut next = head;
        let touched = self.in_order();
        let mut batch = Batch {
            expected: Some(head),
            forget: self.forget.into_iter().collect(),
            locals: self.locals,
            strict: self.strict,
            ..Batch::default()
        };
        for id in touched {
            match self.docs.get(&id) {
                Some(row) if !row.tree.is_empty() => {
                    next += 1;
                    batch.docs.push(DocRow {
                        seq: next,
                        ..row.clone()
                    });
                }
                _ => batch.remove.push(id),
            }
        }
        // A removal has no number of its own, and yet has to be noticed by whoever read before it.
        batch.head = Some(if batch.remove.is_empty() { next } else { next + 1 });
        batch.bodies = self
            .bodies
            .into_iter()
            .filter(|(key, _)| self.fresh.contains(key))
            .map(|(_, row)| row)
            .collect();
        batch
    }
}

/// A revision as it goes to the server, with its line.
#[must_use]
pub fn to_send(row: &DocRow, body: &BodyRow) -> Map<String, Value> {
    let deleted = row.tree.is_tombstone(&body.rev);
    let line = row.tree.revisions(&body.rev);
    let mut document = outgoing(&row.id, &body.rev, deleted, &body.body, line.as_ref());
    if !body.attachments.is_empty() {
        document.insert("_attachments".to_owned(), Value::Object(body.attachments.clone()));
    }
    document
}

#[cfg(test)]
#[path = "workset_tests.rs"]
mod tests;
