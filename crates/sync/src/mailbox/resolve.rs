//! What becomes of edits that were made apart.

use super::{Rev, RevTree, Revisions, Stubs, canonical, merge_registers, revision_hash, write::store};
use model::mailbox::Kind;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A revision to be written, with its line.
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    /// Its line, newest first.
    pub line: Revisions,
    /// Whether it is a tombstone.
    pub deleted: bool,
    /// Its body.
    pub body: Map<String, Value>,
}

/// What to do about a document with several live leaves.
#[derive(Clone, Debug, PartialEq)]
pub enum Resolution {
    /// It has one live leaf at most: nothing. A deletion that was made beside an edit has lost already, because the winner is alive.
    Nothing,
    /// These revisions bring the leaves together. Every device that knows the same leaves writes **the same** revisions, so that
    /// two that resolve alone do not make a new conflict.
    Write(Vec<Revision>),
    /// Its owner has to choose. This leaf is shown meanwhile, and the others are offered as other versions; none is dropped.
    Ask {
        /// The one that was changed last.
        shown: Rev,
        /// The others, best first.
        others: Vec<Rev>,
    },
}

/// Looks at the live leaves of a document and says what to do. `bodies` holds those of the live leaves; when one is not there, nothing
/// is decided.
///
/// | kind | several live leaves |
/// |---|---|
/// | states, preferences | are merged field by field |
/// | drafts | with the same words become one; others wait for their owner |
/// | all else | is written once, and stays as it is |
#[must_use]
pub fn resolve(id: &str, tree: &RevTree, bodies: &BTreeMap<Rev, Map<String, Value>>) -> Resolution {
    let alive: Vec<&Rev> = tree
        .leaves()
        .into_iter()
        .filter(|rev| !tree.is_tombstone(rev))
        .collect();
    let found: Option<Vec<&Map<String, Value>>> = alive.iter().map(|rev| bodies.get(*rev)).collect();
    let (Some((winner, losers)), Some(found)) = (alive.split_first(), found) else {
        return Resolution::Nothing;
    };
    if losers.is_empty() {
        return Resolution::Nothing;
    }
    match Kind::of(id) {
        Some(Kind::State | Kind::Settings) => {
            let start = found.first().map(|body| (*body).clone()).unwrap_or_default();
            let merged = found.iter().fold(start, |merged, body| merge_registers(&merged, body));
            Resolution::Write(settle(tree, winner, losers, &merged, bodies))
        }
        Some(Kind::Draft) => {
            let first = found.first().map(|body| words(body));
            if found.iter().all(|body| Some(words(body)) == first) {
                let kept = found.first().map(|body| (*body).clone()).unwrap_or_default();
                return Resolution::Write(settle(tree, winner, losers, &kept, bodies));
            }
            ask(&alive, bodies)
        }
        _ => Resolution::Nothing,
    }
}

/// What a draft says, without when.
fn words(body: &Map<String, Value>) -> String {
    let mut body = body.clone();
    body.remove("updated_at");
    canonical(&body)
}

fn ask(alive: &[&Rev], bodies: &BTreeMap<Rev, Map<String, Value>>) -> Resolution {
    let changed = |rev: &Rev| {
        bodies
            .get(rev)
            .and_then(|body| body.get("updated_at")?.as_str())
            .unwrap_or_default()
    };
    let mut newest: Vec<Rev> = alive.iter().map(|rev| (*rev).clone()).collect();
    newest.sort_by(|one, other| (changed(other), other).cmp(&(changed(one), one)));
    let shown = newest.remove(0);
    Resolution::Ask { shown, others: newest }
}

/// The revisions that leave one live leaf: the body as a child of the winner, unless it is the winner's own, and a tombstone behind
/// each loser. Their names come from what they are and follow alone, like those of any edit.
fn settle(
    tree: &RevTree,
    winner: &Rev,
    losers: &[&Rev],
    body: &Map<String, Value>,
    bodies: &BTreeMap<Rev, Map<String, Value>>,
) -> Vec<Revision> {
    let same = bodies
        .get(winner)
        .is_some_and(|kept| canonical(kept) == canonical(body));
    let child = (!same).then(|| follow(tree, winner, false, body));
    let ends = losers.iter().map(|loser| follow(tree, loser, true, &Map::new()));
    child.into_iter().chain(ends).collect()
}

/// An edit of a revision, with the whole line that is known of it.
#[must_use]
pub fn follow(tree: &RevTree, parent: &Rev, deleted: bool, body: &Map<String, Value>) -> Revision {
    let hash = revision_hash(deleted, Some(parent), body, &Stubs::new());
    let mut line = Revisions::after(Some(parent), &hash);
    if let Some(known) = tree.revisions(parent) {
        let ids = std::iter::once(hash).chain(known.ids().iter().cloned()).collect();
        line = Revisions::new(line.start(), ids).unwrap_or(line);
    }
    Revision {
        line,
        deleted,
        body: body.clone(),
    }
}

/// What the owner chose for a draft (or any document) with several versions: this body, and no other version any more. The same body
/// as that of the winner leaves the winner as it is.
#[must_use]
pub fn choose(tree: &RevTree, body: &Map<String, Value>, bodies: &BTreeMap<Rev, Map<String, Value>>) -> Vec<Revision> {
    let alive: Vec<&Rev> = tree
        .leaves()
        .into_iter()
        .filter(|rev| !tree.is_tombstone(rev))
        .collect();
    match alive.split_first() {
        Some((winner, losers)) => settle(tree, winner, losers, body, bodies),
        None => Vec::new(),
    }
}

/// A tree after these revisions; how deep it remembers is `limit`.
#[must_use]
pub fn with_revisions(tree: &RevTree, revisions: &[Revision], limit: usize) -> RevTree {
    revisions.iter().fold(tree.clone(), |tree, revision| {
        match store(&tree, &revision.line, revision.deleted, limit) {
            super::Decision::Store(stored) => stored.tree,
            _ => tree,
        }
    })
}

#[cfg(test)]
#[path = "resolve_tests.rs"]
mod tests;
