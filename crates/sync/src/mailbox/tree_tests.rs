use super::super::tree_tests_support::{line, rev, tree};
use super::*;

fn insert(tree: &mut RevTree, text: &str) -> Outcome {
    let (line, deleted) = line(text);
    tree.insert(&line, deleted)
}

fn names(revs: Vec<&Rev>) -> Vec<String> {
    revs.into_iter().map(ToString::to_string).collect()
}

#[test]
fn lines_become_leaves_branches_or_nothing_new() {
    let mut tree = RevTree::new();
    assert_eq!(insert(&mut tree, "1-a"), Outcome::NewLeaf);
    assert_eq!(insert(&mut tree, "2-b<1-a"), Outcome::NewLeaf);
    assert_eq!(insert(&mut tree, "2-c<1-a"), Outcome::NewBranch);
    assert_eq!(insert(&mut tree, "2-b<1-a"), Outcome::InternalNode, "twice is once");
    assert_eq!(insert(&mut tree, "1-a"), Outcome::InternalNode);
    assert_eq!(
        insert(&mut tree, "5-f<4-e<3-d<2-b"),
        Outcome::NewLeaf,
        "over some that never came"
    );
    assert_eq!(
        insert(&mut tree, "3-x<2-y<1-z"),
        Outcome::NewBranch,
        "nothing in common"
    );
    assert_eq!(names(tree.leaves()), ["5-f", "3-x", "2-c"]);
    assert!(!tree.has_body(&rev("4-e")) && tree.has_body(&rev("5-f")));
}

#[test]
fn a_live_leaf_beats_a_longer_tombstone_then_generation_then_hash() {
    assert_eq!(tree(&["3-c!<2-b<1-a", "2-x<1-a"]).winner(), Some(&rev("2-x")));
    assert_eq!(tree(&["3-c<2-b<1-a", "2-x<1-a"]).winner(), Some(&rev("3-c")));
    assert_eq!(tree(&["2-b<1-a", "2-x<1-a"]).winner(), Some(&rev("2-x")));
    assert_eq!(tree(&["2-b!<1-a", "2-x!<1-a"]).winner(), Some(&rev("2-x")));
    assert!(tree(&["2-b!<1-a", "2-x!<1-a"]).is_deleted());
    assert_eq!(RevTree::new().winner(), None);
}

#[test]
fn deleting_the_winner_lets_the_conflict_win() {
    let mut tree = tree(&["2-b<1-a", "2-x<1-a"]);
    assert_eq!(names(tree.conflicts()), ["2-b"]);
    insert(&mut tree, "3-gone!<2-x");
    assert_eq!(tree.winner(), Some(&rev("2-b")));
    assert!(!tree.is_deleted());
    assert!(tree.conflicts().is_empty());
    assert_eq!(names(tree.deleted_conflicts()), ["3-gone"]);
}

#[test]
fn a_line_that_is_longer_than_the_known_tree_extends_it_downwards() {
    let mut tree = tree(&["4-d<3-c"]);
    assert_eq!(insert(&mut tree, "5-e<4-d<3-c<2-b<1-a"), Outcome::NewLeaf);
    assert_eq!(names(tree.leaves()), ["5-e"]);
    assert_eq!(tree.line(&rev("5-e")).count(), 5);
}

#[test]
fn an_ancestor_that_comes_late_is_no_new_leaf() {
    let mut tree = tree(&["3-c<2-b<1-a"]);
    assert_eq!(insert(&mut tree, "2-b<1-a"), Outcome::InternalNode);
    assert_eq!(names(tree.leaves()), ["3-c"]);
}

#[test]
fn stemming_keeps_every_leaf_and_so_many_of_its_ancestors() {
    let mut tree = tree(&["5-e<4-d<3-c<2-b<1-a", "3-x<2-b"]);
    let mut forgotten = tree.stem(2);
    forgotten.sort();
    assert_eq!(forgotten, [rev("1-a"), rev("3-c")]);
    assert_eq!(names(tree.leaves()), ["5-e", "3-x"]);
    assert_eq!(tree.line(&rev("5-e")).count(), 2);
    assert_eq!(tree.parent(&rev("4-d")), None);
    assert!(tree.stem(2).is_empty(), "once is enough");
    assert_eq!(tree.stem(0).len(), 2, "a leaf always stays");
}

#[test]
fn what_was_refused_is_withdrawn_without_a_trace_and_what_others_need_stays() {
    let mut tree = tree(&["1-a", "3-c<2-b<1-a"]);
    assert!(tree.withdraw(&rev("1-a")).is_empty(), "no leaf");
    assert_eq!(tree.withdraw(&rev("3-c")), [rev("3-c"), rev("2-b")]);
    assert_eq!(names(tree.leaves()), ["1-a"]);
    assert_eq!(tree.withdraw(&rev("1-a")), [rev("1-a")]);
    assert!(tree.is_empty());
}
