//! A document as the protocol shows it: what it says, and the protocol's own words with an underscore.

use super::{
    Mailbox,
    store::{self, Body, Stored},
};
use crate::{Env, Result};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};
use std::collections::{BTreeSet, HashMap};
use sync::mailbox::{Rev, RevTree, Stub};

/// What is shown besides what a document says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// `_revisions`: the names of the revisions it came from.
    pub revs: bool,
    /// `_revs_info`: what there is of them.
    pub revs_info: bool,
    /// `_conflicts`: live leaves that did not win.
    pub conflicts: bool,
    /// `_deleted_conflicts`: tombstones beside it.
    pub deleted_conflicts: bool,
    /// `_local_seq`: its last change.
    pub local_seq: bool,
    /// The bytes of attachments in base64, instead of only what is known of them.
    pub attachments: bool,
    /// Attachments whose bytes follow in other parts of the message.
    pub follows: bool,
}

/// A revision that is to be shown.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    pub id: &'a str,
    pub rev: &'a Rev,
    pub stored: &'a Stored,
}

/// Bytes of attachments by (document, digest).
type Bytes = HashMap<(String, String), Vec<u8>>;

/// Shows revisions, in the order in which they are asked for; nothing for one whose body is not kept.
pub async fn show_all(
    env: &Env,
    mailbox: &Mailbox,
    wanted: &[Shown<'_>],
    reading: Reading,
) -> Result<Vec<Option<Map<String, Value>>>> {
    let pairs = wanted.iter().map(|shown| (shown.id, shown.rev));
    let bodies = store::bodies(env, mailbox.id(), pairs.collect()).await?;
    let bytes = if reading.attachments && !reading.follows {
        let all = bodies.iter().flat_map(|((doc, _), body)| {
            let digests = body.stubs.values().map(|stub| stub.digest.clone());
            digests.map(|digest| (doc.clone(), digest))
        });
        store::attachments(env, mailbox.id(), all.collect()).await?
    } else {
        Bytes::new()
    };
    let show_one = |shown: &Shown<'_>| {
        let body = bodies.get(&(shown.id.to_owned(), shown.rev.clone()))?;
        Some(show(shown, body, &bytes, reading))
    };
    Ok(wanted.iter().map(show_one).collect())
}

/// Shows the winners of these documents by their ids, also those that are tombstones; nothing of those that are not there.
/// They are as of now.
pub async fn show_winners(
    env: &Env,
    mailbox: &Mailbox,
    ids: BTreeSet<&str>,
    reading: Reading,
) -> Result<HashMap<String, Map<String, Value>>> {
    let stored = store::documents(env, mailbox.id(), ids).await?;
    let shown: Vec<Shown<'_>> = stored
        .iter()
        .filter_map(|(id, stored)| {
            let rev = stored.tree.winner()?;
            Some(Shown { id, rev, stored })
        })
        .collect();
    let found = show_all(env, mailbox, &shown, reading).await?;
    let named = shown.iter().map(|shown| shown.id.to_owned()).zip(found);
    Ok(named.filter_map(|(id, doc)| Some((id, doc?))).collect())
}

fn show(shown: &Shown<'_>, body: &Body, bytes: &Bytes, reading: Reading) -> Map<String, Value> {
    let Shown { id, rev, stored } = *shown;
    let tree = &stored.tree;
    let mut document = body.fields.clone();
    document.insert("_id".into(), id.into());
    document.insert("_rev".into(), rev.to_string().into());
    if tree.is_tombstone(rev) {
        document.insert("_deleted".into(), true.into());
    }
    if !body.stubs.is_empty() {
        let stubs = body.stubs.iter().map(|(name, stub)| {
            let data = bytes.get(&(id.to_owned(), stub.digest.clone()));
            (name.clone(), show_stub(stub, data, reading.follows))
        });
        document.insert("_attachments".into(), Value::Object(stubs.collect()));
    }
    show_history(&mut document, tree, rev, reading);
    if reading.local_seq {
        document.insert("_local_seq".into(), stored.seq.into());
    }
    document
}

fn show_history(document: &mut Map<String, Value>, tree: &RevTree, rev: &Rev, reading: Reading) {
    if reading.revs
        && let Some(line) = tree.revisions(rev)
    {
        let line = json!({ "start": line.start(), "ids": line.ids() });
        document.insert("_revisions".into(), line);
    }
    if reading.revs_info {
        let info = tree.revs_info(rev).into_iter();
        let info: Vec<Value> = info
            .map(|one| json!({ "rev": one.rev, "status": one.status }))
            .collect();
        document.insert("_revs_info".into(), info.into());
    }
    // What stands beside the winner is told with the winner.
    let mut beside = |name: &str, revs: Vec<&Rev>| {
        if !revs.is_empty() {
            let revs: Vec<Value> = revs.into_iter().map(|rev| rev.to_string().into()).collect();
            document.insert(name.into(), revs.into());
        }
    };
    if reading.conflicts && tree.winner() == Some(rev) {
        beside("_conflicts", tree.conflicts());
    }
    if reading.deleted_conflicts && tree.winner() == Some(rev) {
        beside("_deleted_conflicts", tree.deleted_conflicts());
    }
}

fn show_stub(stub: &Stub, data: Option<&Vec<u8>>, follows: bool) -> Value {
    let mut shown = json!({
        "content_type": stub.content_type,
        "digest": stub.digest,
        "length": stub.length,
        "revpos": stub.revpos,
    });
    match data {
        _ if follows => shown["follows"] = true.into(),
        Some(bytes) => {
            shown["data"] = STANDARD.encode(bytes).into();
            // With the bytes at hand, the length would be said twice.
            if let Some(shown) = shown.as_object_mut() {
                shown.remove("length");
            }
        }
        None => shown["stub"] = true.into(),
    }
    shown
}
