//! The door for the command line on this machine.
//!
//! The embedded database belongs to one process, so while `roost serve` runs, a command can't open it. The server
//! listens on a unix socket in its data folder that only its own user may open, and a command that finds it there hands
//! its verb over: one line of JSON, answered by one line of JSON. When nobody listens, the command opens the database
//! and carries the same verb out by itself.
//!
//! | file | holds |
//! |---|---|
//! | [`verbs`] | what a command may ask for, and how it is carried out |
//! | [`server`] | the listener |
//! | [`client`] | a command, with or without a running server |

pub mod client;
pub mod server;
pub mod verbs;

use model::Rejection;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The longest line that is read, in bytes: an import is one, and it is a file of somebody who owns this machine.
pub const LINE_MAX: usize = 64 * 1024 * 1024;

/// What is answered.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// It is done; this is what the verb said, in the words of `model`.
    Done(Value),
    /// It was refused, and nothing was changed.
    Refused(Rejection),
}

/// Where the socket of a data folder is.
#[must_use]
pub fn path(data: &Path) -> PathBuf {
    data.join("control.sock")
}
