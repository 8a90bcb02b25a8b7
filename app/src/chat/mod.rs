//! The chat.
//!
//! | file | what people see, or what makes them see it |
//! |---|---|
//! | [`page`] | the page: list and conversation side by side, or one of them on a phone |
//! | [`list`], [`face`] | the conversations |
//! | [`people`] | finding a conversation, or somebody to write to |
//! | [`conversation`] | one conversation: head, messages, composer |
//! | [`messages`], [`frame`], [`rows`] | the log: which part of it is shown, as lines, days and markers |
//! | [`line`], [`text`], [`events`] | one message: its text, and what happened in words |
//! | [`composer`], [`field`], [`mention`], [`choices`] | where one writes, and whom one names |
//! | [`desk`], [`menus`], [`sheets`], [`emoji`] | the one menu and the one dialog on top of all that |
//! | [`group`], [`info`] | a new group, and what is to know of a conversation |
//! | [`store`] and its parts | all that the chat knows in this browser: the outbox, drafts, notices, and what is kept |
//! | [`fetch`] | how it comes to know more |
//! | [`device`] | what is asked of this device |
//! | [`doors`], [`deeds`], [`log_doors`] | the server functions: what the screens read, what is done, and what the store reads |

mod choices;
mod composer;
mod conversation;
mod deeds;
mod desk;
mod device;
mod doors;
mod emoji;
mod events;
mod face;
mod fetch;
mod field;
mod frame;
mod group;
mod info;
mod line;
mod list;
mod log_doors;
mod mention;
mod menus;
mod messages;
mod page;
mod people;
mod rows;
mod sheets;
mod store;
mod store_drafts;
mod store_keep;
mod store_list;
mod store_look;
mod store_notices;
mod store_outbox;
mod text;

pub(crate) use choices::{ChoiceList, Choices};
pub use device::{Device, Soon};
pub(crate) use doors::people as find_people;
pub(crate) use list::count;
pub use page::ChatPage;
pub use store::{Connection, Outlet, Store, use_store};
pub use store_keep::Remembered;
pub(crate) use text::{Text, brief};
