//! Give back the room of what nobody needs any more: the bodies of revisions that others came after. Their names stay, so that
//! replicas still find what they have in common.

use super::{
    Mailbox,
    commit::{Guards, commit},
    fault::Outcome,
    head::head,
    list_changes::documents_in,
    pending::Pending,
    store,
};
use crate::Env;
use model::Code;
use std::collections::BTreeMap;
use sync::mailbox::Rev;

/// Places of the list of changes that are looked at with one transaction.
const WINDOW: u64 = 200;
/// How often a window is begun anew because somebody else, in another process, was first.
const ROUNDS: usize = 100;

/// Compacts a mailbox. What is written meanwhile is left for the next time.
///
/// # Errors
/// When there is no such mailbox any more.
pub async fn compact(env: &Env, mailbox: &Mailbox) -> Outcome<()> {
    let end = head(env, mailbox.id()).await?.seq;
    let mut from = 1;
    while from <= end {
        let to = from.saturating_add(WINDOW);
        compact_window(env, mailbox, from, to.min(end.saturating_add(1))).await?;
        from = to;
    }
    Ok(())
}

async fn compact_window(env: &Env, mailbox: &Mailbox, from: u64, to: u64) -> Outcome<()> {
    for _ in 0..ROUNDS {
        let _turns = env.mailboxes.of(mailbox.id()).await;
        let head = head(env, mailbox.id()).await?;
        let ids = documents_in(env, mailbox.id(), from, to).await?;
        let mut pending = Pending::read(env, mailbox.id(), head, ids.iter().map(String::as_str).collect()).await?;
        let spare = |id: &String| {
            let tree = pending.tree(id);
            let is_spare = !tree.spare_bodies().is_empty();
            is_spare.then(|| {
                (
                    id.clone(),
                    tree.revs().filter(|rev| tree.has_body(rev)).cloned().collect(),
                )
            })
        };
        let spare: BTreeMap<String, Vec<Rev>> = ids.iter().filter_map(spare).collect();
        if spare.is_empty() {
            return Ok(());
        }
        let held = spare
            .iter()
            .flat_map(|(id, revs)| revs.iter().map(move |rev| (id.as_str(), rev)));
        let bodies = store::stubs(env, mailbox.id(), held.collect()).await?;
        for id in spare.keys() {
            pending.compact(id, &bodies);
        }
        if commit(env, vec![pending], Guards::default()).await? {
            return Ok(());
        }
    }
    Err(Code::Busy.into())
}
