use super::super::tree_tests_support::{line, rev, tree};
use super::*;
use serde_json::json;

fn edit(rev_text: Option<&str>, deleted: bool, word: &str) -> Incoming {
    Incoming {
        id: "d:1".to_owned(),
        rev: rev_text.map(rev),
        deleted,
        body: json!({"word": word}).as_object().cloned().unwrap_or_default(),
        ..Incoming::default()
    }
}

fn replicated(text: &str) -> Incoming {
    let (line, deleted) = line(text);
    Incoming {
        rev: line.newest(),
        revisions: Some(line),
        ..edit(None, deleted, text)
    }
}

fn stored(decision: Decision) -> Stored {
    match decision {
        Decision::Store(stored) => *stored,
        other => panic!("{other:?}"),
    }
}

fn arrive(tree: &RevTree, text: &str) -> Decision {
    write(tree, &replicated(text), Mode::Replicate, 200)
}

#[test]
fn the_first_edit_makes_generation_one_and_the_next_follows_its_leaf() {
    let first = stored(write(&RevTree::new(), &edit(None, false, "a"), Mode::Edit, 200));
    assert_eq!((first.rev.generation(), first.outcome), (1, Outcome::NewLeaf));
    let seen = first.rev.to_string();
    let second = stored(write(&first.tree, &edit(Some(&seen), false, "b"), Mode::Edit, 200));
    assert_eq!(second.rev.generation(), 2);
    assert_eq!(second.tree.parent(&second.rev), Some(first.rev));
    assert_eq!(second.winner, second.rev);
    assert!(second.forget.is_empty() && second.keep_body);
}

#[test]
fn a_write_without_the_current_revision_is_a_conflict() {
    let tree = tree(&["2-b<1-a"]);
    for seen in [None, Some("1-a"), Some("2-x"), Some("3-b")] {
        assert_eq!(
            write(&tree, &edit(seen, false, "c"), Mode::Edit, 200),
            Decision::Conflict,
            "{seen:?}"
        );
    }
    let new = RevTree::new();
    assert_eq!(
        write(&new, &edit(Some("1-a"), false, "c"), Mode::Edit, 200),
        Decision::Conflict
    );
}

#[test]
fn an_edit_without_a_revision_revives_what_was_deleted() {
    let dead = tree(&["2-b!<1-a"]);
    let revived = stored(write(&dead, &edit(None, false, "c"), Mode::Edit, 200));
    assert_eq!((revived.rev.generation(), revived.deleted), (3, false));
    assert_eq!(revived.tree.parent(&revived.rev), Some(rev("2-b")));
    assert_eq!(
        write(&dead, &edit(None, true, "c"), Mode::Edit, 200),
        Decision::Conflict,
        "it is dead already"
    );
    let also = stored(write(&dead, &edit(Some("2-b"), false, "c"), Mode::Edit, 200));
    assert_eq!(also.rev, revived.rev);
}

#[test]
fn a_losing_branch_can_be_edited_too() {
    let tree = tree(&["2-b<1-a", "2-x<1-a"]);
    let longer = stored(write(&tree, &edit(Some("2-b"), false, "c"), Mode::Edit, 200));
    assert_eq!(longer.winner, longer.rev, "and wins by its generation");
    let dead = stored(write(&tree, &edit(Some("2-b"), true, "c"), Mode::Edit, 200));
    assert_eq!((dead.winner, dead.deleted), (rev("2-x"), false));
}

#[test]
fn a_losing_branch_that_arrives_is_stored_and_the_winner_stays() {
    let tree = tree(&["3-c<2-b<1-a"]);
    let after = stored(arrive(&tree, "2-x<1-a"));
    assert_eq!(
        (after.winner, after.outcome, after.keep_body),
        (rev("3-c"), Outcome::NewBranch, true)
    );
    assert_ne!(after.tree, tree, "so the document gets a new number");
}

#[test]
fn what_arrives_twice_changes_nothing() {
    let once = stored(arrive(&RevTree::new(), "3-c<2-b<1-a"));
    assert_eq!(arrive(&once.tree, "3-c<2-b<1-a"), Decision::Known(rev("3-c")));
    assert_eq!(
        arrive(&once.tree, "3-c"),
        Decision::Known(rev("3-c")),
        "with a shorter line, too"
    );
    assert_eq!(
        arrive(&once.tree, "2-b<1-a"),
        Decision::Known(rev("2-b")),
        "or an ancestor"
    );
}

#[test]
fn lines_that_are_shorter_longer_or_disjoint_find_their_place() {
    let known = tree(&["3-c<2-b"]);
    let longer = stored(arrive(&known, "3-c<2-b<1-a"));
    assert_eq!(longer.outcome, Outcome::InternalNode);
    assert!(!longer.keep_body, "its body is here");
    assert_eq!(longer.tree.line(&rev("3-c")).count(), 3);
    let two_of_three = stored(arrive(&known, "4-d<3-c<2-b"));
    assert_eq!(
        (two_of_three.outcome, two_of_three.tree.leaves().len()),
        (Outcome::NewLeaf, 1)
    );
    let disjoint = stored(arrive(&known, "9-z<8-y"));
    assert_eq!(
        (disjoint.outcome, disjoint.tree.leaves().len()),
        (Outcome::NewBranch, 2)
    );
    let upper = "1-0123456789ABCDEF0123456789ABCDEF";
    let one = stored(arrive(&RevTree::new(), upper));
    assert_eq!(arrive(&one.tree, &upper.to_lowercase()), Decision::Known(rev(upper)));
}

#[test]
fn when_the_winner_is_deleted_the_conflict_wins_and_the_document_lives() {
    let tree = tree(&["2-b<1-a", "2-x<1-a"]);
    let after = stored(write(&tree, &edit(Some("2-x"), true, ""), Mode::Edit, 200));
    assert_eq!((after.winner, after.deleted), (rev("2-b"), false));
}

#[test]
fn the_tree_is_stemmed_and_bodies_of_forgotten_revisions_go() {
    let tree = tree(&["1-a", "2-b<1-a", "3-c<2-b"]);
    let after = stored(arrive(&tree, "4-d<3-c<2-b<1-a"));
    assert!(after.forget.is_empty());
    let stemmed = stored(write(&tree, &replicated("4-d<3-c<2-b<1-a"), Mode::Replicate, 2));
    assert_eq!(stemmed.forget, [rev("1-a"), rev("2-b")]);
    assert_eq!(stemmed.tree.len(), 2);
    let again = write(&stemmed.tree, &replicated("4-d<3-c<2-b<1-a"), Mode::Replicate, 2);
    assert_eq!(
        again,
        Decision::Known(rev("4-d")),
        "a longer line that is stemmed again is nothing new"
    );
}

#[test]
fn a_replicated_revision_has_to_say_which_it_is() {
    assert_eq!(
        write(&RevTree::new(), &edit(None, false, "a"), Mode::Replicate, 200),
        Decision::NoRev
    );
    let alone = write(&RevTree::new(), &edit(Some("4-d"), false, "a"), Mode::Replicate, 200);
    assert_eq!(stored(alone).rev, rev("4-d"), "its line may be unknown");
}
