//! See what a code is for, without using it up: mail scanners and impatient fingers open links twice.

use crate::{
    Caller, Env, Error, Result,
    accounts::one_time::{self, Kind, Purpose},
};
use model::{Code, RegistrationId};

/// What a living code is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeSubject {
    /// What it is for.
    pub purpose: Purpose,
    /// Whose it is; `None` for the first administrator's.
    pub username: Option<String>,
}

/// Looks at a code. When it was typed for a certain sign-up, wrong ones are counted against that.
///
/// # Errors
/// `code_invalid` when it is not, or no longer, alive; `rate_limited`.
pub async fn inspect_code(
    env: &Env,
    caller: &Caller,
    code: &str,
    registration: Option<RegistrationId>,
) -> Result<CodeSubject> {
    let found = one_time::find(env, caller, Kind::Code, code).await;
    if let (Err(Error::Rejected(rejection)), Some(registration)) = (&found, registration)
        && rejection.code == Code::CodeInvalid
    {
        one_time::count_wrong(env, registration).await?;
    }
    let subject = found?;
    let username = (subject.purpose != Purpose::FirstAdmin).then_some(subject.username);
    Ok(CodeSubject {
        purpose: subject.purpose,
        username,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{accounts, fixtures};
    use model::samples::ADA;

    #[tokio::test]
    async fn looking_does_not_use_a_code_up_but_five_wrong_ones_kill_the_sign_up() {
        let (env, _) = fixtures::env().await;
        let caller = fixtures::caller();
        let waiting = accounts::register(&env, &caller, fixtures::registration(ADA))
            .await
            .expect("registers");
        let code = fixtures::newest_code(&env, ADA.email).await;
        for _ in 0..2 {
            let subject = inspect_code(&env, &caller, &code, None).await.expect("alive");
            assert_eq!(
                subject,
                CodeSubject {
                    purpose: Purpose::SignUp,
                    username: Some("ada".into())
                }
            );
        }
        for _ in 0..5 {
            let wrong = inspect_code(&env, &caller, "AAAAA-AAAAA", Some(waiting.registration_id)).await;
            assert!(matches!(wrong, Err(Error::Rejected(r)) if r.code == Code::CodeInvalid));
        }
        assert!(
            inspect_code(&env, &caller, &code, None).await.is_err(),
            "dead after five wrong ones"
        );
    }
}
