//! Sign out.

use crate::{Actor, Env, Result, accounts::remembered::end_session, db::vars};

const SIGN_OUT: &str = concat!(end_session!(), "RETURN true;");

/// Ends the actor's session: its cookie or tokens are dead at once, and its sockets close.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn sign_out(env: &Env, actor: &Actor) -> Result<()> {
    let binds = vars! { sid: actor.session.uuid(), now: env.now().datetime(), chance: env.new_id() };
    env.db.transact::<bool>(SIGN_OUT, binds).await?;
    env.remembered.forget_session(actor.session);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        accounts::{authenticate_bearer, refresh_session},
        fixtures,
    };
    use model::{
        command::{Refresh, SessionKind},
        samples::ADA,
    };

    #[tokio::test]
    async fn signing_out_kills_the_access_token_and_the_refresh_token_at_once() {
        let (env, _) = fixtures::env().await;
        let tokens = fixtures::sign_up(&env, ADA, SessionKind::Token)
            .await
            .signed_in
            .tokens
            .expect("tokens");
        let actor = authenticate_bearer(&env, &tokens.access_token)
            .await
            .expect("asks")
            .expect("an actor");
        sign_out(&env, &actor).await.expect("signs out");
        assert!(
            authenticate_bearer(&env, &tokens.access_token)
                .await
                .expect("asks")
                .is_none()
        );
        let refreshed = refresh_session(
            &env,
            &fixtures::caller(),
            Refresh {
                refresh_token: tokens.refresh_token,
            },
        )
        .await;
        assert!(refreshed.is_err());
    }
}
