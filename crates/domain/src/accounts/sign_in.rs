//! Sign in by username or e-mail address.

use crate::{
    Caller, Env, Result,
    accounts::{
        attempts, look_alikes,
        password_pool::Verdict,
        row::{AccountRow, account_fields},
        session::{self, Opened, open_session},
    },
    db::vars,
    mail::{self, MailKind},
    throttle::Action,
};
use model::{
    Code, Email, Username,
    command::{SessionKind, SignIn},
    limits,
};
// `Value` is what the derive of a flattened field speaks of.
use surrealdb::types::{SurrealValue, Value};
use uuid::Uuid;

#[derive(SurrealValue)]
pub(crate) struct Found {
    #[surreal(flatten)]
    pub account: AccountRow,
    pub password_hash: String,
}

const BY_EMAIL: &str = concat!(
    "
    SELECT ",
    account_fields!(),
    ", password_hash
    FROM account WHERE email_key = $key"
);
const BY_USERNAME: &str = concat!(
    "
    SELECT ",
    account_fields!(),
    ", password_hash
    FROM account WHERE username_key = $key"
);

/// The account that a person means by a username or an e-mail address.
pub(crate) async fn find_login(env: &Env, login: &str) -> Result<Option<Found>> {
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

/// A hash is replaced only if it is still the one that was checked. A device that the account was never on before is told
/// of by mail, unless it is its first.
const OPEN: &str = concat!(
    "IF $new_hash != NONE {
         UPDATE type::record('account', $account_id) SET password_hash = $new_hash WHERE password_hash = $old_hash
     };
     LET $others = (SELECT VALUE id FROM known_device:[$account_id]..[$account_id, $last] LIMIT 1);
     LET $is_new = array::len($others) > 0 AND !type::record('known_device', [$account_id, $device]).exists();
     IF $is_new AND $mail != NONE { CREATE type::record('mail', $mail_id) CONTENT $mail };",
    open_session!(),
    "RETURN true;"
);

/// Opens a session for somebody who knows their password. An unknown name takes as long as a wrong password. A sign-in
/// from a new device is told of by mail.
///
/// # Errors
/// `credentials_invalid`; `account_disabled`, to whoever knows the password; `rate_limited` per network address, and
/// longer and longer after wrong passwords; `busy`.
pub async fn sign_in(env: &Env, caller: &Caller, command: SignIn) -> Result<Opened> {
    let (account, better_hash) = check_credentials(env, caller, &command.login, command.password).await?;
    open(env, caller, account, command.session.unwrap_or_default(), better_hash).await
}

/// The account of somebody who knows its password; with its hash so far and a better one, if there is any.
///
/// # Errors
/// As [`sign_in`].
pub(crate) async fn check_credentials(
    env: &Env,
    caller: &Caller,
    login: &str,
    password: String,
) -> Result<(AccountRow, Option<(String, String)>)> {
    env.throttle.by_address(Action::SignIn, caller)?;
    if password.len() > limits::PASSWORD_MAX_BYTES || login.len() > limits::EMAIL_MAX_BYTES {
        return Err(Code::CredentialsInvalid.into());
    }
    let found = find_login(env, login).await?;
    let (account, phc) = found.map(|found| (found.account, found.password_hash)).unzip();
    let id = account.as_ref().map(|account| account.id);
    let attempt = attempts::count(env, caller, id, login).await?;
    let phc = phc.filter(|phc| !phc.is_empty());
    let (better_hash, account) = match (env.passwords.verify(password, phc.clone()).await?, account) {
        (Verdict::Right, Some(account)) => (None, account),
        (Verdict::RightButOld(new), Some(account)) => (phc.map(|old| (old, new)), account),
        _ => return Err(Code::CredentialsInvalid.into()),
    };
    attempt.forgive(env).await?;
    if account.disabled_at.is_some() {
        return Err(Code::AccountDisabled.into());
    }
    Ok((account, better_hash))
}

async fn open(
    env: &Env,
    caller: &Caller,
    account: AccountRow,
    kind: SessionKind,
    better_hash: Option<(String, String)>,
) -> Result<Opened> {
    let (old_hash, new_hash) = better_hash.unzip();
    let session = session::prepare(env, caller, account.id, kind);
    let news = MailKind::NewDevice {
        display_name: account.display_name.clone(),
        device: model::device::name(&caller.user_agent),
        devices_link: format!("{}/settings", env.site.public_url),
    };
    let mail = Email::parse(&account.email)
        .ok()
        .map(|email| mail::compose(env, &email, &news));
    let (mail_id, mail) = mail.map(|mail| (mail.id, mail.row)).unzip();
    let mut binds = vars! {
        old_hash: old_hash,
        new_hash: new_hash,
        mail_id: mail_id,
        mail: mail,
        last: Uuid::max(),
    };
    session.bind(env, &mut binds);
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

    async fn guess(env: &Env, caller: &Caller, login: &str) -> Option<u64> {
        match sign_in(env, caller, command(login, "wrong")).await {
            Err(Error::Rejected(r)) if r.code == Code::CredentialsInvalid => None,
            Err(Error::Rejected(r)) if r.code == Code::RateLimited => r.retry_after_s,
            other => panic!("{other:?}"),
        }
    }

    fn stranger() -> Caller {
        Caller {
            address: [198, 51, 100, 7].into(),
            ..Caller::local("Guessing/1.0")
        }
    }

    #[tokio::test]
    async fn each_wrong_password_costs_more_time_the_lock_ends_by_itself_and_others_are_left_alone() {
        let (env, clock) = fixtures::env().await;
        fixtures::actor(&env, ADA).await;
        fixtures::actor(&env, GRACE).await;
        for login in ["ada", "nobody"] {
            for _ in 0..5 {
                assert_eq!(guess(&env, &stranger(), login).await, None);
            }
            let mut waits = Vec::new();
            for _ in 0..12 {
                let wait = guess(&env, &stranger(), login).await.expect("locked");
                waits.push(wait);
                clock.advance_s(i64::try_from(wait).expect("a time"));
                assert_eq!(guess(&env, &stranger(), login).await, None, "{login}: one more try");
            }
            assert_eq!(waits, [2, 3, 5, 9, 17, 33, 65, 129, 301, 901, 901, 901], "{login}");
        }
        sign_in(&env, &stranger(), command("grace", GRACE.password))
            .await
            .expect("signs in");
        assert_eq!(guess(&env, &stranger(), "ada").await, None, "one more try");
        let locked = sign_in(&env, &stranger(), command("ada", ADA.password)).await;
        assert!(
            matches!(locked, Err(Error::Rejected(r)) if r.code == Code::RateLimited),
            "even the right one"
        );
        clock.advance_s(901);
        sign_in(&env, &stranger(), command("ada", ADA.password))
            .await
            .expect("signs in again");
    }

    #[tokio::test]
    async fn a_stranger_who_guesses_does_not_lock_the_owner_out_of_their_own_device() {
        let (env, _) = fixtures::env().await;
        let device = fixtures::sign_up(&env, ADA, SessionKind::Cookie).await.device;
        for _ in 0..6 {
            guess(&env, &stranger(), "ada").await;
        }
        assert!(guess(&env, &stranger(), "ada").await.is_some());
        let at_home = Caller {
            device,
            ..fixtures::caller()
        };
        sign_in(&env, &at_home, command("ada", ADA.password))
            .await
            .expect("signs in");
    }

    #[tokio::test]
    async fn a_network_that_guesses_at_many_names_is_slowed_as_a_whole() {
        let (env, _) = fixtures::env().await;
        fixtures::actor(&env, ADA).await;
        assert_eq!(guess(&env, &stranger(), "name").await, None);
        // As if hundreds had come before.
        env.db
            .read("UPDATE failure SET count = 298", vars! {})
            .await
            .expect("updates");
        let mut slowed = false;
        for n in 0..3 {
            slowed |= guess(&env, &stranger(), &format!("name{n}")).await.is_some();
        }
        assert!(slowed);
        sign_in(&env, &fixtures::caller(), command("ada", ADA.password))
            .await
            .expect("another network is free");
    }

    #[tokio::test]
    async fn a_hundred_guesses_at_once_are_no_more_than_the_free_ones() {
        let (env, _) = fixtures::env().await;
        fixtures::actor(&env, ADA).await;
        let caller = stranger();
        let guesses = futures::future::join_all((0..100).map(|_| guess(&env, &caller, "ada"))).await;
        let looked_at = guesses.iter().filter(|wait| wait.is_none()).count();
        assert_eq!(looked_at, 5);
    }

    #[tokio::test]
    async fn a_sign_in_from_a_new_device_is_told_by_mail_and_one_from_a_known_device_is_not() {
        let (env, _) = fixtures::env().await;
        let device = fixtures::sign_up(&env, ADA, SessionKind::Cookie).await.device;
        let is_news = async || matches!(fixtures::newest_mail(&env, ADA.email).await, MailKind::NewDevice { .. });
        let known = Caller {
            device,
            ..fixtures::caller()
        };
        sign_in(&env, &known, command("ada", ADA.password))
            .await
            .expect("signs in");
        assert!(!is_news().await);
        let opened = sign_in(&env, &stranger(), command("ada", ADA.password))
            .await
            .expect("signs in");
        assert!(is_news().await);
        assert!(opened.device.is_some());
    }

    #[tokio::test]
    async fn where_one_account_has_one_session_a_new_one_ends_the_others() {
        let (mut env, _) = fixtures::env().await;
        env.site = std::sync::Arc::new(crate::env::Site {
            single_session: true,
            ..fixtures::site()
        });
        let first = fixtures::sign_up(&env, ADA, SessionKind::Cookie)
            .await
            .cookie
            .expect("a cookie");
        let second = sign_in(&env, &fixtures::caller(), command("ada", ADA.password))
            .await
            .expect("signs in");
        let lives = async |cookie: &str| {
            crate::accounts::authenticate_cookie(&env, cookie)
                .await
                .expect("asks")
                .is_some()
        };
        assert!(!lives(&first).await);
        assert!(lives(&second.cookie.expect("a cookie")).await);
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
