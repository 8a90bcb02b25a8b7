//! Which lines a batch changes.

use super::{line, restate};
use crate::mailbox::{
    Rev, RevTree,
    replica::{Batch, BodyRow, DocRow},
};
use model::mailbox::{DocId, Kind, Letter, LetterLine, Receipt, ReceiptState};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// How a draft or an order is kept beside the documents: those that are done with are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Desk {
    /// A draft with one live version at least.
    Draft,
    /// An order without a receipt.
    Open,
    /// An order that nobody got, until it is put away.
    Refused,
}

/// What changes with a batch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drawn {
    /// New lines, and those that stand otherwise. The flag says whether what they are found by changed, too.
    pub lines: Vec<(LetterLine, bool)>,
    /// Lines that go.
    pub gone: Vec<Uuid>,
    /// Drafts and orders; `None` takes one away.
    pub desk: Vec<(String, Option<Desk>)>,
}

/// A batch, while it is found out what it changes. It asks for what it has to know ([`Redraw::beside`], then [`Redraw::bodies`]), all
/// of which has to be as it was at the batch's [`expected`](Batch::expected) head.
#[derive(Clone, Debug, Default)]
pub struct Redraw {
    /// What the batch leaves of documents, and those beside them.
    trees: BTreeMap<DocId, RevTree>,
    /// What the batch writes.
    written: BTreeSet<DocId>,
    bodies: BTreeMap<(DocId, Rev), Map<String, Value>>,
    lines: BTreeMap<Uuid, LetterLine>,
}

impl Redraw {
    /// Of this batch.
    #[must_use]
    pub fn of(batch: &Batch) -> Self {
        let mut redraw = Self::default();
        let rows = batch.docs.iter().map(|row| (&row.id, row.tree.clone()));
        let removed = batch.remove.iter().map(|id| (id, RevTree::new()));
        for (id, tree) in rows.chain(removed) {
            if let Some(id) = shown(id) {
                redraw.written.insert(id.clone());
                redraw.trees.insert(id, tree);
            }
        }
        for row in &batch.bodies {
            redraw.lend(row);
        }
        redraw
    }

    /// Whether nothing that is shown is in it.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.written.is_empty()
    }

    /// The lines of these letters, and these documents, have to be known.
    #[must_use]
    pub fn beside(&self) -> (Vec<Uuid>, Vec<String>) {
        let mut lines = BTreeSet::new();
        let mut docs = BTreeSet::new();
        for id in &self.written {
            let twin = match id.kind() {
                Kind::Letter => Kind::State,
                Kind::Order => Kind::Receipt,
                Kind::Receipt => Kind::Order,
                _ => id.kind(),
            };
            if matches!(id.kind(), Kind::Letter | Kind::State) {
                lines.extend(id.uuid());
            }
            docs.extend(id.twin(twin).filter(|twin| !self.trees.contains_key(twin)));
        }
        let docs = docs.into_iter().map(|id| id.to_string());
        (lines.into_iter().collect(), docs.collect())
    }

    /// Hears them; what is not there is left out.
    pub fn saw(&mut self, lines: Vec<LetterLine>, docs: Vec<DocRow>) {
        self.lines = lines.into_iter().map(|line| (line.id, line)).collect();
        for row in docs {
            if let Some(id) = shown(&row.id) {
                self.trees.entry(id).or_insert(row.tree);
            }
        }
    }

    /// These bodies have to be known.
    #[must_use]
    pub fn bodies(&self) -> Vec<(String, Rev)> {
        let alive = self.trees.iter().filter_map(|(id, tree)| Some((id, alive(tree)?)));
        alive
            // Of an order it only counts whether it is there; of drafts, too.
            .filter(|(id, _)| matches!(id.kind(), Kind::Letter | Kind::State | Kind::Receipt))
            .filter(|(id, rev)| !self.bodies.contains_key(&((*id).clone(), (*rev).clone())))
            .map(|(id, rev)| (id.to_string(), rev.clone()))
            .collect()
    }

    /// Takes in a body.
    pub fn lend(&mut self, row: &BodyRow) {
        if let Some(id) = shown(&row.id) {
            self.bodies.insert((id, row.rev.clone()), row.body.clone());
        }
    }

    /// What changes.
    #[must_use]
    pub fn drawn(&self) -> Drawn {
        let mut drawn = Drawn::default();
        let mut letters = BTreeSet::new();
        let mut desk = BTreeSet::new();
        for id in &self.written {
            match id.kind() {
                Kind::Letter | Kind::State => letters.extend(id.uuid()),
                Kind::Order | Kind::Receipt => desk.extend(id.twin(Kind::Order)),
                Kind::Draft => _ = desk.insert(id.clone()),
                _ => {}
            }
        }
        for id in letters {
            self.draw_letter(id, &mut drawn);
        }
        for id in desk {
            let state = self.on_desk(&id);
            drawn.desk.push((id.to_string(), state));
        }
        drawn
    }

    fn draw_letter(&self, id: Uuid, drawn: &mut Drawn) {
        let Some(letter) = DocId::of(Kind::Letter, id) else {
            return;
        };
        let old = self.lines.get(&id);
        let state = letter.twin(Kind::State).and_then(|state| self.body(&state));
        if !self.written.contains(&letter) {
            // Only its state came; a letter that is not here yet is drawn when it comes.
            if let Some(old) = old {
                let mut new = old.clone();
                restate(&mut new, state);
                if new != *old {
                    drawn.lines.push((new, false));
                }
            }
            return;
        }
        let Some(words) = self.body(&letter).and_then(|body| Letter::deserialize(body).ok()) else {
            drawn.gone.extend(old.map(|_| id));
            return;
        };
        drawn.lines.push((line(id, &words, state), true));
    }

    fn on_desk(&self, id: &DocId) -> Option<Desk> {
        alive(self.trees.get(id)?)?;
        if id.kind() == Kind::Draft {
            return Some(Desk::Draft);
        }
        let receipt = id.twin(Kind::Receipt).and_then(|receipt| self.body(&receipt));
        match receipt.and_then(|receipt| Receipt::deserialize(receipt).ok()) {
            None => Some(Desk::Open),
            Some(receipt) if receipt.state == ReceiptState::Refused => Some(Desk::Refused),
            Some(_) => None,
        }
    }

    /// The body of what is shown of a document.
    fn body(&self, id: &DocId) -> Option<&Map<String, Value>> {
        let rev = alive(self.trees.get(id)?)?;
        self.bodies.get(&(id.clone(), rev.clone()))
    }
}

/// The revision that is shown, unless the document is deleted.
fn alive(tree: &RevTree) -> Option<&Rev> {
    tree.winner().filter(|winner| !tree.is_tombstone(winner))
}

/// The id, when it is of something of which more than the document is kept.
fn shown(id: &str) -> Option<DocId> {
    DocId::parse(id).filter(|id| !matches!(id.kind(), Kind::Attachment | Kind::Settings))
}

#[cfg(test)]
#[path = "redraw_tests.rs"]
mod tests;
