//! Sign somebody out everywhere.

use super::target::{Target, is_person, target, touch};
use crate::{Authority, Env, Result, accounts::end_sessions, audit, db::vars};
use model::{AccountId, Scope};

const SIGN_OUT: &str = concat!(
    touch!(),
    "LET $ended = (SELECT VALUE id FROM session WHERE account = $account_id AND expires_at > $now).len();",
    end_sessions!(),
    "CREATE type::record('audit', $audit_id) CONTENT $audit;
    RETURN $ended;"
);

/// Ends every session of an account, with its tokens and sockets, and says how many there were. They may sign in again.
///
/// # Errors
/// `not_found`; `scope_missing`.
pub async fn sign_out_user(env: &Env, by: &Authority, id: AccountId) -> Result<u64> {
    by.require(Scope::UsersWrite)?;
    let Target { account, .. } = target(env, by, id).await?;
    let entry = audit::record(
        env,
        by,
        "user.sign_out",
        Some(account.id),
        &account.username,
        String::new(),
    );
    let binds = vars! {
        account_id: account.id,
        person: is_person(by),
        now: env.now().datetime(),
        chance: env.new_id(),
        audit_id: entry.id,
        audit: entry.row,
    };
    let ended: i64 = env.db.transact(SIGN_OUT, binds).await?;
    env.remembered.forget_account(id);
    Ok(ended.try_into().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        accounts,
        fixtures::{self, refusal},
    };
    use model::{
        Code,
        command::SignIn,
        samples::{ADA, GRACE, HEDY},
    };

    #[tokio::test]
    async fn every_session_of_one_account_ends_and_none_of_another() {
        let (env, _) = fixtures::env().await;
        let hedy = fixtures::authority(&env, HEDY).await;
        let (ada, grace) = (fixtures::actor(&env, ADA).await, fixtures::actor(&env, GRACE).await);
        let command = SignIn {
            login: "ada".into(),
            password: ADA.password.into(),
            session: None,
        };
        accounts::sign_in(&env, &fixtures::caller(), command)
            .await
            .expect("signs in");
        assert_eq!(sign_out_user(&env, &hedy, ada.id()).await.expect("signs out"), 2);
        assert!(!accounts::session_lives(&env, ada.session).await.expect("asks"));
        assert!(accounts::session_lives(&env, grace.session).await.expect("asks"));
        assert_eq!(fixtures::actions(&env).await, ["user.sign_out ada by hedy"]);
    }

    #[tokio::test]
    async fn a_server_signs_no_administrator_out() {
        let (env, _) = fixtures::env().await;
        let hedy = fixtures::authority(&env, HEDY).await;
        let id = hedy.account().expect("an account");
        let shop = fixtures::key(&env, &[Scope::UsersWrite]);
        assert_eq!(refusal(sign_out_user(&env, &shop, id).await), Code::ScopeMissing);
        assert_eq!(fixtures::actions(&env).await, Vec::<String>::new());
    }
}
