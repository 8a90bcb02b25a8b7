//! Mail somebody a link with which to set a password.

use super::{
    mailed_link::mailed_link,
    target::{Target, is_person, target, touch},
};
use crate::{Authority, Env, Result, audit, db::vars};
use model::{AccountId, Scope};

const SEND: &str = concat!(
    touch!(),
    "IF $owner.disabled_at != NONE { THROW 'account_disabled' };
    CREATE type::record('one_time', $code_hash) CONTENT $code;
    CREATE type::record('mail', $mail_id) CONTENT $mail;
    CREATE type::record('audit', $audit_id) CONTENT $audit;
    RETURN true;"
);

/// Mails the link of a forgotten password to an account's address, or the invitation once more to who has none yet.
/// Until the link is used, the password stays as it is.
///
/// # Errors
/// `not_found`; `account_disabled`; `scope_missing`.
pub async fn send_reset(env: &Env, by: &Authority, id: AccountId) -> Result<()> {
    by.require(Scope::UsersWrite)?;
    let Target { account, password_hash } = target(env, by, id).await?;
    let link = mailed_link(env, &account, password_hash.is_empty())?;
    let entry = audit::record(
        env,
        by,
        "user.send_reset",
        Some(account.id),
        &account.username,
        String::new(),
    );
    let binds = vars! {
        account_id: account.id,
        person: is_person(by),
        code_hash: link.code_hash,
        code: link.code,
        mail_id: link.mail.id,
        mail: link.mail.row,
        audit_id: entry.id,
        audit: entry.row,
    };
    env.db.transact::<bool>(SEND, binds).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        accounts,
        fixtures::{self, refusal},
        mail::MailKind,
        users,
    };
    use model::{
        Code,
        admin::{CreateUser, UpdateUser},
        samples::{ADA, GRACE, HEDY},
    };

    #[tokio::test]
    async fn the_code_sets_a_new_password_and_until_then_the_old_one_works() {
        let (env, _) = fixtures::env().await;
        let hedy = fixtures::authority(&env, HEDY).await;
        let ada = fixtures::actor(&env, ADA).await;
        send_reset(&env, &hedy, ada.id()).await.expect("sends");
        let code = fixtures::newest_code(&env, ADA.email).await;
        assert!(accounts::session_lives(&env, ada.session).await.expect("asks"));
        let by_code = accounts::ByCode {
            code,
            password: GRACE.password.into(),
            password_confirmation: GRACE.password.into(),
            username: None,
        };
        accounts::set_password_by_code(&env, &fixtures::caller(), by_code)
            .await
            .expect("sets a password");
        assert!(!accounts::session_lives(&env, ada.session).await.expect("asks"));
        assert_eq!(fixtures::actions(&env).await, ["user.send_reset ada by hedy"]);
    }

    #[tokio::test]
    async fn who_never_set_a_password_is_invited_once_more() {
        let (env, _) = fixtures::env().await;
        let hedy = fixtures::authority(&env, HEDY).await;
        let command = CreateUser {
            email: ADA.email.into(),
            username: "ada".into(),
            display_name: None,
            password: None,
            role: None,
        };
        let ada = users::create_user(&env, &hedy, command).await.expect("makes");
        let first = fixtures::newest_mail(&env, ADA.email).await;
        send_reset(&env, &hedy, ada.id).await.expect("sends");
        let second = fixtures::newest_mail(&env, ADA.email).await;
        assert!(matches!(second, MailKind::Invited { .. }) && first != second);
    }

    #[tokio::test]
    async fn the_disabled_and_administrators_asked_for_by_a_server_get_none() {
        let (env, _) = fixtures::env().await;
        let hedy = fixtures::authority(&env, HEDY).await;
        let ada = fixtures::actor(&env, ADA).await;
        let shop = fixtures::key(&env, &[Scope::UsersWrite]);
        let id = hedy.account().expect("an account");
        assert_eq!(refusal(send_reset(&env, &shop, id).await), Code::ScopeMissing);
        let disable = UpdateUser {
            disabled: Some(true),
            ..UpdateUser::default()
        };
        users::update_user(&env, &hedy, ada.id(), disable)
            .await
            .expect("disables");
        assert_eq!(refusal(send_reset(&env, &hedy, ada.id()).await), Code::AccountDisabled);
    }
}
