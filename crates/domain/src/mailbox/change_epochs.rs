//! Begin a new epoch: after a backup was restored, numbers of changes mean something else than what devices remember of them.

use super::{head::new_epoch, keys};
use crate::{Env, Result, db::vars};
use uuid::Uuid;

/// Mailboxes that are listed in one go.
const PAGE: i64 = 500;

const MAILBOXES: &str = "SELECT VALUE record::id(id) FROM mailbox ORDER BY id ASC LIMIT $limit START $start";
/// The notes of replicators go, too: one that was taken in the middle of a session would be believed by a device that was in
/// the same session, and whatever it pushed after the backup would never come again. Without a note, it compares everything.
const CHANGE: &str = "
    UPDATE $head SET epoch = $epoch RETURN NONE;
    DELETE local_document:[$mailbox]..[$mailbox, $last] RETURN NONE;
    RETURN true;";

/// Begins a new epoch in every mailbox: each device compares everything anew, and brings back what the backup did not have.
/// Returns how many mailboxes there are. To be called by whoever restores a database, before it is used.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn change_epochs(env: &Env) -> Result<u64> {
    let (mut start, mut count) = (0, 0);
    loop {
        let mailboxes: Vec<Uuid> = env.db.list(MAILBOXES, vars! { limit: PAGE, start: start }).await?;
        for mailbox in &mailboxes {
            let binds = vars! {
                head: keys::head(*mailbox),
                mailbox: *mailbox,
                epoch: new_epoch(env),
                last: keys::LAST,
            };
            env.db.transact::<bool>(CHANGE, binds).await?;
            count += 1;
        }
        start += PAGE;
        if (mailboxes.len() as i64) < PAGE {
            return Ok(count);
        }
    }
}
