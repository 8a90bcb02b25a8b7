//! # How copies of a mailbox agree
//!
//! Every device holds a copy of its owner's mailbox, writes into it without asking, and brings it together with the server's
//! whenever there is a network. This module is that bargain: the replication protocol of CouchDB, which PouchDB and others speak,
//! as rules without I/O. The server, the browser and the simulator of the tests call the same functions.
//!
//! ## Words
//! A *document* is a JSON object under an id. Each state of it is a *revision*, named by [`Rev`]; a revision names the one it
//! was made from. What a replica knows of a document's revisions is a [`RevTree`]: edits that were made apart stand in it beside
//! each other, and none is lost. All replicas choose the same *winner* to show. Each change of a document gives it a new number
//! ([`Seq`]) in the replica's list of changes.
//!
//! ## A meeting of two replicas
//! ```text
//! follower                                   source
//!    │  how far were we?        (checkpoint, both sides: the lesser counts)
//!    │──── changes since 42? ──────────────────▶│   rows: id, all leaves
//!    │◀─── d:1 [3-c], s:7 [2-x, 2-b] ───────────│
//!    │  which of them do I lack?    (revs_diff)
//!    │──── bodies of those? ───────────────────▶│   with their lines of ancestors
//!    │◀─── 3-c ← 2-b ← 1-a … ───────────────────│
//!    │  write them, then note how far we came
//! ```
//! Writing a revision that is known changes nothing, so every step may be repeated, and is, after any fault.
//!
//! | file | holds |
//! |---|---|
//! | `rev`, `revisions` | names of revisions, and lines of them |
//! | `tree`, `tree_history`, `tree_text` | what is known of a document: merging, winner, stemming; its past; as text for a row |
//! | `canonical`, `revision_hash` | how our own revisions get their names |
//! | `incoming` | a document as it comes in and goes out |
//! | [`write()`] | the decision of one write |
//! | [`revs_diff()`], [`change()`], `compact` | what is missing, what changed, what may go |
//! | [`Seq`], [`Checkpoint`] | how far, and in which history |
//! | [`Clock`] | what came later, by clocks that can't be trusted |
//! | `registers`, [`resolve()`] | what becomes of edits that were made apart |
//! | [`replica`] | a device's copy: stores, and what its owner does to it |
//! | [`replicator`] | bringing a copy together with the server |
//! | [`view`] | what is shown of a copy |
//! | `outbox`, [`seal()`] | when a letter counts as sent; how the server knows its own letters again |

mod canonical;
mod changes;
mod checkpoint;
mod clock;
mod compact;
mod incoming;
mod outbox;
mod registers;
pub mod replica;
pub mod replicator;
mod resolve;
mod rev;
mod revision_hash;
mod revisions;
mod revs_diff;
mod seal;
mod seq;
mod tree;
mod tree_history;
#[cfg(test)]
mod tree_tests_support;
mod tree_text;
pub mod view;
mod write;

pub use canonical::canonical;
pub use changes::{Change, ChangedRev, Style, change};
pub use checkpoint::{Checkpoint, HISTORY, Session, next_local_rev, resume};
pub use clock::{Clock, DRIFT_MAX, TOLERANCE};
pub use incoming::{Incoming, Malformed, check_id, outgoing};
pub use outbox::{Known, Sending, letter_uuid, sending};
pub use registers::{merge_registers, set_at, set_register};
pub use replica::Arrival;
pub use resolve::{Resolution, Revision, choose, follow, resolve, with_revisions};
pub use rev::{NotARev, Rev};
pub use revision_hash::{Stub, Stubs, revision_hash};
pub use revisions::{NotALine, Revisions};
pub use revs_diff::{Missing, revs_diff};
pub use seal::{is_sealed, seal};
pub use seq::{NotASeq, Seq};
pub use tree::{Outcome, RevTree};
pub use tree_history::{RevInfo, Status};
pub use tree_text::NotATree;
pub use write::{Decision, Mode, Stored, write};
