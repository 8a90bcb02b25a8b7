//! Clear away what has expired.

use crate::{Env, Result, accounts::lifetimes, db::vars};

const SWEEP: &str = "
    DELETE one_time WHERE expires_at < $now;
    DELETE registration WHERE expires_at < $now;
    DELETE session WHERE expires_at < $now;
    DELETE invitation WHERE expires_at < $uninvited;
    DELETE revocation:..[$revoked];
    DELETE known_device WHERE seen_at < $forgotten;
    DELETE failure WHERE last_at < $quiet;
    DELETE host_token WHERE expires_at < $now;
    RETURN true;";

/// Deletes expired codes, tokens, sign-ups and sessions, and what was kept of devices and wrong passwords for long enough. They were dead before; this keeps the tables small.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn sweep(env: &Env) -> Result<()> {
    env.throttle.sweep();
    let now = env.now();
    let binds = vars! {
        now: now.datetime(),
        uninvited: now.plus(-lifetimes::ENDED_INVITATION).datetime(),
        revoked: now.plus(-lifetimes::REVOCATION).datetime(),
        forgotten: now.plus(-lifetimes::DEVICE).datetime(),
        quiet: now.plus(-lifetimes::FAILURES).datetime(),
    };
    env.db.transact::<bool>(SWEEP, binds).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Authority, accounts, fixtures, invitations};
    use model::{
        admin::CreateInvitation,
        command::{ForgotPassword, SessionKind},
        samples::{ADA, GRACE},
    };

    #[tokio::test]
    async fn what_has_expired_is_gone_and_nothing_else() {
        let (env, clock) = fixtures::env().await;
        let caller = fixtures::caller();
        accounts::register(&env, &caller, fixtures::registration(GRACE))
            .await
            .expect("registers");
        clock.advance_s(2 * 3600);
        let cookie = fixtures::sign_up(&env, ADA, SessionKind::Cookie)
            .await
            .cookie
            .expect("a cookie");
        accounts::forgot_password(&env, &caller, ForgotPassword { login: "ada".into() })
            .await
            .expect("answers");
        let code = fixtures::newest_code(&env, ADA.email).await;
        sweep(&env).await.expect("sweeps");
        let left: Vec<i64> = env
            .db
            .list("RETURN [(SELECT VALUE id FROM registration).len()]", vars! {})
            .await
            .expect("counts");
        assert_eq!(left, [0]);
        assert!(accounts::inspect_code(&env, &caller, &code, None).await.is_ok());
        assert!(
            accounts::authenticate_cookie(&env, &cookie)
                .await
                .expect("asks")
                .is_some()
        );
    }

    #[tokio::test]
    async fn an_invitation_is_shown_for_a_while_after_it_ended() {
        let (env, clock) = fixtures::env().await;
        let command = CreateInvitation {
            note: String::new(),
            uses: None,
            days: Some(1),
            email: None,
        };
        invitations::create_invitation(&env, &Authority::Machine, command)
            .await
            .expect("makes");
        for (days, left) in [(30, 1), (2, 0)] {
            clock.advance_s(days * 86_400);
            sweep(&env).await.expect("sweeps");
            let all = invitations::list_invitations(&env, &Authority::Machine)
                .await
                .expect("lists");
            assert_eq!(all.len(), left, "after {days} more days");
        }
    }
}
