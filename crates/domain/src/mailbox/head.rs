//! How far a mailbox has come.

use super::{
    fault::{Fault, Outcome},
    keys,
};
use crate::{Env, Result, db::vars, records::one};
use surrealdb::types::SurrealValue;
use sync::mailbox::Seq;
use uuid::Uuid;

/// A mailbox's head.
#[derive(Clone, Debug, PartialEq, Eq, SurrealValue)]
pub struct Head {
    /// Sequences of another epoch mean nothing here.
    pub epoch: String,
    /// The newest write.
    pub seq: u64,
    /// How often it was compacted.
    pub tidied: u64,
    /// Documents that are not deleted.
    pub live: u64,
    /// Documents that are.
    pub dead: u64,
}

const HEAD: &str = "SELECT epoch, seq, tidied, live, dead FROM ONLY $head";
/// Only who has an account has a mailbox; `$owner` is none in the laboratory.
const MAKE: &str = "
    IF $owner != NONE AND !$owner.exists() { THROW 'not_found' };
    IF !$head.exists() {
        CREATE $head SET epoch = $epoch, seq = 0, tidied = 0, live = 0, dead = 0, touched_at = $now RETURN NONE
    };
    RETURN true;";

/// The head of a mailbox; nothing when there is no such mailbox.
pub async fn find_head(env: &Env, mailbox: Uuid) -> Result<Option<Head>> {
    env.db.find(HEAD, vars! { head: keys::head(mailbox) }).await
}

/// The head of a mailbox.
///
/// # Errors
/// [`Fault::NoDatabase`].
pub async fn head(env: &Env, mailbox: Uuid) -> Outcome<Head> {
    Ok(find_head(env, mailbox).await?.ok_or(Fault::NoDatabase)?)
}

/// Makes a mailbox, unless it is there.
///
/// # Errors
/// `not_found` when its owner has no account.
pub async fn make(env: &Env, mailbox: Uuid, is_owned: bool) -> Result<()> {
    let binds = vars! {
        head: keys::head(mailbox),
        owner: is_owned.then(|| one("account", mailbox)),
        epoch: new_epoch(env),
        now: env.now().datetime(),
    };
    env.db.transact::<bool>(MAKE, binds).await?;
    Ok(())
}

/// A name for an epoch that no other has.
pub fn new_epoch(env: &Env) -> String {
    env.random_bytes::<8>()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

impl Head {
    /// A place in this mailbox, as it is told.
    #[must_use]
    pub fn token(&self, seq: u64) -> String {
        Seq::new(seq, &self.epoch).to_string()
    }

    /// The place that was told so: the beginning when it is of another epoch, and never beyond the end.
    #[must_use]
    pub fn since(&self, token: &str) -> u64 {
        self.seq.min(Seq::since(token, &self.epoch))
    }
}
