//! Local documents: what replicators note for themselves, such as how far they have come. They have a number instead of a
//! tree of revisions, are in no feed, and are never replicated. A mailbox keeps the newest of them: who finds its note gone
//! compares everything anew, and loses nothing.

use super::{
    Mailbox,
    fault::{Fault, Outcome},
    keys,
};
use crate::{Env, db::vars};
use model::limits;
use serde_json::{Map, Value};
use surrealdb::types::SurrealValue;

/// The longest name, and the largest text, in bytes.
const ID_MAX_BYTES: usize = 1_024;
const BODY_MAX_BYTES: usize = 64 * 1024;

/// A local document.
#[derive(Clone, Debug, PartialEq)]
pub struct LocalDocument {
    /// `0-` and how often it was written.
    pub rev: String,
    /// What it says, without `_id` and `_rev`.
    pub body: Map<String, Value>,
}

#[derive(SurrealValue)]
struct Row {
    rev: u64,
    body: String,
}

const GET: &str = "SELECT rev, body FROM ONLY type::record('local_document', [$mailbox, $id])";
const PUT: &str = "
    LET $is_there = type::record('mailbox', $mailbox).exists();
    LET $old = (SELECT VALUE rev FROM ONLY type::record('local_document', [$mailbox, $id]));
    LET $fits = $is_there AND ($old ?? 0) = $expected;
    IF $fits {
        IF $old = NONE {
            LET $held = (SELECT id, at FROM local_document:[$mailbox]..[$mailbox, $last] ORDER BY at);
            IF $held.len() >= $most { DELETE $held[0].id };
        };
        UPSERT type::record('local_document', [$mailbox, $id]) SET rev = $expected + 1, body = $body, at = $now RETURN NONE;
    };
    RETURN IF !$is_there { 'gone' } ELSE IF $fits { 'done' } ELSE { 'conflict' };";
const DELETE: &str = "
    LET $old = (SELECT VALUE rev FROM ONLY type::record('local_document', [$mailbox, $id]));
    IF $old = $expected { DELETE type::record('local_document', [$mailbox, $id]) };
    RETURN IF $old = NONE { 'gone' } ELSE IF $old = $expected { 'done' } ELSE { 'conflict' };";

/// A local document by its name, which is what comes behind `_local/`.
///
/// # Errors
/// [`Fault::Missing`].
pub async fn get_local(env: &Env, mailbox: &Mailbox, id: &str) -> Outcome<LocalDocument> {
    let binds = vars! { mailbox: mailbox.id(), id: id.to_owned() };
    let row: Row = env.db.find(GET, binds).await?.ok_or(Fault::missing())?;
    let body = serde_json::from_str(&row.body).map_err(crate::Error::broken("reading a local document"))?;
    Ok(LocalDocument {
        rev: format!("0-{}", row.rev),
        body,
    })
}

/// Writes a local document, and returns its new revision. `body` says in `_rev` which it replaces.
///
/// # Errors
/// [`Fault::Conflict`] when that is not the newest; [`Fault::DocumentTooLarge`]; [`Fault::IllegalDocid`].
pub async fn put_local(env: &Env, mailbox: &Mailbox, id: &str, mut body: Map<String, Value>) -> Outcome<String> {
    if id.is_empty() || id.len() > ID_MAX_BYTES {
        return Err(Fault::IllegalDocid("A local document needs a name of at most 1024 bytes".into()).into());
    }
    body.remove("_id");
    let expected = match body.remove("_rev") {
        None | Some(Value::Null) => 0,
        Some(Value::String(rev)) => number(&rev)?,
        Some(_) => return Err(Fault::BadRequest("Invalid rev format".into()).into()),
    };
    if body.remove("_deleted") == Some(Value::Bool(true)) {
        delete_local(env, mailbox, id, &format!("0-{expected}")).await?;
        return Ok("0-0".into());
    }
    body.remove("_revisions");
    let text = Value::Object(body).to_string();
    if text.len() > BODY_MAX_BYTES {
        return Err(Fault::DocumentTooLarge(id.to_owned().into()).into());
    }
    let binds = vars! {
        mailbox: mailbox.id(),
        id: id.to_owned(),
        body: text,
        expected: expected,
        most: i64::try_from(limits::LOCAL_DOCUMENTS_MAX).unwrap_or(i64::MAX),
        last: keys::LAST,
        now: env.now().datetime(),
    };
    settle(&env.db.transact::<String>(PUT, binds).await?, Fault::NoDatabase)?;
    Ok(format!("0-{}", expected + 1))
}

/// Deletes a local document whose newest revision is this one.
///
/// # Errors
/// [`Fault::Missing`]; [`Fault::Conflict`].
pub async fn delete_local(env: &Env, mailbox: &Mailbox, id: &str, rev: &str) -> Outcome<()> {
    let binds = vars! { mailbox: mailbox.id(), id: id.to_owned(), expected: number(rev)? };
    settle(&env.db.transact::<String>(DELETE, binds).await?, Fault::missing())
}

/// The number of a revision such as `0-7`.
fn number(rev: &str) -> Result<u64, Fault> {
    let number = rev.strip_prefix("0-").unwrap_or(rev).parse();
    number.map_err(|_| Fault::BadRequest("Invalid rev format".into()))
}

fn settle(outcome: &str, gone: Fault) -> Outcome<()> {
    match outcome {
        "done" => Ok(()),
        "gone" => Err(gone.into()),
        _ => Err(Fault::Conflict.into()),
    }
}
