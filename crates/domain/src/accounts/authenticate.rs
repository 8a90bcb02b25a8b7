//! Who is it? From a cookie or an access token to an [`Actor`].

use crate::{
    Actor, Env, Result,
    accounts::{
        lifetimes,
        remembered::Known,
        row::{AccountRow, account_fields},
        secret::{self, Ticket},
    },
    db::vars,
};
use chrono::{DateTime, Utc};
use model::SessionId;
use std::sync::Arc;
use surrealdb::types::SurrealValue;
use uuid::Uuid;

#[derive(SurrealValue)]
struct Found {
    kind: String,
    secret_hash: String,
    created_at: DateTime<Utc>,
    seen_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    owner: Option<AccountRow>,
}

const FIND: &str = concat!(
    "SELECT kind, secret_hash, created_at, seen_at, expires_at,
        (SELECT ",
    account_fields!(),
    " FROM ONLY type::record('account', $parent.account)) AS owner
     FROM ONLY type::record('session', $sid) WHERE expires_at > $now"
);

/// The actor behind a session cookie, if it is genuine and the session lives.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn authenticate_cookie(env: &Env, cookie: &str) -> Result<Option<Actor>> {
    let Some(ticket) = Ticket::decode(cookie) else {
        return Ok(None);
    };
    let known = find(env, ticket.session).await?;
    let genuine = |known: &Arc<Known>| known.kind == "cookie" && secret::same(&known.secret_hash, &ticket.hash());
    Ok(known.filter(genuine).map(|known| known.actor.clone()))
}

/// The actor behind an access token, if it is genuine, has not expired, and its session lives.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn authenticate_bearer(env: &Env, token: &str) -> Result<Option<Actor>> {
    let Some(session) = env.tokens.verify(env, token) else {
        return Ok(None);
    };
    let known = find(env, session.uuid()).await?;
    let known = known.filter(|known| known.kind == "token");
    Ok(known.map(|known| known.actor.clone()))
}

/// Whether a session that was good before still is; for doors that stay open.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn session_lives(env: &Env, session: SessionId) -> Result<bool> {
    Ok(find(env, session.uuid()).await?.is_some())
}

/// What is known of a living session: from memory, or else from the database.
async fn find(env: &Env, session: Uuid) -> Result<Option<Arc<Known>>> {
    let now = env.now().datetime();
    let fresh = |known: &Arc<Known>| known.expires_at > now && now - known.seen_at <= lifetimes::SEEN_RESOLUTION;
    if let Some(known) = env.remembered.session(session).filter(fresh) {
        return Ok(Some(known));
    }
    let turn = env.remembered.turn();
    let found: Option<Found> = env.db.find(FIND, vars! { sid: session, now: now }).await?;
    let Some((found, owner)) = found.and_then(|mut found| found.owner.take().map(|owner| (found, owner))) else {
        return Ok(None);
    };
    if owner.disabled_at.is_some() {
        return Ok(None);
    }
    let (seen_at, expires_at) = see(env, session, &found).await?;
    let known = Arc::new(Known {
        kind: found.kind,
        secret_hash: found.secret_hash,
        actor: Actor {
            account: owner.into_own(),
            session: session.into(),
        },
        seen_at,
        expires_at,
    });
    env.remembered.note(session, Arc::clone(&known), turn);
    Ok(Some(known))
}

const SEEN: &str = "
    UPDATE type::record('session', $sid) SET seen_at = $now, expires_at = $expires_at;
    RETURN true;";

/// Notes now and then that a session is used, which keeps it alive. Returns when it was seen, and when it ends.
async fn see(env: &Env, session: Uuid, found: &Found) -> Result<(DateTime<Utc>, DateTime<Utc>)> {
    let now = env.now();
    if now.datetime() - found.seen_at <= lifetimes::SEEN_RESOLUTION {
        return Ok((found.seen_at, found.expires_at));
    }
    let last = found.created_at + lifetimes::SESSION_MAX;
    let expires_at = now.plus(lifetimes::SESSION_IDLE).datetime().min(last);
    let binds = vars! { sid: session, now: now.datetime(), expires_at: expires_at };
    env.db.transact::<bool>(SEEN, binds).await?;
    Ok((now.datetime(), expires_at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use model::{command::SessionKind, samples::ADA};

    #[tokio::test]
    async fn a_cookie_opens_for_its_owner_until_it_is_idle_for_too_long() {
        let (env, clock) = fixtures::env().await;
        let cookie = fixtures::sign_up(&env, ADA, SessionKind::Cookie)
            .await
            .cookie
            .expect("a cookie");
        let actor = authenticate_cookie(&env, &cookie)
            .await
            .expect("asks")
            .expect("an actor");
        assert_eq!(actor.account.username, "ada");
        clock.advance_s(29 * 86_400);
        assert!(
            authenticate_cookie(&env, &cookie).await.expect("asks").is_some(),
            "and use keeps it alive:"
        );
        clock.advance_s(29 * 86_400);
        assert!(authenticate_cookie(&env, &cookie).await.expect("asks").is_some());
        clock.advance_s(31 * 86_400);
        assert!(authenticate_cookie(&env, &cookie).await.expect("asks").is_none());
    }

    #[tokio::test]
    async fn no_session_lives_for_ever() {
        let (env, clock) = fixtures::env().await;
        let cookie = fixtures::sign_up(&env, ADA, SessionKind::Cookie)
            .await
            .cookie
            .expect("a cookie");
        for _ in 0..8 {
            clock.advance_s(20 * 86_400);
            assert!(authenticate_cookie(&env, &cookie).await.expect("asks").is_some());
        }
        clock.advance_s(21 * 86_400);
        assert!(authenticate_cookie(&env, &cookie).await.expect("asks").is_none());
    }

    #[tokio::test]
    async fn a_cookie_with_another_secret_or_a_token_in_its_place_opens_nothing() {
        let (env, _) = fixtures::env().await;
        let opened = fixtures::sign_up(&env, ADA, SessionKind::Token).await;
        let tokens = opened.signed_in.tokens.expect("tokens");
        assert!(
            authenticate_cookie(&env, &tokens.refresh_token)
                .await
                .expect("asks")
                .is_none()
        );
        assert!(
            authenticate_bearer(&env, &tokens.refresh_token)
                .await
                .expect("asks")
                .is_none()
        );
        assert!(
            authenticate_bearer(&env, &tokens.access_token)
                .await
                .expect("asks")
                .is_some()
        );
        let forged = Ticket::new(&env, opened.signed_in.session.id.uuid()).encode();
        assert!(authenticate_cookie(&env, &forged).await.expect("asks").is_none());
    }
}
