//! Who is it? From a login and a password that come with each request, as programs for CouchDB send them.

use crate::{Actor, Caller, Env, Result, accounts::sign_in::check_credentials};
use model::SessionId;
use tokio::sync::watch;
use uuid::Uuid;

/// The actor who knows this password. It is counted and slowed down as a sign-in is, but opens no session: the actor's is
/// the nil UUID. What was right is not looked at again for some minutes, unless a password, a session or the account itself
/// changes.
///
/// # Errors
/// As [`crate::accounts::sign_in`].
pub async fn authenticate_basic(
    env: &Env,
    caller: &Caller,
    login: &str,
    password: String,
) -> Result<(Actor, BasicPass)> {
    let digest = env.remembered.digest_of(login, &password);
    let pass = BasicPass(digest);
    if let Some(actor) = env.remembered.password(&digest, env.now()) {
        return Ok((actor, pass));
    }
    let _turn = env.remembered.checking(&digest).await;
    if let Some(actor) = env.remembered.password(&digest, env.now()) {
        return Ok((actor, pass));
    }
    let turn = env.remembered.turn();
    let (account, _) = check_credentials(env, caller, login, password).await?;
    let actor = Actor {
        account: account.into_own(),
        session: SessionId(Uuid::nil()),
    };
    env.remembered.note_password(digest, actor.clone(), env.now(), turn);
    Ok((actor, pass))
}

/// That a password was right; for doors that stay open.
#[derive(Clone, Copy)]
pub struct BasicPass([u8; 32]);

impl BasicPass {
    /// Whether it is still remembered. When it is not, somebody has to come again with the password.
    #[must_use]
    pub fn is_remembered(&self, env: &Env) -> bool {
        env.remembered.password(&self.0, env.now()).is_some()
    }
}

/// Changes whenever a session ended or an account is not what it was, in whichever process; for doors that stay open.
#[must_use]
pub fn revocations(env: &Env) -> watch::Receiver<u64> {
    env.remembered.changes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        accounts::{change_password, sign_out, watch_revocations},
        fixtures::{self, refusal},
    };
    use model::{
        Code,
        command::ChangePassword,
        samples::{ADA, GRACE},
    };

    /// A world in which what is remembered is believed.
    async fn watched() -> Env {
        let (env, _) = fixtures::env().await;
        tokio::spawn(watch_revocations(env.clone(), |_| {}));
        env
    }

    async fn asks(env: &Env, password: &str) -> Result<Actor> {
        let outcome = authenticate_basic(env, &fixtures::caller(), "ada", password.into()).await;
        outcome.map(|(actor, _)| actor)
    }

    /// Whether the password is remembered; it is looked at once, after the watch has looked.
    async fn is_remembered(env: &Env) -> bool {
        let digest = env.remembered.digest_of("ada", ADA.password);
        env.remembered.password(&digest, env.now()).is_some()
    }

    async fn remember(env: &Env) {
        while !is_remembered(env).await {
            asks(env, ADA.password).await.expect("the right one");
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_right_password_is_looked_at_once_and_a_wrong_one_each_time() {
        let env = watched().await;
        let ada = fixtures::actor(&env, ADA).await;
        remember(&env).await;
        assert_eq!(asks(&env, ADA.password).await.expect("the right one").id(), ada.id());
        assert_eq!(refusal(asks(&env, GRACE.password).await), Code::CredentialsInvalid);
        let other_login = authenticate_basic(&env, &fixtures::caller(), "grace", ADA.password.into()).await;
        assert_eq!(refusal(other_login.map(|(actor, _)| actor)), Code::CredentialsInvalid);
    }

    #[tokio::test]
    async fn many_requests_at_once_with_the_right_password_lock_nobody_out() {
        let env = watched().await;
        fixtures::actor(&env, ADA).await;
        let all = futures::future::join_all((0..20).map(|_| asks(&env, ADA.password))).await;
        assert!(all.iter().all(Result::is_ok), "{all:?}");
    }

    #[tokio::test]
    async fn it_is_forgotten_at_a_sign_out_and_with_the_password() {
        let env = watched().await;
        let ada = fixtures::actor(&env, ADA).await;
        let phone = fixtures::signed_in(&env, ADA, &fixtures::caller()).await;
        remember(&env).await;
        sign_out(&env, &phone).await.expect("signs out");
        assert!(!is_remembered(&env).await);
        remember(&env).await;
        let change = ChangePassword {
            current_password: ADA.password.into(),
            password: GRACE.password.into(),
            password_confirmation: GRACE.password.into(),
        };
        change_password(&env, &fixtures::caller(), &ada, change)
            .await
            .expect("changes");
        assert_eq!(refusal(asks(&env, ADA.password).await), Code::CredentialsInvalid);
        assert_eq!(asks(&env, GRACE.password).await.expect("the new one").id(), ada.id());
    }
}
