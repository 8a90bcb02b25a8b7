//! One document: read it, write it, delete it.

use super::{
    answer::{Refused, json_of},
    databases::written,
    dispatch::Call,
    multipart::{Writer, boundary_of, read_related},
    query,
    text::text_of,
};
use axum::{
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::mailbox::{self, Failure, Fault, Leaf, Reading, Which, Writing};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use sync::mailbox::{Mode, Rev};

/// A document.
///
/// # Errors
/// In the protocol's form.
pub async fn document(call: Call, method: &Method, id: &str) -> Result<Response, Refused> {
    match *method {
        Method::GET => get(&call, id).await,
        Method::PUT => put(&call, id).await,
        Method::DELETE => delete(&call, id).await,
        _ => Err(Refused::method("DELETE,GET,HEAD,PUT")),
    }
}

async fn get(call: &Call, id: &str) -> Result<Response, Refused> {
    let env = &call.door.app.env;
    let mut reading = call.query.reading()?;
    let latest = call.query.flag("latest")?;
    let accepts = |kind: &str| call.header("accept").is_some_and(|accept| accept.contains(kind));
    if let Some(wanted) = call.query.text("open_revs") {
        let revs = match wanted.trim_matches('"') {
            "all" => None,
            _ => Some(query::revs(&call.query.json("open_revs")?.unwrap_or_default())?),
        };
        reading.follows = accepts("multipart/mixed");
        let leaves = mailbox::get_leaves(env, &call.mailbox, id, revs, latest, reading).await?;
        if reading.follows {
            return mixed(call, id, leaves).await;
        }
        let leaves: Vec<Value> = leaves.into_iter().map(leaf).collect();
        return Ok(json_of(StatusCode::OK, &leaves.into()));
    }
    reading.follows = reading.attachments && accepts("multipart/related");
    let which = Which {
        rev: call.query.rev("rev")?,
        latest,
    };
    let document = mailbox::get_document(env, &call.mailbox, id, &which, reading).await?;
    let etag = format!(
        "\"{}\"",
        document.get("_rev").and_then(Value::as_str).unwrap_or_default()
    );
    if reading == Reading::default() && call.header("if-none-match") == Some(etag.as_str()) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    let mut response = match reading.follows && document.contains_key("_attachments") {
        true => {
            let (boundary, message) = related(call, id, &document).await?;
            sent(&format!("multipart/related; boundary=\"{boundary}\""), message)
        }
        false => json_of(StatusCode::OK, &Value::Object(document)),
    };
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        response.headers_mut().insert(header::ETAG, etag);
    }
    Ok(response)
}

/// A revision that was asked for, as JSON.
#[must_use]
pub fn leaf(leaf: Leaf) -> Value {
    match leaf {
        Leaf::Found(document) => json!({ "ok": document }),
        Leaf::Missing(rev) => json!({ "missing": rev }),
    }
}

/// A message of this type.
#[must_use]
pub fn sent(content_type: &str, message: Vec<u8>) -> Response {
    let content_type = HeaderValue::from_str(content_type).unwrap_or(HeaderValue::from_static("multipart/mixed"));
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, must-revalidate, no-store"),
        ),
    ];
    (StatusCode::OK, headers, message).into_response()
}

/// A boundary that is in no document.
#[must_use]
pub fn boundary(call: &Call) -> String {
    let chance = call.door.app.env.random_bytes::<16>();
    chance.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Several revisions, each with its attachments.
async fn mixed(call: &Call, id: &str, leaves: Vec<Leaf>) -> Result<Response, Refused> {
    let boundary = boundary(call);
    let mut message = Writer::new(boundary.clone());
    for leaf in leaves {
        add_leaf(call, id, leaf, &[], &mut message).await?;
    }
    Ok(sent(
        &format!("multipart/mixed; boundary=\"{boundary}\""),
        message.finish(),
    ))
}

/// Adds a revision to a message of several, with more header fields.
///
/// # Errors
/// When an attachment can't be read.
pub async fn add_leaf(
    call: &Call,
    id: &str,
    leaf: Leaf,
    headers: &[(&str, &str)],
    message: &mut Writer,
) -> Result<(), Refused> {
    let (kind, content) = match leaf {
        Leaf::Found(document) if document.contains_key("_attachments") => {
            let (inner, bytes) = related(call, id, &document).await?;
            (format!("multipart/related; boundary=\"{inner}\""), bytes)
        }
        Leaf::Found(document) => (
            "application/json".to_owned(),
            text_of(&Value::Object(document)).into_bytes(),
        ),
        Leaf::Missing(rev) => (
            "application/json; error=\"true\"".to_owned(),
            json!({ "missing": rev }).to_string().into_bytes(),
        ),
    };
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .copied()
        .chain([("Content-Type", kind.as_str())])
        .collect();
    message.part(&headers, &content);
    Ok(())
}

/// A document and the bytes of its attachments, in the order in which it names them. Returns the boundary and the message.
async fn related(call: &Call, id: &str, document: &Map<String, Value>) -> Result<(String, Vec<u8>), Refused> {
    let boundary = boundary(call);
    let mut message = Writer::new(boundary.clone());
    let text = text_of(&Value::Object(document.clone()));
    message.part(&[("Content-Type", "application/json")], text.as_bytes());
    let rev = document
        .get("_rev")
        .and_then(Value::as_str)
        .map(query::rev)
        .transpose()?;
    let which = Which { rev, latest: false };
    for name in document
        .get("_attachments")
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(Map::keys)
    {
        let file = mailbox::get_attachment(&call.door.app.env, &call.mailbox, id, &which, name).await?;
        message.attachment(name, &file.stub.content_type, &file.bytes);
    }
    Ok((boundary, message.finish()))
}

/// The revision that a write says it follows: in the address, in `If-Match`, or in the document. They must not differ.
///
/// # Errors
/// `bad_request`.
pub fn named_rev(call: &Call, document: Option<&Value>) -> Result<Option<Rev>, Refused> {
    let in_address = call.query.rev("rev")?;
    let in_header = call
        .header("if-match")
        .map(|rev| query::rev(rev.trim_matches('"')))
        .transpose()?;
    let in_document = document
        .and_then(|document| document.get("_rev"))
        .and_then(Value::as_str);
    let in_document = in_document.map(query::rev).transpose()?;
    let mut named = [in_address, in_header, in_document].into_iter().flatten();
    let first = named.next();
    if named.any(|other| Some(&other) != first.as_ref()) {
        let why = "Document rev from request body and query string have different values";
        return Err(Fault::BadRequest(why.into()).into());
    }
    Ok(first)
}

async fn put(call: &Call, id: &str) -> Result<Response, Refused> {
    let (mut document, following) = match call
        .header("content-type")
        .and_then(|kind| boundary_of(kind, "multipart/related"))
    {
        Some(boundary) => {
            let related = read_related(call.body.clone(), &boundary).await?;
            let following = related
                .attachments
                .into_iter()
                .map(|(name, bytes)| (name, bytes.to_vec()));
            (related.document, following.collect())
        }
        None => (call.json()?, HashMap::new()),
    };
    if !document.is_object() {
        return Err(Fault::BadRequest("Document must be a JSON object".into()).into());
    }
    document["_id"] = id.into();
    if let Some(rev) = named_rev(call, Some(&document))? {
        document["_rev"] = rev.to_string().into();
    }
    let mode = match call.query.text("new_edits") {
        Some("false") => Mode::Replicate,
        _ => Mode::Edit,
    };
    let writing = Writing { document, following };
    let (id, rev) = mailbox::write_document(&call.door.app.env, &call.mailbox, writing, mode).await?;
    Ok(json_of(StatusCode::CREATED, &written(&id, &rev)))
}

async fn delete(call: &Call, id: &str) -> Result<Response, Refused> {
    let env = &call.door.app.env;
    let rev = named_rev(call, None)?;
    // Of what never was, there is nothing to delete; of what is, the newest revision must be known.
    let all = mailbox::get_leaves(env, &call.mailbox, id, None, false, Reading::default()).await?;
    let Some(rev) = rev else {
        let is_alive = |leaf: &Leaf| matches!(leaf, Leaf::Found(document) if !document.contains_key("_deleted"));
        return Err(match all.iter().any(is_alive) {
            true => Fault::Conflict.into(),
            false => Fault::Deleted.into(),
        });
    };
    let writing = Writing {
        document: json!({"_id": id, "_rev": rev, "_deleted": true}),
        ..Writing::default()
    };
    let (id, rev) = mailbox::write_document(env, &call.mailbox, writing, Mode::Edit).await?;
    Ok(json_of(StatusCode::OK, &written(&id, &rev)))
}

/// A local document.
///
/// # Errors
/// In the protocol's form.
pub async fn local(call: Call, method: &Method, name: &str) -> Result<Response, Refused> {
    let env = &call.door.app.env;
    let id = format!("_local/{name}");
    match *method {
        Method::GET => {
            let found = match mailbox::get_local(env, &call.mailbox, name).await {
                // For browsers, which complain of every 404 to whoever looks.
                Err(Failure::Fault(Fault::Missing(_))) if call.query.flag("or_null")? => {
                    return Ok(json_of(StatusCode::OK, &Value::Null));
                }
                found => found?,
            };
            let mut document = found.body;
            document.insert("_id".into(), id.into());
            document.insert("_rev".into(), found.rev.into());
            Ok(json_of(StatusCode::OK, &Value::Object(document)))
        }
        Method::PUT => {
            let Value::Object(mut document) = call.json()? else {
                return Err(Fault::BadRequest("Document must be a JSON object".into()).into());
            };
            if let Some(rev) = call.query.text("rev") {
                document.insert("_rev".into(), rev.into());
            }
            let rev = mailbox::put_local(env, &call.mailbox, name, document).await?;
            Ok(json_of(StatusCode::CREATED, &written(&id, &rev)))
        }
        Method::DELETE => {
            let rev = call
                .query
                .text("rev")
                .or_else(|| call.header("if-match"))
                .ok_or(Fault::Conflict)?;
            mailbox::delete_local(env, &call.mailbox, name, rev.trim_matches('"')).await?;
            Ok(json_of(StatusCode::OK, &written(&id, "0-0")))
        }
        _ => Err(Refused::method("DELETE,GET,HEAD,PUT")),
    }
}
