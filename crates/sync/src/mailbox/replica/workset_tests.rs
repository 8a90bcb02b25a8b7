use super::super::{MemoryStore, Read, Rows};
use super::*;
use crate::mailbox::tree_tests_support::{line, rev};
use model::mailbox::Stamp;
use serde_json::json;

const STATE: &str = "s:0193f5e2-0000-7000-8000-000000000001";

fn state(value: u64, millis: u64) -> Map<String, Value> {
    let field = json!({"value": value, "at": Stamp::new(millis, 0), "by": "phone"});
    Map::from_iter([("type".to_owned(), json!("state")), ("read".to_owned(), field)])
}

fn arrival(text: &str, body: Map<String, Value>) -> Arrival {
    let (line, deleted) = line(text);
    Arrival {
        id: STATE.to_owned(),
        line,
        deleted,
        body,
        attachments: Map::new(),
    }
}

fn rows(store: &MemoryStore) -> (u64, Vec<DocRow>) {
    let found = store.look(&Read::Docs(vec![STATE.to_owned()]));
    match found.rows {
        Rows::Docs(rows) => (found.head, rows),
        other => panic!("{other:?}"),
    }
}

fn commit(store: &MemoryStore, arrivals: Vec<Arrival>) {
    let (head, rows) = rows(store);
    let mut work = Workset::of(rows);
    for arrival in arrivals {
        work.arrive(arrival, "e");
    }
    if let Rows::Bodies(bodies) = store.look(&Read::Bodies(work.wanted())).rows {
        work.lend(bodies);
    }
    work.resolve();
    store.put(&work.into_batch(head)).expect("room");
}

#[test]
fn what_arrives_is_kept_with_the_bodies_of_its_leaves_alone() {
    let store = MemoryStore::new();
    commit(
        &store,
        vec![arrival("1-a", state(1, 1)), arrival("3-c<2-b<1-a", state(3, 3))],
    );
    let (head, documents) = rows(&store);
    assert_eq!(
        (head, documents[0].seq, documents[0].known.as_deref()),
        (1, 1, Some("e"))
    );
    let bodies: Vec<_> = store.bodies().into_iter().map(|row| row.rev).collect();
    assert_eq!(bodies, [rev("3-c")]);
    commit(&store, vec![arrival("4-d<3-c<2-b<1-a", state(4, 4))]);
    let bodies: Vec<_> = store.bodies().into_iter().map(|row| row.rev).collect();
    assert_eq!(bodies, [rev("4-d")]);
    assert_eq!(rows(&store).0, 2);
    commit(&store, vec![arrival("4-d<3-c", state(4, 4))]);
    assert_eq!(rows(&store).0, 2, "nothing new, so no new number");
}

#[test]
fn conflicts_that_need_nobody_are_settled_in_the_same_batch_and_offered_to_the_server() {
    let store = MemoryStore::new();
    commit(&store, vec![arrival("2-b<1-a", state(1, 9))]);
    commit(&store, vec![arrival("2-x<1-a", state(2, 8))]);
    let row = rows(&store).1.remove(0);
    assert!(row.tree.conflicts().is_empty());
    assert_eq!(row.known, None, "the server has not seen this");
    let winner = row.tree.winner().expect("a winner").clone();
    let body = store
        .bodies()
        .into_iter()
        .find(|body| body.rev == winner)
        .expect("its body");
    assert_eq!(body.body["read"]["value"], 1);
}

#[test]
fn a_refused_revision_leaves_the_tree_and_its_words_are_kept_apart() {
    let store = MemoryStore::new();
    commit(&store, vec![arrival("1-a", state(1, 1))]);
    let (head, documents) = rows(&store);
    let mut work = Workset::of(documents);
    work.lend(store.bodies());
    work.deny(STATE, &rev("1-a"), "No.");
    store.put(&work.into_batch(head)).expect("room");
    assert!(store.documents().is_empty() && store.bodies().is_empty());
    assert!(rows(&store).0 > head, "whoever read before this has to read again");
    let Rows::Locals(kept) = store.look(&Read::Locals("denied/".to_owned())).rows else {
        panic!("locals")
    };
    let denied: Denied = serde_json::from_value(kept[0].1.clone()).expect("is one");
    assert_eq!((denied.reason.as_str(), &denied.body), ("No.", &state(1, 1)));
}

#[test]
fn a_batch_that_was_read_before_somebody_wrote_is_not_written() {
    let store = MemoryStore::new();
    let (head, documents) = rows(&store);
    let mut late = Workset::of(documents);
    late.arrive(arrival("1-late", state(2, 2)), "e");
    commit(&store, vec![arrival("1-a", state(1, 1))]);
    assert_eq!(store.put(&late.into_batch(head)), Ok(super::super::Commit::Stale));
    assert_eq!(store.documents().len(), 1);
}

#[test]
fn a_revision_goes_out_with_its_whole_line() {
    let store = MemoryStore::new();
    commit(&store, vec![arrival("3-c<2-b<1-a", state(3, 3))]);
    let sent = to_send(&rows(&store).1[0], &store.bodies()[0]);
    assert_eq!(sent["_revisions"], json!({"start": 3, "ids": ["c", "b", "a"]}));
    assert_eq!((&sent["_id"], &sent["_rev"]), (&json!(STATE), &json!("3-c")));
    assert_eq!(Arrival::read(sent), Some(arrival("3-c<2-b<1-a", state(3, 3))));
}
