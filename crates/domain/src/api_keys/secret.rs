//! What a key's secret looks like: `roost_`, so that people and scanners of leaked secrets know it, then its id and its
//! chance.

use crate::{Env, accounts::secret::Ticket};
use uuid::Uuid;

const PREFIX: &str = "roost_";

/// Whether a bearer's token means to be an API key, good or not.
#[must_use]
pub fn is_api_key(token: &str) -> bool {
    token.starts_with(PREFIX)
}

/// A new secret for the key `id`, and the hash of it that is kept.
pub fn new(env: &Env, id: Uuid) -> (String, String) {
    let ticket = Ticket::new(env, id);
    (format!("{PREFIX}{}", ticket.encode()), ticket.hash())
}

/// The id of the key that a secret is of, and its hash.
pub fn read(token: &str) -> Option<(Uuid, String)> {
    let ticket = Ticket::decode(token.strip_prefix(PREFIX)?)?;
    Some((ticket.session, ticket.hash()))
}
