//! What holds for every tree.

use crate::histories::{Line, lines};
use proptest::prelude::*;
use std::collections::BTreeSet;
use sync::mailbox::{Rev, RevTree};

fn tree(lines: &[Line]) -> RevTree {
    let mut tree = RevTree::new();
    for line in lines {
        tree.insert(&line.revisions, line.deleted);
    }
    tree
}

fn merged(one: &RevTree, other: &RevTree) -> RevTree {
    let mut both = one.clone();
    both.merge(other);
    both
}

fn leaves(tree: &RevTree) -> Vec<Rev> {
    tree.leaves().into_iter().cloned().collect()
}

/// Each revision's parent is of the generation before it, and a leaf is nobody's parent.
fn is_valid(tree: &RevTree) -> bool {
    let parents: BTreeSet<Rev> = tree.revs().filter_map(|rev| tree.parent(rev)).collect();
    let fits = tree.revs().all(|rev| {
        tree.parent(rev)
            .is_none_or(|parent| parent.generation() + 1 == rev.generation())
    });
    let ends: BTreeSet<Rev> = tree.revs().filter(|rev| !parents.contains(rev)).cloned().collect();
    fits && ends == tree.leaves().into_iter().cloned().collect()
}

proptest! {
    #[test]
    fn merging_is_commutative_associative_and_idempotent(a in lines(10), b in lines(10), c in lines(10)) {
        let (a, b, c) = (tree(&a), tree(&b), tree(&c));
        prop_assert_eq!(merged(&a, &b), merged(&b, &a));
        prop_assert_eq!(merged(&merged(&a, &b), &c), merged(&a, &merged(&b, &c)));
        prop_assert_eq!(merged(&a, &a), a);
    }

    #[test]
    fn the_order_of_arrival_does_not_matter(lines in lines(10), shuffle in any::<prop::sample::Index>()) {
        let mut turned = lines.clone();
        turned.rotate_left(shuffle.index(lines.len()));
        turned.reverse();
        prop_assert_eq!(tree(&turned), tree(&lines));
    }

    #[test]
    fn merging_keeps_every_revision_and_the_tree_stays_valid(a in lines(10), b in lines(10)) {
        let (a, b) = (tree(&a), tree(&b));
        let both = merged(&a, &b);
        prop_assert!(is_valid(&a) && is_valid(&both));
        prop_assert!(a.revs().chain(b.revs()).all(|rev| both.contains(rev)));
        prop_assert_eq!(both.revs().count(), a.revs().chain(b.revs()).collect::<BTreeSet<_>>().len());
    }

    #[test]
    fn stemming_keeps_all_leaves_in_their_order_and_lengthens_no_line(lines in lines(12), limit in 1_usize..6) {
        let full = tree(&lines);
        let mut stemmed = full.clone();
        let gone = stemmed.stem(limit);
        prop_assert!(is_valid(&stemmed));
        prop_assert_eq!(leaves(&stemmed), leaves(&full));
        prop_assert!(gone.iter().all(|rev| !stemmed.contains(rev)));
        prop_assert_eq!(gone.len() + stemmed.len(), full.len());
        for leaf in full.leaves() {
            let (before, after) = (full.line(leaf).count(), stemmed.line(leaf).count());
            prop_assert!(after <= before && after >= before.min(limit));
        }
        let once = stemmed.clone();
        stemmed.stem(limit);
        prop_assert_eq!(stemmed, once);
    }

    #[test]
    fn the_winner_is_alive_when_any_leaf_is_and_the_same_whatever_came_first(lines in lines(10)) {
        let one = tree(&lines);
        let winner = one.winner().cloned().expect("a winner");
        let alive = one.leaves().into_iter().any(|leaf| !one.is_tombstone(leaf));
        prop_assert_eq!(one.is_tombstone(&winner), !alive);
        prop_assert_eq!(one.is_deleted(), !alive);
        let mut turned = lines;
        turned.reverse();
        prop_assert_eq!(tree(&turned).winner().cloned(), Some(winner));
    }

    #[test]
    fn a_tree_survives_being_written_down(lines in lines(12), compacts in any::<bool>(), limit in 1_usize..20) {
        let mut tree = tree(&lines);
        tree.stem(limit);
        if compacts {
            tree.compact();
        }
        let text = tree.to_string();
        prop_assert_eq!(text.parse::<RevTree>().ok(), Some(tree.clone()), "{}", text);
        prop_assert_eq!(serde_json::from_value::<RevTree>(serde_json::json!(tree)).ok(), Some(tree));
    }

    #[test]
    fn reading_a_tree_never_panics(text in "[0-9a-c%;:,<!~ -]{0,30}") {
        if let Ok(tree) = text.parse::<RevTree>() {
            let _ = (tree.leaves(), tree.to_string());
        }
    }

    #[test]
    fn what_is_withdrawn_leaves_a_valid_tree_with_all_else(lines in lines(10)) {
        let mut tree = tree(&lines);
        let before = tree.clone();
        tree.compact();
        let leaf = tree.winner().cloned().expect("a winner");
        let taken = tree.withdraw(&leaf);
        prop_assert!(taken.contains(&leaf) && is_valid(&tree));
        prop_assert!(before.leaves().into_iter().skip(1).all(|other| tree.is_leaf(other)));
    }
}
