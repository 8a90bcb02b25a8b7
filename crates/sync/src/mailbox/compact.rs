//! Which bodies may go.

use super::{Rev, RevTree};

impl RevTree {
    /// Revisions whose bodies nobody needs any more: all that are no leaves. Their names stay in the tree, so that replicas
    /// still find what they have in common.
    #[must_use]
    pub fn spare_bodies(&self) -> Vec<Rev> {
        let leaves: std::collections::BTreeSet<&Rev> = self.leaves().into_iter().collect();
        let held = self.nodes.iter().filter(|(_, node)| node.body);
        held.map(|(rev, _)| rev)
            .filter(|rev| !leaves.contains(rev))
            .cloned()
            .collect()
    }

    /// Notes that the body of a revision is not held any more.
    pub fn drop_body(&mut self, rev: &Rev) {
        if let Some(node) = self.nodes.get_mut(rev) {
            node.body = false;
        }
    }

    /// Drops all bodies that may go. Returns their revisions; afterwards there are none left.
    pub fn compact(&mut self) -> Vec<Rev> {
        let spare = self.spare_bodies();
        for rev in &spare {
            self.drop_body(rev);
        }
        spare
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree_tests_support::{rev, tree};

    #[test]
    fn compaction_spares_the_bodies_of_leaves_also_of_those_that_lost_or_are_dead() {
        let mut tree = tree(&["1-a", "2-b<1-a", "2-x<1-a", "3-gone!<2-x"]);
        let before = tree.leaves().into_iter().cloned().collect::<Vec<_>>();
        assert_eq!(tree.compact(), [rev("1-a"), rev("2-x")]);
        assert_eq!(tree.compact(), []);
        assert!(tree.has_body(&rev("2-b")) && tree.has_body(&rev("3-gone")));
        assert_eq!(tree.leaves(), before.iter().collect::<Vec<_>>());
    }
}
