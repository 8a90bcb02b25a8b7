//! Change somebody's account: address, display name, role, and whether they may come in.

use super::target::target;
use crate::{
    Authority, Env, Error, Result,
    accounts::{AccountRow, account_changed, blame_field, veiled, words},
    audit,
    db::vars,
    mail::{self, MailKind},
};
use model::{Account, AccountId, Code, DisplayName, Email, Rejection, Role, Scope, admin::UpdateUser, error::Check};
use surrealdb::types::SurrealValue;
use uuid::Uuid;

/// What is decided outside is decided of `$was`; should the account be another by now, it is decided again. Two
/// administrators who take the role from each other both write `admin_claim:standing`, so one is first and the other finds
/// that they are the last.
const UPDATE: &str = concat!(
    "
    LET $owner = (SELECT * FROM ONLY type::record('account', $account_id));
    IF $owner = NONE { THROW 'not_found' };
    IF $owner.email != $was.email OR $owner.display_name != $was.display_name OR $owner.role != $was.role
        OR $owner.disabled_at != $was.disabled_at { THROW 'busy' };
    IF $one_less {
        UPSERT admin_claim:standing SET by = $chance;
        IF (SELECT VALUE id FROM account WHERE role = 'admin' AND disabled_at = NONE
            AND id != type::record('account', $account_id) LIMIT 1)[0] = NONE { THROW 'last_admin' };
    };
    UPDATE type::record('account', $account_id) SET email = $next.email, email_key = $email_key,
        display_name = $next.display_name, role = $next.role, disabled_at = $next.disabled_at;
    FOR $word IN $words_gone { DELETE type::record('person_word', [$word, $account_id]) };
    FOR $word IN $words_new { UPSERT type::record('person_word', [$word, $account_id]) };
    IF $shut_out { DELETE session WHERE account = $account_id };
    IF $shut_out OR $next.email != $was.email { UPDATE one_time SET used = true WHERE account = $account_id };
    IF $mail != NONE { CREATE type::record('mail', $mail_id) CONTENT $mail };
    FOR $entry IN $entries { CREATE type::record('audit', $entry.id) CONTENT $entry.row };",
    account_changed!(),
    "RETURN true;"
);

/// How often it is decided again because somebody else changed the account meanwhile.
const TRIES: usize = 5;

/// Changes an account; what is not given stays. Another address needs no confirmation, the old one is told. Who is
/// disabled is signed out at once everywhere, and gets in no more.
///
/// # Errors
/// `invalid` for each field that is; `email_taken`; `not_found`; `last_admin` when no administrator would be left that may
/// come in; `scope_missing`, for API keys also about roles and administrators.
pub async fn update_user(env: &Env, by: &Authority, id: AccountId, command: UpdateUser) -> Result<Account> {
    by.require(Scope::UsersWrite)?;
    if command.role.is_some() {
        by.require_person()?;
    }
    let wanted = Wanted::parse(&command)?;
    for _ in 0..TRIES {
        let was = target(env, by, id).await?.account;
        match change(env, by, was, &wanted).await {
            Err(Error::Rejected(rejection)) if rejection.code == Code::Busy => {}
            outcome => return outcome,
        }
    }
    Err(Rejection::new(Code::Busy).retry_after(1).into())
}

struct Wanted {
    email: Option<Email>,
    display_name: Option<DisplayName>,
    role: Option<Role>,
    disabled: Option<bool>,
}

impl Wanted {
    fn parse(command: &UpdateUser) -> Result<Self> {
        let mut check = Check::new();
        let email = check.take("email", command.email.as_deref().map(Email::parse).transpose());
        let display_name = command.display_name.as_deref().map(DisplayName::parse).transpose();
        let display_name = check.take("display_name", display_name);
        let (Some(email), Some(display_name)) = (email, display_name) else {
            return Err(check.reject().into());
        };
        Ok(Self {
            email,
            display_name,
            role: command.role,
            disabled: command.disabled,
        })
    }

    /// The account as it shall be.
    fn applied_to(&self, env: &Env, was: &AccountRow) -> AccountRow {
        let mut next = was.clone();
        if let Some(email) = &self.email {
            next.email = email.to_string();
        }
        if let Some(display_name) = &self.display_name {
            next.display_name = display_name.to_string();
        }
        if let Some(role) = self.role {
            role.as_str().clone_into(&mut next.role);
        }
        match self.disabled {
            Some(true) => next.disabled_at = was.disabled_at.or(Some(env.now().datetime())),
            Some(false) => next.disabled_at = None,
            None => {}
        }
        next
    }
}

/// An entry of the audit log, as the transaction writes it.
#[derive(SurrealValue)]
struct Entry {
    id: Uuid,
    row: audit::Row,
}

async fn change(env: &Env, by: &Authority, was: AccountRow, wanted: &Wanted) -> Result<Account> {
    let next = wanted.applied_to(env, &was);
    let entries = entries(env, by, &was, &next);
    if entries.is_empty() {
        return Ok(was.into());
    }
    let email = Email::parse(&next.email).map_err(Error::broken("reading the address of an account"))?;
    let (mail_id, mail) = notice(env, &was, &next).map(|mail| (mail.id, mail.row)).unzip();
    let [words_gone, words_new] = match was.display_name == next.display_name {
        true => [Vec::new(), Vec::new()],
        false => [&was, &next].map(|row| words(&row.username, &row.display_name)),
    };
    let binds = vars! {
        account_id: was.id,
        one_less: guards(&was) && !guards(&next),
        shut_out: was.disabled_at.is_none() && next.disabled_at.is_some(),
        email_key: email.key(),
        words_gone: words_gone,
        words_new: words_new,
        mail_id: mail_id,
        mail: mail,
        entries: entries,
        was: was,
        next: next.clone(),
        now: env.now().datetime(),
        chance: env.new_id(),
    };
    env.db.transact::<bool>(UPDATE, binds).await.map_err(blame_field)?;
    env.remembered.forget_account(next.id.into());
    Ok(next.into())
}

/// Whether this is an administrator who may come in.
fn guards(row: &AccountRow) -> bool {
    row.role == Role::Admin.as_str() && row.disabled_at.is_none()
}

/// What the audit log says of it; nothing when nothing changes.
fn entries(env: &Env, by: &Authority, was: &AccountRow, next: &AccountRow) -> Vec<Entry> {
    let role = format!("role: {}", next.role);
    let changed: Vec<&str> = [
        (was.email != next.email, "e-mail address"),
        (was.display_name != next.display_name, "display name"),
        (was.role != next.role, role.as_str()),
    ]
    .into_iter()
    .filter_map(|(changed, what)| changed.then_some(what))
    .collect();
    let standing = match (was.disabled_at, next.disabled_at) {
        (None, Some(_)) => Some(("user.disable", String::new())),
        (Some(_), None) => Some(("user.enable", String::new())),
        _ => None,
    };
    let update = (!changed.is_empty()).then(|| ("user.update", changed.join(", ")));
    let entry = |(action, detail)| {
        let audit::Entry { id, row } = audit::record(env, by, action, Some(was.id), &was.username, detail);
        Entry { id, row }
    };
    update.into_iter().chain(standing).map(entry).collect()
}

/// The old address is told of a new one. Who gets only its case changed is told nothing.
fn notice(env: &Env, was: &AccountRow, next: &AccountRow) -> Option<mail::Queued> {
    if was.email.to_lowercase() == next.email.to_lowercase() {
        return None;
    }
    let old = Email::parse(&was.email).ok()?;
    let kind = MailKind::EmailChanged {
        display_name: was.display_name.clone(),
        new_address: veiled(&next.email),
        site_link: env.site.public_url.clone(),
    };
    Some(mail::compose(env, &old, &kind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        accounts,
        fixtures::{self, refusal},
        users,
    };
    use model::{
        admin::CreateUser,
        command::{ForgotPassword, SignIn},
        samples::{ADA, GRACE, HEDY},
    };

    fn nothing() -> UpdateUser {
        UpdateUser::default()
    }

    fn role(role: Role) -> UpdateUser {
        UpdateUser {
            role: Some(role),
            ..nothing()
        }
    }

    fn disabled(disabled: bool) -> UpdateUser {
        UpdateUser {
            disabled: Some(disabled),
            ..nothing()
        }
    }

    async fn sign_in(env: &Env) -> Result<accounts::Opened> {
        let command = SignIn {
            login: "ada".into(),
            password: ADA.password.into(),
            session: None,
        };
        accounts::sign_in(env, &fixtures::caller(), command).await
    }

    #[tokio::test]
    async fn names_and_address_change_at_once_and_the_old_address_is_told() {
        let (env, _) = fixtures::env().await;
        let hedy = fixtures::authority(&env, HEDY).await;
        let (ada, grace) = (fixtures::actor(&env, ADA).await, fixtures::actor(&env, GRACE).await);
        let command = ForgotPassword { login: "ada".into() };
        accounts::forgot_password(&env, &fixtures::caller(), command)
            .await
            .expect("answers");
        let code = fixtures::newest_code(&env, ADA.email).await;
        let command = UpdateUser {
            email: Some("countess@example.org".into()),
            display_name: Some("Ada King".into()),
            ..nothing()
        };
        let changed = update_user(&env, &hedy, ada.id(), command.clone())
            .await
            .expect("changes");
        assert_eq!(
            (changed.email.as_deref(), changed.display_name.as_str()),
            (Some("countess@example.org"), "Ada King")
        );
        for (query, found) in [("king", 1), ("lovelace", 0), ("ada", 1)] {
            let people = accounts::find_people(&env, &grace, query).await.expect("finds");
            assert_eq!(people.len(), found, "{query}");
        }
        assert!(matches!(
            fixtures::newest_mail(&env, ADA.email).await,
            MailKind::EmailChanged { .. }
        ));
        assert!(
            accounts::inspect_code(&env, &fixtures::caller(), &code, None)
                .await
                .is_err(),
            "a code that went to the old address is dead"
        );
        assert!(
            accounts::session_lives(&env, ada.session).await.expect("asks"),
            "she stays signed in"
        );
        update_user(&env, &hedy, ada.id(), command)
            .await
            .expect("is so already");
        assert_eq!(
            fixtures::actions(&env).await,
            ["user.update ada by hedy: e-mail address, display name"]
        );
    }

    #[tokio::test]
    async fn a_taken_address_and_bad_fields_are_refused_and_change_nothing() {
        let (env, _) = fixtures::env().await;
        let hedy = fixtures::authority(&env, HEDY).await;
        let ada = fixtures::actor(&env, ADA).await;
        for (email, display_name, code) in [
            ("HEDY@example.org", "Ada King", Code::EmailTaken),
            ("nowhere", "Ada King", Code::Invalid),
            ("countess@example.org", " ", Code::Invalid),
        ] {
            let command = UpdateUser {
                email: Some(email.into()),
                display_name: Some(display_name.into()),
                ..nothing()
            };
            assert_eq!(
                refusal(update_user(&env, &hedy, ada.id(), command).await),
                code,
                "{email}"
            );
        }
        // What she chose for herself is nobody else's to see.
        let as_hedy_sees = Account {
            preferences: None,
            ..ada.account.clone()
        };
        assert_eq!(
            users::get_user(&env, &hedy, ada.id()).await.expect("sees"),
            as_hedy_sees
        );
        assert_eq!(
            refusal(update_user(&env, &hedy, env.new_id().into(), nothing()).await),
            Code::NotFound
        );
    }

    #[tokio::test]
    async fn the_disabled_are_out_at_once_and_in_again_when_enabled() {
        let (env, _) = fixtures::env().await;
        let hedy = fixtures::authority(&env, HEDY).await;
        let ada = fixtures::actor(&env, ADA).await;
        let command = ForgotPassword { login: "ada".into() };
        accounts::forgot_password(&env, &fixtures::caller(), command)
            .await
            .expect("answers");
        let code = fixtures::newest_code(&env, ADA.email).await;
        let account = update_user(&env, &hedy, ada.id(), disabled(true))
            .await
            .expect("disables");
        assert_eq!(account.disabled_at, Some(env.now()));
        assert!(!accounts::session_lives(&env, ada.session).await.expect("asks"));
        assert_eq!(refusal(sign_in(&env).await), Code::AccountDisabled);
        assert!(
            accounts::inspect_code(&env, &fixtures::caller(), &code, None)
                .await
                .is_err()
        );
        update_user(&env, &hedy, ada.id(), disabled(true))
            .await
            .expect("is so already");
        let account = update_user(&env, &hedy, ada.id(), disabled(false))
            .await
            .expect("enables");
        assert_eq!(account.disabled_at, None);
        sign_in(&env).await.expect("signs in");
        assert_eq!(
            fixtures::actions(&env).await,
            ["user.enable ada by hedy", "user.disable ada by hedy"]
        );
    }

    #[tokio::test]
    async fn the_last_administrator_that_may_come_in_stays_one() {
        let (env, _) = fixtures::env().await;
        let hedy = fixtures::authority(&env, HEDY).await;
        let id = hedy.account().expect("an account");
        let ada = fixtures::actor(&env, ADA).await;
        for command in [role(Role::User), disabled(true)] {
            assert_eq!(
                refusal(update_user(&env, &Authority::Machine, id, command).await),
                Code::LastAdmin
            );
        }
        update_user(&env, &hedy, ada.id(), role(Role::Admin))
            .await
            .expect("promotes");
        update_user(&env, &hedy, ada.id(), disabled(true))
            .await
            .expect("disables");
        let lonely = update_user(&env, &hedy, id, role(Role::User)).await;
        assert_eq!(
            refusal(lonely),
            Code::LastAdmin,
            "one who may not come in does not count"
        );
        update_user(&env, &hedy, ada.id(), disabled(false))
            .await
            .expect("enables");
        update_user(&env, &hedy, id, role(Role::User))
            .await
            .expect("steps down");
    }

    #[tokio::test]
    async fn two_administrators_who_depose_each_other_at_once_leave_one() {
        let (env, _) = fixtures::env().await;
        let hedy = fixtures::authority(&env, HEDY).await;
        for round in 0..8 {
            let command = CreateUser {
                email: format!("rival{round}@example.org"),
                username: format!("rival.{round}"),
                display_name: None,
                password: None,
                role: Some(Role::Admin),
            };
            let rival = users::create_user(&env, &Authority::Machine, command)
                .await
                .expect("makes");
            let id = hedy.account().expect("an account");
            let (a, b) = tokio::join!(
                update_user(&env, &hedy, rival.id, role(Role::User)),
                update_user(&env, &Authority::Machine, id, disabled(true))
            );
            assert_eq!(
                [a.is_ok(), b.is_ok()].iter().filter(|ok| **ok).count(),
                1,
                "{a:?} {b:?}"
            );
            if b.is_ok() {
                update_user(&env, &Authority::Machine, id, disabled(false))
                    .await
                    .expect("enables");
                update_user(&env, &Authority::Machine, rival.id, role(Role::User))
                    .await
                    .expect("deposes");
            }
        }
    }

    #[tokio::test]
    async fn changes_at_the_same_moment_are_all_kept_and_the_directory_follows_the_last() {
        let (env, _) = fixtures::env().await;
        let hedy = fixtures::authority(&env, HEDY).await;
        let (ada, grace) = (fixtures::actor(&env, ADA).await, fixtures::actor(&env, GRACE).await);
        let name = |name: &str| UpdateUser {
            display_name: Some(name.into()),
            ..nothing()
        };
        let (a, b, c) = tokio::join!(
            update_user(&env, &hedy, ada.id(), name("Ada King")),
            update_user(&env, &hedy, ada.id(), name("Ada Byron")),
            update_user(&env, &hedy, ada.id(), role(Role::Admin))
        );
        assert!(a.is_ok() && b.is_ok() && c.is_ok(), "{a:?} {b:?} {c:?}");
        let now = users::get_user(&env, &hedy, ada.id()).await.expect("sees");
        assert_eq!(now.role, Role::Admin);
        for query in ["king", "byron", "lovelace"] {
            let people = accounts::find_people(&env, &grace, query).await.expect("finds");
            assert_eq!(
                people.len(),
                usize::from(now.display_name.to_lowercase().contains(query)),
                "{query}"
            );
        }
    }

    #[tokio::test]
    async fn a_server_changes_members_but_neither_roles_nor_administrators() {
        let (env, _) = fixtures::env().await;
        let hedy = fixtures::authority(&env, HEDY).await;
        let ada = fixtures::actor(&env, ADA).await;
        let shop = fixtures::key(&env, &[Scope::UsersWrite]);
        update_user(&env, &shop, ada.id(), disabled(true))
            .await
            .expect("disables");
        let id = hedy.account().expect("an account");
        for (id, command) in [
            (ada.id(), role(Role::Admin)),
            (id, disabled(true)),
            (
                id,
                UpdateUser {
                    email: Some("shop@example.org".into()),
                    ..nothing()
                },
            ),
        ] {
            assert_eq!(refusal(update_user(&env, &shop, id, command).await), Code::ScopeMissing);
        }
    }
}
