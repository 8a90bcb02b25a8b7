//! The account that something is about to be done to.

use crate::{
    Authority, Env, Result,
    accounts::{AccountRow, account_fields},
    db::vars,
};
use model::{AccountId, Code, Role};
// `Value` is what the derive of a flattened field speaks of.
use surrealdb::types::{SurrealValue, Value};

#[derive(SurrealValue)]
pub struct Target {
    #[surreal(flatten)]
    pub account: AccountRow,
    pub password_hash: String,
}

const FIND: &str = concat!(
    "SELECT ",
    account_fields!(),
    ", password_hash FROM ONLY type::record('account', $account_id)"
);

/// What a transaction that touches somebody's account begins with: what [`target`] found may have changed since. Binds:
/// `account_id`, `person` (see [`is_person`]). Afterwards, `$owner` is the account.
macro_rules! touch {
    () => {
        "LET $owner = (SELECT * FROM ONLY type::record('account', $account_id));
         IF $owner = NONE { THROW 'not_found' };
         IF $owner.role = 'admin' AND !$person { THROW 'scope_missing' };"
    };
}
pub(super) use touch;

/// Loads it.
///
/// # Errors
/// `not_found`; `scope_missing` for an API key and an administrator.
pub async fn target(env: &Env, by: &Authority, id: AccountId) -> Result<Target> {
    let found: Option<Target> = env.db.find(FIND, vars! { account_id: id.uuid() }).await?;
    let found = found.ok_or(Code::NotFound)?;
    if found.account.role == Role::Admin.as_str() {
        by.require_person()?;
    }
    Ok(found)
}

/// Whether it is a person who acts, and not a program.
pub fn is_person(by: &Authority) -> bool {
    by.require_person().is_ok()
}
