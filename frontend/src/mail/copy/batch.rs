//! A batch as `public/mail-shelf.js` takes it: what there is, on one line of JSON, and the rows behind it, a line each. So the browser's
//! side never looks into a row.

use base64::{Engine, engine::general_purpose::STANDARD};
use model::mailbox::LetterLine;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use sync::mailbox::{
    replica::{Batch, BodyRow},
    view::{Desk, Drawn, Place, places},
};

#[derive(Serialize)]
struct Head<'a> {
    expected: Option<u64>,
    head: Option<u64>,
    docs: Vec<Doc<'a>>,
    remove: &'a [String],
    forget: Vec<(&'a str, String)>,
    locals: Vec<(&'a str, Option<String>)>,
    lines: Vec<Line>,
    gone: Vec<String>,
    desk: Vec<(&'a str, Option<&'static str>)>,
}

#[derive(Serialize)]
struct Doc<'a> {
    id: &'a str,
    seq: u64,
    /// Whether the server may not know it.
    mine: bool,
    revs: Vec<String>,
}

#[derive(Serialize)]
struct Line {
    id: String,
    on: Vec<Place>,
    fresh: bool,
}

/// The batch as lines, and the bytes of files in it by the ids of their documents.
pub fn encode(batch: &Batch, drawn: &Drawn) -> (String, Vec<(String, Vec<u8>)>) {
    let mut bodies: BTreeMap<&str, Vec<&BodyRow>> = BTreeMap::new();
    for row in &batch.bodies {
        bodies.entry(&row.id).or_default().push(row);
    }
    let of = |id: &str| bodies.get(id).map(Vec::as_slice).unwrap_or_default();
    let head = Head {
        expected: batch.expected,
        head: batch.head,
        docs: batch
            .docs
            .iter()
            .map(|row| Doc {
                id: &row.id,
                seq: row.seq,
                mine: row.known.is_none(),
                revs: of(&row.id).iter().map(|body| body.rev.to_string()).collect(),
            })
            .collect(),
        remove: &batch.remove,
        forget: batch
            .forget
            .iter()
            .map(|(id, rev)| (id.as_str(), rev.to_string()))
            .collect(),
        locals: batch
            .locals
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_ref().map(Value::to_string)))
            .collect(),
        lines: drawn.lines.iter().map(|(line, fresh)| shown(line, *fresh)).collect(),
        gone: drawn.gone.iter().map(ToString::to_string).collect(),
        desk: drawn
            .desk
            .iter()
            .map(|(id, state)| (id.as_str(), state.map(word)))
            .collect(),
    };
    let mut text = json(&head);
    let mut files = Vec::new();
    for row in &batch.docs {
        text.push('\n');
        text.push_str(&json(row));
    }
    for body in batch.docs.iter().flat_map(|row| of(&row.id)) {
        text.push('\n');
        text.push_str(&apart(body, &mut files));
    }
    for (line, _) in &drawn.lines {
        text.push('\n');
        text.push_str(&json(line));
    }
    (text, files)
}

/// Rows are plain: writing them as JSON does not fail.
pub fn json(row: &impl Serialize) -> String {
    serde_json::to_string(row).unwrap_or_default()
}

fn shown(line: &LetterLine, fresh: bool) -> Line {
    Line {
        id: line.id.to_string(),
        on: places(line),
        fresh,
    }
}

const fn word(state: Desk) -> &'static str {
    match state {
        Desk::Draft => "draft",
        Desk::Open => "open",
        Desk::Refused => "refused",
    }
}

/// In place of the bytes of an attachment, which lie apart.
const KEPT: &str = "kept";

/// A body without the bytes of its attachments.
fn apart(row: &BodyRow, files: &mut Vec<(String, Vec<u8>)>) -> String {
    let has_bytes = |attachment: &Value| attachment.get("data").is_some();
    if !row.attachments.values().any(has_bytes) {
        return json(row);
    }
    let mut row = row.clone();
    for attachment in row.attachments.values_mut().filter_map(Value::as_object_mut) {
        let data = attachment.remove("data");
        let bytes = data
            .as_ref()
            .and_then(Value::as_str)
            .and_then(|data| STANDARD.decode(data).ok());
        if let Some(bytes) = bytes {
            attachment.insert(KEPT.to_owned(), true.into());
            files.push((row.id.clone(), bytes));
        }
    }
    json(&row)
}

/// Whether the bytes of its attachments lie apart.
pub fn has_bytes_apart(row: &BodyRow) -> bool {
    row.attachments
        .values()
        .any(|attachment| attachment.get(KEPT).is_some())
}

/// Puts the bytes back.
pub fn together(row: &mut BodyRow, bytes: &[u8]) {
    for attachment in row.attachments.values_mut().filter_map(Value::as_object_mut) {
        if attachment.remove(KEPT).is_some() {
            attachment.insert("data".to_owned(), STANDARD.encode(bytes).into());
        }
    }
}

/// A file as an attachment of its document.
pub fn attachment(media_type: &str, bytes: &[u8]) -> Value {
    serde_json::json!({"content_type": media_type, "data": STANDARD.encode(bytes)})
}
