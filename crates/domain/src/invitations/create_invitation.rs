//! Invite people.

use crate::{
    Authority, Env, Result,
    accounts::secret,
    audit,
    db::vars,
    mail::{self, MailKind},
};
use chrono::{DateTime, TimeDelta, Utc};
use model::{
    Email, Label, Scope,
    admin::{CreateInvitation, CreatedInvitation, Invitation},
    error::Check,
    limits,
};
use std::borrow::Cow;
use surrealdb::types::SurrealValue;

/// Days that an invitation lives when nobody says how many.
const DAYS: u32 = 7;

#[derive(SurrealValue)]
struct NewInvitation {
    code_hash: String,
    note: String,
    uses_max: i64,
    uses: i64,
    created_by: String,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

const CREATE: &str = "
    CREATE type::record('invitation', $id) CONTENT $invitation;
    IF $mail != NONE { CREATE type::record('mail', $mail_id) CONTENT $mail };
    CREATE type::record('audit', $audit_id) CONTENT $audit;
    RETURN true;";

/// An invitation that was asked for, checked.
struct Wanted {
    note: String,
    uses: u32,
    days: u32,
    email: Option<Email>,
}

/// Makes an invitation and tells its code, this once; mails it, if an address is given. Whoever has the code may come
/// with it, at whatever address.
///
/// # Errors
/// `invalid` for each field that is; `scope_missing`.
pub async fn create_invitation(env: &Env, by: &Authority, command: CreateInvitation) -> Result<CreatedInvitation> {
    by.require(Scope::Invitations)?;
    let wanted = parse(&command)?;
    let id = env.new_id();
    let code = secret::new_code(env);
    let link = format!("{}/sign-up?invitation={code}", env.site.public_url);
    let now = env.now();
    let lifetime = TimeDelta::days(wanted.days.into());
    let invitation = Invitation {
        id: id.into(),
        note: wanted.note,
        uses_max: wanted.uses,
        uses: 0,
        created_by: by.name().to_owned(),
        created_at: now,
        expires_at: now.plus(lifetime),
    };
    let row = NewInvitation {
        code_hash: secret::hash(secret::normalize_code(&code).as_bytes()),
        note: invitation.note.clone(),
        uses_max: invitation.uses_max.into(),
        uses: 0,
        created_by: invitation.created_by.clone(),
        created_at: now.datetime(),
        expires_at: invitation.expires_at.datetime(),
    };
    let mail = wanted.email.map(|email| {
        let kind = MailKind::Invitation {
            inviter: inviter(by),
            link: link.clone(),
            expires_minutes: lifetime.num_minutes(),
        };
        mail::compose(env, &email, &kind)
    });
    let (mail_id, mail) = mail.map(|mail| (mail.id, mail.row)).unzip();
    let detail = format!("uses: {}, days: {}", wanted.uses, wanted.days);
    let entry = audit::record(env, by, "invitation.create", None, &invitation.note, detail);
    let binds = vars! {
        id: id,
        invitation: row,
        mail_id: mail_id,
        mail: mail,
        audit_id: entry.id,
        audit: entry.row,
    };
    env.db.transact::<bool>(CREATE, binds).await?;
    Ok(CreatedInvitation { invitation, code, link })
}

fn parse(command: &CreateInvitation) -> Result<Wanted> {
    let mut check = Check::new();
    let note = match command.note.trim() {
        "" => Ok(String::new()),
        note => Label::parse(note).map(String::from),
    };
    let note = check.take("note", note);
    let uses = command.uses.unwrap_or(1);
    let uses = check.take(
        "uses",
        within(uses, limits::INVITATION_USES_MAX, "An invitation is for"),
    );
    let days = command.days.unwrap_or(DAYS);
    let days = check.take(
        "days",
        within(days, limits::INVITATION_DAYS_MAX, "An invitation lives for"),
    );
    let email = command.email.as_deref().filter(|email| !email.trim().is_empty());
    let email = check.take("email", email.map(Email::parse).transpose());
    let (Some(note), Some(uses), Some(days), Some(email)) = (note, uses, days, email) else {
        return Err(check.reject().into());
    };
    Ok(Wanted {
        note,
        uses,
        days,
        email,
    })
}

fn within(number: u32, max: u32, what: &str) -> Result<u32, Cow<'static, str>> {
    let unit = if what.ends_with("lives for") { "days" } else { "people" };
    match number {
        0 => Err(format!("{what} 1 to {max} {unit}.").into()),
        number if number > max => Err(format!("{what} 1 to {max} {unit}.").into()),
        number => Ok(number),
    }
}

/// Who invites, as the mail says it.
fn inviter(by: &Authority) -> String {
    match by {
        Authority::Admin(actor) => actor.account.display_name.clone(),
        Authority::Key(key) => key.name.clone(),
        Authority::Machine => "Somebody".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Error,
        fixtures::{self, refusal},
        invitations::list_invitations,
    };
    use model::{
        Code,
        samples::{ADA, HEDY},
    };

    fn command() -> CreateInvitation {
        CreateInvitation {
            note: " Book club ".into(),
            uses: None,
            days: None,
            email: None,
        }
    }

    #[tokio::test]
    async fn an_invitation_is_for_one_and_a_week_unless_said_otherwise_and_is_mailed_when_asked_for() {
        let (env, _) = fixtures::env().await;
        let hedy = fixtures::authority(&env, HEDY).await;
        let made = create_invitation(&env, &hedy, command()).await.expect("makes");
        let Invitation {
            uses_max,
            uses,
            expires_at,
            ..
        } = made.invitation;
        assert_eq!((uses_max, uses, expires_at), (1, 0, env.now().plus(TimeDelta::days(7))));
        let mailed = CreateInvitation {
            uses: Some(30),
            days: Some(1),
            email: Some(ADA.email.into()),
            ..command()
        };
        let mailed = create_invitation(&env, &hedy, mailed).await.expect("makes");
        let MailKind::Invitation { inviter, link, .. } = fixtures::newest_mail(&env, ADA.email).await else {
            panic!("another mail")
        };
        assert_eq!(
            (inviter.as_str(), link.as_str()),
            (HEDY.display_name, mailed.link.as_str())
        );
        assert!(
            link.ends_with(&format!("/sign-up?invitation={}", mailed.code)),
            "{link}"
        );
        let all = list_invitations(&env, &hedy).await.expect("lists");
        assert_eq!(all, [mailed.invitation, made.invitation]);
        let log = fixtures::actions(&env).await;
        assert_eq!(log[0], "invitation.create Book club by hedy: uses: 30, days: 1");
        assert!(!log.concat().contains(&mailed.code) && !log.concat().contains('@'));
    }

    #[tokio::test]
    async fn numbers_out_of_bounds_and_bad_words_are_named_and_the_scope_is_asked_for() {
        let (env, _) = fixtures::env().await;
        let bad = CreateInvitation {
            note: "x".repeat(65),
            uses: Some(0),
            days: Some(limits::INVITATION_DAYS_MAX + 1),
            email: Some("nowhere".into()),
        };
        match create_invitation(&env, &Authority::Machine, bad).await {
            Err(Error::Rejected(rejection)) => {
                assert_eq!(
                    rejection.errors.keys().collect::<Vec<_>>(),
                    ["days", "email", "note", "uses"]
                );
            }
            other => panic!("{other:?}"),
        }
        let shop = fixtures::key(&env, &[Scope::UsersWrite, Scope::Registration]);
        assert_eq!(
            refusal(create_invitation(&env, &shop, command()).await),
            Code::ScopeMissing
        );
        let shop = fixtures::key(&env, &[Scope::Invitations]);
        create_invitation(&env, &shop, command()).await.expect("makes");
    }
}
