//! # The rules
//!
//! Every verb of Roost, on SurrealDB. This is the only room that speaks SurrealQL, and the only one that says what
//! may happen: the doors (server functions, REST, socket, CLI) parse, ask who is there, call one verb, and map the
//! result.
//!
//! A verb is a function named like its file: `conversations::send_message(&env, &actor, …)`. It gets the world as
//! [`Env`], loads through the [`Actor`] (what they may not see is *not found*), and commits the change, the mails it
//! causes and the rows that wake the realtime door in one transaction.
//!
//! | module | holds |
//! |---|---|
//! | [`env`](mod@env) | database, clock, chance, password pool and keys: everything a verb needs from outside |
//! | [`accounts`] | sign up, sign in, sessions, codes, passwords, the directory |
//! | [`audit`] | who did what to whom |
//! | [`users`] | what administrators and servers do with the accounts of others |
//! | [`api_keys`] | the keys with which servers act |
//! | [`invitations`] | who may sign up |
//! | [`conversations`] | conversations of two, their logs and read markers |
//! | [`doctor`] | whether everything is as it is promised |
//! | [`search`] | messages by their words |
//! | [`mailbox`] | letters, and the documents that devices replicate |
//! | [`mail`] | the queue of e-mails |
//! | [`changes`] | wake-ups for the realtime door |
//! | [`whispers`] | who is there and who types, told between processes |

pub mod accounts;
pub mod actor;
pub mod api_keys;
pub mod audit;
pub mod changes;
pub mod conversations;
pub mod db;
pub mod doctor;
pub mod env;
pub mod error;
#[cfg(any(test, feature = "fixtures"))]
pub mod fixtures;
pub mod invitations;
mod locks;
pub mod mail;
pub mod mailbox;
mod migrate;
mod paging;
mod records;
pub mod search;
mod throttle;
pub mod users;
pub mod whispers;

pub use actor::{Actor, Authority, Caller, KeyHolder};
pub use db::Db;
pub use env::Env;
pub use error::{Error, Result};
