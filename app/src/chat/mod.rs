//! The chat.
//!
//! | file | what people see, or what makes them see it |
//! |---|---|
//! | [`page`] | the page: list and conversation side by side, or one of them on a phone |
//! | [`list`], [`face`] | the conversations |
//! | [`people`] | finding a conversation, or somebody to write to |
//! | [`conversation`] | one conversation: head, messages, composer |
//! | [`messages`], [`rows`] | the log as lines, days and markers |
//! | [`line`], [`text`], [`events`] | one message: its text, and what happened in words |
//! | [`composer`], [`field`], [`mention`], [`choices`] | where one writes, and whom one names |
//! | [`desk`], [`menus`], [`sheets`], [`emoji`] | the one menu and the one dialog on top of all that |
//! | [`group`], [`info`] | a new group, and what is to know of a conversation |
//! | [`store`] | all that the chat knows in this browser |
//! | [`fetch`] | how it comes to know more |
//! | [`doors`], [`deeds`] | the server functions: what is read, and what is done |

mod choices;
mod composer;
mod conversation;
mod deeds;
mod desk;
mod doors;
mod emoji;
mod events;
mod face;
mod fetch;
mod field;
mod group;
mod info;
mod line;
mod list;
mod mention;
mod menus;
mod messages;
mod page;
mod people;
mod rows;
mod sheets;
mod store;
mod store_look;
mod store_shim;
mod text;

pub use page::ChatPage;
pub use store::{Connection, Outlet, Store, use_store};
