//! # The screens
//!
//! Leptos pages, components and server functions. Every page is complete as the server renders it, and every form
//! works without JavaScript; hydration makes them quick. A server function is a short door: it asks who is there,
//! calls one `domain` verb, and maps the error.
//!
//! | file | holds |
//! |---|---|
//! | [`routes`] | every path, by name |
//! | [`shell()`] and [`App`] | the document, and what is in its body |
//! | [`facts`] | what the server tells every page: who is there, theme, time |
//! | [`accounts`], [`chat`], [`mail`], [`search`], [`settings`] | the pages |
//! | [`ui`] | fields, avatars, icons, dialogs |
//! | [`doors`] | what all server functions share |
//! | `context`, `session_cookie`, `device_cookie` (server only) | what the machine's plug hands in and takes back |

// A page's view is one nested type; its layout goes deeper than rustc looks by default.
#![recursion_limit = "512"]
#![expect(clippy::needless_pass_by_value, reason = "components own their properties")]

mod accounts;
mod app;
mod chat;
#[cfg(feature = "ssr")]
pub mod context;
#[cfg(feature = "ssr")]
mod cookies;
#[cfg(feature = "ssr")]
pub mod device_cookie;
mod doors;
mod facts;
mod keys;
mod mail;
mod navigation;
mod notices;
pub mod routes;
mod search;
#[cfg(feature = "ssr")]
pub mod session_cookie;
mod settings;
mod shell;
mod time;
mod ui;

pub use app::App;
pub use chat::{Connection, Device, Outlet, Remembered, Soon, Store};
#[cfg(feature = "ssr")]
pub use context::{SitePaths, Visitor};
pub use mail::{DraftVersion, DraftView, MailTrouble, Mailbox, Mark, Outgoing, SyncState, Told, use_mailbox};
#[cfg(feature = "ssr")]
pub use shell::shell;
#[cfg(feature = "ssr")]
pub use time::Wall;
#[cfg(feature = "ssr")]
pub use ui::{IconName, hue, initials};
