//! The rig of Roost's long tests: the real program on a real database, people whose devices keep copies of their
//! conversations, and a network that breaks. It speaks to the server only as anybody could: over HTTP and sockets.

pub mod chance;
pub mod chaos;
pub mod clock;
pub mod copy;
pub mod device;
pub mod game;
pub mod person;
pub mod proxy;
pub mod roost;
pub mod stalled;

use std::error::Error;

/// What ends a run.
pub type Fault = Box<dyn Error + Send + Sync>;
/// What may end a run.
pub type Result<T> = std::result::Result<T, Fault>;
