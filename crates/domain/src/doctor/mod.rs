//! Looks whether everything is as it is promised to be: for `roost doctor`, and for tests that end.
//!
//! It reads all there is, a stretch of a log at a time, and changes nothing. What a running Roost changes meanwhile is looked
//! at again, so that only what stays wrong is told.
//!
//! | file | what it looks at |
//! |---|---|
//! | [`examine`] | everything, one conversation after the other |
//! | [`conversation`] | one conversation: its head, members, owners, markers |
//! | [`log`] | its messages and their changes |
//! | [`unread`] | what each of its members is told to be unread |
//! | `mailbox` | one mailbox: its head, places, trees and bodies |
//! | `letters` | the lists of its letters |
//! | [`totals`] | that there is no more than belongs to a conversation |

mod conversation;
mod examine;
#[cfg(test)]
mod examine_tests;
mod letters;
mod log;
mod mailbox;
mod totals;
mod unread;

pub use examine::examine;
