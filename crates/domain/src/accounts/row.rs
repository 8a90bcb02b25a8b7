//! Accounts as rows.

use crate::{Env, Result, db::vars, mail};
use chrono::{DateTime, Utc};
use model::{Account, AccountId, Person, Preferences, Role};
use std::collections::HashMap;
use surrealdb::types::SurrealValue;
use uuid::Uuid;

/// An account as the database has it, less its password.
#[derive(Clone, Debug, SurrealValue)]
pub struct AccountRow {
    pub id: Uuid,
    pub username: String,
    pub email: String,
    pub display_name: String,
    pub role: String,
    pub created_at: DateTime<Utc>,
    pub disabled_at: Option<DateTime<Utc>>,
    pub read_receipts: Option<bool>,
    pub presence: Option<bool>,
}

/// What a statement selects of an account to make an [`AccountRow`].
macro_rules! account_fields {
    () => {
        "record::id(id) AS id, username, email, display_name, role, created_at, disabled_at, read_receipts, presence"
    };
}
pub(crate) use account_fields;

impl From<AccountRow> for Account {
    /// As administrators see it.
    fn from(row: AccountRow) -> Self {
        Self {
            id: row.id.into(),
            username: row.username,
            display_name: row.display_name,
            email: Some(row.email).filter(|address| !mail::goes_nowhere(address)),
            role: if row.role == Role::Admin.as_str() {
                Role::Admin
            } else {
                Role::User
            },
            created_at: row.created_at.into(),
            disabled_at: row.disabled_at.map(Into::into),
            preferences: None,
        }
    }
}

impl AccountRow {
    /// As its owner sees it.
    pub fn into_own(self) -> Account {
        let everything = Preferences::default();
        let preferences = Preferences {
            read_receipts: self.read_receipts.unwrap_or(everything.read_receipts),
            presence: self.presence.unwrap_or(everything.presence),
        };
        Account {
            preferences: Some(preferences),
            ..self.into()
        }
    }
}

/// A person as the database has them, for any row that shows one.
#[derive(Clone, SurrealValue)]
pub struct PersonRow {
    id: Uuid,
    username: String,
    display_name: String,
}

impl From<PersonRow> for Person {
    fn from(row: PersonRow) -> Self {
        Self {
            id: row.id.into(),
            username: row.username,
            display_name: row.display_name,
        }
    }
}

const PEOPLE: &str = "
    SELECT record::id(id) AS id, username, display_name
    FROM $ids.map(|$id| type::record('account', $id))";

/// People by their ids; those that are gone are left out.
pub(crate) async fn people(env: &Env, ids: Vec<Uuid>) -> Result<HashMap<AccountId, Person>> {
    let rows: Vec<PersonRow> = env.db.list(PEOPLE, vars! { ids: ids }).await?;
    Ok(rows.into_iter().map(|row| (row.id.into(), row.into())).collect())
}
