//! The password again, before something that can't be undone or that would give the account away.

use crate::{
    Actor, Caller, Env, Result,
    accounts::{attempts, lifetimes, password_pool::Verdict},
    db::vars,
};
use chrono::{DateTime, Utc};
use model::{Rejection, limits};
use surrealdb::types::SurrealValue;

#[derive(SurrealValue)]
struct Found {
    password_hash: String,
    signed_in_at: Option<DateTime<Utc>>,
}

const FIND: &str = "
    SELECT password_hash, (SELECT VALUE created_at FROM ONLY type::record('session', $sid)) AS signed_in_at
    FROM ONLY type::record('account', $id)";

/// Checks the actor's own password; wrong ones count as at a sign-in. Who has none, since their site signs them in, must
/// have come from there just now.
///
/// # Errors
/// Invalid, blaming `field`; `rate_limited`; `busy`.
pub async fn check_own(env: &Env, caller: &Caller, actor: &Actor, field: &'static str, password: String) -> Result<()> {
    if password.len() > limits::PASSWORD_MAX_BYTES {
        return Err(wrong(field));
    }
    let id = actor.id().uuid();
    let attempt = attempts::count(env, caller, Some(id), &actor.account.username).await?;
    let found: Option<Found> = env.db.find(FIND, vars! { id: id, sid: actor.session.uuid() }).await?;
    let (phc, signed_in_at) = found.map_or((None, None), |found| (Some(found.password_hash), found.signed_in_at));
    if phc.as_deref() == Some("") {
        let just_now = signed_in_at.is_some_and(|at| env.now().datetime() - at <= lifetimes::JUST_NOW);
        return if just_now {
            attempt.forgive(env).await
        } else {
            Err(stale(field))
        };
    }
    match env.passwords.verify(password, phc).await? {
        Verdict::Wrong => Err(wrong(field)),
        Verdict::Right | Verdict::RightButOld(_) => attempt.forgive(env).await,
    }
}

fn stale(field: &'static str) -> crate::Error {
    let why = "This account has no password here. Sign in from your site once more, and come back within ten minutes.";
    Rejection::field(field, why).into()
}

fn wrong(field: &'static str) -> crate::Error {
    Rejection::field(field, "This is not your password.").into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Error, accounts, fixtures};
    use model::{command::DeleteMe, samples::ADA};

    #[tokio::test]
    async fn who_has_no_password_must_have_come_just_now() {
        let (env, clock) = fixtures::env().await;
        let ada = fixtures::actor(&env, ADA).await;
        let binds = vars! { id: ada.id().uuid() };
        let none = "UPDATE type::record('account', $id) SET password_hash = ''";
        env.db.read(none, binds).await.expect("updates");
        let delete = async || {
            let command = DeleteMe {
                password: String::new(),
            };
            accounts::delete_me(&env, &fixtures::caller(), &ada, command).await
        };
        clock.advance_s(601);
        let refused = delete().await;
        assert!(
            matches!(refused, Err(Error::Rejected(r)) if r.about("password").is_some_and(|why| why.contains("no password")))
        );
        clock.advance_s(-601);
        delete().await.expect("deletes");
    }
}
