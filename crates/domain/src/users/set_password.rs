//! Set somebody's password: for the command line, when no mail can help.

use super::target::{Target, is_person, target, touch};
use crate::{
    Authority, Env, Error, Result,
    accounts::{check_password, end_sessions},
    audit,
    db::vars,
    mail::{self, MailKind},
};
use model::{AccountId, Email, Scope};

const SET: &str = concat!(
    touch!(),
    "UPDATE type::record('account', $account_id) SET password_hash = $password_hash;
    UPDATE one_time SET used = true WHERE account = $account_id;",
    end_sessions!(),
    "CREATE type::record('mail', $mail_id) CONTENT $mail;
    CREATE type::record('audit', $audit_id) CONTENT $audit;
    RETURN true;"
);

/// Sets a password. Every session, code and token of the account ends, and a mail tells its owner.
///
/// # Errors
/// `not_found`; `invalid` for a weak password; `scope_missing`; `busy`.
pub async fn set_password(env: &Env, by: &Authority, id: AccountId, password: String) -> Result<()> {
    by.require(Scope::UsersWrite)?;
    let Target { account, .. } = target(env, by, id).await?;
    let about = [
        account.username.as_str(),
        account.email.as_str(),
        account.display_name.as_str(),
    ];
    check_password(&password, &password, &about)?;
    let changed = MailKind::password_changed(env, &account.display_name);
    let email = Email::parse(&account.email).map_err(Error::broken("reading the address of an account"))?;
    let mail = mail::compose(env, &email, &changed);
    let entry = audit::record(
        env,
        by,
        "user.set_password",
        Some(account.id),
        &account.username,
        String::new(),
    );
    let binds = vars! {
        account_id: account.id,
        person: is_person(by),
        password_hash: env.passwords.hash(password).await?,
        now: env.now().datetime(),
        chance: env.new_id(),
        mail_id: mail.id,
        mail: mail.row,
        audit_id: entry.id,
        audit: entry.row,
    };
    env.db.transact::<bool>(SET, binds).await?;
    env.remembered.forget_account(id);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        accounts,
        fixtures::{self, refusal},
    };
    use model::{
        Code,
        command::SignIn,
        samples::{ADA, GRACE},
    };

    #[tokio::test]
    async fn the_new_password_is_the_only_way_in_and_its_owner_hears_of_it() {
        let (env, _) = fixtures::env().await;
        let ada = fixtures::actor(&env, ADA).await;
        let weak = set_password(&env, &Authority::Machine, ada.id(), "password12".into()).await;
        assert_eq!(refusal(weak), Code::Invalid);
        set_password(&env, &Authority::Machine, ada.id(), GRACE.password.into())
            .await
            .expect("sets");
        assert!(!accounts::session_lives(&env, ada.session).await.expect("asks"));
        assert!(matches!(
            fixtures::newest_mail(&env, ADA.email).await,
            MailKind::PasswordChanged { .. }
        ));
        let sign_in = |password: &str| SignIn {
            login: "ada".into(),
            password: password.into(),
            session: None,
        };
        let old = accounts::sign_in(&env, &fixtures::caller(), sign_in(ADA.password)).await;
        assert_eq!(refusal(old), Code::CredentialsInvalid);
        accounts::sign_in(&env, &fixtures::caller(), sign_in(GRACE.password))
            .await
            .expect("signs in");
        assert_eq!(fixtures::actions(&env).await, ["user.set_password ada by command line"]);
    }
}
