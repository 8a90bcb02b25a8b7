use super::super::{Config, Lane, Replicator};
use super::*;
use crate::mailbox::{
    Checkpoint, Clock, Stubs,
    replica::{Arrival, Denied, MemoryStore, Op, Writing},
};
use serde_json::json;

const DRAFT: &str = "d:0193f5e2-0000-7000-8000-000000000001";
const ORDER: &str = "o:0193f5e2-0000-7000-8000-000000000001";

/// A copy with its push lane, whose questions the test answers.
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

    fn writes(&self, id: &str, body: Value) {
        let op = Op::Put {
            id: id.to_owned(),
            seen: None,
            body: Map::deserialize(body),
            attachments: Map::new(),
            stubs: Stubs::new(),
        };
        let mut writing = Writing::new(vec![op], "phone", Clock::new(), 0);
        while let Some(read) = writing.wants() {
            writing.found(self.store.look(&read));
        }
        let batch = writing.batch().unwrap_or_else(|| panic!("{:?}", writing.outcomes()));
        self.store.put(&batch).expect("room");
    }

    fn draft(&self, text: &str) {
        let id = format!("d:0193f5e2-0000-7000-8000-{:012}", text.len());
        self.writes(
            &id,
            json!({"type": "draft", "to": [], "subject": "", "body": text, "updated_at": "2026-11-21T09:30:00.000Z"}),
        );
    }

    fn order(&self) {
        self.writes(
            ORDER,
            json!({"type": "order", "to": ["grace"], "subject": "", "body": "Dear Grace"}),
        );
    }

    fn tell(&mut self, answer: Answer) {
        self.replicator.done(Lane::Push, answer, 1.0);
    }

    /// Goes on until the server is asked; `None` when it sleeps.
    fn asks(&mut self) -> Option<Question> {
        loop {
            let answer = match self.replicator.next(Lane::Push) {
                Step::Ask(question) => return Some(*question),
                Step::Read(read) => Answer::Found(self.store.look(&read)),
                Step::Commit(batch) => Answer::Committed(self.store.put(&batch).expect("room")),
                Step::Sleep => return None,
                other => panic!("{other:?}"),
            };
            self.tell(answer);
        }
    }

    fn answers(&mut self, reply: Reply) -> Option<Question> {
        self.asks();
        self.tell(Answer::Told(reply));
        self.asks()
    }

    fn meets(&mut self, note: Option<Checkpoint>) -> Option<Question> {
        self.answers(Reply::Info("0-e".to_owned()));
        self.answers(Reply::Note(note.map(|note| ("0-1".to_owned(), note))))
    }

    /// The server lacks all that it is offered.
    fn lacks_all(&mut self) -> Vec<Map<String, Value>> {
        let Some(Question::RevsDiff(offered)) = self.asks() else {
            panic!("it offers")
        };
        let missing = |missing| Missing {
            missing,
            possible_ancestors: Vec::new(),
        };
        let all = offered.into_iter().map(|(id, revs)| (id, missing(revs))).collect();
        match self.answers(Reply::Missing(all)) {
            Some(Question::BulkDocs(documents)) => documents,
            other => panic!("{other:?}"),
        }
    }
}

trait FromJson {
    fn deserialize(value: Value) -> Self;
}

impl FromJson for Map<String, Value> {
    fn deserialize(value: Value) -> Self {
        match value {
            Value::Object(map) => map,
            _ => panic!("an object"),
        }
    }
}

fn refused(id: &str, error: &str) -> Refused {
    Refused {
        id: id.to_owned(),
        error: error.to_owned(),
        reason: "No.".to_owned(),
    }
}

fn is_info(question: Option<&Question>) -> bool {
    matches!(question, Some(Question::Info))
}

#[test]
fn what_was_written_here_is_offered_handed_over_and_noted_there_before_here() {
    let mut copy = Copy::new();
    copy.draft("Dear");
    copy.meets(None);
    let documents = copy.lacks_all();
    assert_eq!(documents.len(), 1);
    assert_eq!(documents[0]["_revisions"]["start"], 1);
    let asked = copy.answers(Reply::Written(Vec::new()));
    assert!(
        matches!(&asked, Some(Question::PutNote { note, .. }) if note.last_seq == json!(1)),
        "{asked:?}"
    );
    let local = || copy.store.look(&Read::Locals("note/".to_owned())).rows;
    assert_eq!(local(), Rows::Locals(Vec::new()));
    assert_eq!(copy.answers(Reply::Noted("0-1".to_owned())), None, "it sleeps");
    assert_eq!(copy.replicator.pushed(), 1);
}

#[test]
fn a_page_of_which_nothing_lacks_is_not_handed_over_and_noted_once_in_the_end() {
    let mut copy = Copy::new();
    copy.draft("Dear");
    copy.meets(None);
    let asked = copy.answers(Reply::Missing(BTreeMap::new()));
    assert!(matches!(asked, Some(Question::PutNote { .. })));
}

#[test]
fn what_came_from_the_server_is_not_offered_to_it() {
    let mut copy = Copy::new();
    let mut rows = Workset::default();
    let document = json!({"_id": DRAFT, "_rev": "1-a", "type": "draft"});
    rows.arrive(Arrival::read(Map::deserialize(document)).expect("a revision"), "e");
    copy.store.put(&rows.into_batch(0)).expect("room");
    assert_eq!(copy.meets(None), None, "nothing asked, so nothing to be noted");
}

#[test]
fn what_came_from_another_history_of_the_server_is_offered() {
    let mut copy = Copy::new();
    let mut rows = Workset::default();
    let document = json!({"_id": DRAFT, "_rev": "1-a", "type": "draft"});
    rows.arrive(Arrival::read(Map::deserialize(document)).expect("a revision"), "before");
    copy.store.put(&rows.into_batch(0)).expect("room");
    assert!(matches!(copy.meets(None), Some(Question::RevsDiff(_))));
}

#[test]
fn when_the_server_went_back_all_is_offered_once_and_then_trusted_again() {
    let mut copy = Copy::new();
    let mut rows = Workset::default();
    let document = json!({"_id": DRAFT, "_rev": "1-a", "type": "draft"});
    rows.arrive(Arrival::read(Map::deserialize(document)).expect("a revision"), "e");
    rows.note("note/roost-push-phone/distrust", Some(json!(0)));
    copy.store.put(&rows.into_batch(0)).expect("room");
    assert!(matches!(copy.meets(None), Some(Question::RevsDiff(_))));
    copy.answers(Reply::Missing(BTreeMap::new()));
    assert_eq!(copy.answers(Reply::Noted("0-1".to_owned())), None, "it sleeps");
    let Rows::Locals(words) = copy.store.look(&Read::Locals("note/roost-push-phone/".to_owned())).rows else {
        panic!("locals")
    };
    assert!(words.is_empty(), "{words:?}");
}

#[test]
fn an_order_is_marked_as_tried_before_it_leaves() {
    let mut copy = Copy::new();
    copy.order();
    copy.meets(None);
    copy.lacks_all();
    let Rows::Locals(tried) = copy.store.look(&Read::Locals(tried_key(ORDER))).rows else {
        panic!("locals")
    };
    assert_eq!(tried.len(), 1);
}

#[test]
fn what_is_forbidden_is_taken_out_with_its_words_kept_and_the_rest_goes_on() {
    let mut copy = Copy::new();
    copy.order();
    copy.draft("Dear");
    copy.meets(None);
    copy.lacks_all();
    let asked = copy.answers(Reply::Written(vec![refused(ORDER, "forbidden")]));
    assert_eq!(asked, Some(Question::Leaves(ORDER.to_owned())));
    assert!(matches!(
        copy.answers(Reply::Documents(Vec::new())),
        Some(Question::PutNote { .. })
    ));
    assert_eq!(copy.store.count(), 1, "the draft");
    let Rows::Locals(kept) = copy.store.look(&Read::Locals("denied/".to_owned())).rows else {
        panic!("locals")
    };
    let denied: Denied = serde_json::from_value(kept[0].1.clone()).expect("is one");
    assert_eq!(
        (denied.reason.as_str(), &denied.body["body"]),
        ("No.", &json!("Dear Grace"))
    );
}

#[test]
fn what_is_taken_out_is_read_again_when_a_tab_wrote_meanwhile() {
    let mut copy = Copy::new();
    copy.order();
    copy.meets(None);
    copy.lacks_all();
    copy.answers(Reply::Written(vec![refused(ORDER, "forbidden")]));
    copy.tell(Answer::Told(Reply::Documents(Vec::new())));
    let Step::Read(read) = copy.replicator.next(Lane::Push) else {
        panic!("it reads")
    };
    let found = copy.store.look(&read);
    copy.tell(Answer::Found(found));
    copy.draft("Dear");
    let Step::Read(read) = copy.replicator.next(Lane::Push) else {
        panic!("it reads")
    };
    assert!(matches!(read, Read::Bodies(_)));
    let found = copy.store.look(&read);
    copy.tell(Answer::Found(found));
    assert_eq!(
        copy.replicator.next(Lane::Push),
        Step::Read(Read::Docs(vec![ORDER.to_owned()]))
    );
}

#[test]
fn of_a_document_that_is_refused_the_servers_version_is_taken() {
    let mut copy = Copy::new();
    copy.order();
    copy.meets(None);
    copy.lacks_all();
    copy.answers(Reply::Written(vec![refused(ORDER, "forbidden")]));
    let theirs = json!({"_id": ORDER, "_rev": "1-theirs", "type": "order", "body": "Dear Hedy"});
    copy.answers(Reply::Documents(vec![Map::deserialize(theirs)]));
    let row = copy.store.documents().remove(0);
    assert_eq!(row.tree.leaves(), [&"1-theirs".parse::<Rev>().expect("a rev")]);
}

#[test]
fn any_other_error_of_a_document_is_tried_again_and_nothing_is_noted() {
    let mut copy = Copy::new();
    copy.draft("Dear");
    copy.meets(None);
    copy.lacks_all();
    copy.tell(Answer::Told(Reply::Written(vec![refused(DRAFT, "internal")])));
    assert!(matches!(copy.replicator.next(Lane::Push), Step::Wait(_)));
    copy.tell(Answer::Woken);
    assert!(is_info(copy.asks().as_ref()));
    copy.meets(None);
    assert_eq!(copy.lacks_all().len(), 1);
}

#[test]
fn a_parcel_that_is_too_large_is_halved_until_one_document_is_to_blame() {
    let mut copy = Copy::new();
    ["a", "bb", "ccc"].into_iter().for_each(|text| copy.draft(text));
    copy.meets(None);
    assert_eq!(copy.lacks_all().len(), 3);
    let parcel = |asked: Option<Question>| match asked {
        Some(Question::BulkDocs(documents)) => documents.len(),
        other => panic!("{other:?}"),
    };
    copy.tell(Answer::Failed(Failure::TooLarge));
    assert_eq!(parcel(copy.asks()), 1);
    copy.tell(Answer::Failed(Failure::TooLarge));
    assert_eq!(parcel(copy.asks()), 2, "the others");
    let asked = copy.answers(Reply::Written(Vec::new()));
    assert!(matches!(asked, Some(Question::Leaves(_))), "{asked:?}");
    copy.answers(Reply::Documents(Vec::new()));
    assert_eq!(copy.store.count(), 2);
}

#[test]
fn a_note_that_is_not_the_known_one_begins_a_new_session_instead_of_being_put_again() {
    let mut copy = Copy::new();
    copy.draft("Dear");
    copy.meets(None);
    copy.lacks_all();
    copy.answers(Reply::Written(Vec::new()));
    copy.tell(Answer::Failed(Failure::Conflict));
    assert!(is_info(copy.asks().as_ref()), "perhaps it came back with a backup");
}

#[test]
fn when_the_pull_lane_meets_the_server_anew_the_push_lane_compares_notes_again() {
    let mut copy = Copy::new();
    assert_eq!(copy.meets(None), None, "it sleeps");
    copy.tell(Answer::Woken);
    assert_eq!(copy.asks(), None, "nothing new, nothing asked");
    let woken = copy
        .replicator
        .done(Lane::Pull, Answer::Told(Reply::Info("0-e".to_owned())), 0.0);
    assert!(woken);
    copy.tell(Answer::Woken);
    assert!(is_info(copy.asks().as_ref()));
}
