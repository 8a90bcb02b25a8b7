//! What is read and written.

use crate::mailbox::{Rev, RevTree};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a copy knows of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocRow {
    /// The document.
    pub id: String,
    /// The number of its latest change in this copy; no two documents have the same.
    pub seq: u64,
    /// Its revisions.
    pub tree: RevTree,
    /// The history (epoch) of the server in which all that stands here is known, as far as this copy can tell: such rows need not be
    /// offered to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<String>,
}

/// The body of one revision. Only leaves have theirs kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BodyRow {
    /// The document.
    pub id: String,
    /// The revision.
    pub rev: Rev,
    /// Its fields.
    pub body: Map<String, Value>,
    /// Its `_attachments`, with bytes when it was made here, else as stubs.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub attachments: Map<String, Value>,
}

/// A revision that the server would not take. It is kept apart, so that its words are not lost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Denied {
    /// The document.
    pub id: String,
    /// The revision.
    pub rev: Rev,
    /// What the server said.
    pub reason: String,
    /// The fields.
    pub body: Map<String, Value>,
}

impl Denied {
    /// Under which name it is kept.
    #[must_use]
    pub fn key(&self) -> String {
        format!("denied/{}/{}", self.id, self.rev)
    }
}

/// Something to be read, in one transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// These documents.
    Docs(Vec<String>),
    /// These bodies.
    Bodies(Vec<(String, Rev)>),
    /// Documents whose latest change came after this number, by number, at most so many.
    Changes {
        /// The number.
        since: u64,
        /// So many.
        limit: usize,
    },
    /// What is kept beside the documents, and is never replicated, under names with this beginning.
    Locals(String),
}

/// What was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The number of the copy's latest change.
    pub head: u64,
    /// The rows.
    pub rows: Rows,
}

/// The rows of an answer; those that are not there are left out.
#[derive(Clone, Debug, PartialEq)]
pub enum Rows {
    /// To [`Read::Docs`] and [`Read::Changes`].
    Docs(Vec<DocRow>),
    /// To [`Read::Bodies`].
    Bodies(Vec<BodyRow>),
    /// To [`Read::Locals`], by name.
    Locals(Vec<(String, Value)>),
}

/// All that one transaction writes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// What the head has to be, or else nothing is written.
    pub expected: Option<u64>,
    /// What the head is afterwards; `None` leaves it.
    pub head: Option<u64>,
    /// Documents, each replacing the row of its id.
    pub docs: Vec<DocRow>,
    /// Documents that go entirely.
    pub remove: Vec<String>,
    /// Bodies.
    pub bodies: Vec<BodyRow>,
    /// Bodies that go.
    pub forget: Vec<(String, Rev)>,
    /// What is kept beside the documents; `None` removes it.
    pub locals: Vec<(String, Option<Value>)>,
    /// Whether the answer has to wait until all is on the disk. It is so for what somebody wrote; what came from the server can come
    /// again.
    pub strict: bool,
}

impl Batch {
    /// Whether it writes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.docs.is_empty()
            && self.remove.is_empty()
            && self.bodies.is_empty()
            && self.forget.is_empty()
            && self.locals.is_empty()
    }
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commit {
    /// It is written.
    Done,
    /// Somebody else wrote since it was read. Nothing was written; read again.
    Stale,
}
