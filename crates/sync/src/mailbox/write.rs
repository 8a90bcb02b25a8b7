//! One write into one document: the decision, without doing anything.

use super::{Incoming, Outcome, Rev, RevTree, Revisions, revision_hash};

/// Which of the two kinds of writes it is: the protocol's `new_edits`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// `new_edits=true`: somebody changed the document, and names the revision that they saw.
    Edit,
    /// `new_edits=false`: a revision that another replica has made arrives with its line. It is never a conflict.
    Replicate,
}

/// What becomes of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The revision is to be stored.
    Store(Box<Stored>),
    /// It was known already, so nothing is to be done, and nothing must get a new number: the answer is *ok* with this revision.
    Known(Rev),
    /// The edit does not follow a leaf (409 `conflict`).
    Conflict,
    /// A replicated revision that does not say which one it is (400 `bad_request`).
    NoRev,
}

/// What a write leaves behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The whole tree after it. The document gets a new number in the list of changes, **even if its winner stays**: a
    /// follower has to hear of a losing branch as well, or never gets it.
    pub tree: RevTree,
    /// The new revision, under which its body is to be kept.
    pub rev: Rev,
    /// Whether the body is to be kept. It is not when the revision is only an ancestor of what is known.
    pub keep_body: bool,
    /// Revisions that were forgotten, whose bodies go.
    pub forget: Vec<Rev>,
    /// What it did to the tree.
    pub outcome: Outcome,
    /// The winner after it.
    pub winner: Rev,
    /// Whether the document is deleted after it.
    pub deleted: bool,
}

/// Decides a write. `tree` is what is known of the document (empty for a new one); `limit` is how deep it remembers.
///
/// | write | accepted when | becomes |
/// |---|---|---|
/// | edit with `_rev` | that is a leaf, alive or dead | its child |
/// | edit without `_rev` | there is no document | the first revision |
/// | edit without `_rev`, alive | the document is deleted | a child of the winning tombstone |
/// | replicated | always | itself, with its line |
#[must_use]
pub fn write(tree: &RevTree, incoming: &Incoming, mode: Mode, limit: usize) -> Decision {
    let line = match mode {
        Mode::Replicate => match incoming.line() {
            Some(line) => line,
            None => return Decision::NoRev,
        },
        Mode::Edit => match followed(tree, incoming) {
            Some(parent) => {
                let hash = revision_hash(incoming.deleted, parent.as_ref(), &incoming.body, &incoming.stubs);
                Revisions::after(parent.as_ref(), &hash)
            }
            None => return Decision::Conflict,
        },
    };
    store(tree, &line, incoming.deleted, limit)
}

/// What an edit follows: `Some(None)` for nothing, `None` when it may not be.
fn followed(tree: &RevTree, incoming: &Incoming) -> Option<Option<Rev>> {
    match &incoming.rev {
        Some(rev) => tree.is_leaf(rev).then(|| Some(rev.clone())),
        None => match tree.winner() {
            None => Some(None),
            Some(winner) if tree.is_tombstone(winner) && !incoming.deleted => Some(Some(winner.clone())),
            Some(_) => None,
        },
    }
}

/// Adds a line to a tree and says what that leaves behind.
pub(crate) fn store(tree: &RevTree, line: &Revisions, deleted: bool, limit: usize) -> Decision {
    let Some(rev) = line.newest() else {
        return Decision::NoRev;
    };
    if tree.contains(&rev) && (tree.has_body(&rev) || !tree.is_leaf(&rev)) && line.revs().all(|rev| tree.contains(&rev))
    {
        return Decision::Known(rev);
    }
    let mut after = tree.clone();
    let outcome = after.insert(line, deleted);
    let keep_body = after.is_leaf(&rev);
    if !keep_body && !tree.has_body(&rev) {
        after.drop_body(&rev);
    }
    let forget: Vec<Rev> = after.stem(limit).into_iter().filter(|rev| tree.has_body(rev)).collect();
    if after == *tree {
        return Decision::Known(rev);
    }
    let Some(winner) = after.winner().cloned() else {
        return Decision::NoRev;
    };
    Decision::Store(Box::new(Stored {
        deleted: after.is_tombstone(&winner),
        keep_body: keep_body && !tree.has_body(&rev),
        tree: after,
        rev,
        forget,
        outcome,
        winner,
    }))
}

#[cfg(test)]
#[path = "write_tests.rs"]
mod tests;
