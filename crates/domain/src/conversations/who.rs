//! People by what others call them.

use crate::{
    Env, Result,
    accounts::{key_and_name, people},
    db::vars,
};
use model::{Person, Username};
use uuid::Uuid;

const BY_USERNAME: &str = "SELECT VALUE record::id(id) FROM account WHERE username_key = $key AND username = $name";
const BLOCKED_EITHER_WAY: &str = "
    array::union(
        (SELECT VALUE record::id(id)[1] FROM block:[$me]..[$me, $last]),
        (SELECT VALUE account FROM block WHERE blocked = $me)
    )";

/// Somebody by a username, with or without an `@`, or an account id.
pub async fn find_account(env: &Env, name: &str) -> Result<Option<Uuid>> {
    let name = name.trim();
    if let Ok(id) = name.parse::<Uuid>() {
        return Ok(people(env, vec![id]).await?.into_keys().next().map(|id| id.uuid()));
    }
    let username = Username::parse(name.trim_start_matches('@')).ok();
    let Some((key, name)) = username.as_ref().and_then(key_and_name) else {
        return Ok(None);
    };
    env.db.find(BY_USERNAME, vars! { key: key, name: name }).await
}

/// Somebody by their id.
pub async fn person(env: &Env, id: Uuid) -> Result<Option<Person>> {
    Ok(people(env, vec![id]).await?.into_values().next())
}

/// Whom somebody blocks, and who blocks them.
pub async fn blocked_either_way(env: &Env, me: Uuid) -> Result<Vec<Uuid>> {
    env.db
        .list(BLOCKED_EITHER_WAY, vars! { me: me, last: Uuid::max() })
        .await
}
