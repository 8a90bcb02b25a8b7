//! Give back the room of what nobody needs any more: the bodies of revisions that others came after. Their names stay, so that
//! replicas still find what they have in common.

use super::{
    Mailbox,
    commit::{Guards, commit},
    fault::Outcome,
    head::head,
    list_changes::documents_in,
    open_mailbox::is_of_laboratory,
    pending::Pending,
    store,
};
use crate::{Env, Result};
use model::{Code, mailbox::Kind};
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

/// Compacts what has grown too much by a write, in the transaction of that write: a draft is saved each second while somebody
/// types, and a file that was deleted gives its room back. Databases of the laboratory are compacted when they are asked to.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn prune(env: &Env, pending: &mut Pending) -> Result<()> {
    if is_of_laboratory(pending.mailbox()) {
        return Ok(());
    }
    let overgrown = pending.overgrown();
    if overgrown.is_empty() {
        return Ok(());
    }
    // Only files have attachments.
    let files = overgrown.iter().filter(|id| Kind::of(id) == Some(Kind::Attachment));
    let held: Vec<(&String, Vec<Rev>)> = files.map(|id| (id, pending.held(id))).collect();
    let held = held
        .iter()
        .flat_map(|(id, revs)| revs.iter().map(|rev| (id.as_str(), rev)));
    let bodies = store::stubs(env, pending.mailbox(), held.collect()).await?;
    for id in &overgrown {
        pending.compact(id, &bodies);
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
            is_spare.then(|| (id.clone(), pending.held(id)))
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

#[cfg(test)]
mod tests {
    use crate::{
        Env,
        db::vars,
        doctor, fixtures,
        mailbox::testing::{Owner, get, put},
    };
    use serde_json::{Value, json};

    /// How many bodies and attachments a mailbox keeps of documents of this prefix.
    async fn kept(env: &Env, owner: &Owner, prefix: &str) -> (i64, i64) {
        let count = "
            RETURN [
                (SELECT count() FROM document_body:[$m, $from]..[$m, $to] GROUP ALL)[0].count ?? 0,
                (SELECT count() FROM attachment:[$m, $from]..[$m, $to] GROUP ALL)[0].count ?? 0
            ];";
        let (from, to) = (format!("{prefix}:"), format!("{prefix};"));
        let binds = vars! { m: owner.mailbox.id(), from: from, to: to };
        let counts: Vec<i64> = env.db.list(count, binds).await.expect("counts");
        (counts[0], counts[1])
    }

    #[tokio::test]
    async fn of_a_draft_that_is_saved_again_and_again_little_is_kept_and_nothing_when_it_goes() {
        let (env, _) = fixtures::env().await;
        let (ada, _) = Owner::two(&env).await;
        let id = format!("d:{}", env.new_id());
        let mut draft =
            json!({"_id": id, "type": "draft", "to": [], "subject": "", "body": "", "updated_at": env.now()});
        for n in 0..100 {
            draft["body"] = json!("x".repeat(n));
            draft
                .as_object_mut()
                .expect("an object")
                .retain(|_, value| !value.is_null());
            let rev = put(&env, &ada.mailbox, draft.clone()).await;
            draft["_rev"] = json!(rev);
            let (bodies, _) = kept(&env, &ada, "d").await;
            assert!(bodies <= 22, "{bodies}");
        }
        let read = get(&env, &ada.mailbox, &id).await.expect("reads");
        assert_eq!(read["body"], draft["body"]);
        put(
            &env,
            &ada.mailbox,
            json!({"_id": id, "_rev": draft["_rev"], "_deleted": true}),
        )
        .await;
        assert_eq!(kept(&env, &ada, "d").await.0, 1, "the tombstone");
        assert_eq!(doctor::examine(&env).await.expect("looks").findings, []);
    }

    #[tokio::test]
    async fn a_file_that_is_deleted_gives_its_room_back() {
        let (env, _) = fixtures::env().await;
        let (ada, _) = Owner::two(&env).await;
        let file: Value = crate::mailbox::testing::file(b"engine");
        let rev = put(&env, &ada.mailbox, file.clone()).await;
        assert_eq!(kept(&env, &ada, "b").await, (1, 1));
        put(
            &env,
            &ada.mailbox,
            json!({"_id": file["_id"], "_rev": rev, "_deleted": true}),
        )
        .await;
        assert_eq!(kept(&env, &ada, "b").await, (1, 0));
        put(&env, &ada.mailbox, file).await;
        assert_eq!(kept(&env, &ada, "b").await.1, 1, "and may come back");
        assert_eq!(doctor::examine(&env).await.expect("looks").findings, []);
    }
}
