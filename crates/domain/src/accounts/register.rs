//! Sign up: wait for a code that goes by mail.

use crate::{
    Caller, Env, Result,
    accounts::{
        lifetimes, look_alikes,
        one_time::{Kind, OneTimeRow, Purpose},
        secret,
    },
    db::vars,
    invitations,
    mail::{self, MailKind},
    throttle::Action,
};
use chrono::{DateTime, Utc};
use model::{
    Code, DisplayName, Email, RegistrationId, RegistrationPolicy, Rejection, Username,
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
    invitation: Option<Uuid>,
    expires_at: DateTime<Utc>,
}

/// What there is already.
#[derive(SurrealValue)]
pub(super) struct Found {
    username_taken: bool,
    display_name: Option<String>,
    policy: Option<String>,
    invitation: Option<Uuid>,
}

const LOOK: &str = "
    RETURN {
        username_taken: (SELECT VALUE id FROM account WHERE username_key = $username_key)[0] != NONE,
        display_name: (SELECT VALUE display_name FROM account WHERE email_key = $email_key)[0],
        policy: (SELECT VALUE value FROM ONLY policy:registration),
        invitation: (SELECT VALUE record::id(id) FROM invitation
            WHERE code_hash = $invitation_hash AND expires_at > $now AND uses < uses_max)[0],
    };";

const REGISTER: &str = "
    CREATE type::record('registration', $id) CONTENT $registration;
    CREATE type::record('one_time', $code_hash) CONTENT $code;
    IF $mail != NONE { CREATE type::record('mail', $mail_id) CONTENT $mail };
    RETURN true;";

/// Starts a sign-up. The answer, and the work, are the same whether or not the address has an account; only the mail
/// differs. Whether a *username* is taken is no secret: it is answered here.
///
/// # Errors
/// `invalid` for each field that is; `registration_closed`; `invitation_invalid` where one is needed; `username_taken`;
/// `rate_limited` per network address and per e-mail address.
pub async fn register(env: &Env, caller: &Caller, command: Register) -> Result<Registered> {
    let names = parse_names(&command.email, &command.username, command.display_name.as_deref())?;
    env.throttle.by_address(Action::Register, caller)?;
    env.throttle.count(Action::RegisterEmail, &names.0.key())?;
    let invitation = command.invitation.filter(|code| !code.trim().is_empty());
    if invitation.is_some() {
        env.throttle.by_address(Action::TryCode, caller)?;
    }
    let found = look(env, &names, invitation.as_deref()).await?;
    let policy = invitations::named(found.policy.as_deref());
    match (policy, found.invitation) {
        (RegistrationPolicy::Closed, _) => return Err(Code::RegistrationClosed.into()),
        (RegistrationPolicy::Invite, None) => return Err(uninvited(invitation.is_some()).into()),
        (RegistrationPolicy::Invite, Some(_)) | (RegistrationPolicy::Open, _) => {}
    }
    let (registered, _) = wait_for_code(env, names, found, true).await?;
    Ok(registered)
}

fn uninvited(with_code: bool) -> Rejection {
    let why = if with_code {
        Code::InvitationInvalid.detail()
    } else {
        "This Roost takes new people by invitation only. Please give the code of yours."
    };
    Rejection::new(Code::InvitationInvalid)
        .because(why)
        .blame("invitation", why)
}

/// Looks what there is already: accounts with these names, the policy, and the invitation, if it is good.
pub(super) async fn look(
    env: &Env,
    (email, username, _): &(Email, Username, DisplayName),
    invitation: Option<&str>,
) -> Result<Found> {
    let binds = vars! {
        username_key: look_alikes::key(username),
        email_key: email.key(),
        invitation_hash: invitation.map(|code| secret::hash(secret::normalize_code(code).as_bytes())),
        now: env.now().datetime(),
    };
    let found: Option<Found> = env.db.find(LOOK, binds).await?;
    found.ok_or_else(|| Code::Internal.into())
}

/// Writes the sign-up, which now waits for the code; unless somebody else sees to that, a mail carries it.
pub(super) async fn wait_for_code(
    env: &Env,
    (email, username, display_name): (Email, Username, DisplayName),
    found: Found,
    mailed: bool,
) -> Result<(Registered, String)> {
    if found.username_taken {
        let why = "That username is taken, or looks too much like one that is. If it is yours, sign in instead.";
        return Err(Rejection::new(Code::UsernameTaken)
            .because(why)
            .blame("username", why)
            .into());
    }
    let known = found.display_name;
    let id = env.new_id();
    let code = secret::new_code(env);
    let expires_at = env.now().plus(lifetimes::CODE);
    let mail = mailed.then(|| mail::compose(env, &email, &mail_kind(env, &code, &display_name, known.as_deref())));
    let (mail_id, mail) = mail.map(|mail| (mail.id, mail.row)).unzip();
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
        invitation: found.invitation,
        expires_at: expires_at.datetime(),
    };
    let binds = vars! {
        id: id,
        registration: registration,
        code_hash: code_hash(env, &code, known.is_some()),
        code: one_time,
        mail_id: mail_id,
        mail: mail,
    };
    env.db.transact::<bool>(REGISTER, binds).await?;
    let registered = Registered {
        registration_id: RegistrationId(id),
        expires_at,
        code: None,
    };
    Ok((registered, code))
}

/// The names of a new account, all of them checked, and the username in the form in which it is kept.
///
/// # Errors
/// Invalid, with all fields that are.
pub(crate) fn parse_names(
    email: &str,
    username: &str,
    display_name: Option<&str>,
) -> Result<(Email, Username, DisplayName)> {
    let mut check = Check::new();
    let email = check.take("email", Email::parse(email));
    let username = check.take("username", Username::parse(username));
    let wanted = display_name.filter(|name| !name.trim().is_empty());
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
    use crate::{Authority, Error, fixtures};
    use model::{
        admin::{CreateInvitation, CreatedInvitation},
        samples::{ADA, GRACE, Player},
    };

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

    async fn policy(env: &Env, policy: RegistrationPolicy) {
        invitations::set_registration_policy(env, &Authority::Machine, policy)
            .await
            .expect("sets");
    }

    async fn invite(env: &Env, uses: u32) -> CreatedInvitation {
        let command = CreateInvitation {
            note: String::new(),
            uses: Some(uses),
            days: Some(1),
            email: None,
        };
        invitations::create_invitation(env, &Authority::Machine, command)
            .await
            .expect("makes")
    }

    fn invited(player: Player, code: Option<&str>) -> Register {
        Register {
            invitation: code.map(str::to_owned),
            ..fixtures::registration(player)
        }
    }

    #[tokio::test]
    async fn a_closed_roost_takes_nobody_and_one_by_invitation_only_the_invited() {
        let (env, clock) = fixtures::env().await;
        let caller = fixtures::caller();
        let good = invite(&env, 1).await.code;
        policy(&env, RegistrationPolicy::Closed).await;
        let closed = register(&env, &caller, invited(ADA, Some(&good))).await;
        assert_eq!(code_of(closed), Some(Code::RegistrationClosed));
        policy(&env, RegistrationPolicy::Invite).await;
        for code in [None, Some(" "), Some("AAAAA-AAAAA")] {
            match register(&env, &caller, invited(ADA, code)).await {
                Err(Error::Rejected(rejection)) => {
                    assert_eq!(rejection.code, Code::InvitationInvalid);
                    assert!(rejection.about("invitation").is_some());
                }
                other => panic!("{other:?}"),
            }
        }
        assert!(mail::list_outbox(&env, 10).await.expect("the outbox").is_empty());
        register(&env, &caller, invited(ADA, Some(&good.to_lowercase())))
            .await
            .expect("registers");
        clock.advance_s(86_400);
        let late = register(&env, &caller, invited(GRACE, Some(&good))).await;
        assert_eq!(code_of(late), Some(Code::InvitationInvalid), "it has ended");
        policy(&env, RegistrationPolicy::Open).await;
        register(&env, &caller, invited(GRACE, Some(&good)))
            .await
            .expect("needs none");
    }
}
