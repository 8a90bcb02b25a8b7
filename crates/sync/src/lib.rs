//! # The bargain
//!
//! How replicas agree. Pure: deliveries, time and chance are arguments, so every promise made here is proven by
//! property tests instead of by waiting for a bad network.
//!
//! | file | holds |
//! |---|---|
//! | [`log`](mod@log) | a conversation's log as one device knows it: a window without holes, kept true by two dense counters |
//! | [`queue`] | what was written here and is not confirmed: in order, each once |
//! | [`mailbox`] | how copies of a mailbox agree: revisions, writes, replication |
//! | [`mod@words`] | how texts and questions are cut into words, so that a device finds what the server finds |
//! | [`backoff`] | how long to wait before the next attempt |

mod ask;
pub mod backoff;
pub mod log;
pub mod mailbox;
pub mod queue;
pub mod words;

pub use ask::{Ask, Direction, Unread};
pub use backoff::Backoff;
pub use log::{HELD_MAX, Log};
pub use queue::{Pending, PendingState, Queue};
