//! The doors, tried from outside: the whole router on an in-memory database, and real sockets on loopback.

mod foreign;
mod rest;
mod socket;
mod support;
mod sweep;
