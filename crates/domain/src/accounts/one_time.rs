//! One-time codes and one-time tokens: what is behind one, and how a wrong one is counted.

use crate::{
    Caller, Env, Result,
    accounts::{lifetimes, secret},
    db::vars,
    throttle::Action,
};
use chrono::{DateTime, Utc};
use model::{Code, RegistrationId};
use surrealdb::types::SurrealValue;
use uuid::Uuid;

/// What a code or token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Finish signing up.
    SignUp,
    /// Set a new password.
    Reset,
    /// Become the first administrator.
    FirstAdmin,
    /// Prove that a new address is one's own.
    ChangeEmail,
}

impl Purpose {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::SignUp => "sign_up",
            Self::Reset => "reset",
            Self::FirstAdmin => "first_admin",
            Self::ChangeEmail => "email",
        }
    }
}

/// Which sort of secret it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Mailed to a person.
    Code,
    /// Given for a code.
    Token,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Token => "token",
        }
    }
}

/// What the database keeps of one.
#[derive(Clone, Debug, SurrealValue)]
pub struct OneTimeRow {
    pub kind: String,
    pub purpose: String,
    pub registration: Option<Uuid>,
    pub account: Option<Uuid>,
    pub email: Option<String>,
    pub used: bool,
    pub expires_at: DateTime<Utc>,
}

impl OneTimeRow {
    pub fn new(kind: Kind, purpose: Purpose, expires_at: DateTime<Utc>) -> Self {
        Self {
            kind: kind.as_str().into(),
            purpose: purpose.as_str().into(),
            registration: None,
            account: None,
            email: None,
            used: false,
            expires_at,
        }
    }
}

/// Whom a living code or token belongs to.
#[derive(Clone, Debug)]
pub struct Subject {
    pub hash: String,
    pub purpose: Purpose,
    pub registration: Option<Uuid>,
    pub account: Option<Uuid>,
    pub username: String,
    pub email: String,
    pub display_name: String,
    /// The address that is to be theirs.
    pub new_email: Option<String>,
}

#[derive(SurrealValue)]
struct Found {
    purpose: String,
    registration: Option<Uuid>,
    account: Option<Uuid>,
    email: Option<String>,
    person: Option<Names>,
    wrong_codes: Option<i64>,
}

#[derive(SurrealValue)]
struct Names {
    username: String,
    email: String,
    display_name: String,
}

const FIND: &str = "
    LET $it = (SELECT * FROM ONLY type::record('one_time', $hash));
    LET $alive = $it != NONE AND $it.kind = $kind AND !$it.used AND $it.expires_at > $now;
    LET $waiting = IF $alive AND $it.registration != NONE
        { (SELECT * FROM ONLY type::record('registration', $it.registration)) };
    LET $owner = IF $alive AND $it.account != NONE { (SELECT * FROM ONLY type::record('account', $it.account)) };
    RETURN IF $alive { {
        purpose: $it.purpose, registration: $it.registration, account: $it.account, email: $it.email,
        person: $waiting ?? $owner, wrong_codes: $waiting.wrong_codes,
    } };";

/// Looks a code or token up without using it.
///
/// # Errors
/// `code_invalid` when there is no living one; too many tries from one address are refused before looking.
pub async fn find(env: &Env, caller: &Caller, kind: Kind, text: &str) -> Result<Subject> {
    env.throttle.by_address(Action::TryCode, caller)?;
    let hash = match kind {
        Kind::Code => secret::hash(secret::normalize_code(text).as_bytes()),
        Kind::Token => secret::hash(text.as_bytes()),
    };
    let binds = vars! { hash: hash.clone(), kind: kind.as_str(), now: env.now().datetime() };
    let found: Option<Found> = env.db.find(FIND, binds).await?;
    let found = found.filter(|found| found.wrong_codes.unwrap_or(0) < lifetimes::WRONG_CODES_MAX);
    let Some(Found {
        purpose,
        registration,
        account,
        email: new_email,
        person,
        ..
    }) = found
    else {
        return Err(Code::CodeInvalid.into());
    };
    let purpose = match purpose.as_str() {
        "sign_up" => Purpose::SignUp,
        "reset" => Purpose::Reset,
        "email" => Purpose::ChangeEmail,
        _ => Purpose::FirstAdmin,
    };
    if purpose != Purpose::FirstAdmin && person.is_none() {
        return Err(Code::CodeInvalid.into());
    }
    let person = person.unwrap_or_else(|| Names {
        username: String::new(),
        email: String::new(),
        display_name: String::new(),
    });
    let Names {
        username,
        email,
        display_name,
    } = person;
    Ok(Subject {
        hash,
        purpose,
        registration,
        account,
        username,
        email,
        display_name,
        new_email,
    })
}

const COUNT_WRONG: &str = "
    UPDATE type::record('registration', $id) SET wrong_codes += 1;
    RETURN true;";

/// Notes that a wrong code was typed for a sign-up; after [`lifetimes::WRONG_CODES_MAX`] it is dead.
pub async fn count_wrong(env: &Env, registration: RegistrationId) -> Result<()> {
    env.db
        .transact::<bool>(COUNT_WRONG, vars! { id: registration.uuid() })
        .await?;
    Ok(())
}
