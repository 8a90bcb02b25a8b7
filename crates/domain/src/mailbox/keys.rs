//! Where rows of mailboxes are (decision 7): every id begins with the mailbox, and none is built of text.

use crate::records::{one, pair, several};
use surrealdb::types::{RecordId, RecordIdKey, SurrealValue, Value};
use uuid::Uuid;

/// Ends a range over texts: no text comes after any UUID in the order of SurrealDB's values.
pub const LAST: Uuid = Uuid::max();

/// A mailbox's head.
pub fn head(mailbox: Uuid) -> RecordId {
    one("mailbox", mailbox)
}

/// A document.
pub fn document(mailbox: Uuid, doc: &str) -> RecordId {
    several("document", vec![mailbox.into_value(), doc.to_owned().into_value()])
}

/// A place in the order of changes.
pub fn change(mailbox: Uuid, seq: u64) -> RecordId {
    several("document_change", vec![mailbox.into_value(), seq.into_value()])
}

/// What a revision says.
pub fn body(mailbox: Uuid, doc: &str, rev: &str) -> RecordId {
    let parts = [doc, rev].map(|part| part.to_owned().into_value());
    several(
        "document_body",
        std::iter::once(mailbox.into_value()).chain(parts).collect(),
    )
}

/// An attachment's bytes.
pub fn attachment(mailbox: Uuid, doc: &str, digest: &str) -> RecordId {
    let parts = [doc, digest].map(|part| part.to_owned().into_value());
    several(
        "attachment",
        std::iter::once(mailbox.into_value()).chain(parts).collect(),
    )
}

/// What the screens show of a letter.
pub fn letter(mailbox: Uuid, letter: Uuid) -> RecordId {
    pair("letter", mailbox, letter)
}

/// A letter in its thread.
pub fn thread(mailbox: Uuid, thread: &str, letter: Uuid) -> RecordId {
    let parts = [
        mailbox.into_value(),
        thread.to_owned().into_value(),
        letter.into_value(),
    ];
    several("letter_thread", parts.into())
}

/// A sheet of a mailbox's catalogue.
pub fn sheet(mailbox: Uuid, n: u64) -> RecordId {
    several("letter_sheet", vec![mailbox.into_value(), n.into_value()])
}

/// A mailbox's catalogue.
pub fn catalogue(mailbox: Uuid) -> RecordId {
    one("letter_catalogue", mailbox)
}

/// The mailbox that an id begins with, or is.
pub fn owner(id: &RecordId) -> Option<Uuid> {
    match &id.key {
        RecordIdKey::Uuid(uuid) => Some(**uuid),
        RecordIdKey::Array(parts) => match parts.first() {
            Some(Value::Uuid(uuid)) => Some(**uuid),
            _ => None,
        },
        _ => None,
    }
}

/// The number behind the mailbox.
pub fn number(id: &RecordId) -> Option<u64> {
    match &id.key {
        RecordIdKey::Array(parts) => match parts.get(1)? {
            Value::Number(number) => u64::try_from(number.into_int().ok()?).ok(),
            _ => None,
        },
        _ => None,
    }
}

/// The text at this place of an id, such as the document in that of a body.
pub fn part(id: &RecordId, at: usize) -> Option<&str> {
    match &id.key {
        RecordIdKey::Array(parts) => match parts.get(at) {
            Some(Value::String(text)) => Some(text.as_str()),
            _ => None,
        },
        _ => None,
    }
}
