//! Invitations as rows.

use chrono::{DateTime, Utc};
use model::admin::Invitation;
use surrealdb::types::SurrealValue;
use uuid::Uuid;

/// An invitation as the database has it, less its code.
#[derive(SurrealValue)]
pub struct InvitationRow {
    id: Uuid,
    note: String,
    uses_max: i64,
    uses: i64,
    created_by: String,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

/// What a statement selects of an invitation to make an [`InvitationRow`].
macro_rules! invitation_fields {
    () => {
        "record::id(id) AS id, note, uses_max, uses, created_by, created_at, expires_at"
    };
}
pub(super) use invitation_fields;

impl From<InvitationRow> for Invitation {
    fn from(row: InvitationRow) -> Self {
        Self {
            id: row.id.into(),
            note: row.note,
            uses_max: row.uses_max.try_into().unwrap_or_default(),
            uses: row.uses.try_into().unwrap_or_default(),
            created_by: row.created_by,
            created_at: row.created_at.into(),
            expires_at: row.expires_at.into(),
        }
    }
}
