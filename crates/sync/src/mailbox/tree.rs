//! All that a replica knows of the revisions of one document.

use super::{Rev, Revisions};
use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

/// What is known of one revision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Node {
    /// The hash of the revision before it, when that is known.
    pub(crate) parent: Option<Box<str>>,
    /// Whether it is a tombstone. Only told of revisions that came by themselves; ancestors come as names alone.
    pub(crate) deleted: bool,
    /// Whether this replica holds its body.
    pub(crate) body: bool,
}

/// What adding a line of revisions did to a tree (CouchDB's names).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The revision follows a leaf, or is the first of all.
    NewLeaf,
    /// The revision stands beside others: a conflict.
    NewBranch,
    /// The revision was known already, or others came after it.
    InternalNode,
}

/// The revisions of a document: a forest that only ever grows at its leaves, and loses its oldest nodes.
///
/// It is a *set* of revisions in which each names its parent, so merging two trees is the union of two sets: it does not
/// matter in which order, how often, or by which way trees meet. Everything else follows from that set:
///
/// | what | is |
/// |---|---|
/// | leaf | a revision that is nobody's parent |
/// | winner | of the leaves: alive before deleted, then the higher generation, then the greater hash |
/// | conflict | a live leaf that is not the winner |
/// | deleted | the winner is a tombstone, so all leaves are |
///
/// Should two replicas tell of different parents for one revision, which honest ones never do, the greater hash stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RevTree {
    pub(crate) nodes: BTreeMap<Rev, Node>,
}

impl RevTree {
    /// Nothing is known.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// How many revisions are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether this revision is known, with its body or only by name.
    #[must_use]
    pub fn contains(&self, rev: &Rev) -> bool {
        self.nodes.contains_key(rev)
    }

    /// Whether this replica holds the body of this revision.
    #[must_use]
    pub fn has_body(&self, rev: &Rev) -> bool {
        self.nodes.get(rev).is_some_and(|node| node.body)
    }

    /// Whether this revision is known to be a tombstone.
    #[must_use]
    pub fn is_tombstone(&self, rev: &Rev) -> bool {
        self.nodes.get(rev).is_some_and(|node| node.deleted)
    }

    /// The revision before this one, when it is known.
    #[must_use]
    pub fn parent(&self, rev: &Rev) -> Option<Rev> {
        let hash = self.nodes.get(rev)?.parent.as_deref()?;
        Rev::new(rev.generation().checked_sub(1)?, hash)
    }

    /// Every known revision, by generation and hash.
    pub fn revs(&self) -> impl Iterator<Item = &Rev> {
        self.nodes.keys()
    }

    /// The leaves, the winner first, then in the order in which they would win.
    #[must_use]
    pub fn leaves(&self) -> Vec<&Rev> {
        let parents: BTreeSet<(u64, &str)> = self
            .nodes
            .iter()
            .filter_map(|(rev, node)| Some((rev.generation().checked_sub(1)?, node.parent.as_deref()?)))
            .collect();
        let mut leaves: Vec<(&Rev, bool)> = self
            .nodes
            .iter()
            .filter(|(rev, _)| !parents.contains(&(rev.generation(), rev.hash())))
            .map(|(rev, node)| (rev, node.deleted))
            .collect();
        leaves.sort_by(|(one, one_deleted), (other, other_deleted)| {
            one_deleted.cmp(other_deleted).then_with(|| other.cmp(one))
        });
        leaves.into_iter().map(|(rev, _)| rev).collect()
    }

    /// The revision that is shown; `None` for an empty tree. All replicas with the same leaves choose the same one.
    #[must_use]
    pub fn winner(&self) -> Option<&Rev> {
        self.leaves().into_iter().next()
    }

    /// Whether the document is deleted: its winner is a tombstone. `false` for an empty tree.
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.winner().is_some_and(|winner| self.is_tombstone(winner))
    }

    /// Live leaves that did not win: the protocol's `_conflicts`.
    #[must_use]
    pub fn conflicts(&self) -> Vec<&Rev> {
        let losers = self.leaves().into_iter().skip(1);
        losers.filter(|rev| !self.is_tombstone(rev)).collect()
    }

    /// Tombstones among the leaves that did not win: the protocol's `_deleted_conflicts`.
    #[must_use]
    pub fn deleted_conflicts(&self) -> Vec<&Rev> {
        let losers = self.leaves().into_iter().skip(1);
        losers.filter(|rev| self.is_tombstone(rev)).collect()
    }

    /// Whether this revision is a leaf.
    #[must_use]
    pub fn is_leaf(&self, rev: &Rev) -> bool {
        self.contains(rev) && !self.children(rev).any(|_| true)
    }

    /// The revisions right after this one.
    pub(crate) fn children(&self, rev: &Rev) -> impl Iterator<Item = &Rev> {
        let (next, hash) = (rev.generation().saturating_add(1), rev.hash().to_owned());
        // Nodes are in the order of their generations, so those of the next one lie together.
        let from = Rev::new(next, "\0");
        let later = from.into_iter().flat_map(|from| self.nodes.range(from..));
        later
            .take_while(move |(child, _)| child.generation() == next)
            .filter(move |(_, node)| node.parent.as_deref() == Some(hash.as_str()))
            .map(|(child, _)| child)
    }

    /// Adds a revision with its ancestors, as they came from another replica or from an edit here. Its body counts as held.
    pub fn insert(&mut self, line: &Revisions, deleted: bool) -> Outcome {
        let Some(newest) = line.newest() else {
            return Outcome::InternalNode;
        };
        let first = self.is_empty();
        let known = self.contains(&newest);
        let nearest = line.revs().skip(1).find(|rev| self.contains(rev));
        let follows_leaf = first || nearest.is_some_and(|ancestor| self.is_leaf(&ancestor));
        let mut revs = line.revs().peekable();
        let mut newer = true;
        while let Some(rev) = revs.next() {
            let parent = revs.peek().map(|parent| Box::from(parent.hash()));
            let node = Node {
                parent,
                deleted: newer && deleted,
                body: newer,
            };
            self.unite(rev, &node);
            newer = false;
        }
        match (known || !self.is_leaf(&newest), follows_leaf) {
            (true, _) => Outcome::InternalNode,
            (false, true) => Outcome::NewLeaf,
            (false, false) => Outcome::NewBranch,
        }
    }

    /// Takes in all that another replica knows. Commutative, associative, idempotent.
    pub fn merge(&mut self, other: &Self) {
        for (rev, node) in &other.nodes {
            self.unite(rev.clone(), node);
        }
    }

    fn unite(&mut self, rev: Rev, node: &Node) {
        match self.nodes.entry(rev) {
            Entry::Vacant(place) => {
                place.insert(node.clone());
            }
            Entry::Occupied(mut place) => {
                let known = place.get_mut();
                known.deleted |= node.deleted;
                known.body |= node.body;
                // `None` is less than any hash: a known parent is never forgotten for an unknown one.
                if known.parent < node.parent {
                    known.parent.clone_from(&node.parent);
                }
            }
        }
    }

    /// Forgets what lies more than `limit` revisions deep, counted from the leaves down. Leaves always stay.
    ///
    /// Returns the revisions that were forgotten; their bodies go, too.
    pub fn stem(&mut self, limit: usize) -> Vec<Rev> {
        if self.nodes.len() <= limit {
            return Vec::new();
        }
        let mut kept: BTreeSet<Rev> = BTreeSet::new();
        for leaf in self.leaves() {
            kept.extend(self.line(leaf).take(limit.max(1)));
        }
        let forgotten: Vec<Rev> = self.nodes.keys().filter(|rev| !kept.contains(rev)).cloned().collect();
        for rev in &forgotten {
            self.nodes.remove(rev);
        }
        if !forgotten.is_empty() {
            self.forget_parents(&forgotten);
        }
        forgotten
    }

    fn forget_parents(&mut self, forgotten: &[Rev]) {
        let gone: BTreeSet<(u64, &str)> = forgotten.iter().map(|rev| (rev.generation(), rev.hash())).collect();
        for (rev, node) in &mut self.nodes {
            let parent = node
                .parent
                .as_deref()
                .map(|hash| (rev.generation().saturating_sub(1), hash));
            if parent.is_some_and(|parent| gone.contains(&parent)) {
                node.parent = None;
            }
        }
    }

    /// Takes a leaf out again, as if it had never come: for a revision that the other side refuses. Its ancestors that
    /// nothing else needs, and that have no body here, go with it. What is no leaf stays.
    ///
    /// Returns what was taken out.
    pub fn withdraw(&mut self, leaf: &Rev) -> Vec<Rev> {
        let mut taken = Vec::new();
        let mut next = Some(leaf.clone()).filter(|rev| self.is_leaf(rev));
        while let Some(rev) = next {
            next = self
                .parent(&rev)
                .filter(|parent| self.contains(parent) && !self.has_body(parent));
            self.nodes.remove(&rev);
            next = next.filter(|parent| self.is_leaf(parent));
            taken.push(rev);
        }
        taken
    }
}

#[cfg(test)]
#[path = "tree_tests.rs"]
mod tests;
