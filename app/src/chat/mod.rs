//! The chat.
//!
//! | file | what people see, or what makes them see it |
//! |---|---|
//! | [`page`] | the page: list and conversation side by side, or one of them on a phone |
//! | [`list`], [`people`] | the conversations, and finding somebody to write to |
//! | [`conversation`] | one conversation: head, messages, composer |
//! | [`messages`], [`frame`], [`rows`] | the log: which part of it is shown, as lines, days and markers |
//! | [`line`] | one message |
//! | [`composer`] | where one writes |
//! | [`store`] and its parts | all that the chat knows in this browser: the outbox, drafts, notices, and what is kept |
//! | [`fetch`] | how it comes to know more |
//! | [`device`] | what is asked of this device |
//! | [`doors`], [`log_doors`] | the server functions: those of the screens, and those of the store |

mod composer;
mod conversation;
mod device;
mod doors;
mod fetch;
mod frame;
mod line;
mod list;
mod log_doors;
mod messages;
mod page;
mod people;
mod rows;
mod store;
mod store_drafts;
mod store_keep;
mod store_notices;
mod store_outbox;

pub use device::{Device, Soon};
pub use page::ChatPage;
pub use store::{Connection, Outlet, Store, use_store};
pub use store_keep::Remembered;
