//! Conversations and their logs.
//!
//! A log is dense: message `n + 1` is written by the transaction that finds `n` at the head, so a hole in what a
//! client has can only mean that it missed something. What becomes of messages later is counted densely, too, by `rev`.
//! A message carries the id its author's device gave it, so sending twice is sending once. Writing a message writes
//! nothing of its readers: what each of them sees, and what is unread, is computed from a few numbers of their membership.
//! Who is not a member finds nothing.
//!
//! | files | what they do |
//! |---|---|
//! | `open_conversation`, `create_group`, `update_conversation`, `clear_conversation` | conversations begin, change, and go from a list |
//! | `set_member`, `remove_member`, `list_members` | who is in a group |
//! | `send_message`, `edit_message`, `delete_message`, `react` | what is said, and what becomes of it |
//! | `list_conversations`, `get_conversation`, `list_messages`, `get_message`, `list_changes`, `mark_read` | reading |
//! | `blocks` | whom somebody does not want to hear |
//! | `row`, `standing`, `who`, `mentions`, `happened`, `changed` | what the verbs share: rows, who may what, names, events, changes |
//! | `append`, `append_rows`, `desk` | many messages in one transaction |
//! | `wake` | for the realtime door |

mod append;
mod append_rows;
#[cfg(test)]
mod append_tests;
mod blocks;
mod changed;
mod clear_conversation;
mod create_group;
mod delete_message;
mod desk;
mod edit_message;
#[cfg(any(test, feature = "fixtures"))]
mod filling;
mod get_conversation;
mod get_message;
mod happened;
mod list_changes;
mod list_conversations;
mod list_members;
mod list_messages;
mod mark_read;
mod mentions;
mod open_conversation;
#[cfg(test)]
mod plans_tests;
mod react;
mod remove_member;
mod row;
mod send_message;
mod set_member;
mod standing;
#[cfg(test)]
pub(crate) mod testing;
mod update_conversation;
mod wake;
mod who;

pub use blocks::{block, list_blocks, unblock};
pub use clear_conversation::clear_conversation;
pub use delete_message::delete_message;
pub(crate) use desk::Desk;
pub use desk::Written;
pub use edit_message::edit_message;
#[cfg(any(test, feature = "fixtures"))]
pub use filling::fill;
pub use get_conversation::{get_conversation, view_of};
pub use get_message::{get_message, list_versions};
pub use list_changes::list_changes;
pub use list_conversations::list_conversations;
pub use list_members::list_members;
pub use list_messages::{Window, list_messages};
pub use mark_read::mark_read;
pub use open_conversation::{OpenedConversation, open_conversation};
pub use react::{react, unreact};
pub use remove_member::remove_member;
pub(crate) use remove_member::{delete_conversation, leave_all};
pub use row::Stored;
pub(crate) use row::{MessageRow, message_fields};
pub use send_message::{Sent, send_message};
pub use set_member::set_member;
pub use update_conversation::update_conversation;
pub use wake::{
    Audience, Head, Listener, audience, blocked_by, blocks_between, changes_after, direct_of, grown_since, head_of,
    is_writing, log_after, members_of, newest, wrote_within,
};
