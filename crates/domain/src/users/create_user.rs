//! Make an account for somebody.

use super::mailed_link::{MailedLink, mailed_link};
use crate::{
    Authority, Env, Result,
    accounts::{NewAccount, blame_field, check_password, look_alikes, parse_names, words},
    audit,
    db::vars,
};
use model::{Account, DisplayName, Email, Role, Scope, Username, admin::CreateUser};

const CREATE: &str = "
    CREATE type::record('account', $account_id) CONTENT $account;
    FOR $word IN $words { CREATE type::record('person_word', [$word, $account_id]) };
    IF $code != NONE { CREATE type::record('one_time', $code_hash) CONTENT $code };
    IF $mail != NONE { CREATE type::record('mail', $mail_id) CONTENT $mail };
    CREATE type::record('audit', $audit_id) CONTENT $audit;
    RETURN true;";

/// Makes an account. Without a password its owner gets a mail with a link to set one; with one, no mail: whoever made it
/// tells them.
///
/// # Errors
/// `invalid` for each field that is; `username_taken`, `email_taken`; `scope_missing`, also for an API key that asks for
/// an administrator; `busy`.
pub async fn create_user(env: &Env, by: &Authority, command: CreateUser) -> Result<Account> {
    by.require(Scope::UsersWrite)?;
    NewUser::parse(by, command)?.write(env, by, "user.create").await
}

/// An account that somebody asked for, checked.
pub(super) struct NewUser {
    pub email: Email,
    pub username: Username,
    display_name: DisplayName,
    password: Option<String>,
    role: Role,
}

impl NewUser {
    pub(super) fn parse(by: &Authority, command: CreateUser) -> Result<Self> {
        let role = command.role.unwrap_or(Role::User);
        if role == Role::Admin {
            by.require_person()?;
        }
        let (email, username, display_name) =
            parse_names(&command.email, &command.username, command.display_name.as_deref())?;
        if let Some(password) = &command.password {
            let about = [username.as_str(), email.as_str(), display_name.as_str()];
            check_password(password, password, &about)?;
        }
        Ok(Self {
            email,
            username,
            display_name,
            password: command.password,
            role,
        })
    }

    pub(super) async fn write(&self, env: &Env, by: &Authority, action: &str) -> Result<Account> {
        let password_hash = match &self.password {
            Some(password) => env.passwords.hash(password.clone()).await?,
            None => String::new(),
        };
        let account = NewAccount {
            username: self.username.to_string(),
            username_key: look_alikes::key(&self.username),
            email: self.email.to_string(),
            email_key: self.email.key(),
            display_name: self.display_name.to_string(),
            role: self.role.as_str().into(),
            password_hash,
            created_at: env.now().datetime(),
        };
        let row = account.with_id(env.new_id());
        let link = match self.password {
            Some(_) => None,
            None => Some(mailed_link(env, &row, true)?),
        };
        let detail = match (self.role, &link) {
            (Role::Admin, _) => "an administrator",
            (Role::User, Some(_)) => "gets a link to set a password",
            (Role::User, None) => "with a password",
        };
        let entry = audit::record(env, by, action, Some(row.id), &row.username, detail.into());
        let (code_hash, code, mail) = match link {
            Some(MailedLink { code_hash, code, mail }) => (Some(code_hash), Some(code), Some(mail)),
            None => (None, None, None),
        };
        let (mail_id, mail) = mail.map(|mail| (mail.id, mail.row)).unzip();
        let binds = vars! {
            account_id: row.id,
            words: words(&row.username, &row.display_name),
            account: account,
            code_hash: code_hash,
            code: code,
            mail_id: mail_id,
            mail: mail,
            audit_id: entry.id,
            audit: entry.row,
        };
        env.db.transact::<bool>(CREATE, binds).await.map_err(blame_field)?;
        Ok(row.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Error, accounts,
        fixtures::{self, refusal},
        mail::{self, MailKind},
    };
    use model::{
        Code,
        command::SignIn,
        samples::{ADA, GRACE, HEDY, MALLORY, Player},
    };

    fn command(player: Player, password: Option<&str>) -> CreateUser {
        CreateUser {
            email: player.email.into(),
            username: player.username.into(),
            display_name: Some(player.display_name.into()),
            password: password.map(str::to_owned),
            role: None,
        }
    }

    async fn sign_in(env: &Env, player: Player) -> Result<accounts::Opened> {
        let command = SignIn {
            login: player.username.into(),
            password: player.password.into(),
            session: None,
        };
        accounts::sign_in(env, &fixtures::caller(), command).await
    }

    #[tokio::test]
    async fn who_is_given_a_password_signs_in_with_it_and_gets_no_mail() {
        let (env, _) = fixtures::env().await;
        let hedy = fixtures::authority(&env, HEDY).await;
        let ada = create_user(&env, &hedy, command(ADA, Some(ADA.password)))
            .await
            .expect("makes");
        assert_eq!((ada.email.as_deref(), ada.role), (Some(ADA.email), Role::User));
        assert_eq!(sign_in(&env, ADA).await.expect("signs in").signed_in.account.id, ada.id);
        assert!(mail::list_outbox(&env, 10).await.expect("the outbox").is_empty());
        let found = accounts::find_people(&env, &fixtures::actor(&env, GRACE).await, "lovel").await;
        assert_eq!(found.expect("finds").len(), 1, "the directory knows her");
    }

    #[tokio::test]
    async fn who_has_no_password_cannot_sign_in_until_the_mailed_link_sets_one() {
        let (env, clock) = fixtures::env().await;
        let hedy = fixtures::authority(&env, HEDY).await;
        create_user(&env, &hedy, command(ADA, None)).await.expect("makes");
        for player in [ADA, Player { password: "", ..ADA }] {
            assert_eq!(refusal(sign_in(&env, player).await), Code::CredentialsInvalid);
        }
        let MailKind::Invited { link, username, .. } = fixtures::newest_mail(&env, ADA.email).await else {
            panic!("another mail")
        };
        assert_eq!(username, "ada");
        clock.advance_s(6 * 86_400);
        let by_code = accounts::ByCode {
            code: link.rsplit('/').next().expect("a code").into(),
            password: ADA.password.into(),
            password_confirmation: ADA.password.into(),
            username: None,
        };
        accounts::set_password_by_code(&env, &fixtures::caller(), by_code)
            .await
            .expect("sets a password");
        assert!(
            matches!(fixtures::newest_mail(&env, ADA.email).await, MailKind::Welcome { .. }),
            "nothing was changed that she had"
        );
        sign_in(&env, ADA).await.expect("signs in");
    }

    #[tokio::test]
    async fn clashes_and_weak_passwords_are_refused_beside_their_fields_and_make_nothing() {
        let (env, _) = fixtures::env().await;
        let hedy = fixtures::authority(&env, HEDY).await;
        fixtures::actor(&env, ADA).await;
        let cases = [
            (
                Player {
                    email: "other@example.org",
                    ..ADA
                },
                None,
                Code::UsernameTaken,
                "username",
            ),
            (
                Player {
                    username: "other",
                    ..ADA
                },
                None,
                Code::EmailTaken,
                "email",
            ),
            (GRACE, Some("password12"), Code::Invalid, "password"),
            (
                Player {
                    email: "nowhere",
                    ..GRACE
                },
                None,
                Code::Invalid,
                "email",
            ),
        ];
        for (player, password, code, field) in cases {
            match create_user(&env, &hedy, command(player, password)).await {
                Err(Error::Rejected(rejection)) => {
                    assert_eq!(rejection.code, code, "{field}");
                    assert!(rejection.about(field).is_some(), "{rejection:?}");
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(fixtures::actions(&env).await, Vec::<String>::new());
    }

    #[tokio::test]
    async fn only_people_make_administrators_and_only_with_the_scope_do_servers_make_anybody() {
        let (env, _) = fixtures::env().await;
        let hedy = fixtures::authority(&env, HEDY).await;
        let as_admin = |player| CreateUser {
            role: Some(Role::Admin),
            ..command(player, Some(player.password))
        };
        for (scopes, wanted) in [
            (&[][..], command(MALLORY, None)),
            (&[Scope::UsersRead][..], command(MALLORY, None)),
            (&[Scope::UsersWrite][..], as_admin(MALLORY)),
        ] {
            assert_eq!(
                refusal(create_user(&env, &fixtures::key(&env, scopes), wanted).await),
                Code::ScopeMissing
            );
        }
        create_user(&env, &fixtures::key(&env, &[Scope::UsersWrite]), command(GRACE, None))
            .await
            .expect("makes");
        let ada = create_user(&env, &hedy, as_admin(ADA)).await.expect("makes");
        assert_eq!(ada.role, Role::Admin);
        assert_eq!(
            fixtures::actions(&env).await,
            [
                "user.create ada by hedy: an administrator",
                "user.create grace by shop: gets a link to set a password"
            ]
        );
    }
}
