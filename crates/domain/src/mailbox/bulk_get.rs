//! Read many revisions at once: what a replicator lacks.

use super::{
    Mailbox, Reading,
    fault::Outcome,
    get_document::{Leaf, leaves_of},
    store,
};
use crate::Env;
use sync::mailbox::Rev;

/// A revision that is asked for; without one, all leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The document.
    pub id: String,
    /// The revision.
    pub rev: Option<Rev>,
}

/// The answer to one of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Got {
    /// The document.
    pub id: String,
    /// What there is of it; empty when there is no such document and no revision was named.
    pub leaves: Vec<Leaf>,
}

/// Reads what is asked for: one answer for each, in the same order.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn bulk_get(
    env: &Env,
    mailbox: &Mailbox,
    wanted: &[Wanted],
    latest: bool,
    reading: Reading,
) -> Outcome<Vec<Got>> {
    let known = store::documents(env, mailbox.id(), wanted.iter().map(|one| one.id.as_str()).collect()).await?;
    let nothing = store::Stored::default();
    let mut all = Vec::with_capacity(wanted.len());
    for one in wanted {
        let stored = known.get(&one.id).unwrap_or(&nothing);
        let revs = one.rev.clone().map(|rev| vec![rev]);
        let leaves = leaves_of(env, mailbox, &one.id, stored, revs, latest, reading).await?;
        all.push(Got {
            id: one.id.clone(),
            leaves,
        });
    }
    Ok(all)
}
