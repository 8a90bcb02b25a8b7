use super::super::{MemoryStore, Store, StoreError, apply};
use super::*;
use crate::mailbox::{Arrival, Resolution, resolve};
use std::{
    cell::Cell,
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};

const DRAFT: &str = "d:0193f5e2-0000-7000-8000-000000000001";
const ORDER: &str = "o:0193f5e2-0000-7000-8000-000000000001";
const STATE: &str = "s:0193f5e2-0000-7000-8000-000000000001";
const NOON: u64 = 1_795_262_400_000;

/// What never waits is ready at once.
fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
    }
}

fn body(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(body) => body,
        _ => panic!("an object"),
    }
}

fn draft(text: &str) -> Map<String, Value> {
    body(
        json!({"type": "draft", "to": ["grace"], "subject": "", "body": text, "updated_at": "2026-11-21T09:30:00.000Z"}),
    )
}

fn put(id: &str, seen: Option<&Rev>, body: Map<String, Value>) -> Op {
    Op::Put {
        id: id.to_owned(),
        seen: seen.cloned(),
        body,
        attachments: Map::new(),
        stubs: Stubs::new(),
    }
}

fn set(value: bool) -> Op {
    Op::Set {
        id: STATE.to_owned(),
        field: "read".to_owned(),
        value: value.into(),
    }
}

fn run<S: Store>(store: &S, ops: Vec<Op>) -> Vec<Outcome> {
    let writing = Writing::new(ops, "phone", Clock::new(), NOON);
    now(apply(store, writing)).expect("the store works").outcomes().to_vec()
}

fn written(outcomes: &[Outcome]) -> Rev {
    match outcomes {
        [Outcome::Written(rev) | Outcome::Beside(rev), ..] => rev.clone(),
        other => panic!("{other:?}"),
    }
}

fn tree(store: &MemoryStore, id: &str) -> RevTree {
    let rows = store.documents();
    rows.into_iter()
        .find(|row| row.id == id)
        .map(|row| row.tree)
        .unwrap_or_default()
}

#[test]
fn a_draft_grows_by_its_revisions_and_only_the_last_text_is_kept() {
    let store = MemoryStore::new();
    let first = written(&run(&store, vec![put(DRAFT, None, draft("Dear"))]));
    let second = written(&run(&store, vec![put(DRAFT, Some(&first), draft("Dear Grace"))]));
    assert_eq!(second.generation(), 2);
    assert_eq!(store.bodies().len(), 1);
}

#[test]
fn a_draft_that_changed_elsewhere_is_kept_beside_until_its_owner_chooses() {
    let store = MemoryStore::new();
    let first = written(&run(&store, vec![put(DRAFT, None, draft("Dear"))]));
    run(&store, vec![put(DRAFT, Some(&first), draft("Dear Grace"))]);
    let outcomes = run(&store, vec![put(DRAFT, Some(&first), draft("Dear Hedy"))]);
    assert!(matches!(outcomes[0], Outcome::Beside(_)), "{outcomes:?}");
    let bodies = store.bodies().into_iter().map(|row| (row.rev, row.body)).collect();
    assert!(matches!(
        resolve(DRAFT, &tree(&store, DRAFT), &bodies),
        Resolution::Ask { .. }
    ));
    let choice = Op::Choose {
        id: DRAFT.to_owned(),
        body: draft("Dear both"),
    };
    run(&store, vec![choice]);
    assert!(tree(&store, DRAFT).conflicts().is_empty());
    let kept: Vec<_> = store.bodies().into_iter().filter(|row| !row.body.is_empty()).collect();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].body, draft("Dear both"));
}

#[test]
fn sending_writes_the_order_and_ends_the_draft_in_one_batch_and_twice_is_once() {
    let store = MemoryStore::new();
    run(&store, vec![put(DRAFT, None, draft("Dear"))]);
    let order = body(json!({"type": "order", "to": ["grace"], "subject": "", "body": "Dear"}));
    let send = || vec![put(ORDER, None, order.clone()), Op::Delete { id: DRAFT.to_owned() }];
    let outcomes = run(&store, send());
    assert!(
        outcomes.iter().all(|outcome| matches!(outcome, Outcome::Written(_))),
        "{outcomes:?}"
    );
    assert!(tree(&store, DRAFT).is_deleted());
    let before = tree(&store, ORDER);
    assert!(matches!(run(&store, send())[0], Outcome::Refused(_)));
    assert_eq!(tree(&store, ORDER), before);
}

#[test]
fn what_the_server_would_refuse_is_refused_here_and_nothing_of_it_is_written() {
    let store = MemoryStore::new();
    let outcomes = run(
        &store,
        vec![put(DRAFT, None, draft("Dear")), put("l:1", None, Map::new())],
    );
    assert!(matches!(outcomes[1], Outcome::Refused(_)), "{outcomes:?}");
    assert!(store.documents().is_empty());
    let long = draft(&"x".repeat(model::limits::LETTER_MAX + 1));
    assert!(matches!(
        run(&store, vec![put(DRAFT, None, long)])[0],
        Outcome::Refused(_)
    ));
}

#[test]
fn a_field_is_set_later_than_what_was_seen_also_by_a_clock_that_is_behind() {
    let store = MemoryStore::new();
    let ahead = Writing::new(vec![set(true)], "wrong", Clock::new(), NOON + 31_536_000_000);
    now(apply(&store, ahead)).expect("the store works");
    assert!(matches!(run(&store, vec![set(false)])[0], Outcome::Written(_)));
    let body = store.bodies().remove(0).body;
    assert_eq!(
        (&body["read"]["value"], &body["read"]["by"]),
        (&json!(false), &json!("phone"))
    );
    assert_eq!(run(&store, vec![set(false)]), [Outcome::Same]);
    let row = store.documents().remove(0);
    let mine = Arrival::read(super::super::workset::to_send(&row, &store.bodies()[0])).expect("a revision");
    assert_eq!(mine.body["type"], "state");
}

/// Another tab that writes between this one's reading and its writing, so many times.
struct Crowded {
    store: MemoryStore,
    left: Cell<u32>,
}

impl Store for Crowded {
    async fn read(&self, read: &Read) -> Result<Found, StoreError> {
        self.store.read(read).await
    }

    async fn commit(&self, batch: &Batch) -> Result<Commit, StoreError> {
        if let Some(left) = self.left.get().checked_sub(1) {
            self.left.set(left);
            run(&self.store, vec![set(left % 2 == 0)]);
        }
        self.store.commit(batch).await
    }
}

#[test]
fn a_tab_that_was_slower_reads_again_and_both_edits_stand() {
    let crowded = Crowded {
        store: MemoryStore::new(),
        left: Cell::new(3),
    };
    let star = Op::Set {
        id: STATE.to_owned(),
        field: "starred".to_owned(),
        value: true.into(),
    };
    run(&crowded, vec![star]);
    let row = crowded.store.documents().remove(0);
    assert!(row.tree.conflicts().is_empty());
    assert_eq!(
        row.tree.winner().map(Rev::generation),
        Some(4),
        "three of the other tab, one of this"
    );
    let body = crowded.store.bodies().remove(0).body;
    assert_eq!(
        (&body["starred"]["value"], &body["read"]["value"]),
        (&json!(true), &json!(true))
    );
}
