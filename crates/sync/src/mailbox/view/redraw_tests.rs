use super::super::line::samples;
use super::*;
use crate::mailbox::{
    Incoming, Mode,
    replica::{MemoryStore, Read, Rows, Workset},
};
use model::mailbox::Folder;
use serde_json::json;

const LETTER: &str = "l:00000000-0000-0000-0000-000000000001";
const STATE: &str = "s:00000000-0000-0000-0000-000000000001";
const ORDER: &str = "o:00000000-0000-0000-0000-000000000002";
const RECEIPT: &str = "r:00000000-0000-0000-0000-000000000002";
const DRAFT: &str = "d:00000000-0000-0000-0000-000000000002";

/// A copy with its lines, as a device keeps them.
#[derive(Default)]
struct Copy {
    store: MemoryStore,
    lines: BTreeMap<Uuid, LetterLine>,
    desk: BTreeMap<String, Desk>,
    words: usize,
}

impl Copy {
    fn docs(&self, ids: Vec<String>) -> Vec<DocRow> {
        match self.store.look(&Read::Docs(ids)).rows {
            Rows::Docs(rows) => rows,
            _ => panic!("documents"),
        }
    }

    fn bodies(&self, keys: Vec<(String, Rev)>) -> Vec<BodyRow> {
        match self.store.look(&Read::Bodies(keys)).rows {
            Rows::Bodies(rows) => rows,
            _ => panic!("bodies"),
        }
    }

    /// Writes, in one batch, and draws anew.
    fn write(&mut self, documents: &[(&str, Option<Value>)]) {
        let ids = documents.iter().map(|(id, _)| (*id).to_owned()).collect();
        let mut rows = Workset::of(self.docs(ids));
        for (id, body) in documents {
            let incoming = Incoming {
                id: (*id).to_owned(),
                rev: rows.tree(id).winner().cloned(),
                deleted: body.is_none(),
                body: body.as_ref().and_then(Value::as_object).cloned().unwrap_or_default(),
                ..Incoming::default()
            };
            rows.edit(&incoming, Mode::Edit);
        }
        let head = self.store.look(&Read::Docs(Vec::new())).head;
        self.commit(&rows.into_batch(head));
    }

    fn commit(&mut self, batch: &Batch) {
        let mut redraw = Redraw::of(batch);
        let (lines, docs) = redraw.beside();
        let lines = lines.iter().filter_map(|id| self.lines.get(id).cloned()).collect();
        redraw.saw(lines, self.docs(docs));
        for row in self.bodies(redraw.bodies()) {
            redraw.lend(&row);
        }
        let drawn = redraw.drawn();
        self.store.put(batch).expect("room");
        for id in drawn.gone {
            self.lines.remove(&id);
        }
        for (line, words) in drawn.lines {
            self.words += usize::from(words);
            self.lines.insert(line.id, line);
        }
        for (id, state) in drawn.desk {
            match state {
                Some(state) => self.desk.insert(id, state),
                None => self.desk.remove(&id),
            };
        }
    }

    fn line(&self) -> &LetterLine {
        self.lines.get(&Uuid::from_u128(1)).expect("a line")
    }
}

fn letter(subject: &str) -> Option<Value> {
    serde_json::to_value(samples::letter(subject)).ok()
}

fn state(folder: &str) -> Option<Value> {
    Some(Value::Object(samples::state(folder, true, &[])))
}

fn receipt(state: &str) -> Option<Value> {
    Some(json!({"type": "receipt", "order": ORDER, "state": state, "refused": []}))
}

#[test]
fn a_letter_and_its_state_make_one_line_whichever_comes_first() {
    let both = [(LETTER, letter("Notes")), (STATE, state("archive"))];
    let mut together = Copy::default();
    together.write(&both);
    for order in [[0, 1], [1, 0]] {
        let mut apart = Copy::default();
        for at in order {
            apart.write(&both[at..=at]);
        }
        assert_eq!(apart.lines, together.lines);
    }
    assert_eq!((together.line().folder, together.line().read), (Folder::Archive, true));
}

#[test]
fn a_state_alone_changes_the_line_and_not_what_the_letter_is_found_by() {
    let mut copy = Copy::default();
    copy.write(&[(LETTER, letter("Notes"))]);
    assert_eq!((copy.words, copy.line().folder), (1, Folder::Inbox));
    copy.write(&[(STATE, state("trash"))]);
    assert_eq!((copy.words, copy.line().folder), (1, Folder::Trash));
    copy.write(&[(STATE, None)]);
    assert_eq!(copy.line().folder, Folder::Inbox, "a state that is deleted");
}

#[test]
fn a_letter_that_goes_takes_its_line_along_and_one_that_is_changed_is_drawn_anew() {
    let mut copy = Copy::default();
    copy.write(&[(LETTER, letter("Notes")), (STATE, state("sent"))]);
    copy.write(&[(LETTER, letter("No names"))]);
    assert_eq!(
        (copy.line().subject.as_str(), copy.line().folder),
        ("No names", Folder::Sent)
    );
    assert_eq!(copy.words, 2);
    copy.write(&[(LETTER, None)]);
    assert!(copy.lines.is_empty());
    let removed = Batch {
        remove: vec![LETTER.to_owned()],
        ..Batch::default()
    };
    copy.write(&[(LETTER, letter("Notes"))]);
    copy.commit(&removed);
    assert!(copy.lines.is_empty(), "withdrawn");
}

#[test]
fn an_order_is_on_the_desk_until_its_receipt_came_whichever_came_first() {
    let order = Some(json!({"type": "order", "to": ["grace"], "subject": "", "body": ""}));
    let mut copy = Copy::default();
    copy.write(&[(ORDER, order.clone())]);
    assert_eq!(copy.desk.get(ORDER), Some(&Desk::Open));
    copy.write(&[(RECEIPT, receipt("delivered"))]);
    assert!(copy.desk.is_empty());

    let mut copy = Copy::default();
    copy.write(&[(RECEIPT, receipt("refused"))]);
    assert!(copy.desk.is_empty(), "an order that is not here");
    copy.write(&[(ORDER, order)]);
    assert_eq!(copy.desk.get(ORDER), Some(&Desk::Refused));
    copy.write(&[(ORDER, None)]);
    assert!(copy.desk.is_empty(), "put away");
}

#[test]
fn a_draft_is_on_the_desk_until_it_is_thrown_away_or_sent() {
    let mut copy = Copy::default();
    copy.write(&[(
        DRAFT,
        Some(json!({"type": "draft", "to": [], "subject": "", "body": "", "updated_at": ""})),
    )]);
    assert_eq!(copy.desk.get(DRAFT), Some(&Desk::Draft));
    copy.write(&[(DRAFT, None)]);
    assert!(copy.desk.is_empty());
}

#[test]
fn what_is_not_shown_asks_for_nothing() {
    let file = format!("b:{}", "0a".repeat(32));
    let batch = Batch {
        remove: vec![file, "p:theme".to_owned(), "odd".to_owned()],
        ..Batch::default()
    };
    assert!(Redraw::of(&batch).is_idle());
    assert_eq!(Redraw::of(&batch).beside(), (Vec::new(), Vec::new()));
}
