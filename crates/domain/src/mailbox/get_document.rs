//! Read a document.

use super::{
    Mailbox, Reading,
    fault::{Fault, Outcome},
    render::{Shown, show_all},
    store::{self, Stored},
};
use crate::Env;
use serde_json::{Map, Value};
use sync::mailbox::Rev;

/// Which revision is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Which {
    /// This one; the winner when not said.
    pub rev: Option<Rev>,
    /// The leaf that it became.
    pub latest: bool,
}

/// A revision that was asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Leaf {
    /// Here it is.
    Found(Map<String, Value>),
    /// It is not kept, or was never here.
    Missing(Rev),
}

/// A document with the protocol's words, as far as `reading` asks for them.
///
/// # Errors
/// [`Fault::Missing`] when there is no such document or revision, or its body is not kept any more; [`Fault::Deleted`] when
/// the winner is a tombstone and no revision is named.
pub async fn get_document(
    env: &Env,
    mailbox: &Mailbox,
    id: &str,
    which: &Which,
    reading: Reading,
) -> Outcome<Map<String, Value>> {
    let stored = find(env, mailbox, id).await?;
    let rev = choose(&stored, which)?;
    let shown = Shown {
        id,
        rev: &rev,
        stored: &stored,
    };
    let found = show_all(env, mailbox, &[shown], reading).await?.pop().flatten();
    Ok(found.ok_or(Fault::missing())?)
}

/// Several revisions of a document: all leaves, or these.
///
/// # Errors
/// [`Fault::Missing`] when all leaves are asked for and there is no such document.
pub async fn get_leaves(
    env: &Env,
    mailbox: &Mailbox,
    id: &str,
    revs: Option<Vec<Rev>>,
    latest: bool,
    reading: Reading,
) -> Outcome<Vec<Leaf>> {
    let stored = match find(env, mailbox, id).await {
        Ok(stored) => stored,
        Err(_) if revs.is_some() => Stored::default(),
        Err(failure) => return Err(failure),
    };
    leaves_of(env, mailbox, id, &stored, revs, latest, reading).await
}

/// The same of a document that was read already.
pub async fn leaves_of(
    env: &Env,
    mailbox: &Mailbox,
    id: &str,
    stored: &Stored,
    revs: Option<Vec<Rev>>,
    latest: bool,
    reading: Reading,
) -> Outcome<Vec<Leaf>> {
    let revs = revs.unwrap_or_else(|| stored.tree.leaves().into_iter().cloned().collect());
    let mut wanted: Vec<Rev> = Vec::new();
    for rev in revs {
        let newer: Vec<Rev> = match latest {
            true => stored.tree.latest(&rev).into_iter().cloned().collect(),
            false => Vec::new(),
        };
        for rev in if newer.is_empty() { vec![rev] } else { newer } {
            if !wanted.contains(&rev) {
                wanted.push(rev);
            }
        }
    }
    let shown: Vec<Shown<'_>> = wanted.iter().map(|rev| Shown { id, rev, stored }).collect();
    let found = show_all(env, mailbox, &shown, reading).await?;
    let leaf = |(found, rev): (Option<_>, Rev)| found.map_or(Leaf::Missing(rev), Leaf::Found);
    Ok(found.into_iter().zip(wanted).map(leaf).collect())
}

/// A document's revisions.
pub(super) async fn find(env: &Env, mailbox: &Mailbox, id: &str) -> Outcome<Stored> {
    let mut found = store::documents(env, mailbox.id(), [id].into()).await?;
    Ok(found.remove(id).ok_or(Fault::missing())?)
}

/// The revision that is meant.
pub(super) fn choose(stored: &Stored, which: &Which) -> Result<Rev, Fault> {
    let tree = &stored.tree;
    match &which.rev {
        None if tree.is_deleted() => Err(Fault::Deleted),
        None => tree.winner().cloned().ok_or(Fault::missing()),
        Some(rev) if which.latest => tree.latest(rev).into_iter().next().cloned().ok_or(Fault::missing()),
        Some(rev) if tree.contains(rev) => Ok(rev.clone()),
        Some(_) => Err(Fault::missing()),
    }
}
