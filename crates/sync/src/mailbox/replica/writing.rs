//! What the owner does to their copy.

use super::{Batch, Commit, Found, Read, Rows, Workset};
use crate::mailbox::{
    Clock, Decision, Incoming, Mode, Rev, RevTree, Revision, Stubs, choose, follow, set_at, set_register,
};
use model::mailbox::{Before, Kind, Proposal, check_write};
use serde_json::{Map, Value, json};

/// Something that the owner does.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// Writes a document: a draft, an order, a file. When somebody else changed it since revision `seen`, a draft is kept beside their
    /// version, and an order or a file stays what it was.
    Put {
        /// The document.
        id: String,
        /// The revision that was on the screen; `None` for a new document.
        seen: Option<Rev>,
        /// The fields.
        body: Map<String, Value>,
        /// `_attachments` with their bytes, for files.
        attachments: Map<String, Value>,
        /// The same without their bytes.
        stubs: Stubs,
    },
    /// Sets a field of a state, whatever else became of it. A letter without a state gets one.
    Set {
        /// The state.
        id: String,
        /// `folder`, `read`, `starred` or `labels`.
        field: String,
        /// The value.
        value: Value,
    },
    /// Sets a preference.
    Prefer {
        /// The document of preferences.
        id: String,
        /// Which.
        field: String,
        /// The value.
        value: Value,
    },
    /// Deletes all versions of a document that this copy knows.
    Delete {
        /// The document.
        id: String,
    },
    /// Makes this body the only version of a draft.
    Choose {
        /// The draft.
        id: String,
        /// The body, one of the versions or a new one.
        body: Map<String, Value>,
    },
}

impl Op {
    fn id(&self) -> &str {
        match self {
            Self::Put { id, .. }
            | Self::Set { id, .. }
            | Self::Prefer { id, .. }
            | Self::Delete { id }
            | Self::Choose { id, .. } => id,
        }
    }
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is written, as this revision.
    Written(Rev),
    /// It is written beside another version, which the owner will be asked about.
    Beside(Rev),
    /// It was so already.
    Same,
    /// It is not allowed, for this reason. Nothing of the whole [`Writing`] is written.
    Refused(String),
}

#[derive(Clone, Debug, PartialEq)]
enum Stage {
    Docs,
    Bodies,
    Commit,
    Done,
}

/// Several things that the owner does at once: all of them are written, or none. It says what it wants to read
/// ([`Writing::wants`]) and what it wants written ([`Writing::batch`]); [`apply`](super::apply()) does both.
#[derive(Clone, Debug)]
pub struct Writing {
    ops: Vec<Op>,
    device: String,
    clock: Clock,
    now: u64,
    stage: Stage,
    head: u64,
    rows: Workset,
    plan: Option<Batch>,
    outcomes: Vec<Outcome>,
}

impl Writing {
    /// By this device, with its clock, at this time (milliseconds since the Unix epoch, as the device believes).
    #[must_use]
    pub fn new(ops: Vec<Op>, device: &str, clock: Clock, now: u64) -> Self {
        Self {
            ops,
            device: device.to_owned(),
            clock,
            now,
            stage: Stage::Docs,
            head: 0,
            rows: Workset::default(),
            plan: None,
            outcomes: Vec::new(),
        }
    }

    /// What it has to read next.
    #[must_use]
    pub fn wants(&self) -> Option<Read> {
        match self.stage {
            Stage::Docs => Some(Read::Docs(self.ops.iter().map(|op| op.id().to_owned()).collect())),
            Stage::Bodies => Some(Read::Bodies(self.live_leaves())),
            Stage::Commit | Stage::Done => None,
        }
    }

    fn live_leaves(&self) -> Vec<(String, Rev)> {
        let ids = self.ops.iter().map(Op::id);
        ids.flat_map(|id| {
            let tree = self.rows.tree(id);
            let alive = tree.leaves().into_iter().filter(|rev| !tree.is_tombstone(rev));
            alive.map(|rev| (id.to_owned(), rev.clone())).collect::<Vec<_>>()
        })
        .collect()
    }

    /// Takes what it asked for.
    pub fn found(&mut self, found: Found) {
        match (&self.stage, found.rows) {
            (Stage::Docs, Rows::Docs(rows)) => {
                self.head = found.head;
                self.rows = Workset::of(rows);
                self.stage = Stage::Bodies;
            }
            // Between the two reads somebody wrote: both have to be of one moment.
            (Stage::Bodies, _) if found.head != self.head => self.stage = Stage::Docs,
            (Stage::Bodies, Rows::Bodies(bodies)) => {
                self.rows.lend(bodies);
                self.decide();
            }
            _ => {}
        }
    }

    /// What it wants written; `None` when there is nothing (left).
    #[must_use]
    pub fn batch(&self) -> Option<Batch> {
        self.plan.clone().filter(|_| self.stage == Stage::Commit)
    }

    /// Hears what became of it.
    pub fn committed(&mut self, commit: Commit) {
        self.stage = match commit {
            Commit::Done => Stage::Done,
            Commit::Stale => Stage::Docs,
        };
    }

    /// What became of each thing, once all is done.
    #[must_use]
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// The device's clock afterwards.
    #[must_use]
    pub const fn clock(&self) -> Clock {
        self.clock
    }

    fn decide(&mut self) {
        let mut rows = self.rows.clone();
        self.outcomes.clear();
        for op in self.ops.clone() {
            let outcome = self.act(&mut rows, op);
            let refused = matches!(outcome, Outcome::Refused(_));
            self.outcomes.push(outcome);
            if refused {
                self.stage = Stage::Done;
                return;
            }
        }
        if rows.is_idle() {
            self.stage = Stage::Done;
            return;
        }
        self.plan = Some(rows.into_batch(self.head));
        self.stage = Stage::Commit;
    }

    fn act(&mut self, rows: &mut Workset, op: Op) -> Outcome {
        match op {
            Op::Put {
                id,
                seen,
                body,
                attachments,
                stubs,
            } => {
                let incoming = Incoming {
                    id,
                    rev: seen,
                    body,
                    attachments,
                    stubs,
                    ..Incoming::default()
                };
                put(rows, incoming)
            }
            Op::Set { id, field, value } => {
                let mut body = current(rows, &id).unwrap_or_else(|| self.fresh_state());
                if body.get(&field).and_then(|field| field.get("value")) == Some(&value) {
                    return Outcome::Same;
                }
                let at = self.clock.after(set_at(&body, &field), self.now);
                set_register(&mut body, &field, value, at, &self.device);
                one_version(rows, &id, &body)
            }
            Op::Prefer { id, field, value } => {
                let mut body = current(rows, &id).unwrap_or_default();
                let mut fields = body
                    .get("fields")
                    .and_then(Value::as_object)
                    .cloned()
                    .unwrap_or_default();
                if fields.get(&field).and_then(|field| field.get("value")) == Some(&value) {
                    return Outcome::Same;
                }
                let at = self.clock.after(set_at(&fields, &field), self.now);
                set_register(&mut fields, &field, value, at, &self.device);
                body.insert("type".to_owned(), Kind::Settings.word().into());
                body.insert("fields".to_owned(), Value::Object(fields));
                one_version(rows, &id, &body)
            }
            Op::Delete { id } => delete(rows, &id),
            Op::Choose { id, body } => {
                let revisions = choose(&rows.tree(&id), &body, &rows.live_bodies(&id));
                write_all(rows, &id, &revisions)
            }
        }
    }

    /// The state of a letter about which nothing was said. Its fields are older than any that was set.
    fn fresh_state(&self) -> Map<String, Value> {
        let field = |value: Value| json!({"value": value, "at": model::mailbox::Stamp::default(), "by": self.device});
        let state = json!({
            "type": Kind::State.word(), "folder": field("inbox".into()), "read": field(false.into()),
            "starred": field(false.into()), "labels": field(Value::Array(Vec::new())),
        });
        state.as_object().cloned().unwrap_or_default()
    }
}

/// The fields of what is shown of a document, unless it is deleted.
fn current(rows: &Workset, id: &str) -> Option<Map<String, Value>> {
    let tree = rows.tree(id);
    let winner = tree.winner().filter(|winner| !tree.is_tombstone(winner))?;
    rows.body(id, winner).map(|row| row.body.clone())
}

/// Why the server would refuse it. The bytes of a file are for it to check.
fn refused(tree: &RevTree, id: &str, deleted: bool, body: &Map<String, Value>) -> Option<String> {
    let before = match tree.winner() {
        None => Before::Nothing,
        Some(winner) if tree.is_tombstone(winner) => Before::Deleted,
        Some(_) => Before::Alive,
    };
    let proposal = Proposal {
        id,
        deleted,
        body,
        blobs: &[],
        before,
        sealed: false,
    };
    let is_file = Kind::of(id) == Some(Kind::Attachment) && !deleted;
    check_write(&proposal)
        .err()
        .filter(|_| !is_file)
        .map(std::borrow::Cow::into_owned)
}

fn put(rows: &mut Workset, mut incoming: Incoming) -> Outcome {
    let id = incoming.id.clone();
    let tree = rows.tree(&id);
    if let Some(reason) = refused(&tree, &id, false, &incoming.body) {
        return Outcome::Refused(reason);
    }
    rows.be_strict();
    match rows.edit(&incoming, Mode::Edit) {
        Decision::Store(stored) => Outcome::Written(stored.rev),
        Decision::Known(_) => Outcome::Same,
        Decision::Conflict if Kind::of(&id) == Some(Kind::Draft) => {
            let parent = incoming.rev.take();
            let revision = match &parent {
                Some(parent) => follow(&tree, parent, false, &incoming.body),
                None => Revision {
                    line: first_line(&incoming.body),
                    deleted: false,
                    body: incoming.body.clone(),
                },
            };
            match write_all(rows, &id, &[revision]) {
                Outcome::Written(rev) => Outcome::Beside(rev),
                other => other,
            }
        }
        Decision::Conflict | Decision::NoRev => Outcome::Refused("It was written already.".to_owned()),
    }
}

fn first_line(body: &Map<String, Value>) -> crate::mailbox::Revisions {
    let hash = crate::mailbox::revision_hash(false, None, body, &Stubs::new());
    crate::mailbox::Revisions::after(None, &hash)
}

/// Writes a body on the winner and ends all other versions; on a tombstone it begins anew.
fn one_version(rows: &mut Workset, id: &str, body: &Map<String, Value>) -> Outcome {
    let tree = rows.tree(id);
    if let Some(reason) = refused(&tree, id, false, body) {
        return Outcome::Refused(reason);
    }
    let revisions = choose(&tree, body, &rows.live_bodies(id));
    if !revisions.is_empty() {
        return write_all(rows, id, &revisions);
    }
    let incoming = Incoming {
        id: id.to_owned(),
        body: body.clone(),
        ..Incoming::default()
    };
    match rows.edit(&incoming, Mode::Edit) {
        Decision::Store(stored) => Outcome::Written(stored.rev),
        _ => Outcome::Same,
    }
}

fn delete(rows: &mut Workset, id: &str) -> Outcome {
    let tree = rows.tree(id);
    let alive = tree.leaves().into_iter().filter(|rev| !tree.is_tombstone(rev));
    let ends: Vec<Revision> = alive.map(|rev| follow(&tree, rev, true, &Map::new())).collect();
    if ends.is_empty() {
        return Outcome::Same;
    }
    if let Some(reason) = refused(&tree, id, true, &Map::new()) {
        return Outcome::Refused(reason);
    }
    rows.be_strict();
    write_all(rows, id, &ends)
}

fn write_all(rows: &mut Workset, id: &str, revisions: &[Revision]) -> Outcome {
    let before = rows.tree(id);
    rows.add(id, revisions);
    let first = revisions.first().and_then(|revision| revision.line.newest());
    match first {
        Some(rev) if rows.tree(id) != before => Outcome::Written(rev),
        _ => Outcome::Same,
    }
}

#[cfg(test)]
#[path = "writing_tests.rs"]
mod tests;
