//! # The machine's plug
//!
//! The one binary: it opens the world ([`domain::Env`]), plugs the screens into axum, and adds the doors that are not
//! screens.
//!
//! | module | holds |
//! |---|---|
//! | [`cli`] | the command line: `roost serve`, `roost account`, the documents |
//! | [`control`] | how a command reaches the server that holds the database |
//! | [`config`] | every setting |
//! | [`boot`] | how all of it is put together, on one screen |
//! | [`router`] | the whole map of URLs |
//! | [`http`] | who asks, errors, headers: what all doors share |
//! | [`api`] | REST under `/api/v1`, and its OpenAPI document |
//! | [`embed`], [`host_keys`] | how the host site signs its people in |
//! | [`realtime`] | the socket, and the hub that knows who listens |
//! | [`mailbox`] | the mailbox, by CouchDB's protocol |
//! | [`mailer`] | the worker that sends e-mails |
//! | `indexer` | the worker that notes the words of messages |
//! | [`pages`], [`assets`] | the screens, and the files they need |
//! | [`admin_pages`] | the pages of administration, which need no WebAssembly |

pub mod admin_pages;
pub mod api;
pub mod assets;
pub mod boot;
pub mod cli;
pub mod config;
pub mod control;
pub mod dev_mail;
pub mod embed;
pub mod host_keys;
pub mod http;
mod indexer;
pub mod mailbox;
pub mod mailer;
pub mod pages;
pub mod realtime;
pub mod router;
mod shutdown;
mod telemetry;
