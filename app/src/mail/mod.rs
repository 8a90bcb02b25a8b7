//! The mailbox.
//!
//! | file | what people see, or what makes them see it |
//! |---|---|
//! | [`page`], [`place`] | the page: folders, a list, and a letter side by side; and its addresses |
//! | [`shelves`], [`standing`] | folders and labels, how the copy stands, and what is to be done about that |
//! | [`head`], [`list`], [`row`], [`window`] | a list: its search and bar, the part of it that is in the page, and a line of it |
//! | [`letter`], [`fold`], [`answer`] | a letter with its thread, what of it is folded, and what an answer begins with |
//! | [`compose`], [`writing`], [`recipients`], [`files`], [`versions`] | where a letter is written, kept and sent; two versions of one |
//! | [`drafts`], [`outbox`] | what is being written, and what is not sent yet |
//! | [`labels`], [`toast`], [`keys`], [`tool`] | labels, what was done and the way back, the keys, a button |
//! | [`post`] and its parts | all that the screens know in this browser |
//! | [`stash`] | what a window that is closed has no time to keep |
//! | [`doors`] | the server functions, for the first page |
//! | [`mailbox`] | what is asked of this device's copy of the mailbox |

mod answer;
mod compose;
mod doors;
mod drafts;
mod files;
mod fold;
mod head;
mod keys;
mod labels;
mod letter;
mod list;
mod mailbox;
mod outbox;
mod page;
mod place;
mod post;
mod post_drafts;
mod post_list;
mod post_marks;
mod recipients;
mod row;
mod shelves;
mod standing;
mod stash;
#[cfg(test)]
mod testing;
mod toast;
mod tool;
mod versions;
mod window;
mod writing;

pub use mailbox::{DraftVersion, DraftView, MailTrouble, Mailbox, Mark, Outgoing, SyncState, Told, use_mailbox};
pub use page::MailPage;
pub(crate) use post::{provide_post, use_post};
pub(crate) use stash::forget_all as forget_stash;
