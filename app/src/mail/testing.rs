//! Letters for the tests of the pure parts.

use model::{
    Person, Timestamp,
    mailbox::{DocId, FileLine, Folder, LetterLine, LetterView},
};
use uuid::Uuid;

/// Somebody with this number.
pub fn person(n: u128) -> Person {
    Person {
        id: Uuid::from_u128(n).into(),
        username: format!("p{n}"),
        display_name: format!("Person {n}"),
    }
}

/// A line of the inbox with this number.
pub fn line(n: u128) -> LetterLine {
    LetterLine {
        id: Uuid::from_u128(n),
        thread: "thread".to_owned(),
        from: person(1),
        to: vec![person(2)],
        subject: format!("Subject {n}"),
        snippet: "The beginning".to_owned(),
        sent_at: Timestamp::from_millis(1_795_262_400_000).expect("in range"),
        files: 0,
        folder: Folder::Inbox,
        read: false,
        starred: false,
        labels: Vec::new(),
    }
}

/// A letter with this number and text, and a file.
pub fn view(n: u128, body: &str) -> LetterView {
    LetterView {
        line: line(n),
        body: body.to_owned(),
        in_reply_to: None,
        files: vec![FileLine {
            id: DocId::of_attachment(&"0a".repeat(32)).expect("an id"),
            name: "card.txt".to_owned(),
            media_type: "text/plain".to_owned(),
            size: 12,
        }],
    }
}
