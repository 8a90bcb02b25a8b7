//! The first administrator: made by a link that the server prints at its start, and by nothing else.

use crate::{
    Caller, Env, Result,
    accounts::{
        find_people::words,
        lifetimes, look_alikes,
        measure_password::check_password,
        one_time::{self, Kind, OneTimeRow, Purpose},
        register::parse_names,
        secret,
        session::{self, Opened, open_session},
        set_password::NewAccount,
    },
    db::vars,
};
use model::{
    Code, Rejection, Role,
    command::{ClaimAdmin, SessionKind},
};

const OFFER: &str = "
    LET $admin = (SELECT VALUE id FROM account WHERE role = 'admin' LIMIT 1)[0];
    IF $admin = NONE { CREATE type::record('one_time', $hash) CONTENT $code };
    RETURN $admin = NONE;";

/// A code for the link that makes the first administrator; `None` once there is one.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn offer_admin(env: &Env) -> Result<Option<String>> {
    let code = format!("{}-{}", secret::new_code(env), secret::new_code(env));
    let expires_at = env.now().plus(lifetimes::ADMIN_LINK);
    let row = OneTimeRow::new(Kind::Code, Purpose::FirstAdmin, expires_at.datetime());
    let hash = secret::hash(secret::normalize_code(&code).as_bytes());
    let offered: bool = env.db.transact(OFFER, vars! { hash: hash, code: row }).await?;
    Ok(offered.then_some(code))
}

const CLAIM: &str = concat!(
    "
    LET $taken = (UPDATE type::record('one_time', $hash) SET used = true WHERE !used RETURN AFTER);
    IF array::len($taken) = 0 { THROW 'code_invalid' };
    IF (SELECT VALUE id FROM account WHERE role = 'admin' LIMIT 1)[0] != NONE { THROW 'admin_exists' };
    UPSERT admin_claim:first SET by = $account_id;
    CREATE type::record('account', $account_id) CONTENT $account;
    FOR $word IN $words { CREATE type::record('person_word', [$word, $account_id]) };",
    open_session!(),
    "RETURN true;"
);

/// Makes the first administrator and signs them in. Whoever can read the server's output owns the machine, so no
/// mail has to prove anything.
///
/// # Errors
/// `code_invalid`; `admin_exists`; `invalid` for each field that is; `username_taken`, `email_taken`.
pub async fn claim_admin(env: &Env, caller: &Caller, command: ClaimAdmin) -> Result<Opened> {
    let subject = one_time::find(env, caller, Kind::Code, &command.code).await?;
    if subject.purpose != Purpose::FirstAdmin {
        return Err(Code::CodeInvalid.into());
    }
    let (email, username, display_name) =
        parse_names(&command.email, &command.username, command.display_name.as_deref())?;
    let about = [username.as_str(), email.as_str(), display_name.as_str()];
    check_password(&command.password, &command.password_confirmation, &about)?;
    let id = env.new_id();
    let account = NewAccount {
        username_key: look_alikes::key(&username),
        email_key: email.key(),
        display_name: display_name.into(),
        username: username.into(),
        email: email.into(),
        role: Role::Admin.as_str().into(),
        password_hash: env.passwords.hash(command.password).await?,
        created_at: env.now().datetime(),
    };
    let session = session::prepare(env, caller, id, SessionKind::Cookie);
    let row = account.with_id(id);
    let mut binds = vars! {
        hash: subject.hash,
        words: words(&account.username, &account.display_name),
        account: account,
    };
    session.bind(env, &mut binds);
    env.db.transact::<bool>(CLAIM, binds).await.map_err(blame_field)?;
    session.opened(env, row.into())
}

/// The holder of the link, like an administrator, may know which of the two is taken.
pub(crate) fn blame_field(error: crate::Error) -> crate::Error {
    match error {
        crate::Error::Rejected(Rejection { code, detail, .. }) if code == Code::UsernameTaken => {
            Rejection::new(code).blame("username", detail).into()
        }
        crate::Error::Rejected(Rejection { code, detail, .. }) if code == Code::EmailTaken => {
            Rejection::new(code).blame("email", detail).into()
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Error, fixtures};
    use model::samples::{HEDY, MALLORY, Player};

    fn command(code: &str, player: Player) -> ClaimAdmin {
        ClaimAdmin {
            code: code.into(),
            email: player.email.into(),
            username: player.username.into(),
            display_name: Some(player.display_name.into()),
            password: player.password.into(),
            password_confirmation: player.password.into(),
        }
    }

    #[tokio::test]
    async fn the_link_makes_one_administrator_and_is_then_never_offered_again() {
        let (env, _) = fixtures::env().await;
        let code = offer_admin(&env).await.expect("asks").expect("a code");
        let restarted = offer_admin(&env).await.expect("asks").expect("another after a restart");
        let opened = claim_admin(&env, &fixtures::caller(), command(&code, HEDY))
            .await
            .expect("claims");
        assert_eq!(opened.signed_in.account.role, Role::Admin);
        for code in [&code, &restarted] {
            assert!(
                claim_admin(&env, &fixtures::caller(), command(code, MALLORY))
                    .await
                    .is_err()
            );
        }
        assert_eq!(offer_admin(&env).await.expect("asks"), None);
    }

    #[tokio::test]
    async fn two_with_two_links_at_once_make_one_administrator() {
        let (env, _) = fixtures::env().await;
        let first = offer_admin(&env).await.expect("asks").expect("a code");
        let second = offer_admin(&env).await.expect("asks").expect("a code");
        let caller = fixtures::caller();
        let (a, b) = tokio::join!(
            claim_admin(&env, &caller, command(&first, HEDY)),
            claim_admin(&env, &caller, command(&second, MALLORY))
        );
        assert_eq!([a.is_ok(), b.is_ok()].iter().filter(|ok| **ok).count(), 1);
    }

    #[tokio::test]
    async fn a_sign_up_code_makes_no_administrator() {
        let (env, _) = fixtures::env().await;
        crate::accounts::register(&env, &fixtures::caller(), fixtures::registration(MALLORY))
            .await
            .expect("registers");
        let code = fixtures::newest_code(&env, MALLORY.email).await;
        let outcome = claim_admin(&env, &fixtures::caller(), command(&code, MALLORY)).await;
        assert!(matches!(outcome, Err(Error::Rejected(r)) if r.code == Code::CodeInvalid));
    }
}
