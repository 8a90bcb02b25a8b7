//! How many letters lie where.

use super::letter_lines::catalogue;
use crate::{Actor, Env, Result};
use model::mailbox::Counts;

/// How much lies where in the actor's mailbox. The same effort in a full mailbox as in an empty one.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn count_letters(env: &Env, actor: &Actor) -> Result<Counts> {
    Ok(catalogue(env, actor.id().uuid()).await?.counts())
}
