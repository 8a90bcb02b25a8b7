//! Ids of rows, built of values and never of text (decision 7).

use surrealdb::types::{RecordId, RecordIdKey, Value};
use uuid::Uuid;

/// A row named by one id.
pub(crate) fn one(table: &str, id: Uuid) -> RecordId {
    RecordId::new(table, RecordIdKey::Uuid(id.into()))
}

/// A row named by two ids.
pub(crate) fn pair(table: &str, first: Uuid, second: Uuid) -> RecordId {
    RecordId::new(table, RecordIdKey::Array(vec![first, second].into()))
}

/// A row named by several values.
pub(crate) fn several(table: &str, parts: Vec<Value>) -> RecordId {
    RecordId::new(table, RecordIdKey::Array(parts.into()))
}
