//! What a mailbox is like as a whole.

use super::{Mailbox, fault::Outcome, head};
use crate::Env;

/// A mailbox as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// Documents that are not deleted.
    pub live: u64,
    /// Documents that are.
    pub dead: u64,
    /// The newest change, as it is told.
    pub update_seq: String,
}

/// What a mailbox is like.
///
/// # Errors
/// When there is no such mailbox any more.
pub async fn info(env: &Env, mailbox: &Mailbox) -> Outcome<Info> {
    let head = head::head(env, mailbox.id()).await?;
    Ok(Info {
        live: head.live,
        dead: head.dead,
        update_seq: head.token(head.seq),
    })
}

/// The newest write; for those who wait for the next.
///
/// # Errors
/// When there is no such mailbox any more.
pub async fn newest(env: &Env, mailbox: &Mailbox) -> Outcome<u64> {
    Ok(head::head(env, mailbox.id()).await?.seq)
}
