//! The mailbox.
//!
//! | file | what people see, or what makes them see it |
//! |---|---|
//! | [`mailbox`] | what is asked of this device's copy of the mailbox |

mod mailbox;

pub use mailbox::{DraftVersion, DraftView, MailTrouble, Mailbox, Mark, Outgoing, SyncState, Told, use_mailbox};
