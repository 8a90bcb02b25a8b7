//! Conversations and their logs.
//!
//! A log is dense: message `n + 1` is written by the transaction that finds `n` at the head, so a hole in what a
//! client has can only mean that it missed something. A message carries the id its author's device gave it, so sending
//! twice is sending once. Who is not a member finds nothing.

mod create_group;
mod desk;
mod get_conversation;
mod get_message;
mod happened;
mod list_changes;
mod list_conversations;
mod list_messages;
mod locks;
mod mark_read;
mod mentions;
mod open_conversation;
mod row;
mod send_message;
mod standing;
mod wake;
mod who;

pub(crate) use desk::Desk;
pub use desk::Written;
pub use get_conversation::{get_conversation, view_of};
pub use get_message::{get_message, list_versions};
pub use list_changes::list_changes;
pub use list_conversations::list_conversations;
pub use list_messages::{Window, list_messages};
pub(crate) use locks::Locks;
pub use mark_read::mark_read;
pub use open_conversation::{OpenedConversation, open_conversation};
pub use row::Stored;
pub use send_message::{Sent, send_message};
pub use wake::{
    Audience, Head, Listener, audience, blocked_by, changes_after, direct_of, grown_since, is_writing, log_after,
    members_of, newest,
};
