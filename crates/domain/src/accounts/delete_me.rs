//! Delete my account.

use crate::{
    Actor, Caller, Env, Result,
    accounts::{erase::erase, own_password},
};
use model::command::DeleteMe;

/// Deletes the actor's account for good: see `accounts/erase.rs` for what goes and what remains.
///
/// # Errors
/// `invalid` for a wrong password; `admin_protected`; `rate_limited`, `busy`.
pub async fn delete_me(env: &Env, caller: &Caller, actor: &Actor, command: DeleteMe) -> Result<()> {
    own_password::check_own(env, caller, actor, "password", command.password).await?;
    erase(env, actor.id().uuid(), None).await
}
