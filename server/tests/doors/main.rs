//! The doors, tried from outside: the whole router on an in-memory database, and real sockets on loopback.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test without what it needs is a failed test"
)]

mod admin_pages;
mod api_keys;
mod asyncapi;
mod blocks;
mod client;
mod documents;
mod events;
mod foreign;
mod groups;
mod host;
mod import;
mod invitations;
mod letters;
mod mailbox;
mod mailbox_entry;
mod mailbox_feeds;
mod me;
mod messages;
mod pages;
mod realtime_groups;
mod realtime_presence;
mod rest;
mod schema;
mod search;
mod socket;
mod support;
mod sweep;
mod users;
