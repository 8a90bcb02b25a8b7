//! Revoke an API key.

use crate::{Authority, Env, Result, audit, db::vars};
use model::{ApiKeyId, Code};

const NAME: &str = "SELECT VALUE name FROM ONLY type::record('api_key', $id)";
const REVOKE: &str = "
    LET $gone = (DELETE type::record('api_key', $id) RETURN BEFORE);
    IF array::len($gone) = 0 { THROW 'not_found' };
    CREATE type::record('audit', $audit_id) CONTENT $audit;
    RETURN true;";

/// Ends a key: the next request with it is refused.
///
/// # Errors
/// `not_found`; `scope_missing` for every API key.
pub async fn revoke_api_key(env: &Env, by: &Authority, id: ApiKeyId) -> Result<()> {
    by.require_person()?;
    let name: Option<String> = env.db.find(NAME, vars! { id: id.uuid() }).await?;
    let name = name.ok_or(Code::NotFound)?;
    let entry = audit::record(env, by, "api_key.revoke", None, &name, String::new());
    let binds = vars! { id: id.uuid(), audit_id: entry.id, audit: entry.row };
    env.db.transact::<bool>(REVOKE, binds).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        api_keys::{authenticate_key, create_api_key},
        fixtures::{self, refusal},
    };
    use model::{Scope, admin::CreateApiKey, samples::HEDY};

    #[tokio::test]
    async fn a_revoked_key_is_dead_at_once_and_cannot_be_revoked_again() {
        let (env, _) = fixtures::env().await;
        let hedy = fixtures::authority(&env, HEDY).await;
        let command = CreateApiKey {
            name: "shop".into(),
            scopes: vec![Scope::UsersRead],
            days: None,
        };
        let made = create_api_key(&env, &hedy, command).await.expect("makes");
        let id = made.api_key.id;
        assert!(authenticate_key(&env, &made.secret).await.expect("asks").is_some());
        assert_eq!(
            refusal(revoke_api_key(&env, &fixtures::key(&env, Scope::ALL), id).await),
            Code::ScopeMissing
        );
        revoke_api_key(&env, &hedy, id).await.expect("revokes");
        assert!(authenticate_key(&env, &made.secret).await.expect("asks").is_none());
        assert_eq!(refusal(revoke_api_key(&env, &hedy, id).await), Code::NotFound);
        assert_eq!(fixtures::actions(&env).await[0], "api_key.revoke shop by hedy");
    }
}
