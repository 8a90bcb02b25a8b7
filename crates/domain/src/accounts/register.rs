//! Sign up: wait for a code that goes by mail.

use crate::{
    Caller, Env, Result,
    accounts::{
        lifetimes, look_alikes,
        one_time::{Kind, OneTimeRow, Purpose},
        secret,
    },
    db::vars,
    mail::{self, MailKind},
    throttle::Action,
};
use chrono::{DateTime, Utc};
use model::{
    Code, DisplayName, Email, RegistrationId, Rejection, Username,
    command::{Register, Registered},
    error::Check,
};
use surrealdb::types::SurrealValue;
use uuid::Uuid;

#[derive(SurrealValue)]
struct RegistrationRow {
    email: String,
    username: String,
    display_name: String,
    known: bool,
    wrong_codes: i64,
    expires_at: DateTime<Utc>,
}

#[derive(SurrealValue)]
struct Found {
    username_taken: bool,
    display_name: Option<String>,
}

const LOOK: &str = "
    RETURN {
        username_taken: (SELECT VALUE id FROM account WHERE username_key = $username_key)[0] != NONE,
        display_name: (SELECT VALUE display_name FROM account WHERE email_key = $email_key)[0],
    };";

const REGISTER: &str = "
    CREATE type::record('registration', $id) CONTENT $registration;
    CREATE type::record('one_time', $code_hash) CONTENT $code;
    CREATE type::record('mail', $mail_id) CONTENT $mail;
    RETURN true;";

/// Starts a sign-up. The answer, and the work, are the same whether or not the address has an account; only the mail
/// differs. Whether a *username* is taken is no secret: it is answered here.
///
/// # Errors
/// `invalid` for each field that is; `username_taken`; `rate_limited` per network address and per e-mail address.
pub async fn register(env: &Env, caller: &Caller, command: Register) -> Result<Registered> {
    let (email, username, display_name) = parse(&command)?;
    env.throttle.by_address(Action::Register, caller)?;
    env.throttle.count(Action::RegisterEmail, &email.key())?;
    let binds = vars! { username_key: look_alikes::key(&username), email_key: email.key() };
    let found: Option<Found> = env.db.find(LOOK, binds).await?;
    let known = found.as_ref().and_then(|found| found.display_name.clone());
    if found.is_some_and(|found| found.username_taken) {
        let why = "That username is taken, or looks too much like one that is. If it is yours, sign in instead.";
        return Err(Rejection::new(Code::UsernameTaken)
            .because(why)
            .blame("username", why)
            .into());
    }
    let id = env.new_id();
    let code = secret::new_code(env);
    let expires_at = env.now().plus(lifetimes::CODE);
    let mail = mail::compose(env, &email, &mail_kind(env, &code, &display_name, known.as_deref()));
    let one_time = OneTimeRow {
        registration: Some(id),
        ..OneTimeRow::new(Kind::Code, Purpose::SignUp, expires_at.datetime())
    };
    let registration = RegistrationRow {
        email: email.into(),
        username: username.into(),
        display_name: display_name.into(),
        known: known.is_some(),
        wrong_codes: 0,
        expires_at: expires_at.datetime(),
    };
    let binds = vars! {
        id: id,
        registration: registration,
        code_hash: code_hash(env, &code, known.is_some()),
        code: one_time,
        mail_id: mail.id,
        mail: mail.row,
    };
    env.db.transact::<bool>(REGISTER, binds).await?;
    Ok(Registered {
        registration_id: RegistrationId(id),
        expires_at,
        code: None,
    })
}

fn parse(command: &Register) -> Result<(Email, Username, DisplayName)> {
    let mut check = Check::new();
    let email = check.take("email", Email::parse(&command.email));
    let username = check.take("username", Username::parse(&command.username));
    let wanted = command.display_name.as_deref().filter(|name| !name.trim().is_empty());
    let display_name = check.take("display_name", wanted.map(DisplayName::parse).transpose());
    let (Some(email), Some(username), Some(display_name)) = (email, username, display_name) else {
        return Err(check.reject().into());
    };
    let display_name = display_name.unwrap_or_else(|| DisplayName::from(&username));
    Ok((email, look_alikes::canonical(&username)?, display_name))
}

/// Somebody with an account is told so, and told how to get in; nobody else learns of it.
fn mail_kind(env: &Env, code: &str, display_name: &DisplayName, known: Option<&str>) -> MailKind {
    let url = &env.site.public_url;
    match known {
        Some(their_name) => MailKind::AlreadyRegistered {
            display_name: their_name.to_owned(),
            sign_in_link: format!("{url}/sign-in"),
            forgot_link: format!("{url}/forgot"),
        },
        None => MailKind::SignUpCode {
            display_name: display_name.to_string(),
            code: code.to_owned(),
            link: format!("{url}/confirm/{code}"),
            expires_minutes: lifetimes::CODE.num_minutes(),
        },
    }
}

/// Where the address is known, the row's code is one that nobody was ever told.
fn code_hash(env: &Env, code: &str, known: bool) -> String {
    let opens = if known {
        Uuid::from_bytes(env.random_bytes()).to_string()
    } else {
        secret::normalize_code(code)
    };
    secret::hash(opens.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Error, fixtures};
    use model::samples::{ADA, GRACE};

    fn code_of(result: Result<Registered>) -> Option<Code> {
        match result {
            Err(Error::Rejected(rejection)) => Some(rejection.code),
            _ => None,
        }
    }

    #[tokio::test]
    async fn a_known_address_gets_the_same_answer_and_another_mail() {
        let (env, _) = fixtures::env().await;
        fixtures::actor(&env, ADA).await;
        let again = Register {
            username: "ada2".into(),
            ..fixtures::registration(ADA)
        };
        let known = register(&env, &fixtures::caller(), again)
            .await
            .expect("the same answer");
        let unknown = register(&env, &fixtures::caller(), fixtures::registration(GRACE))
            .await
            .expect("an answer");
        assert_eq!(known.expires_at, unknown.expires_at);
        assert_eq!((known.code, unknown.code), (None, None));
        assert!(matches!(
            fixtures::newest_mail(&env, ADA.email).await,
            MailKind::AlreadyRegistered { .. }
        ));
        assert!(matches!(
            fixtures::newest_mail(&env, GRACE.email).await,
            MailKind::SignUpCode { .. }
        ));
    }

    #[tokio::test]
    async fn a_taken_username_is_refused_in_any_case_and_disguise_without_a_mail() {
        let (env, _) = fixtures::env().await;
        fixtures::actor(&env, ADA).await;
        let mails = mail::list_outbox(&env, 100).await.expect("the outbox").len();
        for name in ["ada", "ADA", "Ada"] {
            let command = Register {
                username: name.into(),
                ..fixtures::registration(GRACE)
            };
            assert_eq!(
                code_of(register(&env, &fixtures::caller(), command).await),
                Some(Code::UsernameTaken),
                "{name}"
            );
        }
        let command = Register {
            username: "аda".into(),
            ..fixtures::registration(GRACE)
        };
        assert_eq!(
            code_of(register(&env, &fixtures::caller(), command).await),
            Some(Code::Invalid)
        );
        assert_eq!(mail::list_outbox(&env, 100).await.expect("the outbox").len(), mails);
    }

    #[tokio::test]
    async fn every_bad_field_is_named_at_once() {
        let (env, _) = fixtures::env().await;
        let command = Register {
            email: "nobody".into(),
            username: "x".into(),
            display_name: Some("\u{202e}".into()),
            invitation: None,
        };
        let Err(Error::Rejected(rejection)) = register(&env, &fixtures::caller(), command).await else {
            panic!("taken")
        };
        assert_eq!(
            rejection.errors.keys().collect::<Vec<_>>(),
            ["display_name", "email", "username"]
        );
    }

    #[tokio::test]
    async fn one_address_is_not_flooded_with_mail() {
        let (env, clock) = fixtures::env().await;
        for _ in 0..5 {
            register(&env, &fixtures::caller(), fixtures::registration(ADA))
                .await
                .expect("registers");
        }
        let sixth = register(&env, &fixtures::caller(), fixtures::registration(ADA)).await;
        assert_eq!(code_of(sixth), Some(Code::RateLimited));
        clock.advance_s(301);
        register(&env, &fixtures::caller(), fixtures::registration(ADA))
            .await
            .expect("registers later");
    }
}
