//! The queue of e-mails. A verb writes its mail's row in its own transaction ([`compose`]); a worker of the mailer
//! [claims](claim) one at a time, sends it, and [settles](settle) what became of it.
//!
//! - Lane 0 (somebody waits for a code) goes before lane 1; inside a lane, the oldest first.
//! - The pace is one record in the database, so it holds over all workers and across restarts.
//! - A claim is a lease: what a worker that died had in hand is claimed again.
//!
//! Each mail leaves at least once. It leaves twice only when a server accepted it and the worker could not learn, or
//! not write down, that it did; [`Claimed::message_id`] is the same then, so that the copies can be recognised.

mod claim;
mod compose;
mod kind;
mod list_outbox;
mod message_id;
mod settle;
#[cfg(any(test, feature = "fixtures"))]
pub mod testing;

pub use claim::{Claim, Claimed, LEASE, claim};
pub use compose::{Queued, Row, address_of_nobody, compose, goes_nowhere};
pub use kind::MailKind;
pub use list_outbox::{MailState, OutboxEntry, list_outbox};
pub use settle::{Outcome, Settled, settle};
