//! Change my account: the name at once, the address when it has proved to be mine.

use crate::{
    Actor, Caller, Env, Result,
    accounts::{
        find_people::words,
        lifetimes,
        one_time::{Kind, OneTimeRow, Purpose},
        own_password,
        remembered::account_changed,
        row::{AccountRow, account_fields},
        secret,
    },
    db::vars,
    mail::{self, MailKind},
    throttle::Action,
};
use model::{Account, DisplayName, Email, Rejection, command::UpdateMe, error::Check};

/// The words by which the account is found change with its name.
const RENAME: &str = concat!(
    "LET $before_it = (SELECT display_name FROM ONLY type::record('account', $account_id));
     IF $before_it = NONE { THROW 'not_found' };
     IF $before_it.display_name != $old_name { THROW 'busy' };
     FOR $word IN $old_words { DELETE type::record('person_word', [$word, $account_id]) };
     FOR $word IN $words { UPSERT type::record('person_word', [$word, $account_id]) };
     UPDATE type::record('account', $account_id) SET display_name = $name;",
    account_changed!(),
    "RETURN (SELECT ",
    account_fields!(),
    " FROM ONLY type::record('account', $account_id));"
);

/// What is not given stays.
const PREFER: &str = concat!(
    "LET $one = (UPDATE ONLY type::record('account', $account_id)
        SET read_receipts = $read_receipts ?? read_receipts, presence = $presence ?? presence);
     IF $one = NONE { THROW 'not_found' };",
    account_changed!(),
    "RETURN (SELECT ",
    account_fields!(),
    " FROM ONLY type::record('account', $account_id));"
);

/// Only the newest code for a new address is good.
const ASK: &str = "
    UPDATE one_time SET used = true WHERE account = $account_id AND purpose = 'email';
    CREATE type::record('one_time', $code_hash) CONTENT $code;
    IF $is_free { CREATE type::record('mail', $mail_id) CONTENT $mail };
    RETURN true;";

const IS_FREE: &str = "RETURN (SELECT VALUE id FROM account WHERE email_key = $key)[0] = NONE;";

/// Changes the actor's display name and what they let others see, and begins to change their address: a code goes to the new one, and
/// [`confirm_email`](super::confirm_email) makes it theirs. Whether another account has that address is not told; then no mail goes out.
///
/// # Errors
/// `invalid` for each field that is, a wrong password among them; `rate_limited`, `busy`. Refused, nothing is changed.
pub async fn update_me(env: &Env, caller: &Caller, actor: &Actor, command: UpdateMe) -> Result<Account> {
    let mut check = Check::new();
    let name = check.take(
        "display_name",
        command.display_name.as_deref().map(DisplayName::parse).transpose(),
    );
    let email = check.take("email", command.email.as_deref().map(Email::parse).transpose());
    let (Some(name), Some(email)) = (name, email) else {
        return Err(check.reject().into());
    };
    if let Some(email) = email.filter(|email| Some(email.as_str()) != actor.account.email.as_deref()) {
        let Some(password) = command.password else {
            return Err(Rejection::field("password", "Please give your password, too.").into());
        };
        env.throttle.count(Action::ForgotLogin, &actor.id().to_string())?;
        own_password::check_own(env, caller, actor, "password", password).await?;
        ask(env, actor, &email).await?;
    }
    let mut account = actor.account.clone();
    if let Some(name) = name.map(String::from).filter(|name| *name != account.display_name) {
        account = rename(env, actor, name).await?;
    }
    if command.read_receipts.is_some() || command.presence.is_some() {
        account = prefer(env, actor, command.read_receipts, command.presence).await?;
    }
    Ok(account)
}

/// Other processes learn of it as of a new name, and the realtime door with them.
async fn prefer(env: &Env, actor: &Actor, read_receipts: Option<bool>, presence: Option<bool>) -> Result<Account> {
    let binds = vars! {
        account_id: actor.id().uuid(),
        read_receipts: read_receipts,
        presence: presence,
        now: env.now().datetime(),
        chance: env.new_id(),
    };
    let row: AccountRow = env.db.transact(PREFER, binds).await?;
    env.remembered.forget_account(actor.id());
    Ok(row.into_own())
}

async fn rename(env: &Env, actor: &Actor, name: String) -> Result<Account> {
    let account = &actor.account;
    let binds = vars! {
        account_id: account.id.uuid(),
        old_name: account.display_name.clone(),
        old_words: words(&account.username, &account.display_name),
        words: words(&account.username, &name),
        name: name,
        now: env.now().datetime(),
        chance: env.new_id(),
    };
    let row: AccountRow = env.db.transact(RENAME, binds).await?;
    env.remembered.forget_account(account.id);
    Ok(row.into_own())
}

async fn ask(env: &Env, actor: &Actor, email: &Email) -> Result<()> {
    let is_free: Option<bool> = env.db.find(IS_FREE, vars! { key: email.key() }).await?;
    let own = actor
        .account
        .email
        .as_deref()
        .is_some_and(|own| own.to_lowercase() == email.key());
    let code = secret::new_code(env);
    let expires_at = env.now().plus(lifetimes::CODE);
    let row = OneTimeRow {
        account: Some(actor.id().uuid()),
        email: Some(email.to_string()),
        ..OneTimeRow::new(Kind::Code, Purpose::ChangeEmail, expires_at.datetime())
    };
    let kind = MailKind::ConfirmEmail {
        display_name: actor.account.display_name.clone(),
        link: format!("{}/confirm/{code}", env.site.public_url),
        code: code.clone(),
        expires_minutes: lifetimes::CODE.num_minutes(),
    };
    let mail = mail::compose(env, email, &kind);
    let binds = vars! {
        account_id: actor.id().uuid(),
        code_hash: secret::hash(secret::normalize_code(&code).as_bytes()),
        code: row,
        is_free: is_free.unwrap_or(false) || own,
        mail_id: mail.id,
        mail: mail.row,
    };
    env.db.transact::<bool>(ASK, binds).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{accounts, fixtures};
    use model::{
        Preferences,
        command::SessionKind,
        samples::{ADA, GRACE},
    };

    #[tokio::test]
    async fn what_others_may_see_of_me_is_kept_and_told_to_nobody_but_me() {
        let (env, _) = fixtures::env().await;
        let caller = fixtures::caller();
        let cookie = fixtures::sign_up(&env, ADA, SessionKind::Cookie)
            .await
            .cookie
            .expect("a cookie");
        let me = async || {
            let known = accounts::authenticate_cookie(&env, &cookie).await.expect("asks");
            known.expect("an actor")
        };
        let of = |account: &Account| account.preferences.map(|all| (all.read_receipts, all.presence));
        let ada = me().await;
        assert_eq!(ada.account.preferences, Some(Preferences::default()));
        for (read_receipts, presence, expected) in [
            (Some(false), None, (false, true)),
            (None, Some(false), (false, false)),
            (Some(true), None, (true, false)),
            (None, None, (true, false)),
        ] {
            let command = UpdateMe {
                read_receipts,
                presence,
                ..UpdateMe::default()
            };
            let told = update_me(&env, &caller, &me().await, command).await.expect("changes");
            assert_eq!((of(&told), of(&me().await.account)), (Some(expected), Some(expected)));
        }
        let command = UpdateMe {
            display_name: Some("Countess".into()),
            ..UpdateMe::default()
        };
        let told = update_me(&env, &caller, &me().await, command).await.expect("changes");
        assert_eq!(
            (told.display_name.as_str(), of(&told)),
            ("Countess", Some((true, false)))
        );
        let hedy = fixtures::authority(&env, GRACE).await;
        let shown = crate::users::get_user(&env, &hedy, ada.id()).await.expect("shows");
        assert_eq!(shown.preferences, None);
    }
}
