//! See the API keys there are.

use super::row::{KeyRow, key_fields};
use crate::{Authority, Env, Result, db::vars};
use model::admin::ApiKey;

/// There are a handful; more than this are not shown.
const LIST: &str = concat!("SELECT ", key_fields!(), " FROM api_key ORDER BY id DESC LIMIT 1000");

/// Every key, the newest first, also those that have ended. Never a secret.
///
/// # Errors
/// `scope_missing` for every API key.
pub async fn list_api_keys(env: &Env, by: &Authority) -> Result<Vec<ApiKey>> {
    by.require_person()?;
    let rows: Vec<KeyRow> = env.db.list(LIST, vars! {}).await?;
    Ok(rows.into_iter().map(ApiKey::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        api_keys::create_api_key,
        fixtures::{self, refusal},
    };
    use model::{Code, Scope, admin::CreateApiKey, samples::HEDY};

    #[tokio::test]
    async fn the_newest_key_comes_first_and_only_people_see_them() {
        let (env, _) = fixtures::env().await;
        let hedy = fixtures::authority(&env, HEDY).await;
        for name in ["shop", "forum"] {
            let command = CreateApiKey {
                name: name.into(),
                scopes: Vec::new(),
                days: None,
            };
            create_api_key(&env, &hedy, command).await.expect("makes");
        }
        let list = list_api_keys(&env, &hedy).await.expect("lists");
        assert_eq!(
            list.iter().map(|key| key.name.as_str()).collect::<Vec<_>>(),
            ["forum", "shop"]
        );
        assert_eq!(
            refusal(list_api_keys(&env, &fixtures::key(&env, Scope::ALL)).await),
            Code::ScopeMissing
        );
    }
}
