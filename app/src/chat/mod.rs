//! The chat.
//!
//! | file | what people see, or what makes them see it |
//! |---|---|
//! | [`page`] | the page: list and conversation side by side, or one of them on a phone |
//! | [`list`], [`people`] | the conversations, and finding somebody to write to |
//! | [`conversation`] | one conversation: head, messages, composer |
//! | [`messages`], [`rows`] | the log as lines, days and markers |
//! | [`line`] | one message |
//! | [`composer`] | where one writes |
//! | [`store`] | all that the chat knows in this browser |
//! | [`fetch`] | how it comes to know more |
//! | [`doors`] | the server functions |

mod composer;
mod conversation;
mod doors;
mod fetch;
mod line;
mod list;
mod messages;
mod page;
mod people;
mod rows;
mod store;

pub use page::ChatPage;
pub use store::{Connection, Outlet, Store, use_store};
