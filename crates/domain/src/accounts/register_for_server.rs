//! Sign somebody up for the site that runs this Roost, whose own mail carries the code.

use super::register::{look, parse_names, wait_for_code};
use crate::{Authority, Env, Result};
use model::{
    Scope,
    command::{Register, Registered},
};

/// Starts a sign-up and tells the code, for which no mail is sent. Whoever may do this also decides who may sign up: the
/// policy does not matter, and no invitation is counted. For an address that has an account the code opens nothing.
///
/// # Errors
/// `scope_missing`; `invalid` for each field that is; `username_taken`.
pub async fn register_for_server(env: &Env, by: &Authority, command: Register) -> Result<Registered> {
    by.require(Scope::Registration)?;
    let names = parse_names(&command.email, &command.username, command.display_name.as_deref())?;
    let found = look(env, &names, None).await?;
    let (registered, code) = wait_for_code(env, names, found, false).await?;
    Ok(Registered {
        code: Some(code),
        ..registered
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        accounts,
        fixtures::{self, refusal},
        invitations, mail,
    };
    use model::{
        Code, RegistrationPolicy,
        samples::{ADA, GRACE},
    };

    #[tokio::test]
    async fn the_code_is_in_the_reply_no_mail_goes_out_and_the_policy_does_not_matter() {
        let (env, _) = fixtures::env().await;
        let policy = RegistrationPolicy::Closed;
        invitations::set_registration_policy(&env, &Authority::Machine, policy)
            .await
            .expect("sets");
        let shop = fixtures::key(&env, &[Scope::Registration]);
        let waiting = register_for_server(&env, &shop, fixtures::registration(ADA))
            .await
            .expect("registers");
        let by_code = accounts::ByCode {
            code: waiting.code.expect("a code"),
            password: ADA.password.into(),
            password_confirmation: ADA.password.into(),
            username: None,
        };
        assert!(mail::list_outbox(&env, 10).await.expect("the outbox").is_empty());
        accounts::set_password_by_code(&env, &fixtures::caller(), by_code.clone())
            .await
            .expect("an account");
        let again = Register {
            username: "other".into(),
            ..fixtures::registration(ADA)
        };
        let known = register_for_server(&env, &shop, again).await.expect("the same answer");
        let dead = accounts::ByCode {
            code: known.code.expect("a code"),
            ..by_code
        };
        let refused = accounts::set_password_by_code(&env, &fixtures::caller(), dead).await;
        assert_eq!(refusal(refused), Code::CodeInvalid);
    }

    #[tokio::test]
    async fn it_takes_the_scope() {
        let (env, _) = fixtures::env().await;
        let shop = fixtures::key(&env, &[Scope::UsersWrite, Scope::Invitations]);
        let refused = register_for_server(&env, &shop, fixtures::registration(GRACE)).await;
        assert_eq!(refusal(refused), Code::ScopeMissing);
    }
}
