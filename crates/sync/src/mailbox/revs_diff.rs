//! What a replica lacks: `_revs_diff`.

use super::{Rev, RevTree};
use serde::{Deserialize, Serialize};

/// What is missing of one document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// Revisions that are not known here.
    pub missing: Vec<Rev>,
    /// Leaves from which they may have come.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub possible_ancestors: Vec<Rev>,
}

/// Compares the leaves that another replica has of a document with what is known here. `None` when nothing is missing, and the
/// document does not appear in the answer.
///
/// A revision of which only the name is known is not missing: this replica has what came after it.
#[must_use]
pub fn revs_diff(tree: &RevTree, offered: &[Rev]) -> Option<Missing> {
    let missing: Vec<Rev> = offered.iter().filter(|rev| !tree.contains(rev)).cloned().collect();
    (!missing.is_empty()).then(|| Missing {
        possible_ancestors: tree.possible_ancestors(&missing),
        missing,
    })
}

#[cfg(test)]
mod tests {
    use super::super::tree_tests_support::{rev, tree};
    use super::*;

    #[test]
    fn only_what_is_not_known_is_missing() {
        let tree = tree(&["2-b<1-a", "2-x<1-a"]);
        assert_eq!(revs_diff(&tree, &[rev("1-a"), rev("2-b")]), None);
        let missing = revs_diff(&tree, &[rev("2-b"), rev("3-c")]).expect("something");
        assert_eq!(
            serde_json::to_value(missing).expect("serializes"),
            serde_json::json!({"missing": ["3-c"], "possible_ancestors": ["2-x", "2-b"]})
        );
        let all = revs_diff(&RevTree::new(), &[rev("1-a")]).expect("all");
        assert_eq!(
            serde_json::to_value(all).expect("serializes"),
            serde_json::json!({"missing": ["1-a"]})
        );
    }
}
