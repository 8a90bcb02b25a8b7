//! Write an entry, in the transaction of what it tells.

use crate::{Authority, Env};
use chrono::{DateTime, Utc};
use surrealdb::types::SurrealValue;
use uuid::Uuid;

/// An entry and the id of its row. A verb binds `audit_id: entry.id` and `audit: entry.row`, and says in its transaction:
/// ```surql
/// CREATE type::record('audit', $audit_id) CONTENT $audit;
/// ```
pub struct Entry {
    pub id: Uuid,
    pub row: Row,
}

/// A row of the table `audit`.
#[derive(Clone, Debug, SurrealValue)]
pub struct Row {
    at: DateTime<Utc>,
    by_kind: String,
    by_name: String,
    by_account: Option<Uuid>,
    action: String,
    target: Option<Uuid>,
    target_name: String,
    detail: String,
}

/// Makes the entry of `action` (noun and verb, such as `user.disable`), done to the account or thing called `name`.
pub fn record(env: &Env, by: &Authority, action: &str, target: Option<Uuid>, name: &str, detail: String) -> Entry {
    let row = Row {
        at: env.now().datetime(),
        by_kind: by.kind().as_str().to_owned(),
        by_name: by.name().to_owned(),
        by_account: by.account().map(|account| account.uuid()),
        action: action.to_owned(),
        target,
        target_name: name.to_owned(),
        detail,
    };
    Entry { id: env.new_id(), row }
}
