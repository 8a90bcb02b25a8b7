//! Change my password.

use crate::{
    Actor, Caller, Env, Result,
    accounts::{measure_password::check_password, own_password, remembered::end_other_sessions},
    db::vars,
    mail::{self, MailKind},
};
use model::{Email, command::ChangePassword};

/// The sessions of others end, and with them whatever code or token was out. No process remembers the old password.
const CHANGE: &str = concat!(
    "UPDATE type::record('account', $me) SET password_hash = $password_hash;",
    end_other_sessions!(),
    "CREATE type::record('revocation', [$now, $chance]) SET account = $me;
    UPDATE one_time SET used = true WHERE account = $me;
    IF $mail != NONE { CREATE type::record('mail', $mail_id) CONTENT $mail };
    RETURN true;"
);

/// Sets another password for somebody who knows the one so far. Every other session of theirs ends, and a mail tells of
/// it.
///
/// # Errors
/// `invalid` for a wrong, weak or mistyped password; `rate_limited`, `busy`.
pub async fn change_password(env: &Env, caller: &Caller, actor: &Actor, command: ChangePassword) -> Result<()> {
    let account = &actor.account;
    let address = account.email.clone().unwrap_or_default();
    let about = [
        account.username.as_str(),
        address.as_str(),
        account.display_name.as_str(),
    ];
    check_password(&command.password, &command.password_confirmation, &about)?;
    own_password::check_own(env, caller, actor, "current_password", command.current_password).await?;
    let changed = MailKind::password_changed(env, &account.display_name);
    let mail = Email::parse(&address)
        .ok()
        .map(|email| mail::compose(env, &email, &changed));
    let (mail_id, mail) = mail.map(|mail| (mail.id, mail.row)).unzip();
    let binds = vars! {
        me: actor.id().uuid(),
        sid: actor.session.uuid(),
        password_hash: env.passwords.hash(command.password).await?,
        now: env.now().datetime(),
        chance: env.new_id(),
        mail_id: mail_id,
        mail: mail,
    };
    env.db.transact::<bool>(CHANGE, binds).await?;
    env.remembered.forget_account(actor.id());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Error, accounts,
        fixtures::{self, signed_in},
    };
    use model::{
        command::{ForgotPassword, SignIn},
        samples::{ADA, GRACE},
    };

    fn command(current: &str, new: &str) -> ChangePassword {
        ChangePassword {
            current_password: current.into(),
            password: new.into(),
            password_confirmation: new.into(),
        }
    }

    #[tokio::test]
    async fn it_takes_the_old_password_and_ends_every_other_session_and_code() {
        let (env, _) = fixtures::env().await;
        let caller = fixtures::caller();
        let laptop = fixtures::actor(&env, ADA).await;
        let phone = signed_in(&env, ADA, &caller).await;
        accounts::forgot_password(&env, &caller, ForgotPassword { login: "ada".into() })
            .await
            .expect("answers");
        let code = fixtures::newest_code(&env, ADA.email).await;
        for (current, new, field) in [
            ("wrong", GRACE.password, "current_password"),
            (ADA.password, "password12", "password"),
        ] {
            let refused = change_password(&env, &caller, &laptop, command(current, new)).await;
            assert!(
                matches!(refused, Err(Error::Rejected(r)) if r.about(field).is_some()),
                "{field}"
            );
        }
        assert!(
            accounts::session_lives(&env, phone.session).await.expect("asks"),
            "refused, nothing changed"
        );
        change_password(&env, &caller, &laptop, command(ADA.password, GRACE.password))
            .await
            .expect("changes");
        assert!(accounts::session_lives(&env, laptop.session).await.expect("asks"));
        assert!(!accounts::session_lives(&env, phone.session).await.expect("asks"));
        assert!(accounts::inspect_code(&env, &caller, &code, None).await.is_err());
        let sign_in = |password: &str| SignIn {
            login: "ada".into(),
            password: password.into(),
            session: None,
        };
        assert!(accounts::sign_in(&env, &caller, sign_in(ADA.password)).await.is_err());
        accounts::sign_in(&env, &caller, sign_in(GRACE.password))
            .await
            .expect("signs in");
    }

    #[tokio::test]
    async fn guessing_the_old_password_from_a_stolen_session_is_slowed() {
        let (env, _) = fixtures::env().await;
        let laptop = fixtures::actor(&env, ADA).await;
        let mut slowed = false;
        for _ in 0..7 {
            let outcome = change_password(&env, &fixtures::caller(), &laptop, command("wrong", GRACE.password)).await;
            slowed |= matches!(outcome, Err(Error::Rejected(r)) if r.code == model::Code::RateLimited);
        }
        assert!(slowed);
    }
}
