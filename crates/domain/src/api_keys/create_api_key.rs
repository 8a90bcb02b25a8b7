//! Make an API key.

use super::secret;
use crate::{Authority, Env, Result, audit, db::vars};
use chrono::{DateTime, TimeDelta, Utc};
use model::{
    Label, Scope, Timestamp,
    admin::{ApiKey, CreateApiKey, CreatedApiKey},
    error::Check,
    limits,
};
use std::collections::BTreeSet;
use surrealdb::types::SurrealValue;

#[derive(SurrealValue)]
struct NewKey {
    name: String,
    scopes: Vec<String>,
    secret_hash: String,
    created_by: String,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
}

const CREATE: &str = "
    CREATE type::record('api_key', $id) CONTENT $key;
    CREATE type::record('audit', $audit_id) CONTENT $audit;
    RETURN true;";

/// Makes a key and tells its secret, this once. A key without scopes may do nothing.
///
/// # Errors
/// `invalid` for each field that is; `scope_missing` for every API key: only people hand out keys.
pub async fn create_api_key(env: &Env, by: &Authority, command: CreateApiKey) -> Result<CreatedApiKey> {
    by.require_person()?;
    let mut check = Check::new();
    let name = check.take("name", Label::parse(&command.name));
    let days = check.take("days", lifetime(command.days));
    let (Some(name), Some(days)) = (name, days) else {
        return Err(check.reject().into());
    };
    let scopes: Vec<Scope> = command
        .scopes
        .into_iter()
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let names: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
    let id = env.new_id();
    let (secret, secret_hash) = secret::new(env, id);
    let now = env.now();
    let expires_at = days.map(|days| now.plus(days));
    let row = NewKey {
        name: name.to_string(),
        scopes: names.iter().map(|name| (*name).to_owned()).collect(),
        secret_hash,
        created_by: by.name().to_owned(),
        created_at: now.datetime(),
        expires_at: expires_at.map(Timestamp::datetime),
    };
    let detail = match names.is_empty() {
        true => "no scopes".to_owned(),
        false => format!("scopes: {}", names.join(", ")),
    };
    let entry = audit::record(env, by, "api_key.create", None, name.as_str(), detail);
    let binds = vars! { id: id, key: row, audit_id: entry.id, audit: entry.row };
    env.db.transact::<bool>(CREATE, binds).await?;
    let api_key = ApiKey {
        id: id.into(),
        name: name.into(),
        scopes,
        created_by: by.name().to_owned(),
        created_at: now,
        expires_at,
        used_at: None,
    };
    Ok(CreatedApiKey { api_key, secret })
}

fn lifetime(days: Option<u32>) -> Result<Option<TimeDelta>, std::borrow::Cow<'static, str>> {
    match days {
        None => Ok(None),
        Some(days @ 1..=limits::API_KEY_DAYS_MAX) => Ok(Some(TimeDelta::days(days.into()))),
        Some(_) => Err(format!("A key lives for 1 to {} days, or for ever.", limits::API_KEY_DAYS_MAX).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Error,
        api_keys::{authenticate_key, list_api_keys},
        fixtures::{self, refusal},
    };
    use model::{Code, samples::HEDY};

    fn command(name: &str, days: Option<u32>) -> CreateApiKey {
        CreateApiKey {
            name: name.into(),
            scopes: vec![Scope::UsersWrite, Scope::UsersRead, Scope::UsersWrite],
            days,
        }
    }

    #[tokio::test]
    async fn the_secret_is_told_once_and_kept_only_as_a_hash() {
        let (env, _) = fixtures::env().await;
        let hedy = fixtures::authority(&env, HEDY).await;
        let made = create_api_key(&env, &hedy, command("  The   shop ", None))
            .await
            .expect("makes");
        assert!(
            made.secret.starts_with("roost_") && made.secret.len() == 70,
            "{}",
            made.secret
        );
        assert_eq!(
            (made.api_key.name.as_str(), made.api_key.created_by.as_str()),
            ("The shop", "hedy")
        );
        assert_eq!(made.api_key.scopes, [Scope::UsersRead, Scope::UsersWrite]);
        let everything: Vec<surrealdb::types::Value> = env
            .db
            .list("RETURN [(SELECT * FROM api_key), (SELECT * FROM audit)]", vars! {})
            .await
            .expect("reads");
        assert!(!format!("{everything:?}").contains(&made.secret[6..]));
        assert_eq!(list_api_keys(&env, &hedy).await.expect("lists"), [made.api_key]);
        assert!(authenticate_key(&env, &made.secret).await.expect("asks").is_some());
        assert_eq!(
            fixtures::actions(&env).await,
            ["api_key.create The shop by hedy: scopes: users:read, users:write"]
        );
    }

    #[tokio::test]
    async fn names_and_days_are_checked_and_keys_make_no_keys() {
        let (env, _) = fixtures::env().await;
        let hedy = fixtures::authority(&env, HEDY).await;
        for (bad, field) in [
            (command(" ", None), "name"),
            (command(&"x".repeat(65), None), "name"),
            (command("shop", Some(0)), "days"),
            (command("shop", Some(limits::API_KEY_DAYS_MAX + 1)), "days"),
        ] {
            match create_api_key(&env, &hedy, bad).await {
                Err(Error::Rejected(rejection)) => assert!(rejection.about(field).is_some(), "{rejection:?}"),
                other => panic!("{other:?}"),
            }
        }
        let shop = fixtures::key(&env, Scope::ALL);
        assert_eq!(
            refusal(create_api_key(&env, &shop, command("another", None)).await),
            Code::ScopeMissing
        );
    }
}
