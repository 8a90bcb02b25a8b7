//! Laws of the revision tree, and what another implementation makes of the same histories.
//!
//! `PROPTEST_CASES=100000` plays so many.
#![cfg(test)]

extern crate roost_sync as sync;

mod histories;
mod laws;
mod rouchdb;
