//! Sign in with a token of the site that Roost is embedded in.
//!
//! The first token of a person makes their account, without a password and without a mail; later ones keep its name and
//! address as the site has them. Who a person is, the site says by `sub`; by their address they are found only where the
//! operator wants that.

use crate::{
    Caller, Env, Error, Result,
    accounts::{
        find_people::words,
        host_names,
        host_trust::HostClaims,
        look_alikes,
        remembered::account_changed,
        row::{AccountRow, account_fields},
        session::{self, Opened, open_session},
        set_password::NewAccount,
    },
    db::vars,
    mail,
    throttle::Action,
};
use chrono::{DateTime, Utc};
use model::{Code, DisplayName, Email, Rejection, Role, Username, command::SessionKind};
use surrealdb::types::Variables;

/// How often somebody else may be faster with a name or with this very person.
const TRIES: usize = 6;
/// After so many, a name is taken that nobody else would want.
const TRIES_FOR_NAMES: usize = 3;

const BY_IDENTITY: &str = concat!(
    "LET $who = (SELECT VALUE account FROM ONLY type::record('host_identity', [$issuer, $subject]));
     RETURN IF $who != NONE { (SELECT ",
    account_fields!(),
    " FROM ONLY type::record('account', $who)) };"
);

const BY_EMAIL: &str = concat!("SELECT ", account_fields!(), " FROM account WHERE email_key = $key");

/// A token opens one session of a browser: a form that somebody else filled with it comes too late.
macro_rules! use_token_once {
    () => {
        "IF $once {
             IF type::record('host_token', $digest).exists() { THROW 'token_invalid' };
             CREATE type::record('host_token', $digest) SET expires_at = $expires;
         };"
    };
}

/// `$linking` is set when the account was found by its address: it must still have it, and not be an administrator's.
/// An address that another account has is left to it.
const RETURNING: &str = concat!(
    "LET $row = (SELECT role, email_key, display_name, disabled_at FROM ONLY type::record('account', $account_id));
     IF $row = NONE { THROW 'busy' };
     IF $row.disabled_at != NONE { THROW 'account_disabled' };
     IF $linking AND ($row.role = 'admin' OR $row.email_key != $email_key) { THROW 'email_taken' };
     IF $words != NONE AND $row.display_name != $old_name { THROW 'busy' };",
    use_token_once!(),
    "IF $words != NONE {
         FOR $word IN $old_words { DELETE type::record('person_word', [$word, $account_id]) };
         FOR $word IN $words { UPSERT type::record('person_word', [$word, $account_id]) };
         UPDATE type::record('account', $account_id) SET display_name = $display_name;
     };
     LET $holders = (SELECT VALUE id FROM account WHERE email_key = $email_key AND id != type::record('account', $account_id));
     LET $moves = $email != NONE AND array::len($holders) = 0;
     IF $moves { UPDATE type::record('account', $account_id) SET email = $email, email_key = $email_key };
     IF $words != NONE OR $moves {",
    account_changed!(),
    "};
     UPSERT type::record('host_identity', [$issuer, $subject]) SET account = $account_id, seen_at = $now;",
    open_session!(),
    "RETURN (SELECT ",
    account_fields!(),
    " FROM ONLY type::record('account', $account_id));"
);

/// Answers false, and does nothing, when the person came by another way at the same moment.
const ARRIVING: &str = concat!(
    "LET $who = (SELECT VALUE account FROM ONLY type::record('host_identity', [$issuer, $subject]));
     LET $is_new = $who = NONE OR !type::record('account', $who).exists();
     IF $is_new {",
    use_token_once!(),
    "    CREATE type::record('account', $account_id) CONTENT $account;
         FOR $word IN $words { CREATE type::record('person_word', [$word, $account_id]) };
         UPSERT type::record('host_identity', [$issuer, $subject]) SET account = $account_id, seen_at = $now;",
    open_session!(),
    "};
     RETURN $is_new;"
);

/// Opens a session for whoever the host site says is there. For a browser, a token is good once.
///
/// # Errors
/// `token_invalid`, with the reason; `account_disabled`; `email_taken` when another account has the address and may not be
/// taken for theirs; `rate_limited`, `busy`.
pub async fn sign_in_from_host(env: &Env, caller: &Caller, token: &str, kind: SessionKind) -> Result<Opened> {
    env.throttle.by_address(Action::SignIn, caller)?;
    let claims = env.host.read(env, token).await?;
    let mut refused = Error::from(Rejection::new(Code::Busy).retry_after(1));
    for tried in 0..TRIES {
        match attempt(env, caller, &claims, kind, tried).await {
            Ok(Some(opened)) => return Ok(opened),
            Ok(None) => {}
            // Somebody took the name, or changed the account, between the look and the transaction.
            Err(Error::Rejected(again)) if matches!(again.code, Code::UsernameTaken | Code::Busy) => {
                refused = again.into();
            }
            Err(Error::Rejected(used)) if used.code == Code::TokenInvalid => {
                return Err(used
                    .because("This token was used already. Please come again from the other site.")
                    .into());
            }
            Err(other) => return Err(other),
        }
    }
    Err(refused)
}

/// One look, and one transaction; none when another one was faster.
async fn attempt(
    env: &Env,
    caller: &Caller,
    claims: &HostClaims,
    kind: SessionKind,
    tried: usize,
) -> Result<Option<Opened>> {
    let binds = vars! { issuer: claims.issuer.clone(), subject: claims.subject.clone() };
    let known: Option<AccountRow> = env.db.find(BY_IDENTITY, binds).await?;
    let email = claims.email.as_deref().and_then(|text| Email::parse(text).ok());
    let email = email.filter(|email| !mail::goes_nowhere(email.as_str()));
    let person = Person {
        env,
        caller,
        claims,
        kind,
        tried,
    };
    if let Some(known) = known {
        let verified = email.filter(|_| claims.email_verified != Some(false));
        return person.returns(known, verified, false).await.map(Some);
    }
    if let Some(email) = &email {
        let holder: Option<AccountRow> = env.db.find(BY_EMAIL, vars! { key: email.key() }).await?;
        if let Some(holder) = holder {
            let may_link = claims.link_email && claims.email_verified == Some(true);
            if !may_link || holder.role == Role::Admin.as_str() {
                let why =
                    "Another account here has this e-mail address. Sign in to it, or ask whoever runs this Roost.";
                return Err(Rejection::new(Code::EmailTaken).because(why).into());
            }
            return person.returns(holder, Some(email.clone()), true).await.map(Some);
        }
    }
    // An address that the site itself does not vouch for is nobody's here.
    person
        .arrives(email.filter(|_| claims.email_verified != Some(false)))
        .await
}

struct Person<'a> {
    env: &'a Env,
    caller: &'a Caller,
    claims: &'a HostClaims,
    kind: SessionKind,
    tried: usize,
}

impl Person<'_> {
    async fn returns(&self, row: AccountRow, email: Option<Email>, linking: bool) -> Result<Opened> {
        let name = self.display_name().filter(|name| *name != row.display_name);
        let email_key = email.as_ref().map(Email::key);
        let email = email.map(String::from).filter(|email| *email != row.email);
        let changes = name.is_some() || email.is_some();
        let session = session::prepare(self.env, self.caller, row.id, self.kind);
        let mut binds = self.binds();
        binds.insert("linking", linking);
        binds.insert("old_name", row.display_name.clone());
        binds.insert("old_words", words(&row.username, &row.display_name));
        binds.insert("words", name.as_deref().map(|name| words(&row.username, name)));
        binds.insert("display_name", name);
        binds.insert("email", email.clone());
        binds.insert("email_key", email_key);
        session.bind(self.env, &mut binds);
        let written: AccountRow = self.env.db.transact(RETURNING, binds).await?;
        if changes {
            self.env.remembered.forget_account(row.id.into());
        }
        if email.is_some_and(|email| email != written.email) {
            tracing::info!(account = %row.id, "the host site says an address that another account has; it stays there");
        }
        session.opened(self.env, written.into())
    }

    async fn arrives(&self, email: Option<Email>) -> Result<Option<Opened>> {
        let env = self.env;
        let id = env.new_id();
        let username = self.free_username().await?;
        let email = email.map_or_else(|| mail::address_of_nobody(id), String::from);
        let account = NewAccount {
            username_key: look_alikes::key(&username),
            display_name: self.display_name().unwrap_or_else(|| username.to_string()),
            username: username.into(),
            email_key: email.to_lowercase(),
            email,
            role: Role::User.as_str().into(),
            password_hash: String::new(),
            created_at: env.now().datetime(),
        };
        let row = account.with_id(id);
        let session = session::prepare(env, self.caller, id, self.kind);
        let mut binds = self.binds();
        binds.insert("words", words(&account.username, &account.display_name));
        binds.insert("account", account);
        session.bind(env, &mut binds);
        match env.db.transact::<bool>(ARRIVING, binds).await? {
            true => session.opened(env, row.into()).map(Some),
            false => Ok(None),
        }
    }

    fn binds(&self) -> Variables {
        let expires =
            DateTime::<Utc>::from_timestamp(self.claims.expires, 0).unwrap_or_else(|| self.env.now().datetime());
        vars! {
            issuer: self.claims.issuer.clone(),
            subject: self.claims.subject.clone(),
            once: self.kind == SessionKind::Cookie,
            digest: self.claims.digest.clone(),
            expires: expires,
        }
    }

    /// What the site calls them, as far as it can be shown.
    fn display_name(&self) -> Option<String> {
        let name = self.claims.display_name.as_deref()?;
        let shown: String = name.chars().take(model::limits::DISPLAY_NAME_MAX).collect();
        DisplayName::parse(&shown).ok().map(String::from)
    }

    /// The name the site has for them, or the nearest that is free: the same for the same person and the same accounts.
    async fn free_username(&self) -> Result<Username> {
        let wanted = self.claims.username.as_deref().or(self.claims.display_name.as_deref());
        let mut names = host_names::usernames(wanted.unwrap_or_default(), &self.claims.issuer, &self.claims.subject);
        if self.tried >= TRIES_FOR_NAMES {
            names.reverse();
        }
        let keys: Vec<String> = names.iter().map(look_alikes::key).collect();
        let taken: Vec<String> = self.env.db.list(TAKEN, vars! { keys: keys.clone() }).await?;
        let free = names.into_iter().zip(keys).find(|(_, key)| !taken.contains(key));
        free.map(|(name, _)| name).ok_or_else(|| Code::UsernameTaken.into())
    }
}

const TAKEN: &str = "SELECT VALUE username_key FROM account WHERE username_key IN $keys";

#[cfg(test)]
#[path = "sign_in_from_host_tests.rs"]
mod tests;
