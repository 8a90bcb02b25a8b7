//! What changed: `_changes`.

use super::{
    Door,
    answer::{Refused, json_of},
    dispatch::Call,
    feed::{self, Feed, Kind},
};
use axum::{
    http::{Method, StatusCode},
    response::Response,
};
use domain::mailbox::{self, ChangeRow, ChangesQuery, Fault, Filter, Reading, Selector, Since, Which};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// How long a feed without heartbeats waits for a change, unless it is told: CouchDB's measure.
const TIMEOUT: Duration = Duration::from_secs(60);
/// A sign of life comes at least this often, asked for or not: between us and the client is a proxy that takes silence for
/// an end, and a client that waits for ever when it was one.
const HEARTBEAT_MAX: Duration = Duration::from_secs(25);
/// Not more often than this.
const HEARTBEAT_MIN: Duration = Duration::from_millis(100);

/// What changed, now and, in a feed, as it happens.
///
/// # Errors
/// In the protocol's form.
pub async fn changes(mut call: Call, method: &Method) -> Result<Response, Refused> {
    let mut body = Value::Null;
    if *method == Method::POST && !call.body.is_empty() {
        body = call.declared_json()?;
        call.query.take(&body);
    }
    let wanted = wanted(&call, &body).await?;
    let kind = match call.query.word("feed").as_deref() {
        None | Some("normal") => return normal(call, wanted).await,
        Some("longpoll") => Kind::Longpoll,
        Some("continuous") => Kind::Continuous,
        Some("eventsource") => Kind::EventSource,
        Some(_) => {
            return Err(Fault::BadRequest(
                "Supported `feed` types: normal, continuous, live, longpoll, eventsource".into(),
            )
            .into());
        }
    };
    let (heartbeat, timeout) = pace(&call, kind)?;
    let feed = Feed {
        kind,
        wanted,
        heartbeat,
        timeout,
    };
    feed::open(call, feed).await
}

/// How often there is a sign of life, and when the feed ends by itself, if it does.
fn pace(call: &Call, kind: Kind) -> Result<(Duration, Option<Duration>), Fault> {
    let asked = match call.query.text("heartbeat") {
        None | Some("false") => None,
        Some("true") => Some(HEARTBEAT_MAX),
        Some(_) => call.query.number("heartbeat")?.map(Duration::from_millis),
    };
    let heartbeat = asked.unwrap_or(HEARTBEAT_MAX).clamp(HEARTBEAT_MIN, HEARTBEAT_MAX);
    let timeout = call.query.number("timeout")?.map(Duration::from_millis);
    // Who asks for heartbeats wants to wait for ever, and so does an event source.
    let timeout = match (asked, kind) {
        (Some(_), _) | (_, Kind::EventSource) => timeout.filter(|_| asked.is_none()),
        (None, _) => Some(timeout.unwrap_or(TIMEOUT).min(TIMEOUT)),
    };
    Ok((heartbeat, timeout))
}

async fn wanted(call: &Call, body: &Value) -> Result<ChangesQuery, Refused> {
    let query = &call.query;
    let last_seen = query.word("last-event-id");
    let last_seen = last_seen.or_else(|| call.header("last-event-id").map(str::to_owned));
    let since = match last_seen.or_else(|| query.word("since")).as_deref() {
        None | Some("" | "0") => Since::Start,
        Some("now") => Since::Now,
        Some(seq) => Since::Seq(seq.to_owned()),
    };
    Ok(ChangesQuery {
        since,
        limit: query.number("limit")?,
        descending: query.flag("descending")?,
        all_leaves: query.word("style").as_deref() == Some("all_docs"),
        include_docs: query.flag("include_docs")?,
        reading: query.reading()?,
        filter: filter(call, body).await?,
    })
}

async fn filter(call: &Call, body: &Value) -> Result<Filter, Refused> {
    let name = call.query.word("filter");
    match name.as_deref() {
        None | Some("") => Ok(Filter::All),
        Some("_doc_ids") => {
            let ids = call.query.json("doc_ids")?.unwrap_or_else(|| body["doc_ids"].clone());
            let bad = || Fault::BadRequest("`doc_ids` filter parameter is not a list of doc ids.".into());
            let ids = ids
                .as_array()
                .ok_or_else(bad)?
                .iter()
                .map(|id| id.as_str().map(str::to_owned).ok_or_else(bad));
            Ok(Filter::DocIds(ids.collect::<Result<_, Fault>>()?))
        }
        Some("_selector") => {
            let selector = call.query.json("selector")?.unwrap_or_else(|| body["selector"].clone());
            Ok(Filter::Selector(Selector::parse(&selector)?))
        }
        Some("_design") => Ok(Filter::Design),
        Some("_view") => by_design(call, call.query.word("view").as_deref().unwrap_or_default(), "views").await,
        Some(name) => by_design(call, name, "filters").await,
    }
}

/// A filter that is a program in a design document: there is nothing here that runs it. Says what is missing.
async fn by_design(call: &Call, name: &str, kind: &str) -> Result<Filter, Refused> {
    let (design, function) = name
        .split_once('/')
        .ok_or_else(|| Fault::BadRequest("`filter` must be of the form `designname/filtername`".into()))?;
    let id = format!("_design/{design}");
    let env = &call.door.app.env;
    let found = mailbox::get_document(env, &call.mailbox, &id, &Which::default(), Reading::default()).await?;
    let lacks = |what: &str| Fault::Missing(format!("missing json key: {what}").into());
    let functions = found.get(kind).and_then(Value::as_object).ok_or_else(|| lacks(kind))?;
    functions.get(function).ok_or_else(|| lacks(function))?;
    Err(Fault::Missing("This server does not run programs of design documents.".into()).into())
}

/// One page, or all pages.
async fn normal(call: Call, wanted: ChangesQuery) -> Result<Response, Refused> {
    if wanted.limit.is_some() || wanted.descending {
        let page = mailbox::list_changes(&call.door.app.env, &call.mailbox, &wanted).await?;
        let rows: Vec<Value> = page
            .results
            .into_iter()
            .map(|row| Value::Object(row_of(&call.door, row)))
            .collect();
        let whole = json!({"results": rows, "last_seq": call.door.sequence(&page.last_seq), "pending": page.pending});
        return Ok(json_of(StatusCode::OK, &whole));
    }
    Ok(feed::all_pages(call, wanted))
}

/// A change as it is told.
#[must_use]
pub fn row_of(door: &Door, row: ChangeRow) -> Map<String, Value> {
    let changes: Vec<Value> = row.changes.into_iter().map(|rev| json!({ "rev": rev })).collect();
    let mut told = Map::new();
    told.insert("seq".into(), door.sequence(&row.seq));
    told.insert("id".into(), row.id.into());
    told.insert("changes".into(), changes.into());
    if row.deleted {
        told.insert("deleted".into(), true.into());
    }
    if let Some(doc) = row.doc {
        told.insert("doc".into(), Value::Object(doc));
    }
    told
}
