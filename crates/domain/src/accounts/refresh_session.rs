//! Exchange a refresh token for a new pair (RFC 9700 §2.2.2: rotation with reuse detection).
//!
//! The successor of a token is computed from it, with a key that only the session's row has. So a client whose answer
//! was lost, or a second tab that asks with the same old token, gets the *same* successor again for a few seconds,
//! without the database ever keeping a token in the clear. Later reuse means that the token was stolen: from whoever
//! asks, the session is taken away.

use crate::{
    Caller, Env, Result,
    accounts::{
        lifetimes,
        remembered::end_session,
        row::{AccountRow, account_fields},
        secret::{self, Ticket},
        session,
    },
    db::vars,
    throttle::Action,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac};
use model::{
    Code, SessionId,
    command::{Refresh, TokenPair},
};
use sha2::Sha256;
use surrealdb::types::SurrealValue;

#[derive(SurrealValue)]
struct Found {
    secret_hash: String,
    previous_hash: Option<String>,
    rotated_at: Option<DateTime<Utc>>,
    rotation_key: String,
    owner: Option<AccountRow>,
}

const FIND: &str = concat!(
    "
    SELECT secret_hash, previous_hash, rotated_at, rotation_key,
        (SELECT ",
    account_fields!(),
    "
            FROM ONLY type::record('account', $parent.account)) AS owner
    FROM ONLY type::record('session', $sid) WHERE expires_at > $now AND kind = 'token'"
);

/// Two that rotate at once compute the same successor, so the second finding it done is no conflict.
const ROTATE: &str = "
    UPDATE type::record('session', $sid)
        SET previous_hash = $old, secret_hash = $new, rotated_at = $now, seen_at = $now,
            expires_at = array::min([$expires_at, created_at + $max])
        WHERE secret_hash = $old;
    RETURN true;";

const REVOKE: &str = concat!(end_session!(), "RETURN true;");

/// Gives a new pair for the newest refresh token, or the same successor again within ten seconds.
///
/// # Errors
/// `token_invalid`; when the token was replaced earlier, its session is revoked. `rate_limited`.
pub async fn refresh_session(env: &Env, caller: &Caller, command: Refresh) -> Result<TokenPair> {
    env.throttle.by_address(Action::Refresh, caller)?;
    let Some(ticket) = Ticket::decode(&command.refresh_token) else {
        return Err(Code::TokenInvalid.into());
    };
    let now = env.now();
    let session = ticket.session;
    let found: Option<Found> = env.db.find(FIND, vars! { sid: session, now: now.datetime() }).await?;
    let Some(Found {
        secret_hash,
        previous_hash,
        rotated_at,
        rotation_key,
        owner: Some(owner),
    }) = found
    else {
        return Err(Code::TokenInvalid.into());
    };
    if owner.disabled_at.is_some() {
        return Err(Code::TokenInvalid.into());
    }
    let old = ticket.hash();
    let successor = successor(&ticket, &rotation_key)?;
    if secret::same(&secret_hash, &old) {
        let binds = vars! {
            sid: session,
            old: old,
            new: successor.hash(),
            now: now.datetime(),
            expires_at: now.plus(lifetimes::SESSION_IDLE).datetime(),
            max: lifetimes::SESSION_MAX.to_std().unwrap_or_default(),
        };
        env.db.transact::<bool>(ROTATE, binds).await?;
    } else {
        let replaced = previous_hash.is_some_and(|previous| secret::same(&previous, &old));
        let fresh = rotated_at.is_some_and(|at| now.datetime() - at <= lifetimes::REFRESH_GRACE);
        // `fresh` alone is not enough: a token from before the previous one is reuse, however recent the rotation.
        if !(replaced && fresh) {
            let binds = vars! { sid: session, now: now.datetime(), chance: env.new_id() };
            env.db.transact::<bool>(REVOKE, binds).await?;
            env.remembered.forget_session(SessionId(session));
            tracing::warn!(session.id = %session, "an old refresh token was used again; its session was revoked");
            return Err(Code::TokenInvalid.into());
        }
    }
    session::token_pair(env, &owner.into(), SessionId(session), &successor)
}

fn successor(ticket: &Ticket, rotation_key: &str) -> Result<Ticket> {
    let key = URL_SAFE_NO_PAD
        .decode(rotation_key)
        .map_err(crate::Error::broken("reading a rotation key"))?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(crate::Error::broken("reading a rotation key"))?;
    mac.update(&ticket.secret);
    Ok(Ticket {
        session: ticket.session,
        secret: mac.finalize().into_bytes().into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Error, accounts::authenticate_bearer, fixtures};
    use model::{command::SessionKind, samples::ADA};

    async fn refresh(env: &Env, token: &str) -> Result<TokenPair> {
        refresh_session(
            env,
            &fixtures::caller(),
            Refresh {
                refresh_token: token.to_owned(),
            },
        )
        .await
    }

    fn is_invalid(outcome: &Result<TokenPair>) -> bool {
        matches!(outcome, Err(Error::Rejected(r)) if r.code == Code::TokenInvalid)
    }

    #[tokio::test]
    async fn two_tabs_refreshing_at_once_get_the_same_pair_and_both_go_on() {
        let (env, clock) = fixtures::env().await;
        let first = fixtures::sign_up(&env, ADA, SessionKind::Token)
            .await
            .signed_in
            .tokens
            .expect("tokens");
        let both = futures::future::join_all((0..4).map(|_| refresh(&env, &first.refresh_token))).await;
        let successors: Vec<_> = both
            .into_iter()
            .map(|pair| pair.expect("refreshes").refresh_token)
            .collect();
        assert!(
            successors
                .iter()
                .all(|token| *token == successors[0] && *token != first.refresh_token)
        );
        clock.advance_s(9);
        let late = refresh(&env, &first.refresh_token)
            .await
            .expect("a lost answer is given again");
        assert_eq!(late.refresh_token, successors[0]);
        let next = refresh(&env, &successors[0]).await.expect("the successor works");
        assert!(
            authenticate_bearer(&env, &next.access_token)
                .await
                .expect("asks")
                .is_some()
        );
    }

    #[tokio::test]
    async fn a_stolen_old_token_takes_the_session_away_from_everybody() {
        let (env, clock) = fixtures::env().await;
        let first = fixtures::sign_up(&env, ADA, SessionKind::Token)
            .await
            .signed_in
            .tokens
            .expect("tokens");
        let second = refresh(&env, &first.refresh_token).await.expect("refreshes");
        clock.advance_s(11);
        assert!(is_invalid(&refresh(&env, &first.refresh_token).await));
        assert!(
            is_invalid(&refresh(&env, &second.refresh_token).await),
            "the thief's twin is dead too"
        );
        assert!(
            authenticate_bearer(&env, &second.access_token)
                .await
                .expect("asks")
                .is_none()
        );
    }

    #[tokio::test]
    async fn a_token_older_than_the_previous_one_is_reuse_at_any_speed() {
        let (env, _) = fixtures::env().await;
        let first = fixtures::sign_up(&env, ADA, SessionKind::Token)
            .await
            .signed_in
            .tokens
            .expect("tokens");
        let second = refresh(&env, &first.refresh_token).await.expect("refreshes");
        refresh(&env, &second.refresh_token).await.expect("refreshes");
        assert!(is_invalid(&refresh(&env, &first.refresh_token).await));
    }

    #[tokio::test]
    async fn rubbish_is_refused_and_revokes_nothing() {
        let (env, _) = fixtures::env().await;
        let opened = fixtures::sign_up(&env, ADA, SessionKind::Token).await.signed_in;
        for rubbish in ["", "x", &"A".repeat(64)] {
            assert!(is_invalid(&refresh(&env, rubbish).await), "{rubbish}");
        }
        let access = opened.tokens.expect("tokens").access_token;
        assert!(authenticate_bearer(&env, &access).await.expect("asks").is_some());
    }
}
