//! What all doors of the machine share.
//!
//! | file | holds |
//! |---|---|
//! | [`visitor`] | who asks: address, cookie, token |
//! | [`problem`] | errors as RFC 9457 problem documents |
//! | [`connection`] | what accepted connections are told |
//! | [`body`] | JSON bodies and queries, with specific errors |
//! | [`headers`] | the content security policy and its companions |
//! | [`foreign`] | what other sites' requests are told |
//! | [`health`] | is it alive, is it ready |
//! | [`jwks`] | the keys that verify access tokens |

pub mod body;
pub mod connection;
pub mod foreign;
pub mod headers;
pub mod health;
pub mod jwks;
pub mod problem;
pub mod visitor;
