//! Many documents at once. Answers with contents are read and sent some at a time: what a mailbox holds is more than fits
//! into memory for each who asks.

use super::{
    answer::{Refused, json_of},
    databases::written,
    dispatch::Call,
    documents::{add_leaf, boundary, sent},
    multipart::Writer,
    query,
    text::text_of,
};
use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::mailbox::{self, AllDocsQuery, Fault, Got, Leaf, ListedDoc, Reading, Wanted, Writing};
use futures::{Stream, stream};
use model::limits;
use serde_json::{Value, json};
use std::{collections::BTreeMap, io};
use sync::mailbox::Mode;

/// Documents that are read and sent at once.
const TOGETHER: usize = 64;

/// Writes documents: `_bulk_docs`.
///
/// # Errors
/// In the protocol's form; what is wrong with one document is told in its row.
pub async fn bulk_docs(call: Call) -> Result<Response, Refused> {
    let mut body = call.declared_json()?;
    let Value::Array(documents) = body["docs"].take() else {
        return Err(Fault::BadRequest("Missing JSON list of 'docs'".into()).into());
    };
    let mode = match body["new_edits"] {
        Value::Bool(false) => Mode::Replicate,
        _ => Mode::Edit,
    };
    let writings = documents.into_iter().map(|document| Writing {
        document,
        ..Writing::default()
    });
    let all = mailbox::write_documents(&call.door.app.env, &call.mailbox, writings.collect(), mode).await?;
    let row = |one: mailbox::Written| match one.outcome {
        // Of what came from elsewhere, only what was refused is told, as in CouchDB.
        Ok(_) if mode == Mode::Replicate => None,
        Ok(rev) => Some(written(&one.id, &rev)),
        Err(fault) => {
            Some(json!({"id": one.id, "error": fault.error(), "reason": fault.reason(), "status": fault.status()}))
        }
    };
    let rows: Vec<Value> = all.into_iter().filter_map(row).collect();
    Ok(json_of(StatusCode::CREATED, &rows.into()))
}

/// What is missing here of what somebody has: `_revs_diff`.
///
/// # Errors
/// `bad_request`, `too_large`.
pub async fn revs_diff(call: Call) -> Result<Response, Refused> {
    let body = call.declared_json()?;
    let all = body
        .as_object()
        .ok_or(Fault::BadRequest("Request body must be a JSON object".into()))?;
    let offered = all.iter().map(|(id, revs)| Ok((id.clone(), query::revs(revs)?)));
    let offered: BTreeMap<String, Vec<_>> = offered.collect::<Result<_, Fault>>()?;
    let missing = mailbox::revs_diff(&call.door.app.env, &call.mailbox, &offered).await?;
    Ok(json_of(StatusCode::OK, &json!(missing)))
}

/// Reads revisions: `_bulk_get`.
///
/// # Errors
/// `bad_request`, `too_large`.
pub async fn bulk_get(mut call: Call) -> Result<Response, Refused> {
    let mut body = call.declared_json()?;
    let Value::Array(wanted) = body["docs"].take() else {
        return Err(Fault::BadRequest("Missing JSON list of 'docs'.".into()).into());
    };
    call.query.take(&body);
    if wanted.len() > limits::BULK_MAX {
        return Err(Fault::TooLarge.into());
    }
    let wanted: Vec<Wanted> = wanted.iter().map(one_wanted).collect::<Result<_, Fault>>()?;
    let latest = call.query.flag("latest")?;
    let mut reading = call.query.reading()?;
    let accept = call.header("accept").unwrap_or_default();
    let is_json = accept.is_empty() || accept.contains("application/json") || accept.contains("*/*");
    if !is_json && accept.contains("multipart/") {
        reading.follows = true;
        return parts(&call, &wanted, latest, reading).await;
    }
    let chunks = wanted
        .chunks(TOGETHER)
        .map(<[Wanted]>::to_vec)
        .collect::<Vec<_>>()
        .into_iter();
    let begin = (call, chunks, true);
    let rows = stream::unfold(begin, move |(call, mut chunks, is_first)| async move {
        let chunk = chunks.next()?;
        let got = mailbox::bulk_get(&call.door.app.env, &call.mailbox, &chunk, latest, reading).await;
        let text = got.map(|got| {
            let rows: Vec<String> = got.into_iter().map(|got| text_of(&row_of(got))).collect();
            format!("{}{}", if is_first { "" } else { ",\n" }, rows.join(",\n"))
        });
        Some((
            text.map_err(|failure| broken_off(&failure.into())),
            (call, chunks, false),
        ))
    });
    Ok(streamed("{\"results\": [\n", rows, || "\n]}\n".to_owned()))
}

fn one_wanted(value: &Value) -> Result<Wanted, Fault> {
    let id = value["id"]
        .as_str()
        .ok_or(Fault::BadRequest("document id missed".into()))?;
    let rev = value["rev"].as_str().map(query::rev).transpose()?;
    Ok(Wanted { id: id.to_owned(), rev })
}

/// One answer of `_bulk_get`: there is one for each that was asked for, in the same order.
fn row_of(got: Got) -> Value {
    let id = got.id;
    let missing = |rev: &str| json!({"error": {"id": id, "rev": rev, "error": "not_found", "reason": "missing"}});
    let mut docs: Vec<Value> = Vec::new();
    for leaf in got.leaves {
        docs.push(match leaf {
            Leaf::Found(document) => json!({ "ok": document }),
            Leaf::Missing(rev) => missing(&rev.to_string()),
        });
    }
    if docs.is_empty() {
        docs.push(missing("undefined"));
    }
    json!({ "id": id, "docs": docs })
}

/// The same as a message of several parts.
async fn parts(call: &Call, wanted: &[Wanted], latest: bool, reading: Reading) -> Result<Response, Refused> {
    let boundary = boundary(call);
    let mut message = Writer::new(boundary.clone());
    for got in mailbox::bulk_get(&call.door.app.env, &call.mailbox, wanted, latest, reading).await? {
        for found in got.leaves {
            let rev = match &found {
                Leaf::Found(document) => document
                    .get("_rev")
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned(),
                Leaf::Missing(rev) => rev.to_string(),
            };
            match found {
                Leaf::Missing(_) => {
                    let kind = ("Content-Type", "application/json; error=\"true\"");
                    let text = json!({"id": got.id, "rev": rev, "error": "not_found", "reason": "missing"}).to_string();
                    message.part(&[kind], text.as_bytes());
                }
                found => {
                    let headers = [("X-Doc-Id", got.id.as_str()), ("X-Rev-Id", rev.as_str())];
                    add_leaf(call, &got.id, found, &headers, &mut message).await?;
                }
            }
        }
    }
    Ok(sent(
        &format!("multipart/mixed; boundary=\"{boundary}\""),
        message.finish(),
    ))
}

/// Documents in the order of their ids: `_all_docs`.
///
/// # Errors
/// `bad_request`, `query_parse_error`.
pub async fn all_docs(mut call: Call, method: &Method) -> Result<Response, Refused> {
    if *method == Method::POST {
        let body = call.declared_json()?;
        call.query.take(&body);
    }
    let Some(wanted) = all_docs_query(&call)? else {
        return Ok(json_of(
            StatusCode::OK,
            &json!({"total_rows": 0, "offset": 0, "rows": []}),
        ));
    };
    let list = mailbox::all_docs(&call.door.app.env, &call.mailbox, &wanted).await?;
    let mut begin = json!({"total_rows": list.total, "offset": list.offset});
    if call.query.flag("update_seq")? {
        begin["update_seq"] = call.door.sequence(&list.update_seq);
    }
    let begin = begin.to_string();
    let begin = format!("{},\"rows\":[\n", begin.trim_end_matches('}'));
    let chunks = list
        .rows
        .chunks(TOGETHER)
        .map(<[ListedDoc]>::to_vec)
        .collect::<Vec<_>>()
        .into_iter();
    let (is_full, reading) = (wanted.include_docs, wanted.reading);
    let rows = stream::unfold((call, chunks, true), move |(call, mut chunks, is_first)| async move {
        let mut chunk = chunks.next()?;
        let outcome = match is_full {
            true => mailbox::with_docs(&call.door.app.env, &call.mailbox, &mut chunk, reading).await,
            false => Ok(()),
        };
        let text = outcome.map(|()| {
            let rows: Vec<String> = chunk.into_iter().map(|row| text_of(&listed(row, is_full))).collect();
            format!("{}{}", if is_first { "" } else { ",\n" }, rows.join(",\n"))
        });
        Some((
            text.map_err(|failure| broken_off(&failure.into())),
            (call, chunks, false),
        ))
    });
    Ok(streamed(&begin, rows, || "\n]}\n".to_owned()))
}

/// What is asked; nothing when no id lies between what was named.
fn all_docs_query(call: &Call) -> Result<Option<AllDocsQuery>, Refused> {
    let query = &call.query;
    let mut wanted = AllDocsQuery {
        descending: query.flag("descending")?,
        skip: query.number("skip")?.unwrap_or_default(),
        limit: query.number("limit")?,
        include_docs: query.flag("include_docs")?,
        reading: query.reading()?,
        without_end: query.text("inclusive_end").is_some() && !query.flag("inclusive_end")?,
        ..AllDocsQuery::default()
    };
    if let Some(keys) = query.json("keys")? {
        if ["key", "startkey", "start_key", "endkey", "end_key"]
            .iter()
            .any(|name| query.text(name).is_some())
        {
            let why = "`keys` is incompatible with `key`, `start_key` and `end_key`";
            return Err(Fault::QueryParse(why.into()).into());
        }
        let keys = keys
            .as_array()
            .ok_or(Fault::BadRequest("`keys` parameter must be an array.".into()))?;
        // What is no text is no document's id; there is a row for it all the same.
        let text = |key: &Value| key.as_str().map_or_else(|| key.to_string(), str::to_owned);
        wanted.keys = Some(keys.iter().map(text).collect());
        return Ok(Some(wanted));
    }
    let (start, end) = match query.json("key")? {
        Some(key) => (Some(key.clone()), Some(key)),
        None => (
            query.either("startkey", "start_key")?,
            query.either("endkey", "end_key")?,
        ),
    };
    // In JSON's order, numbers and the like come before all texts, lists and objects behind.
    let first = if wanted.descending {
        end.as_ref()
    } else {
        start.as_ref()
    };
    let last = if wanted.descending {
        start.as_ref()
    } else {
        end.as_ref()
    };
    if first.is_some_and(|value| value.is_array() || value.is_object())
        || last.is_some_and(|value| value.is_null() || value.is_boolean() || value.is_number())
    {
        return Ok(None);
    }
    let text = |value: Option<Value>| value.and_then(|value| value.as_str().map(str::to_owned));
    wanted.start = text(start);
    wanted.end = text(end);
    Ok(Some(wanted))
}

fn listed(row: ListedDoc, is_full: bool) -> Value {
    match row {
        ListedDoc::Missing(key) => json!({"key": key, "error": "not_found"}),
        ListedDoc::Found { id, rev, deleted, doc } => {
            let mut row = json!({"id": id, "key": id, "value": {"rev": rev}});
            if deleted {
                row["value"]["deleted"] = true.into();
            }
            if is_full {
                row["doc"] = doc.map_or(Value::Null, Value::Object);
            }
            row
        }
    }
}

/// An answer that began well ends in the middle: whoever reads it sees that it is not whole.
pub(super) fn broken_off(refused: &Refused) -> io::Error {
    tracing::debug!(?refused, "an answer of the mailbox broke off");
    io::Error::other("the answer broke off")
}

/// An answer in JSON that is made as it is sent.
fn streamed(
    begin: &str,
    rows: impl Stream<Item = Result<String, io::Error>> + Send + 'static,
    end: impl FnOnce() -> String + Send + 'static,
) -> Response {
    use futures::StreamExt;
    let begin = stream::iter([Ok(begin.to_owned())]);
    let end = stream::once(async move { Ok(end()) });
    let body = begin
        .chain(rows)
        .chain(end)
        .map(|text: Result<String, io::Error>| text.map(Bytes::from));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, must-revalidate, no-store"),
        ),
    ];
    (headers, Body::from_stream(body)).into_response()
}
