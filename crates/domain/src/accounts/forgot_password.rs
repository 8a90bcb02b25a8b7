//! Ask for a mail with which to set a new password.

use crate::{
    Caller, Env, Result,
    accounts::{
        lifetimes,
        one_time::{Kind, OneTimeRow, Purpose},
        secret,
        sign_in::find_login,
    },
    db::vars,
    mail::{self, MailKind},
    throttle::Action,
};
use model::{Email, Rejection, command::ForgotPassword, limits};

const FORGOT: &str = "
    CREATE type::record('one_time', $code_hash) CONTENT $code;
    IF $mail_id != NONE { CREATE type::record('mail', $mail_id) CONTENT $mail };
    RETURN true;";

/// Mails a code to the account's address, if there is such an account. The answer is the same if there is not, and
/// a code that nobody learns is written all the same, so that the time is, too.
///
/// # Errors
/// `invalid` when no name is given; `rate_limited` per network address and per name.
pub async fn forgot_password(env: &Env, caller: &Caller, command: ForgotPassword) -> Result<()> {
    let login = command.login.trim();
    if login.is_empty() || login.len() > limits::EMAIL_MAX_BYTES {
        return Err(Rejection::field("login", "Please give your username or your e-mail address.").into());
    }
    env.throttle.by_address(Action::Forgot, caller)?;
    env.throttle.count(Action::ForgotLogin, &login.to_lowercase())?;
    let found = find_login(env, login).await?;
    let code = secret::new_code(env);
    let expires_at = env.now().plus(lifetimes::CODE);
    let row = OneTimeRow {
        account: found.as_ref().map(|found| found.account.id),
        ..OneTimeRow::new(Kind::Code, Purpose::Reset, expires_at.datetime())
    };
    let mail = found.and_then(|found| {
        let kind = MailKind::ResetCode {
            display_name: found.account.display_name,
            link: format!("{}/confirm/{code}", env.site.public_url),
            code: code.clone(),
            expires_minutes: lifetimes::CODE.num_minutes(),
        };
        Email::parse(&found.account.email)
            .ok()
            .map(|email| mail::compose(env, &email, &kind))
    });
    let (mail_id, mail) = mail.map(|mail| (mail.id, mail.row)).unzip();
    let code_hash = secret::hash(secret::normalize_code(&code).as_bytes());
    env.db
        .transact::<bool>(
            FORGOT,
            vars! { code_hash: code_hash, code: row, mail_id: mail_id, mail: mail },
        )
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use model::samples::ADA;

    #[tokio::test]
    async fn only_an_account_gets_a_mail_and_the_answer_does_not_tell() {
        let (env, _) = fixtures::env().await;
        fixtures::actor(&env, ADA).await;
        let before = mail::list_outbox(&env, 100).await.expect("the outbox").len();
        for login in ["nobody", "nobody@example.org", "ad\u{430}"] {
            forgot_password(&env, &fixtures::caller(), ForgotPassword { login: login.into() })
                .await
                .expect("answers");
        }
        assert_eq!(mail::list_outbox(&env, 100).await.expect("the outbox").len(), before);
        for login in ["ada", "ADA@example.org"] {
            forgot_password(&env, &fixtures::caller(), ForgotPassword { login: login.into() })
                .await
                .expect("answers");
            assert!(matches!(
                fixtures::newest_mail(&env, ADA.email).await,
                MailKind::ResetCode { .. }
            ));
        }
        assert_eq!(
            mail::list_outbox(&env, 100).await.expect("the outbox").len(),
            before + 2
        );
    }

    #[tokio::test]
    async fn an_empty_name_is_an_error_that_says_so() {
        let (env, _) = fixtures::env().await;
        assert!(
            forgot_password(&env, &fixtures::caller(), ForgotPassword { login: "  ".into() })
                .await
                .is_err()
        );
    }
}
