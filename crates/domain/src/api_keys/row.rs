//! Keys as rows.

use chrono::{DateTime, Utc};
use model::{Scope, admin::ApiKey};
use surrealdb::types::SurrealValue;
use uuid::Uuid;

/// A key as the database has it, less its secret.
#[derive(SurrealValue)]
pub struct KeyRow {
    pub id: Uuid,
    pub name: String,
    pub scopes: Vec<String>,
    pub created_by: String,
    pub created_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub used_at: Option<DateTime<Utc>>,
}

/// What a statement selects of a key to make a [`KeyRow`].
macro_rules! key_fields {
    () => {
        "record::id(id) AS id, name, scopes, created_by, created_at, expires_at, used_at"
    };
}
pub(super) use key_fields;

/// Scopes that this Roost does not know (any more) allow nothing.
pub fn scopes(names: &[String]) -> Vec<Scope> {
    names.iter().filter_map(|name| name.parse().ok()).collect()
}

impl From<KeyRow> for ApiKey {
    fn from(row: KeyRow) -> Self {
        Self {
            id: row.id.into(),
            scopes: scopes(&row.scopes),
            name: row.name,
            created_by: row.created_by,
            created_at: row.created_at.into(),
            expires_at: row.expires_at.map(Into::into),
            used_at: row.used_at.map(Into::into),
        }
    }
}
