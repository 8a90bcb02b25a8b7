use super::super::{Config, Lane, Replicator};
use super::*;
use crate::mailbox::{
    Checkpoint,
    replica::{MemoryStore, StoreError},
};
use serde_json::{Map, json};

const DRAFT: &str = "d:0193f5e2-0000-7000-8000-000000000001";

/// A copy with its pull lane, whose questions the test answers.
struct Copy {
    replicator: Replicator,
    store: MemoryStore,
}

impl Copy {
    fn new() -> Self {
        Self {
            replicator: Replicator::new(&Config::new("phone", "run")),
            store: MemoryStore::new(),
        }
    }

    fn tell(&mut self, answer: Answer) -> bool {
        self.replicator.done(Lane::Pull, answer, 1.0)
    }

    /// Goes on until the server is asked, or nothing can be done.
    fn asks(&mut self) -> Question {
        loop {
            let answer = match self.replicator.next(Lane::Pull) {
                Step::Ask(question) => return *question,
                Step::Read(read) => Answer::Found(self.store.look(&read)),
                Step::Commit(batch) => Answer::Committed(self.store.put(&batch).expect("room")),
                other => panic!("{other:?}"),
            };
            self.tell(answer);
        }
    }

    fn answers(&mut self, reply: Reply) -> Question {
        self.asks();
        self.tell(Answer::Told(reply));
        self.asks()
    }

    /// A session whose notes are these.
    fn meets(&mut self, update_seq: &str, note: Option<Checkpoint>) -> Question {
        self.answers(Reply::Info(update_seq.to_owned()));
        self.answers(Reply::Note(note.map(|note| ("0-1".to_owned(), note))))
    }
}

fn changes(since: &str, wait: bool) -> Question {
    Question::Changes {
        since: since.to_owned(),
        limit: 1_000,
        wait,
    }
}

fn row(seq: &str, rev: &str) -> Change {
    serde_json::from_value(json!({"seq": seq, "id": DRAFT, "changes": [{"rev": rev}]})).expect("a row")
}

fn page(rows: Vec<Change>, last_seq: &str) -> Reply {
    Reply::Changes {
        rows,
        last_seq: last_seq.to_owned(),
    }
}

fn document(rev: &str) -> Reply {
    let fields = json!({"_id": DRAFT, "_rev": rev, "type": "draft"});
    Reply::Documents(vec![fields.as_object().cloned().unwrap_or_else(Map::new)])
}

fn note_of(question: Question) -> Checkpoint {
    match question {
        Question::PutNote { note, .. } => note,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_page_is_compared_fetched_and_written_with_its_note_before_the_server_hears_of_it() {
    let mut copy = Copy::new();
    assert_eq!(copy.meets("7-e", None), changes("0", false));
    let wanted = copy.answers(page(vec![row("7-e", "1-a")], "7-e"));
    assert_eq!(
        wanted,
        Question::BulkGet(vec![(DRAFT.to_owned(), "1-a".parse().expect("a rev"))])
    );
    copy.tell(Answer::Told(document("1-a")));
    let batch = loop {
        match copy.replicator.next(Lane::Pull) {
            Step::Commit(batch) => break batch,
            Step::Read(read) => {
                let found = Answer::Found(copy.store.look(&read));
                copy.tell(found)
            }
            other => panic!("{other:?}"),
        };
    };
    assert_eq!(
        (batch.docs.len(), batch.bodies.len(), batch.locals.len()),
        (1, 1, 1),
        "all or nothing"
    );
    assert_eq!(
        copy.asks(),
        Question::PutNote {
            id: "roost-pull-phone".to_owned(),
            rev: None,
            note: Checkpoint::advanced(None, "run-1", json!("7-e")),
        }
    );
    assert_eq!(copy.answers(Reply::Noted("0-1".to_owned())), changes("7-e", true));
    assert!(copy.replicator.is_caught_up());
}

#[test]
fn a_copy_goes_on_where_it_was_and_asks_for_nothing_twice() {
    let mut copy = Copy::new();
    copy.meets("7-e", None);
    copy.answers(page(vec![row("7-e", "1-a")], "7-e"));
    let note = note_of(copy.answers(document("1-a")));
    copy.answers(Reply::Noted("0-1".to_owned()));
    copy.tell(Answer::Failed(Failure::Silence));
    assert!(matches!(copy.replicator.next(Lane::Pull), Step::Wait(_)));
    copy.tell(Answer::Woken);
    assert_eq!(copy.meets("9-e", Some(note)), changes("7-e", false));
    assert_eq!(
        copy.answers(page(vec![row("8-e", "1-a")], "9-e")),
        note_put(&copy, "9-e"),
        "its body is here"
    );
}

fn note_put(copy: &Copy, seq: &str) -> Question {
    let Step::Ask(question) = copy.replicator.next(Lane::Pull) else {
        panic!("it asks")
    };
    assert_eq!(note_of((*question).clone()).last_seq, json!(seq));
    *question
}

#[test]
fn a_batch_that_another_tab_made_stale_is_decided_again_without_asking_the_server_again() {
    let mut copy = Copy::new();
    copy.meets("7-e", None);
    copy.answers(page(vec![row("7-e", "1-a")], "7-e"));
    copy.tell(Answer::Told(document("1-a")));
    let Step::Read(read) = copy.replicator.next(Lane::Pull) else {
        panic!("it reads")
    };
    let found = copy.store.look(&read);
    copy.tell(Answer::Found(found));
    copy.tell(Answer::Committed(Commit::Stale));
    assert!(matches!(copy.replicator.next(Lane::Pull), Step::Read(Read::Docs(_))));
    note_of(copy.asks());
    assert_eq!(copy.store.count(), 1);
}

#[test]
fn another_history_is_not_taken_before_notes_were_compared() {
    let mut copy = Copy::new();
    copy.meets("0-old", None);
    assert_eq!(copy.answers(page(Vec::new(), "0-old")), changes("0", true));
    assert_eq!(copy.answers(page(vec![row("1-new", "1-a")], "1-new")), Question::Info);
    assert_eq!(copy.store.count(), 0);
}

#[test]
fn a_note_that_somebody_else_kept_begins_a_new_session() {
    let mut copy = Copy::new();
    copy.meets("7-e", None);
    copy.answers(page(vec![row("7-e", "1-a")], "7-e"));
    note_of(copy.answers(document("1-a")));
    copy.tell(Answer::Failed(Failure::Conflict));
    assert_eq!(copy.asks(), Question::Info);
}

#[test]
fn failures_wait_longer_each_time_until_something_works() {
    let mut copy = Copy::new();
    let mut waits = Vec::new();
    for failure in [Failure::Silence, Failure::Trouble, Failure::TooLarge] {
        copy.asks();
        copy.tell(Answer::Failed(failure));
        let Step::Wait(pause) = copy.replicator.next(Lane::Pull) else {
            panic!("it waits")
        };
        waits.push(pause.as_millis());
        copy.tell(Answer::Woken);
    }
    assert_eq!(waits, [500, 1_000, 2_000]);
    copy.meets("0-e", None);
    copy.answers(page(Vec::new(), "0-e"));
    copy.tell(Answer::Failed(Failure::Silence));
    assert!(matches!(copy.replicator.next(Lane::Pull), Step::Wait(pause) if pause.as_millis() == 500));
}

#[test]
fn it_stops_when_the_session_is_over_the_mailbox_gone_or_the_device_full_and_can_be_woken() {
    for (answer, why) in [
        (Answer::Failed(Failure::SignedOut), Stopped::SignedOut),
        (Answer::Failed(Failure::Gone), Stopped::Gone),
        (Answer::StoreFailed(StoreError::Full), Stopped::Store(StoreError::Full)),
    ] {
        let mut copy = Copy::new();
        copy.asks();
        copy.tell(answer);
        assert_eq!(copy.replicator.next(Lane::Pull), Step::Stop(why));
        copy.replicator.wake(Lane::Pull);
        assert_eq!(copy.asks(), Question::Info);
    }
    let mut copy = Copy::new();
    copy.asks();
    copy.tell(Answer::StoreFailed(StoreError::Lost));
    assert!(
        matches!(copy.replicator.next(Lane::Pull), Step::Wait(_)),
        "it can be opened again"
    );
}
