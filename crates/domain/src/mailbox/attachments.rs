//! One attachment of a document: read it, write it, take it away.

use super::{
    Mailbox, Writing,
    fault::{Fault, Outcome},
    get_document::{Which, choose, find},
    store::{self, Body},
    write_documents::write_document,
};
use crate::Env;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use sync::mailbox::{Mode, Rev, Stub};

/// An attachment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachmentFile {
    /// What is known of it.
    pub stub: Stub,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// An attachment of a revision, or of the winner.
///
/// # Errors
/// [`Fault::Missing`]; [`Fault::Deleted`].
pub async fn get_attachment(
    env: &Env,
    mailbox: &Mailbox,
    id: &str,
    which: &Which,
    name: &str,
) -> Outcome<AttachmentFile> {
    let none = || Fault::Missing("Document is missing attachment".into());
    let (_, body) = body_of(env, mailbox, id, which).await?;
    let stub = body.stubs.get(name).cloned().ok_or_else(none)?;
    let key = (id.to_owned(), stub.digest.clone());
    let mut found = store::attachments(env, mailbox.id(), [key.clone()].into()).await?;
    let bytes = found.remove(&key).ok_or_else(none)?;
    Ok(AttachmentFile { stub, bytes })
}

/// Adds an attachment to a document, or replaces it; a document that is not there is made for it.
///
/// # Errors
/// [`Fault::Conflict`] when `rev` is no leaf, and as [`write_document`].
pub async fn put_attachment(
    env: &Env,
    mailbox: &Mailbox,
    id: &str,
    rev: Option<Rev>,
    name: &str,
    content_type: &str,
    bytes: Vec<u8>,
) -> Outcome<(String, String)> {
    let body = match rev.clone() {
        Some(rev) => {
            let which = Which {
                rev: Some(rev),
                latest: false,
            };
            match body_of(env, mailbox, id, &which).await {
                // What is not there any more can't be followed.
                Err(super::Failure::Fault(Fault::Missing(_))) => return Err(Fault::Conflict.into()),
                outcome => outcome?.1,
            }
        }
        None => Body::default(),
    };
    let mut document = whole(id, rev.as_ref(), &body);
    document["_attachments"][name] = json!({ "follows": true, "content_type": content_type });
    let writing = Writing {
        document,
        following: HashMap::from([(name.to_owned(), bytes)]),
    };
    write_document(env, mailbox, writing, Mode::Edit).await
}

/// Takes an attachment from a document.
///
/// # Errors
/// [`Fault::Conflict`] without the newest revision; [`Fault::Missing`].
pub async fn delete_attachment(
    env: &Env,
    mailbox: &Mailbox,
    id: &str,
    rev: Option<Rev>,
    name: &str,
) -> Outcome<(String, String)> {
    let which = Which {
        rev: Some(rev.ok_or(Fault::Conflict)?),
        latest: false,
    };
    let (rev, mut body) = body_of(env, mailbox, id, &which).await?;
    body.stubs
        .remove(name)
        .ok_or(Fault::Missing("Document is missing attachment".into()))?;
    let writing = Writing {
        document: whole(id, Some(&rev), &body),
        following: HashMap::new(),
    };
    write_document(env, mailbox, writing, Mode::Edit).await
}

async fn body_of(env: &Env, mailbox: &Mailbox, id: &str, which: &Which) -> Outcome<(Rev, Body)> {
    let stored = find(env, mailbox, id).await?;
    let rev = choose(&stored, which)?;
    let body = store::body(env, mailbox.id(), id, &rev)
        .await?
        .ok_or(Fault::missing())?;
    Ok((rev, body))
}

/// A document as it would be written again.
fn whole(id: &str, rev: Option<&Rev>, body: &Body) -> Value {
    let stubs = body.stubs.iter().map(|(name, stub)| {
        let stub = json!({ "stub": true, "digest": stub.digest });
        (name.clone(), stub)
    });
    let mut document = body.fields.clone();
    document.insert("_id".into(), id.into());
    if let Some(rev) = rev {
        document.insert("_rev".into(), rev.to_string().into());
    }
    document.insert("_attachments".into(), Value::Object(stubs.collect::<Map<_, _>>()));
    Value::Object(document)
}
