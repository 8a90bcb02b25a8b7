//! What a tree tells of a revision's past and future.

use super::{Rev, RevTree, Revisions};
use serde::Serialize;

/// What a replica holds of a revision: the protocol's `_revs_info`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Its body is here.
    Available,
    /// Only its name is known.
    Missing,
    /// It is a tombstone, and its body is here.
    Deleted,
}

/// A line of `_revs_info`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RevInfo {
    /// Which revision.
    pub rev: Rev,
    /// What there is of it.
    pub status: Status,
}

impl RevTree {
    /// A revision and all its known ancestors, newest first. Empty when the revision is not known.
    pub fn line(&self, rev: &Rev) -> impl Iterator<Item = Rev> + '_ {
        let start = Some(rev.clone()).filter(|rev| self.contains(rev));
        std::iter::successors(start, |rev| self.parent(rev).filter(|parent| self.contains(parent)))
    }

    /// The same as the protocol's `_revisions`; `None` when the revision is not known.
    #[must_use]
    pub fn revisions(&self, rev: &Rev) -> Option<Revisions> {
        let ids: Vec<String> = self.line(rev).map(|rev| rev.hash().to_owned()).collect();
        Revisions::new(rev.generation(), ids).ok()
    }

    /// The same with what is held of each.
    #[must_use]
    pub fn revs_info(&self, rev: &Rev) -> Vec<RevInfo> {
        let status = |rev: &Rev| match (self.has_body(rev), self.is_tombstone(rev)) {
            (false, _) => Status::Missing,
            (true, true) => Status::Deleted,
            (true, false) => Status::Available,
        };
        self.line(rev)
            .map(|rev| RevInfo {
                status: status(&rev),
                rev,
            })
            .collect()
    }

    /// The leaves that this revision has become, best first; itself when it is one. Empty when it is not known. This is what
    /// `latest=true` asks for.
    #[must_use]
    pub fn latest(&self, rev: &Rev) -> Vec<&Rev> {
        let came_from = |leaf: &&Rev| self.line(leaf).any(|before| before == *rev);
        self.leaves().into_iter().filter(came_from).collect()
    }

    /// Leaves from which a missing revision may have come: all of lower generations. The sender need not send again what
    /// stands in their bodies.
    #[must_use]
    pub fn possible_ancestors(&self, missing: &[Rev]) -> Vec<Rev> {
        let highest = missing.iter().map(Rev::generation).max().unwrap_or_default();
        let older = self.leaves().into_iter().filter(|leaf| leaf.generation() < highest);
        older.cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree_tests_support::{rev, tree};

    #[test]
    fn a_revision_knows_its_line_down_to_what_is_forgotten() {
        let tree = tree(&["2-b<1-a", "3-c<2-b", "3-x<2-b", "7-g"]);
        let line: Vec<_> = tree.line(&rev("3-c")).map(|rev| rev.to_string()).collect();
        assert_eq!(line, ["3-c", "2-b", "1-a"]);
        let revisions = tree.revisions(&rev("3-c")).expect("is known");
        assert_eq!((revisions.start(), revisions.ids().len()), (3, 3));
        assert_eq!(tree.revisions(&rev("7-g")).expect("is known").ids(), ["g"]);
        assert_eq!(tree.revisions(&rev("9-z")), None);
    }

    #[test]
    fn revisions_are_available_missing_or_deleted() {
        let tree = tree(&["2-b<1-a", "3-c!<2-b"]);
        let info: Vec<_> = tree
            .revs_info(&rev("3-c"))
            .iter()
            .map(|info| serde_json::to_value(info).expect("serializes"))
            .collect();
        assert_eq!(
            serde_json::Value::from(info),
            serde_json::json!([{"rev": "3-c", "status": "deleted"}, {"rev": "2-b", "status": "available"}, {"rev": "1-a", "status": "missing"}])
        );
    }

    #[test]
    fn latest_leads_from_any_revision_to_the_leaves_it_became() {
        let tree = tree(&["2-b<1-a", "3-c<2-b", "2-x<1-a"]);
        assert_eq!(tree.latest(&rev("1-a")), [&rev("3-c"), &rev("2-x")]);
        assert_eq!(tree.latest(&rev("2-b")), [&rev("3-c")]);
        assert_eq!(tree.latest(&rev("2-x")), [&rev("2-x")]);
        assert!(tree.latest(&rev("9-z")).is_empty());
    }

    #[test]
    fn possible_ancestors_are_the_leaves_of_lower_generations() {
        let tree = tree(&["2-b<1-a", "3-c<2-b", "2-x<1-a"]);
        assert_eq!(tree.possible_ancestors(&[rev("3-new")]), [rev("2-x")]);
        assert_eq!(tree.possible_ancestors(&[rev("4-new")]), [rev("3-c"), rev("2-x")]);
        assert!(tree.possible_ancestors(&[rev("1-new")]).is_empty());
    }
}
