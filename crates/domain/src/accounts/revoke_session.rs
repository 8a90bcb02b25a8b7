//! Sign a device out from another one.

use crate::{
    Actor, Env, Result,
    accounts::remembered::{end_other_sessions, end_session},
    db::vars,
};
use model::SessionId;

const REVOKE: &str = concat!(
    "LET $mine = (SELECT VALUE account FROM ONLY type::record('session', $sid));
     IF $mine = NONE OR $mine != $me { THROW 'not_found' };",
    end_session!(),
    "RETURN true;"
);

const REVOKE_OTHERS: &str = concat!(end_other_sessions!(), "RETURN $ended.map(|$one| record::id($one.id));");

/// Ends one of the actor's sessions: its cookie or tokens are dead, and its sockets close, within a second on every
/// server.
///
/// # Errors
/// `not_found` when there is no such session, or it is somebody else's.
pub async fn revoke_session(env: &Env, actor: &Actor, session: SessionId) -> Result<()> {
    let binds = vars! {
        sid: session.uuid(),
        me: actor.id().uuid(),
        now: env.now().datetime(),
        chance: env.new_id(),
    };
    env.db.transact::<bool>(REVOKE, binds).await?;
    env.remembered.forget_session(session);
    Ok(())
}

/// Ends all of the actor's sessions but the one that asks. Returns how many that were.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn revoke_other_sessions(env: &Env, actor: &Actor) -> Result<u64> {
    let binds = vars! {
        sid: actor.session.uuid(),
        me: actor.id().uuid(),
        now: env.now().datetime(),
    };
    let ended: Vec<uuid::Uuid> = env.db.transact(REVOKE_OTHERS, binds).await?;
    for session in &ended {
        env.remembered.forget_session(SessionId(*session));
    }
    Ok(ended.len().try_into().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Error, accounts,
        fixtures::{self, signed_in},
    };
    use model::{
        Code,
        samples::{ADA, MALLORY},
    };

    #[tokio::test]
    async fn a_revoked_session_is_dead_and_nobody_can_revoke_anothers() {
        let (env, _) = fixtures::env().await;
        let laptop = fixtures::actor(&env, ADA).await;
        let phone = signed_in(&env, ADA, &fixtures::caller()).await;
        let mallory = fixtures::actor(&env, MALLORY).await;
        for (who, session) in [(&mallory, phone.session), (&laptop, SessionId(env.new_id()))] {
            let outcome = revoke_session(&env, who, session).await;
            assert!(matches!(outcome, Err(Error::Rejected(r)) if r.code == Code::NotFound));
        }
        assert!(accounts::session_lives(&env, phone.session).await.expect("asks"));
        revoke_session(&env, &laptop, phone.session).await.expect("revokes");
        assert!(!accounts::session_lives(&env, phone.session).await.expect("asks"));
        assert!(accounts::session_lives(&env, laptop.session).await.expect("asks"));
    }

    #[tokio::test]
    async fn all_others_end_and_the_one_that_asks_lives_on() {
        let (env, _) = fixtures::env().await;
        let laptop = fixtures::actor(&env, ADA).await;
        let mallory = fixtures::actor(&env, MALLORY).await;
        for _ in 0..3 {
            signed_in(&env, ADA, &fixtures::caller()).await;
        }
        assert_eq!(revoke_other_sessions(&env, &laptop).await.expect("revokes"), 3);
        assert_eq!(revoke_other_sessions(&env, &laptop).await.expect("revokes"), 0);
        for living in [laptop.session, mallory.session] {
            assert!(accounts::session_lives(&env, living).await.expect("asks"));
        }
    }
}
