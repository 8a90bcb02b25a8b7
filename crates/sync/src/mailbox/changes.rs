//! A row of the list of changes.

use super::{Rev, RevTree};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How much a row tells: the protocol's `style`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// `main_only`: the winner.
    #[default]
    MainOnly,
    /// `all_docs`: all leaves, also tombstones. What replication needs.
    AllDocs,
}

/// A revision in a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedRev {
    /// Which.
    pub rev: Rev,
}

/// A row of the list of changes. A document stands in the list once, at the number of its latest change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The number, in the form of the replica that tells it: for a reader a value to be handed back, and nothing else.
    pub seq: Value,
    /// The document.
    pub id: String,
    /// The winner first.
    pub changes: Vec<ChangedRev>,
    /// Whether the winner is a tombstone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    /// The winner's body, when it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doc: Option<Map<String, Value>>,
}

/// The row of a document. An empty tree makes a row without revisions; a replica has no such rows.
#[must_use]
pub fn change(id: &str, seq: Value, tree: &RevTree, style: Style) -> Change {
    let leaves = tree.leaves();
    let told = match style {
        Style::MainOnly => 1,
        Style::AllDocs => leaves.len(),
    };
    Change {
        seq,
        id: id.to_owned(),
        deleted: leaves.first().is_some_and(|winner| tree.is_tombstone(winner)),
        changes: leaves
            .into_iter()
            .take(told)
            .map(|rev| ChangedRev { rev: rev.clone() })
            .collect(),
        doc: None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree_tests_support::tree;
    use super::*;
    use serde_json::json;

    #[test]
    fn a_row_tells_the_winner_or_all_leaves_and_is_deleted_with_its_winner() {
        let conflicted = tree(&["2-b<1-a", "3-x!<2-c<1-a"]);
        let row = |style| serde_json::to_value(change("d:1", json!("7-e"), &conflicted, style)).expect("serializes");
        assert_eq!(
            row(Style::MainOnly),
            json!({"seq": "7-e", "id": "d:1", "changes": [{"rev": "2-b"}]})
        );
        assert_eq!(
            row(Style::AllDocs),
            json!({"seq": "7-e", "id": "d:1", "changes": [{"rev": "2-b"}, {"rev": "3-x"}]})
        );
        let gone = change("d:1", json!(1), &tree(&["2-b!<1-a"]), Style::MainOnly);
        assert!(gone.deleted);
    }
}
