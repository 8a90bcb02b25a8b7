use super::super::tree_tests_support::{rev, tree};
use super::*;
use model::mailbox::Stamp;
use serde_json::json;

const STATE: &str = "s:0193f5e2-0000-7000-8000-000000000001";
const DRAFT: &str = "d:0193f5e2-0000-7000-8000-000000000001";

fn body(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(body) => body,
        _ => panic!("an object"),
    }
}

fn state(read_at: u64, star_at: u64) -> Map<String, Value> {
    let field = |millis: u64| json!({"value": millis, "at": Stamp::new(millis, 0), "by": "phone"});
    body(json!({"type": "state", "read": field(read_at), "starred": field(star_at)}))
}

fn draft(text: &str, at: &str) -> Map<String, Value> {
    body(json!({"type": "draft", "body": text, "updated_at": at}))
}

fn bodies(of: &[(&str, Map<String, Value>)]) -> BTreeMap<Rev, Map<String, Value>> {
    of.iter().map(|(name, body)| (rev(name), body.clone())).collect()
}

fn written(resolution: Resolution) -> Vec<Revision> {
    match resolution {
        Resolution::Write(revisions) => revisions,
        other => panic!("{other:?}"),
    }
}

#[test]
fn states_are_merged_on_the_winner_and_losers_end() {
    let tree = tree(&["2-b<1-a", "2-x<1-a"]);
    let both = bodies(&[("2-b", state(9, 1)), ("2-x", state(1, 9))]);
    let revisions = written(resolve(STATE, &tree, &both));
    assert_eq!(revisions.len(), 2);
    assert_eq!(revisions[0].body, state(9, 9));
    let after = with_revisions(&tree, &revisions, 200);
    assert_eq!(after.parent(after.winner().expect("a winner")), Some(rev("2-x")));
    assert!(after.conflicts().is_empty());
    assert_eq!(after.deleted_conflicts().len(), 1);
}

#[test]
fn two_devices_that_resolve_alone_write_the_same_revisions() {
    let (one, other) = (tree(&["2-b<1-a", "2-x<1-a"]), tree(&["2-x<1-a", "2-b<1-a"]));
    let both = bodies(&[("2-b", state(9, 1)), ("2-x", state(1, 9))]);
    let (mut first, second) = (
        with_revisions(&one, &written(resolve(STATE, &one, &both)), 200),
        with_revisions(&other, &written(resolve(STATE, &other, &both)), 200),
    );
    first.merge(&second);
    assert_eq!(first, second);
}

#[test]
fn a_device_that_knew_one_leaf_more_makes_the_same_of_it_when_it_adds_nothing() {
    let few = tree(&["2-b<1-a", "2-x<1-a"]);
    let more = tree(&["2-b<1-a", "2-x<1-a", "2-c<1-a"]);
    let all = bodies(&[("2-b", state(9, 1)), ("2-x", state(1, 9)), ("2-c", state(2, 2))]);
    let few = with_revisions(&few, &written(resolve(STATE, &few, &all)), 200);
    let mut more = with_revisions(&more, &written(resolve(STATE, &more, &all)), 200);
    let winner = more.winner().cloned();
    more.merge(&few);
    assert_eq!(more.winner().cloned(), winner);
    assert!(more.conflicts().is_empty(), "no second round");
}

#[test]
fn a_merge_that_is_the_winner_itself_only_ends_the_losers() {
    let tree = tree(&["2-b<1-a", "2-x<1-a"]);
    let both = bodies(&[("2-b", state(1, 1)), ("2-x", state(9, 9))]);
    let revisions = written(resolve(STATE, &tree, &both));
    assert_eq!(revisions.len(), 1);
    assert!(revisions[0].deleted);
}

#[test]
fn drafts_keep_all_texts_until_their_owner_chooses() {
    let tree = tree(&["2-b<1-a", "2-x<1-a"]);
    let both = bodies(&[
        ("2-b", draft("Dear Grace, I", "2026-11-21T10:42:00.000Z")),
        ("2-x", draft("Dear Grace,", "2026-11-21T10:00:00.000Z")),
    ]);
    let asked = resolve(DRAFT, &tree, &both);
    let expected = Resolution::Ask {
        shown: rev("2-b"),
        others: vec![rev("2-x")],
    };
    assert_eq!(asked, expected, "the newest is shown, whichever wins");
    let after = with_revisions(&tree, &choose(&tree, &both[&rev("2-b")], &both), 200);
    assert!(after.conflicts().is_empty());
    assert_eq!(resolve(DRAFT, &after, &both), Resolution::Nothing);
}

#[test]
fn drafts_that_say_the_same_become_one_by_themselves() {
    let tree = tree(&["2-b<1-a", "2-x<1-a"]);
    let both = bodies(&[
        ("2-b", draft("Dear", "2026-11-21T10:42:00.000Z")),
        ("2-x", draft("Dear", "2026-11-21T10:00:00.000Z")),
    ]);
    let revisions = written(resolve(DRAFT, &tree, &both));
    assert_eq!(revisions.len(), 1);
    assert!(revisions[0].deleted);
}

#[test]
fn an_edit_survives_a_deletion_that_was_made_beside_it() {
    for (kept, gone) in [("2-b<1-a", "2-x!<1-a"), ("2-b<1-a", "3-x!<2-y<1-a")] {
        let tree = tree(&[kept, gone]);
        assert_eq!(tree.winner(), Some(&rev("2-b")));
        assert_eq!(
            resolve(STATE, &tree, &bodies(&[("2-b", state(1, 1))])),
            Resolution::Nothing
        );
    }
}

#[test]
fn nothing_is_decided_without_all_bodies_or_about_what_is_written_once() {
    let tree = tree(&["2-b<1-a", "2-x<1-a"]);
    assert_eq!(
        resolve(STATE, &tree, &bodies(&[("2-b", state(1, 1))])),
        Resolution::Nothing
    );
    let both = bodies(&[("2-b", state(9, 1)), ("2-x", state(1, 9))]);
    assert_eq!(resolve("l:1", &tree, &both), Resolution::Nothing);
}
