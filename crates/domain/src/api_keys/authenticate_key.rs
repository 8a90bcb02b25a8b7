//! Which server is it? From the secret of an API key to a [`KeyHolder`].

use super::{row::scopes, secret};
use crate::{Env, KeyHolder, Result, accounts::secret::same, db::vars};
use chrono::{DateTime, TimeDelta, Utc};
use surrealdb::types::SurrealValue;
use uuid::Uuid;

/// How stale `used_at` may be before a request refreshes it.
const USED_RESOLUTION: TimeDelta = TimeDelta::minutes(1);

#[derive(SurrealValue)]
struct Found {
    name: String,
    scopes: Vec<String>,
    secret_hash: String,
    used_at: Option<DateTime<Utc>>,
}

/// Asked anew for each request, so that a revoked key is dead at once.
const FIND: &str = "
    SELECT name, scopes, secret_hash, used_at FROM ONLY type::record('api_key', $id)
    WHERE expires_at = NONE OR expires_at > $now";
const USED: &str = "
    UPDATE type::record('api_key', $id) SET used_at = $now;
    RETURN true;";

/// The server behind an API key, if the key is genuine and lives.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn authenticate_key(env: &Env, token: &str) -> Result<Option<KeyHolder>> {
    let Some((id, hash)) = secret::read(token) else {
        return Ok(None);
    };
    let now = env.now().datetime();
    let found: Option<Found> = env.db.find(FIND, vars! { id: id, now: now }).await?;
    let Some(found) = found.filter(|found| same(&found.secret_hash, &hash)) else {
        return Ok(None);
    };
    note_use(env, id, found.used_at).await?;
    Ok(Some(KeyHolder {
        id: id.into(),
        scopes: scopes(&found.scopes),
        name: found.name,
    }))
}

async fn note_use(env: &Env, id: Uuid, used_at: Option<DateTime<Utc>>) -> Result<()> {
    let now = env.now().datetime();
    if used_at.is_none_or(|used_at| now - used_at >= USED_RESOLUTION) {
        env.db.transact::<bool>(USED, vars! { id: id, now: now }).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        api_keys::{create_api_key, list_api_keys},
        fixtures,
    };
    use model::{
        Scope,
        admin::{CreateApiKey, CreatedApiKey},
    };

    async fn key(env: &Env, days: Option<u32>) -> CreatedApiKey {
        let command = CreateApiKey {
            name: "shop".into(),
            scopes: vec![Scope::UsersRead],
            days,
        };
        create_api_key(env, &crate::Authority::Machine, command)
            .await
            .expect("makes")
    }

    #[tokio::test]
    async fn a_key_opens_with_its_own_scopes_until_it_expires() {
        let (env, clock) = fixtures::env().await;
        let (made, lasting) = (key(&env, Some(1)).await, key(&env, None).await);
        let holder = authenticate_key(&env, &made.secret)
            .await
            .expect("asks")
            .expect("a key");
        assert_eq!((holder.id, holder.name.as_str()), (made.api_key.id, "shop"));
        assert_eq!(holder.scopes, [Scope::UsersRead]);
        clock.advance_s(86_399);
        assert!(authenticate_key(&env, &made.secret).await.expect("asks").is_some());
        clock.advance_s(1);
        assert!(authenticate_key(&env, &made.secret).await.expect("asks").is_none());
        assert!(authenticate_key(&env, &lasting.secret).await.expect("asks").is_some());
    }

    #[tokio::test]
    async fn another_secret_another_key_or_rubbish_opens_nothing() {
        let (env, _) = fixtures::env().await;
        let made = key(&env, None).await;
        let (forged, _) = secret::new(&env, made.api_key.id.uuid());
        let (unknown, _) = secret::new(&env, env.new_id());
        let without_prefix = &made.secret["roost_".len()..];
        for bad in [
            "",
            "roost_",
            "roost_x",
            without_prefix,
            &made.secret[..69],
            &forged,
            &unknown,
        ] {
            assert!(authenticate_key(&env, bad).await.expect("asks").is_none(), "{bad}");
        }
    }

    #[tokio::test]
    async fn its_last_use_is_noted_to_the_minute() {
        let (env, clock) = fixtures::env().await;
        let made = key(&env, None).await;
        let first = env.now();
        for (seconds, noted) in [(0, first), (59, first), (1, first.plus(TimeDelta::seconds(60)))] {
            clock.advance_s(seconds);
            authenticate_key(&env, &made.secret)
                .await
                .expect("asks")
                .expect("a key");
            let keys = list_api_keys(&env, &crate::Authority::Machine).await.expect("lists");
            assert_eq!(keys[0].used_at, Some(noted));
        }
    }
}
