//! # The bargain
//!
//! How replicas agree. Pure: deliveries, time and chance are arguments, so every promise made here is proven by
//! property tests instead of by waiting for a bad network.
//!
//! | file | holds |
//! |---|---|
//! | [`log`](mod@log) | a conversation's log as one device knows it: each message once, holes seen and filled |
//! | [`backoff`] | how long to wait before the next attempt |

pub mod backoff;
pub mod log;

pub use backoff::Backoff;
pub use log::{Direction, Item, Log, Pending, PendingState};
