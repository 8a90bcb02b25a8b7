//! What this mailbox lacks of what somebody else has.

use super::{Mailbox, fault::Outcome, store};
use crate::Env;
use std::collections::BTreeMap;
use sync::mailbox::{Missing, Rev, RevTree};

/// Of the offered revisions, by document, those that are not known here; a document of which nothing is missing is left out.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn revs_diff(
    env: &Env,
    mailbox: &Mailbox,
    offered: &BTreeMap<String, Vec<Rev>>,
) -> Outcome<BTreeMap<String, Missing>> {
    let known = store::documents(env, mailbox.id(), offered.keys().map(String::as_str).collect()).await?;
    let nothing = RevTree::new();
    let missing = offered.iter().filter_map(|(id, revs)| {
        let tree = known.get(id).map_or(&nothing, |stored| &stored.tree);
        Some((id.clone(), sync::mailbox::revs_diff(tree, revs)?))
    });
    Ok(missing.collect())
}
