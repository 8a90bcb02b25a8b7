//! Sign in by username or e-mail address.

use crate::{
    Caller, Env, Result,
    accounts::{
        look_alikes,
        password_pool::Verdict,
        row::AccountRow,
        session::{self, Opened},
    },
    db::vars,
    throttle::Action,
};
use model::{Code, Username, command::SignIn, limits};
// `Value` is what the derive of a flattened field speaks of.
use surrealdb::types::{SurrealValue, Value};

#[derive(SurrealValue)]
pub(super) struct Found {
    #[surreal(flatten)]
    pub account: AccountRow,
    pub password_hash: String,
}

const BY_EMAIL: &str = "
    SELECT record::id(id) AS id, username, email, display_name, role, created_at, password_hash
    FROM account WHERE email_key = $key";
const BY_USERNAME: &str = "
    SELECT record::id(id) AS id, username, email, display_name, role, created_at, password_hash
    FROM account WHERE username_key = $key";

/// The account that a person means by a username or an e-mail address.
pub(super) async fn find_login(env: &Env, login: &str) -> Result<Option<Found>> {
    let login = login.trim();
    if login.contains('@') {
        return env.db.find(BY_EMAIL, vars! { key: login.to_lowercase() }).await;
    }
    let Some(username) = Username::parse(login)
        .ok()
        .and_then(|name| look_alikes::canonical(&name).ok())
    else {
        return Ok(None);
    };
    let found: Option<Found> = env
        .db
        .find(BY_USERNAME, vars! { key: look_alikes::key(&username) })
        .await?;
    // The key finds look-alikes too; only the name itself signs in.
    Ok(found.filter(|found| found.account.username == username.as_str()))
}

const OPEN: &str = "
    IF $new_hash != NONE { UPDATE type::record('account', $account) SET password_hash = $new_hash };
    CREATE type::record('session', $session_id) CONTENT $session_row;
    RETURN true;";

/// Opens a session for somebody who knows their password. An unknown name takes as long as a wrong password.
///
/// # Errors
/// `credentials_invalid`, `rate_limited` per network address and per account, `busy`.
pub async fn sign_in(env: &Env, caller: &Caller, command: SignIn) -> Result<Opened> {
    env.throttle.by_address(Action::SignIn, caller)?;
    env.throttle
        .count(Action::SignInLogin, &command.login.trim().to_lowercase())?;
    if command.password.len() > limits::PASSWORD_MAX_BYTES {
        return Err(Code::CredentialsInvalid.into());
    }
    let found = find_login(env, &command.login).await?;
    let (account, phc) = found.map(|found| (found.account, found.password_hash)).unzip();
    let new_hash = match (env.passwords.verify(command.password, phc).await?, &account) {
        (Verdict::Right, Some(_)) => None,
        (Verdict::RightButOld(new), Some(_)) => Some(new),
        _ => return Err(Code::CredentialsInvalid.into()),
    };
    let Some(account) = account else {
        return Err(Code::CredentialsInvalid.into());
    };
    let session = session::prepare(env, caller, account.id, command.session.unwrap_or_default());
    let binds = vars! {
        new_hash: new_hash,
        account: account.id,
        session_id: session.id,
        session_row: session.row.clone(),
    };
    env.db.transact::<bool>(OPEN, binds).await?;
    session.opened(env, account.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Error, fixtures};
    use model::samples::{ADA, GRACE};

    fn command(login: &str, password: &str) -> SignIn {
        SignIn {
            login: login.into(),
            password: password.into(),
            session: None,
        }
    }

    #[tokio::test]
    async fn a_person_signs_in_by_either_name_in_any_case() {
        let (env, _) = fixtures::env().await;
        fixtures::actor(&env, ADA).await;
        for login in ["ada", "ADA", " Ada ", "ada@example.org", "Ada@Example.ORG"] {
            let opened = sign_in(&env, &fixtures::caller(), command(login, ADA.password)).await;
            assert_eq!(opened.expect(login).signed_in.account.username, "ada");
        }
    }

    #[tokio::test]
    async fn a_wrong_password_and_an_unknown_name_are_answered_alike() {
        let (env, _) = fixtures::env().await;
        fixtures::actor(&env, ADA).await;
        let mut answers = Vec::new();
        for (login, password) in [
            ("ada", "wrong"),
            ("nobody", "wrong"),
            ("", ""),
            ("a@b", "x"),
            ("ada", &"x".repeat(9000)),
        ] {
            match sign_in(&env, &fixtures::caller(), command(login, password)).await {
                Err(Error::Rejected(rejection)) => answers.push(rejection),
                other => panic!("{login}: {other:?}"),
            }
        }
        assert!(
            answers
                .iter()
                .all(|answer| *answer == answers[0] && answer.code == Code::CredentialsInvalid)
        );
    }

    #[tokio::test]
    async fn guessing_at_one_account_is_slowed_and_leaves_others_alone() {
        let (env, clock) = fixtures::env().await;
        fixtures::actor(&env, ADA).await;
        fixtures::actor(&env, GRACE).await;
        for _ in 0..20 {
            let _ = sign_in(&env, &fixtures::caller(), command("ada", "wrong")).await;
        }
        let refused = sign_in(&env, &fixtures::caller(), command("ada", ADA.password)).await;
        assert!(matches!(refused, Err(Error::Rejected(r)) if r.code == Code::RateLimited && r.retry_after_s.is_some()));
        sign_in(&env, &fixtures::caller(), command("grace", GRACE.password))
            .await
            .expect("signs in");
        clock.advance_s(31);
        sign_in(&env, &fixtures::caller(), command("ada", ADA.password))
            .await
            .expect("signs in again");
    }

    #[tokio::test]
    async fn a_login_is_found_by_an_index_and_not_by_reading_all_accounts() {
        let (env, _) = fixtures::env().await;
        for (statement, index) in [(BY_EMAIL, "account_email"), (BY_USERNAME, "account_username")] {
            let plan = env.db.plan(statement, vars! { key: "ada" }).await;
            assert!(plan.contains(index) && !plan.contains("TableScan"), "{plan}");
        }
    }

    #[tokio::test]
    async fn signing_in_replaces_a_hash_with_outdated_parameters() {
        use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};
        let (env, _) = fixtures::env().await;
        let ada = fixtures::actor(&env, ADA).await;
        let weak = Argon2::new(
            Algorithm::Argon2id,
            Version::V0x13,
            Params::new(8, 1, 1, None).expect("parameters"),
        );
        let old = weak
            .hash_password_with_salt(ADA.password.as_bytes(), &[7; 16])
            .expect("hashes")
            .to_string();
        let binds = || vars! { id: ada.id().uuid(), old: old.clone() };
        env.db
            .read("UPDATE type::record('account', $id) SET password_hash = $old", binds())
            .await
            .expect("updates");
        for _ in 0..2 {
            sign_in(&env, &fixtures::caller(), command("ada", ADA.password))
                .await
                .expect("signs in");
        }
        let kept = "SELECT VALUE password_hash FROM ONLY type::record('account', $id)";
        let kept: Option<String> = env.db.find(kept, binds()).await.expect("reads");
        assert!(kept.is_some_and(|hash| hash.contains("$m=19456,t=2,p=1$")));
    }
}
