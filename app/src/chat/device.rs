//! What the chat asks of this device: to keep things, to tell them to the other windows, and to show signs outside of the
//! page. The browser's plug provides it; without one (on the server) nothing is kept.

use model::{ConversationId, MessageId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{future::Future, pin::Pin};

/// An answer that takes a moment.
pub type Soon<T> = Pin<Box<dyn Future<Output = T>>>;

/// The device, as the browser's plug provides it.
pub trait Device: Send + Sync {
    /// The records of a table whose keys begin with a prefix, as a JSON array, in the order of their keys.
    fn read(&self, table: &'static str, prefix: String) -> Soon<Option<String>>;
    /// Commits changes, a JSON array of [`Change`]. Strictly: not answered before they are on the disk.
    fn write(&self, changes: String, strict: bool) -> Soon<bool>;
    /// What tells this window from the others.
    fn tab(&self) -> String;
    /// Acts once another window is gone; of several that wait, one after the other.
    fn when_gone(&self, tab: &str, act: Box<dyn FnOnce()>);
    /// Tells the other windows.
    fn tell(&self, text: &str);
    /// Says whether somebody looks at this window.
    fn watched(&self, seen: bool);
    /// Whether somebody looks at any window.
    fn any_watched(&self) -> Soon<bool>;
    /// Shows how much is unread, on the icon.
    fn count(&self, unread: u64);
    /// Shows a notice of the system; a press on it leads to `path`.
    fn notify(&self, tag: &str, title: &str, body: &str, path: &str);
    /// Takes the notice with this tag away.
    fn unnotify(&self, tag: &str);
    /// Whether notices are allowed: "granted", "denied", "default" (nobody was asked), or "never".
    fn notices(&self) -> String;
    /// Asks for leave to show notices, and answers as [`Device::notices`] does.
    fn ask_for_notices(&self) -> Soon<String>;
    /// Asks the browser not to throw away what is kept.
    fn persist(&self);
}

/// A change of what is kept.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// Keep a record under a key.
    Put(&'static str, Value, Value),
    /// Throw away all that begins with a prefix.
    Cut(&'static str, Value),
    /// Throw away all that does not.
    Only(&'static str, Value),
    /// Give the records of one window to another.
    Hand(&'static str, Value, String, String),
}

/// What waits to be sent.
pub const OUTBOX: &str = "outbox";
/// What is not finished.
pub const DRAFTS: &str = "drafts";
/// Messages, by conversation and number.
pub const LOG: &str = "log";
/// Who I am, my conversations, whom I block, and what is known of each kept log.
pub const LIST: &str = "list";

/// A message that waits, as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Waiting {
    /// What this device called it.
    pub client_id: model::ClientId,
    /// Where to.
    pub conversation: ConversationId,
    /// The text.
    pub body: String,
    /// The message it answers.
    #[serde(default)]
    pub reply_to: Option<MessageId>,
    /// When it was written, in milliseconds since the epoch.
    pub made_at: i64,
    /// Why it was refused, if it was.
    #[serde(default)]
    pub failed: Option<String>,
    /// The window that takes care of it.
    pub tab: String,
}

/// What somebody has begun to write, as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// The text.
    pub text: String,
    /// The message it answers.
    #[serde(default)]
    pub replying: Option<model::Message>,
}

/// What is known of a log that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// Of which conversation.
    pub conversation: ConversationId,
    /// All changes up to this one are in it.
    pub rev: u64,
    /// How many messages.
    pub count: usize,
    /// When it was last opened or added to, in milliseconds since the epoch.
    pub at: i64,
}

/// What the windows of one browser tell each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hint {
    /// The outbox changed: another window wrote, failed, tried again or gave up a message.
    Outbox,
    /// A draft changed.
    Draft(ConversationId),
    /// Something was read up to here.
    Read(ConversationId, u64),
    /// Somebody signed out: what is shown is nobody's any more.
    SignedOut,
}
