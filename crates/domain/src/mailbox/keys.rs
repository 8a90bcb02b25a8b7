//! Where rows of mailboxes are (decision 7): every id begins with the mailbox, and none is built of text.

use crate::records::{one, several};
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
