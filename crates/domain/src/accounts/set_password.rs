//! Set a password: the end of signing up, and of forgetting.

use crate::{
    Caller, Env, Result,
    accounts::{
        look_alikes,
        measure_password::check_password,
        one_time::{self, Kind, Purpose, Subject},
        remembered::account_changed,
        row::{AccountRow, account_fields},
        session::{self, Opened, open_session},
    },
    db::vars,
    mail::{self, MailKind},
};
use model::{
    Code, Email, Rejection, Role, Username,
    command::{SessionKind, SetPassword},
};
use surrealdb::types::SurrealValue;
use uuid::Uuid;

/// What the form at the end of a mailed link sends: the code itself in place of a token. It is used up only when the
/// password is taken.
#[derive(Clone, Debug)]
pub struct ByCode {
    /// From the mail.
    pub code: String,
    /// The new password.
    pub password: String,
    /// The same once more.
    pub password_confirmation: String,
    /// Another username, should the wanted one have gone to somebody else meanwhile.
    pub username: Option<String>,
}

/// Sets the password that a token allows to set, and opens a session.
///
/// # Errors
/// `code_invalid` when the token was used already, has expired, or was never valid; `invalid` for a weak password or
/// a mismatch, `username_taken` when somebody was faster, and `invitation_invalid` when theirs is used up by now: the
/// token stays good. `rate_limited`, `busy`.
pub async fn set_password(env: &Env, caller: &Caller, command: SetPassword) -> Result<Opened> {
    let kind = command.session.unwrap_or_default();
    let subject = one_time::find(env, caller, Kind::Token, &command.token).await?;
    let new = New {
        password: command.password,
        confirmation: command.password_confirmation,
        username: command.username,
    };
    redeem(env, caller, subject, new, kind).await
}

/// Sets the password that a code allows to set, and opens a cookie session.
///
/// # Errors
/// As [`set_password`].
pub async fn set_password_by_code(env: &Env, caller: &Caller, command: ByCode) -> Result<Opened> {
    let subject = one_time::find(env, caller, Kind::Code, &command.code).await?;
    let new = New {
        password: command.password,
        confirmation: command.password_confirmation,
        username: command.username,
    };
    redeem(env, caller, subject, new, SessionKind::Cookie).await
}

struct New {
    password: String,
    confirmation: String,
    username: Option<String>,
}

async fn redeem(env: &Env, caller: &Caller, mut subject: Subject, new: New, kind: SessionKind) -> Result<Opened> {
    if let Some(wanted) = new
        .username
        .filter(|name| !name.trim().is_empty() && subject.purpose == Purpose::SignUp)
    {
        let parsed = Username::parse(&wanted).map_err(|why| Rejection::field("username", why))?;
        subject.username = look_alikes::canonical(&parsed)?.into();
    }
    let about = [
        subject.username.as_str(),
        subject.email.as_str(),
        subject.display_name.as_str(),
    ];
    check_password(&new.password, &new.confirmation, &about)?;
    let password_hash = env.passwords.hash(new.password).await?;
    match (subject.purpose, subject.account) {
        (Purpose::SignUp, None) => finish_sign_up(env, caller, subject, password_hash, kind).await,
        (Purpose::Reset, Some(account)) => finish_reset(env, caller, &subject, account, password_hash, kind).await,
        _ => Err(Code::CodeInvalid.into()),
    }
}

/// What both endings begin with: use the code or token up, or find that somebody else just did.
macro_rules! use_up_and {
    ($($rest:expr),* $(,)?) => {
        concat!(
            "LET $taken = (UPDATE type::record('one_time', $hash) SET used = true WHERE !used RETURN AFTER);
             IF array::len($taken) = 0 { THROW 'code_invalid' };",
            $($rest),*
        )
    };
}

/// The invitation is counted with the account. One that is used up by now matters only where one is needed.
const SIGN_UP: &str = use_up_and!(
    "
    LET $invited = (SELECT VALUE invitation FROM ONLY type::record('registration', $registration));
    IF $invited != NONE {
        LET $counted = (UPDATE type::record('invitation', $invited) SET uses += 1 WHERE uses < uses_max RETURN AFTER);
        IF array::len($counted) = 0 AND ((SELECT VALUE value FROM ONLY policy:registration) ?? 'open') != 'open' {
            THROW 'invitation_invalid';
        };
    };
    CREATE type::record('account', $account_id) CONTENT $account;
    FOR $word IN $words { CREATE type::record('person_word', [$word, $account_id]) };
    DELETE type::record('registration', $registration);",
    open_session!(),
    "CREATE type::record('mail', $mail_id) CONTENT $mail;
    RETURN true;"
);

/// An account that is about to be written.
#[derive(Clone, Debug, SurrealValue)]
pub(crate) struct NewAccount {
    pub username: String,
    pub username_key: String,
    pub email: String,
    pub email_key: String,
    pub display_name: String,
    pub role: String,
    pub password_hash: String,
    pub created_at: chrono::DateTime<chrono::Utc>,
}

impl NewAccount {
    pub fn with_id(&self, id: Uuid) -> AccountRow {
        AccountRow {
            id,
            username: self.username.clone(),
            email: self.email.clone(),
            display_name: self.display_name.clone(),
            role: self.role.clone(),
            created_at: self.created_at,
            disabled_at: None,
            read_receipts: None,
            presence: None,
        }
    }
}

async fn finish_sign_up(
    env: &Env,
    caller: &Caller,
    subject: Subject,
    password_hash: String,
    kind: SessionKind,
) -> Result<Opened> {
    let (Ok(username), Ok(email)) = (Username::parse(&subject.username), Email::parse(&subject.email)) else {
        return Err(Code::CodeInvalid.into());
    };
    let id = env.new_id();
    let account = NewAccount {
        username_key: look_alikes::key(&username),
        username: username.to_string(),
        email_key: email.key(),
        email: email.to_string(),
        display_name: subject.display_name,
        role: Role::User.as_str().into(),
        password_hash,
        created_at: env.now().datetime(),
    };
    let mail = mail::compose(env, &email, &welcome(env, &account.display_name, &account.username));
    let session = session::prepare(env, caller, id, kind);
    let row = account.with_id(id);
    let mut binds = vars! {
        hash: subject.hash,
        words: super::find_people::words(&account.username, &account.display_name),
        account: account,
        registration: subject.registration,
        mail_id: mail.id,
        mail: mail.row,
    };
    session.bind(env, &mut binds);
    let outcome = env.db.transact::<bool>(SIGN_UP, binds).await;
    match outcome {
        // The address got an account by another of its sign-ups: to say more would say that it has one.
        Err(crate::Error::Rejected(rejection)) if rejection.code == Code::EmailTaken => Err(Code::CodeInvalid.into()),
        Err(crate::Error::Rejected(rejection)) if rejection.code == Code::UsernameTaken => {
            let why = "Somebody took this username while you were away. Please choose another one.";
            Err(rejection.because(why).blame("username", why).into())
        }
        Err(other) => Err(other),
        Ok(_) => session.opened(env, row.into()),
    }
}

fn welcome(env: &Env, display_name: &str, username: &str) -> MailKind {
    MailKind::Welcome {
        display_name: display_name.to_owned(),
        username: username.to_owned(),
        chat_link: format!("{}/chat", env.site.public_url),
    }
}

/// Whose account was made for them has had no password so far: they are welcomed.
const RESET: &str = use_up_and!(
    "
    LET $is_first = (SELECT VALUE password_hash FROM ONLY type::record('account', $account_id)) = '';
    LET $owner = (UPDATE ONLY type::record('account', $account_id) SET password_hash = $password_hash);
    IF $owner = NONE { THROW 'code_invalid' };
    IF $owner.disabled_at != NONE { THROW 'account_disabled' };
    DELETE session WHERE account = $account_id;",
    account_changed!(),
    "UPDATE one_time SET used = true WHERE account = $account_id;",
    open_session!(),
    "CREATE type::record('mail', $mail_id) CONTENT (IF $is_first { $welcome } ELSE { $mail });
    RETURN (SELECT ",
    account_fields!(),
    "
        FROM ONLY type::record('account', $account_id));"
);

/// A new password ends every session and every other code and token of the account: whoever had them may be the
/// reason for it.
async fn finish_reset(
    env: &Env,
    caller: &Caller,
    subject: &Subject,
    account: Uuid,
    password_hash: String,
    kind: SessionKind,
) -> Result<Opened> {
    let Ok(email) = Email::parse(&subject.email) else {
        return Err(Code::CodeInvalid.into());
    };
    let changed = MailKind::password_changed(env, &subject.display_name);
    let mail = mail::compose(env, &email, &changed);
    let session = session::prepare(env, caller, account, kind);
    let mut binds = vars! {
        hash: subject.hash.clone(),
        password_hash: password_hash,
        mail_id: mail.id,
        mail: mail.row,
        welcome: mail::compose(env, &email, &welcome(env, &subject.display_name, &subject.username)).row,
    };
    session.bind(env, &mut binds);
    let row: AccountRow = env.db.transact(RESET, binds).await?;
    env.remembered.forget_account(account.into());
    session.opened(env, row.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Authority, Error, accounts, fixtures, invitations};
    use model::{
        RegistrationPolicy,
        admin::CreateInvitation,
        command::{ForgotPassword, SignIn},
        samples::{ADA, GRACE},
    };
    use proptest::{prelude::ProptestConfig, proptest};

    fn by_code(code: &str, password: &str) -> ByCode {
        ByCode {
            code: code.into(),
            password: password.into(),
            password_confirmation: password.into(),
            username: None,
        }
    }

    fn rejection(outcome: Result<Opened>) -> Rejection {
        match outcome {
            Err(Error::Rejected(rejection)) => rejection,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn a_weak_or_mistyped_password_is_refused_and_the_code_stays_good_for_one() {
        let (env, _) = fixtures::env().await;
        let caller = fixtures::caller();
        accounts::register(&env, &caller, fixtures::registration(ADA))
            .await
            .expect("registers");
        let code = fixtures::newest_code(&env, ADA.email).await;
        let weak = rejection(set_password_by_code(&env, &caller, by_code(&code, "password12")).await);
        assert!(weak.about("password").is_some());
        let mistyped = ByCode {
            password_confirmation: "another".into(),
            ..by_code(&code, ADA.password)
        };
        let mistyped = rejection(set_password_by_code(&env, &caller, mistyped).await);
        assert!(mistyped.about("password_confirmation").is_some());
        let opened = set_password_by_code(&env, &caller, by_code(&code, ADA.password))
            .await
            .expect("a session");
        assert_eq!(opened.signed_in.account.display_name, ADA.display_name);
        assert!(matches!(
            fixtures::newest_mail(&env, ADA.email).await,
            MailKind::Welcome { .. }
        ));
        let again = rejection(set_password_by_code(&env, &caller, by_code(&code, ADA.password)).await);
        assert_eq!(again.code, Code::CodeInvalid);
    }

    #[tokio::test]
    async fn when_two_want_one_name_the_slower_chooses_another_with_the_same_code() {
        let (env, _) = fixtures::env().await;
        let caller = fixtures::caller();
        let rival = model::command::Register {
            username: "ada".into(),
            ..fixtures::registration(GRACE)
        };
        accounts::register(&env, &caller, rival).await.expect("registers");
        fixtures::actor(&env, ADA).await;
        let code = fixtures::newest_code(&env, GRACE.email).await;
        let refused = rejection(set_password_by_code(&env, &caller, by_code(&code, GRACE.password)).await);
        assert_eq!(refused.code, Code::UsernameTaken);
        assert!(refused.about("username").is_some());
        let other = ByCode {
            username: Some("grace".into()),
            ..by_code(&code, GRACE.password)
        };
        let opened = set_password_by_code(&env, &caller, other).await.expect("a session");
        assert_eq!(opened.signed_in.account.username, "grace");
    }

    #[tokio::test]
    async fn one_address_becomes_one_account_however_often_it_signed_up() {
        let (env, _) = fixtures::env().await;
        let caller = fixtures::caller();
        accounts::register(&env, &caller, fixtures::registration(ADA))
            .await
            .expect("registers");
        let first = fixtures::newest_code(&env, ADA.email).await;
        let other = model::command::Register {
            username: "lovelace".into(),
            ..fixtures::registration(ADA)
        };
        accounts::register(&env, &caller, other).await.expect("registers");
        let second = fixtures::newest_code(&env, ADA.email).await;
        set_password_by_code(&env, &caller, by_code(&first, ADA.password))
            .await
            .expect("a session");
        let refused = rejection(set_password_by_code(&env, &caller, by_code(&second, ADA.password)).await);
        assert_eq!(refused.code, Code::CodeInvalid);
    }

    #[tokio::test]
    async fn a_new_password_ends_every_other_session_and_every_other_code() {
        let (env, _) = fixtures::env().await;
        let caller = fixtures::caller();
        let cookie = fixtures::sign_up(&env, ADA, SessionKind::Cookie)
            .await
            .cookie
            .expect("a cookie");
        let mut codes = Vec::new();
        for _ in 0..2 {
            accounts::forgot_password(&env, &caller, ForgotPassword { login: "ada".into() })
                .await
                .expect("answers");
            codes.push(fixtures::newest_code(&env, ADA.email).await);
        }
        let opened = set_password_by_code(&env, &caller, by_code(&codes[0], GRACE.password))
            .await
            .expect("a session");
        assert!(
            accounts::authenticate_cookie(&env, &cookie)
                .await
                .expect("asks")
                .is_none()
        );
        let new_cookie = opened.cookie.expect("a cookie");
        assert!(
            accounts::authenticate_cookie(&env, &new_cookie)
                .await
                .expect("asks")
                .is_some()
        );
        assert_eq!(
            rejection(set_password_by_code(&env, &caller, by_code(&codes[1], ADA.password)).await).code,
            Code::CodeInvalid
        );
        assert!(matches!(
            fixtures::newest_mail(&env, ADA.email).await,
            MailKind::PasswordChanged { .. }
        ));
        let sign_in = |password: &str| SignIn {
            login: "ada".into(),
            password: password.into(),
            session: None,
        };
        assert!(accounts::sign_in(&env, &caller, sign_in(ADA.password)).await.is_err());
        accounts::sign_in(&env, &caller, sign_in(GRACE.password))
            .await
            .expect("signs in with the new one");
    }

    /// Signs up with an invitation, up to the code.
    async fn invited(env: &Env, number: u32, invitation: &str) -> String {
        let command = model::command::Register {
            email: format!("guest{number}@example.org"),
            username: format!("guest.{number}"),
            display_name: None,
            invitation: Some(invitation.to_owned()),
        };
        accounts::register(env, &fixtures::caller(), command)
            .await
            .expect("registers");
        fixtures::newest_code(env, &format!("guest{number}@example.org")).await
    }

    #[test]
    fn however_many_come_at_once_an_invitation_brings_no_more_than_it_is_for() {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let (env, _) = runtime.block_on(fixtures::env());
        let numbers = std::sync::atomic::AtomicU32::new(0);
        let cases = ProptestConfig::with_cases(6);
        proptest!(cases, |(uses in 1_u32..4, people in 1_usize..6)| {
            runtime.block_on(async {
                let by = Authority::Machine;
                let policy = RegistrationPolicy::Invite;
                invitations::set_registration_policy(&env, &by, policy).await.expect("sets");
                let command = CreateInvitation { note: String::new(), uses: Some(uses), days: None, email: None };
                let made = invitations::create_invitation(&env, &by, command).await.expect("makes");
                let mut codes = Vec::new();
                for _ in 0..people {
                    let number = numbers.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    codes.push(invited(&env, number, &made.code).await);
                }
                let caller = fixtures::caller();
                let come = |code: &String| set_password_by_code(&env, &caller, by_code(code, ADA.password));
                let outcomes = futures::future::join_all(codes.iter().map(come)).await;
                let (came, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
                assert_eq!(came.len(), people.min(usize::try_from(uses).expect("a few")));
                for outcome in refused {
                    assert_eq!(rejection(outcome).code, Code::InvitationInvalid);
                }
                let all = invitations::list_invitations(&env, &by).await.expect("lists");
                assert_eq!(usize::try_from(all[0].uses).expect("a few"), came.len());
            });
        });
    }

    #[tokio::test]
    async fn a_used_up_invitation_keeps_nobody_out_of_a_roost_that_opened_meanwhile() {
        let (env, _) = fixtures::env().await;
        let by = Authority::Machine;
        let policy = RegistrationPolicy::Invite;
        invitations::set_registration_policy(&env, &by, policy)
            .await
            .expect("sets");
        let command = CreateInvitation {
            note: String::new(),
            uses: Some(1),
            days: None,
            email: None,
        };
        let made = invitations::create_invitation(&env, &by, command).await.expect("makes");
        let code = invited(&env, 1, &made.code).await;
        invitations::revoke_invitation(&env, &by, made.invitation.id)
            .await
            .expect("revokes");
        let withdrawn = set_password_by_code(&env, &fixtures::caller(), by_code(&code, ADA.password)).await;
        assert_eq!(rejection(withdrawn).code, Code::InvitationInvalid);
        let policy = RegistrationPolicy::Open;
        invitations::set_registration_policy(&env, &by, policy)
            .await
            .expect("sets");
        set_password_by_code(&env, &fixtures::caller(), by_code(&code, ADA.password))
            .await
            .expect("the code is still good");
    }
}
