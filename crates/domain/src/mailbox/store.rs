//! Rows of mailboxes, read. Many are read with one query, by their ids.

use super::keys;
use crate::{Env, Error, Result, db::vars};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap};
use surrealdb::types::{Bytes, RecordId, SurrealValue};
use sync::mailbox::{Rev, RevTree, Stubs};
use uuid::Uuid;

/// Rows that are read with one query.
const TOGETHER: usize = 500;

pub(super) const DOCUMENTS: &str = "SELECT id, tree, seq FROM $ids WHERE id != NONE";
pub(super) const BODIES: &str = "SELECT id, body, attachments FROM $ids WHERE id != NONE";
pub(super) const STUBS: &str = "SELECT id, '' AS body, attachments FROM $ids WHERE id != NONE";
pub(super) const ATTACHMENTS: &str = "SELECT id, data FROM $ids WHERE id != NONE";

/// A document.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    /// Its revisions.
    pub tree: RevTree,
    /// Its last change.
    pub seq: u64,
}

/// What a revision says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Body {
    /// Without the protocol's words.
    pub fields: Map<String, Value>,
    /// Its attachments.
    pub stubs: Stubs,
}

#[derive(SurrealValue)]
struct DocumentRow {
    id: RecordId,
    tree: String,
    seq: u64,
}

#[derive(SurrealValue)]
struct BodyRow {
    id: RecordId,
    body: String,
    attachments: Option<String>,
}

#[derive(SurrealValue)]
struct AttachmentRow {
    id: RecordId,
    data: Bytes,
}

async fn rows<T: SurrealValue>(env: &Env, surql: &'static str, ids: Vec<RecordId>) -> Result<Vec<T>> {
    let mut all = Vec::with_capacity(ids.len());
    for some in ids.chunks(TOGETHER) {
        all.extend(env.db.list::<T>(surql, vars! { ids: some.to_vec() }).await?);
    }
    Ok(all)
}

/// Reads a tree of revisions.
pub fn tree(text: &str) -> Result<RevTree> {
    text.parse().map_err(Error::broken("reading a tree of revisions"))
}

/// The documents with these ids, as far as there are any.
pub async fn documents(env: &Env, mailbox: Uuid, ids: BTreeSet<&str>) -> Result<HashMap<String, Stored>> {
    let ids = ids.into_iter().map(|id| keys::document(mailbox, id)).collect();
    let mut found = HashMap::new();
    for DocumentRow { id, tree: text, seq } in rows(env, DOCUMENTS, ids).await? {
        if let Some(doc) = keys::part(&id, 1) {
            found.insert(
                doc.to_owned(),
                Stored {
                    tree: tree(&text)?,
                    seq,
                },
            );
        }
    }
    Ok(found)
}

/// What these revisions of these documents say, as far as it is kept.
pub async fn bodies(env: &Env, mailbox: Uuid, wanted: Vec<(&str, &Rev)>) -> Result<HashMap<(String, Rev), Body>> {
    read_bodies(env, BODIES, mailbox, wanted).await
}

/// What one revision says, if it is kept.
pub async fn body(env: &Env, mailbox: Uuid, doc: &str, rev: &Rev) -> Result<Option<Body>> {
    let mut found = bodies(env, mailbox, vec![(doc, rev)]).await?;
    Ok(found.remove(&(doc.to_owned(), rev.clone())))
}

/// Only the attachments of these revisions, as far as they are kept.
pub async fn stubs(env: &Env, mailbox: Uuid, wanted: Vec<(&str, &Rev)>) -> Result<HashMap<(String, Rev), Body>> {
    read_bodies(env, STUBS, mailbox, wanted).await
}

async fn read_bodies(
    env: &Env,
    surql: &'static str,
    mailbox: Uuid,
    wanted: Vec<(&str, &Rev)>,
) -> Result<HashMap<(String, Rev), Body>> {
    let ids = wanted
        .into_iter()
        .map(|(doc, rev)| keys::body(mailbox, doc, &rev.to_string()))
        .collect();
    let mut found = HashMap::new();
    for BodyRow { id, body, attachments } in rows(env, surql, ids).await? {
        let (Some(doc), Some(rev)) = (keys::part(&id, 1), keys::part(&id, 2)) else {
            continue;
        };
        let rev = rev.parse().map_err(Error::broken("reading a revision"))?;
        let fields = match body.as_str() {
            "" => Map::new(),
            text => serde_json::from_str(text).map_err(Error::broken("reading a document"))?,
        };
        let stubs = match attachments {
            None => Stubs::new(),
            Some(text) => serde_json::from_str(&text).map_err(Error::broken("reading attachments"))?,
        };
        found.insert((doc.to_owned(), rev), Body { fields, stubs });
    }
    Ok(found)
}

/// The bytes of these attachments of these documents: (document, digest).
pub async fn attachments(
    env: &Env,
    mailbox: Uuid,
    wanted: BTreeSet<(String, String)>,
) -> Result<HashMap<(String, String), Vec<u8>>> {
    let ids = wanted
        .iter()
        .map(|(doc, digest)| keys::attachment(mailbox, doc, digest))
        .collect();
    let mut found = HashMap::new();
    for AttachmentRow { id, data } in rows(env, ATTACHMENTS, ids).await? {
        if let (Some(doc), Some(digest)) = (keys::part(&id, 1), keys::part(&id, 2)) {
            found.insert((doc.to_owned(), digest.to_owned()), data.to_vec());
        }
    }
    Ok(found)
}

/// The digest of an attachment, as CouchDB writes it.
pub fn digest(bytes: &[u8]) -> String {
    use md5::{Digest, Md5};
    format!("md5-{}", STANDARD.encode(Md5::digest(bytes)))
}
