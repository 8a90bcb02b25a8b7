//! Delete somebody's account, for good.

use super::target::{Target, target};
use crate::{Authority, Env, Result, accounts, audit};
use model::{AccountId, Code, Role, Scope};

/// Deletes an account as if its owner had: see `accounts::delete_me` for what goes and what remains. The audit log keeps the
/// username.
///
/// # Errors
/// `not_found`; `admin_protected`; `scope_missing`.
pub async fn delete_user(env: &Env, by: &Authority, id: AccountId) -> Result<()> {
    by.require(Scope::UsersWrite)?;
    let Target { account, .. } = target(env, by, id).await?;
    if account.role == Role::Admin.as_str() {
        return Err(Code::AdminProtected.into());
    }
    let entry = audit::record(env, by, "user.delete", None, &account.username, String::new());
    accounts::erase(env, account.id, Some(entry)).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::{self, refusal},
        users,
    };
    use model::samples::{ADA, HEDY};

    #[tokio::test]
    async fn the_account_is_gone_its_session_too_and_the_log_names_it_without_a_way_to_it() {
        let (env, _) = fixtures::env().await;
        let hedy = fixtures::authority(&env, HEDY).await;
        let ada = fixtures::actor(&env, ADA).await;
        delete_user(&env, &hedy, ada.id()).await.expect("deletes");
        assert_eq!(refusal(users::get_user(&env, &hedy, ada.id()).await), Code::NotFound);
        assert!(!accounts::session_lives(&env, ada.session).await.expect("asks"));
        let log = audit::list_audit(&env, &hedy, None, 10).await.expect("lists");
        assert_eq!((log.items[0].target, log.items[0].target_name.as_str()), (None, "ada"));
        assert_eq!(refusal(delete_user(&env, &hedy, ada.id()).await), Code::NotFound);
    }

    #[tokio::test]
    async fn nobody_deletes_an_administrator() {
        let (env, _) = fixtures::env().await;
        let hedy = fixtures::authority(&env, HEDY).await;
        let id = hedy.account().expect("an account");
        assert_eq!(refusal(delete_user(&env, &hedy, id).await), Code::AdminProtected);
        assert_eq!(
            refusal(delete_user(&env, &Authority::Machine, id).await),
            Code::AdminProtected
        );
        let shop = fixtures::key(&env, &[Scope::UsersWrite]);
        assert_eq!(refusal(delete_user(&env, &shop, id).await), Code::ScopeMissing);
    }
}
