//! What is asked of a server, and what it answers.

use crate::mailbox::{Change, Checkpoint, Missing, Rev};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, time::Duration};

/// A question to the server.
#[derive(Clone, Debug, PartialEq)]
pub enum Question {
    /// Who are you, and how far is your list of changes?
    Info,
    /// What stands in this note?
    GetNote(String),
    /// Keep this note; `rev` is that of the one before it.
    PutNote {
        /// Its name, without `_local/`.
        id: String,
        /// The revision that it replaces.
        rev: Option<String>,
        /// What it says.
        note: Checkpoint,
    },
    /// What changed after this number?
    Changes {
        /// As the server told it.
        since: String,
        /// At most so many rows.
        limit: usize,
        /// Whether to wait when there is nothing.
        wait: bool,
    },
    /// These revisions with their lines, or what they have become.
    BulkGet(Vec<(String, Rev)>),
    /// All leaves of this document, with their lines.
    Leaves(String),
    /// Which of these do you lack?
    RevsDiff(BTreeMap<String, Vec<Rev>>),
    /// Take these revisions.
    BulkDocs(Vec<Map<String, Value>>),
}

/// How long to wait for an answer. A proxy that falls silent must not stop a mailbox for ever, so a client has its own patience
/// besides the server's heartbeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// Give up when no byte came for so long; a heartbeat is one.
    pub silence: Duration,
    /// Give up after so long in any case.
    pub total: Option<Duration>,
}

/// How often a server that is asked to wait says that it still does.
pub const HEARTBEAT: Duration = Duration::from_secs(25);

impl Question {
    /// How long to wait for its answer.
    #[must_use]
    pub const fn deadline(&self) -> Deadline {
        let (silence, total) = match self {
            // Two heartbeats may be lost.
            Self::Changes { wait: true, .. } => (65, None),
            Self::BulkGet(_) | Self::BulkDocs(_) => (30, Some(Duration::from_mins(5))),
            _ => (20, Some(Duration::from_mins(1))),
        };
        Deadline {
            silence: Duration::from_secs(silence),
            total,
        }
    }
}

/// A document that the server did not take, and goes on without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Which.
    pub id: String,
    /// `forbidden` and `unauthorized` are for good; anything else is to be tried again.
    pub error: String,
    /// A sentence for the owner.
    pub reason: String,
}

impl Refused {
    /// Whether trying again is of no use.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self.error.as_str(), "forbidden" | "unauthorized")
    }
}

/// An answer of the server.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// To [`Question::Info`]: how far its list of changes is.
    Info(String),
    /// To [`Question::GetNote`]: the note and its revision, when there is one.
    Note(Option<(String, Checkpoint)>),
    /// To [`Question::PutNote`]: its revision.
    Noted(String),
    /// To [`Question::Changes`].
    Changes {
        /// By number.
        rows: Vec<Change>,
        /// Where to go on.
        last_seq: String,
    },
    /// To [`Question::BulkGet`] and [`Question::Leaves`]: the documents that there are.
    Documents(Vec<Map<String, Value>>),
    /// To [`Question::RevsDiff`]: documents of which nothing is missing are left out.
    Missing(BTreeMap<String, Missing>),
    /// To [`Question::BulkDocs`]: those that were not taken.
    Written(Vec<Refused>),
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nobody is reached, or the deadline passed.
    Silence,
    /// The server says that the session is over (401).
    SignedOut,
    /// There is no such mailbox, or it is not ours any more (403, 404).
    Gone,
    /// Somebody else kept the note meanwhile (409).
    Conflict,
    /// It was too much at once (413).
    TooLarge,
    /// Something else, or an answer that is none. To be tried again.
    Trouble,
}
