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

/// Only the newest code for a new address is good.
const ASK: &str = "
    UPDATE one_time SET used = true WHERE account = $account_id AND purpose = 'email';
    CREATE type::record('one_time', $code_hash) CONTENT $code;
    IF $is_free { CREATE type::record('mail', $mail_id) CONTENT $mail };
    RETURN true;";

const IS_FREE: &str = "RETURN (SELECT VALUE id FROM account WHERE email_key = $key)[0] = NONE;";

/// Changes the actor's display name, and begins to change their address: a code goes to the new one, and
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
    match name
        .map(String::from)
        .filter(|name| *name != actor.account.display_name)
    {
        Some(name) => rename(env, actor, name).await,
        None => Ok(actor.account.clone()),
    }
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
    Ok(row.into())
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
