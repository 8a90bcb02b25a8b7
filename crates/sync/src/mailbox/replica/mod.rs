//! A device's copy of a mailbox.
//!
//! Three layers, so that nothing waits for a stranger inside a transaction (a browser's database ends one that does):
//!
//! 1. [`Store`] reads rows and commits a [`Batch`]: all of it or nothing, and only when the copy is still as it was read
//!    ([`Batch::expected`]). [`MemoryStore`] is one; the browser's is another; [`conformance`] is what all of them must pass.
//! 2. [`Workset`] is pure: rows in, edits and arrivals on top, a batch out.
//! 3. [`Writing`] puts the two in order for an edit of the owner: read, decide, commit, and again when a tab was faster. The
//!    [replicator](super::replicator) does the same for what comes from the server.

pub mod conformance;
mod memory;
mod rows;
mod store;
mod workset;
mod writing;

pub use memory::MemoryStore;
pub use rows::{Batch, BodyRow, Commit, Denied, DocRow, Found, Read, Rows};
pub use store::{Store, StoreError, apply};
pub use workset::{Arrival, Workset, to_send};
pub use writing::{Op, Outcome, Writing};
