//! Changes of how letters stand.

use crate::mailbox::replica::Op;
use model::mailbox::{DocId, Folder, Kind, LetterLine};
use serde_json::{Value, json};

/// A change of how a letter stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Marking {
    /// Put into a folder.
    Move(Folder),
    /// Read or not.
    Read(bool),
    /// With a star or without.
    Star(bool),
    /// Add a label.
    Label(String),
    /// Take a label away.
    Unlabel(String),
}

/// What to do to a letter that stands so, and what undoes it; nothing when it stands so already.
#[must_use]
pub fn mark(line: &LetterLine, marking: &Marking) -> Option<(Op, Marking)> {
    let (field, value, undo): (_, Value, _) = match marking {
        Marking::Move(folder) => {
            let undo = (line.folder != *folder).then_some(Marking::Move(line.folder))?;
            ("folder", json!(folder), undo)
        }
        Marking::Read(read) => {
            let undo = (line.read != *read).then_some(Marking::Read(line.read))?;
            ("read", json!(read), undo)
        }
        Marking::Star(starred) => {
            let undo = (line.starred != *starred).then_some(Marking::Star(line.starred))?;
            ("starred", json!(starred), undo)
        }
        Marking::Label(label) => {
            let place = line.labels.binary_search(label).err()?;
            let mut labels = line.labels.clone();
            labels.insert(place, label.clone());
            ("labels", json!(labels), Marking::Unlabel(label.clone()))
        }
        Marking::Unlabel(label) => {
            let place = line.labels.binary_search(label).ok()?;
            let mut labels = line.labels.clone();
            labels.remove(place);
            ("labels", json!(labels), Marking::Label(label.clone()))
        }
    };
    let op = Op::Set {
        id: DocId::of(Kind::State, line.id)?.to_string(),
        field: field.to_owned(),
        value,
    };
    Some((op, undo))
}

#[cfg(test)]
mod tests {
    use super::super::line::{line, restate, samples};
    use super::*;
    use crate::mailbox::{
        Clock,
        replica::{MemoryStore, Read, Rows, Writing},
    };
    use std::{
        pin::pin,
        task::{Context, Poll, Waker},
    };
    use uuid::Uuid;

    /// What the state is after these changes, one after the other, each decided by what stood before.
    fn after(markings: &[Marking]) -> (LetterLine, Vec<Marking>) {
        let mut shown = line(Uuid::from_u128(1), &samples::letter("Notes"), None);
        let store = MemoryStore::new();
        let mut undos = Vec::new();
        for (now, marking) in (1_000..).zip(markings) {
            let Some((op, undo)) = mark(&shown, marking) else {
                continue;
            };
            undos.push(undo);
            let Op::Set { id, .. } = &op else { panic!("a field") };
            let id = id.clone();
            let writing = Writing::new(vec![op], "phone", Clock::new(), now);
            let Poll::Ready(done) =
                pin!(crate::mailbox::replica::apply(&store, writing)).poll(&mut Context::from_waker(Waker::noop()))
            else {
                panic!("it waits")
            };
            done.expect("written");
            restate(&mut shown, Some(&current(&store, &id)));
        }
        (shown, undos)
    }

    fn current(store: &MemoryStore, id: &str) -> serde_json::Map<String, Value> {
        let Rows::Docs(rows) = store.look(&Read::Docs(vec![id.to_owned()])).rows else {
            panic!("documents")
        };
        let rev = rows[0].tree.winner().cloned().expect("alive");
        let Rows::Bodies(bodies) = store.look(&Read::Bodies(vec![(id.to_owned(), rev)])).rows else {
            panic!("bodies")
        };
        bodies[0].body.clone()
    }

    #[test]
    fn what_is_marked_stands_so_and_its_undo_leads_back() {
        let marks = [
            Marking::Move(Folder::Archive),
            Marking::Read(true),
            Marking::Star(true),
            Marking::Label("work".to_owned()),
            Marking::Label("a".to_owned()),
            Marking::Unlabel("work".to_owned()),
        ];
        let (shown, undos) = after(&marks);
        assert_eq!((shown.folder, shown.read, shown.starred), (Folder::Archive, true, true));
        assert_eq!(shown.labels, ["a"]);
        let back: Vec<Marking> = marks.into_iter().chain(undos.into_iter().rev()).collect();
        let (shown, _) = after(&back);
        assert_eq!(shown, line(Uuid::from_u128(1), &samples::letter("Notes"), None));
    }

    #[test]
    fn what_stands_so_already_is_no_change() {
        let shown = line(Uuid::from_u128(1), &samples::letter("Notes"), None);
        for nothing in [
            Marking::Move(Folder::Inbox),
            Marking::Read(false),
            Marking::Star(false),
            Marking::Unlabel("work".to_owned()),
        ] {
            assert_eq!(mark(&shown, &nothing), None);
        }
    }
}
