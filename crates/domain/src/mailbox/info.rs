//! What a mailbox is like as a whole, and what tells this Roost from others.

use super::{Mailbox, fault::Outcome, head};
use crate::{Env, Result, db::vars};
use uuid::Uuid;

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

const SITE: &str = "
    IF !mailbox_site:one.exists() { CREATE mailbox_site:one SET uuid = $uuid RETURN NONE };
    RETURN mailbox_site:one.uuid;";
const READ_SITE: &str = "SELECT VALUE uuid FROM ONLY mailbox_site:one";

/// What tells this Roost from others to replicators, for ever.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn site_uuid(env: &Env) -> Result<Uuid> {
    match env.db.find(READ_SITE, vars! {}).await? {
        Some(uuid) => Ok(uuid),
        None => env.db.transact(SITE, vars! { uuid: env.new_id() }).await,
    }
}
