//! Exchange a mailed code for a one-time token.

use crate::{
    Caller, Env, Result,
    accounts::{
        lifetimes,
        one_time::{self, Kind, OneTimeRow, Purpose},
        secret,
    },
    db::vars,
};
use model::{Code, command::PasswordToken};

const EXCHANGE: &str = "
    LET $taken = (UPDATE type::record('one_time', $code_hash) SET used = true WHERE !used RETURN AFTER);
    IF array::len($taken) = 0 { THROW 'code_invalid' };
    CREATE type::record('one_time', $token_hash) CONTENT $token_row;
    RETURN true;";

/// Uses a code up and gives the token that sets one password.
///
/// # Errors
/// `code_invalid` when it was used already, has expired, was never valid, or sets no password;
/// `rate_limited`.
pub async fn exchange_code(env: &Env, caller: &Caller, code: &str) -> Result<PasswordToken> {
    let subject = one_time::find(env, caller, Kind::Code, code).await?;
    if !matches!(subject.purpose, Purpose::SignUp | Purpose::Reset) {
        return Err(Code::CodeInvalid.into());
    }
    let token = secret::new_token(env);
    let expires_at = env.now().plus(lifetimes::PASSWORD_TOKEN);
    let row = OneTimeRow {
        registration: subject.registration,
        account: subject.account,
        ..OneTimeRow::new(Kind::Token, subject.purpose, expires_at.datetime())
    };
    let binds = vars! { code_hash: subject.hash, token_hash: secret::hash(token.as_bytes()), token_row: row };
    env.db.transact::<bool>(EXCHANGE, binds).await?;
    Ok(PasswordToken { token, expires_at })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Error, accounts, fixtures};
    use model::samples::ADA;

    #[tokio::test]
    async fn a_code_is_exchanged_once_even_when_two_try_at_the_same_moment() {
        let (env, _) = fixtures::env().await;
        let caller = fixtures::caller();
        accounts::register(&env, &caller, fixtures::registration(ADA))
            .await
            .expect("registers");
        let code = fixtures::newest_code(&env, ADA.email).await;
        let tries = futures::future::join_all((0..4).map(|_| exchange_code(&env, &caller, &code))).await;
        assert_eq!(tries.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        let invalid = |outcome: &&Result<PasswordToken>| matches!(outcome, Err(Error::Rejected(r)) if r.code == Code::CodeInvalid);
        assert_eq!(tries.iter().filter(invalid).count(), 3);
    }

    #[tokio::test]
    async fn a_code_dies_with_its_hour() {
        let (env, clock) = fixtures::env().await;
        let caller = fixtures::caller();
        accounts::register(&env, &caller, fixtures::registration(ADA))
            .await
            .expect("registers");
        let code = fixtures::newest_code(&env, ADA.email).await;
        clock.advance_s(lifetimes::CODE.num_seconds());
        assert!(exchange_code(&env, &caller, &code).await.is_err());
    }
}
