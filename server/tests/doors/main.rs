//! The doors, tried from outside: the whole router on an in-memory database, and real sockets on loopback.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test without what it needs is a failed test"
)]

mod admin_pages;
mod api_keys;
mod documents;
mod foreign;
mod host;
mod import;
mod invitations;
mod me;
mod pages;
mod rest;
mod search;
mod socket;
mod support;
mod sweep;
mod users;
