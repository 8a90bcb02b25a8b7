//! The password again, before something that can't be undone or that would give the account away.

use crate::{
    Actor, Caller, Env, Result,
    accounts::{attempts, password_pool::Verdict},
    db::vars,
};
use model::{Rejection, limits};

const HASH: &str = "SELECT VALUE password_hash FROM ONLY type::record('account', $id)";

/// Checks the actor's own password; wrong ones count as at a sign-in.
///
/// # Errors
/// Invalid, blaming `field`; `rate_limited`; `busy`.
pub async fn check_own(env: &Env, caller: &Caller, actor: &Actor, field: &'static str, password: String) -> Result<()> {
    if password.len() > limits::PASSWORD_MAX_BYTES {
        return Err(wrong(field));
    }
    let id = actor.id().uuid();
    let attempt = attempts::count(env, caller, Some(id), &actor.account.username).await?;
    let phc: Option<String> = env.db.find(HASH, vars! { id: id }).await?;
    match env
        .passwords
        .verify(password, phc.filter(|phc| !phc.is_empty()))
        .await?
    {
        Verdict::Wrong => Err(wrong(field)),
        Verdict::Right | Verdict::RightButOld(_) => attempt.forgive(env).await,
    }
}

fn wrong(field: &'static str) -> crate::Error {
    Rejection::field(field, "This is not your password.").into()
}
