//! The same histories in `rouchdb-core`, another author's port of PouchDB's merge.

use crate::histories::{Line, lines};
use proptest::prelude::*;
use rouchdb_core::{
    merge::{MergeResult, collect_conflicts, merge_tree, winning_rev},
    rev_tree::{NodeOpts, RevNode, RevPath, RevStatus, RevTree as Theirs, collect_leaves},
};
use sync::mailbox::{Outcome, RevTree};

/// A line as their path: the oldest revision at the root.
fn path(line: &Line) -> RevPath {
    let ids = line.revisions.ids();
    let node = |hash: &String, newest: bool, children| RevNode {
        hash: hash.clone(),
        status: if newest {
            RevStatus::Available
        } else {
            RevStatus::Missing
        },
        opts: NodeOpts {
            deleted: newest && line.deleted,
        },
        children,
    };
    let mut nodes = ids.iter().enumerate().map(|(place, hash)| (hash, place == 0));
    let (hash, _) = nodes.next().expect("a newest");
    let tree = nodes.fold(node(hash, true, Vec::new()), |child, (hash, newest)| {
        node(hash, newest, vec![child])
    });
    RevPath {
        pos: line.revisions.start() - (ids.len() as u64 - 1),
        tree,
    }
}

fn names(of: impl IntoIterator<Item = impl ToString>) -> Vec<String> {
    let mut names: Vec<String> = of.into_iter().map(|rev| rev.to_string()).collect();
    names.sort();
    names.dedup();
    names
}

proptest! {
    #[test]
    fn both_find_the_same_leaves_winner_and_conflicts(lines in lines(10)) {
        let (mut ours, mut theirs) = (RevTree::new(), Theirs::new());
        for line in &lines {
            let before = ours.clone();
            let outcome = ours.insert(&line.revisions, line.deleted);
            let (after, result) = merge_tree(&theirs, &path(line), 0);
            theirs = after;
            // A known revision that comes with more of its line is news to them, and to us it is known.
            if !before.contains(&line.revisions.newest().expect("a newest")) {
                let internal = result == MergeResult::InternalNode;
                prop_assert_eq!(internal, outcome == Outcome::InternalNode, "{:?} into {}", line, before);
            }
        }
        prop_assert_eq!(names(ours.leaves()), names(collect_leaves(&theirs).iter().map(|leaf| leaf.rev_string())));
        prop_assert_eq!(ours.winner().map(ToString::to_string), winning_rev(&theirs).map(|rev| rev.to_string()));
        prop_assert_eq!(names(ours.conflicts()), names(collect_conflicts(&theirs)));
    }
}
