//! What the owner of a mailbox may write into it.

use super::{Attachment, DocId, Document, Draft, Field, Kind, Order, Settings, State};
use crate::limits;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// The one attachment that a file's document has.
pub const ATTACHMENT_NAME: &str = "content";

/// What was there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// Nothing, ever.
    Nothing,
    /// A document whose winning revision lives.
    Alive,
    /// A document that was deleted.
    Deleted,
}

/// An attachment (in the protocol's sense) of the revision that is proposed, with its bytes accounted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blob<'a> {
    /// What it is called in the document.
    pub name: &'a str,
    /// The SHA-256 of its bytes, as 64 lower-case hex digits.
    pub sha256: &'a str,
    /// How many bytes.
    pub bytes: usize,
}

/// A write that somebody proposes, after it was found to add a revision that is not known yet.
#[derive(Clone, Copy, Debug)]
pub struct Proposal<'a> {
    /// The document's `_id`.
    pub id: &'a str,
    /// Whether the revision deletes the document.
    pub deleted: bool,
    /// The document without the words that begin with an underscore.
    pub body: &'a Map<String, Value>,
    /// Its attachments.
    pub blobs: &'a [Blob<'a>],
    /// What the mailbox has under this id.
    pub before: Before,
    /// Whether the body carries a seal of this server for this owner and id: the server wrote it once, and lost it since, because it
    /// was restored from a backup. Only letters and receipts have one.
    pub sealed: bool,
}

/// Why a write is refused, in a sentence that is safe to show.
type Reason = Cow<'static, str>;

/// Decides whether the owner may write this. It looks only at the proposal: what it says of recipients or of other
/// documents is for the delivery to judge.
///
/// # Errors
/// The reason, to be answered as the protocol's `forbidden` for this document alone.
pub fn check_write(proposal: &Proposal<'_>) -> Result<(), Reason> {
    let id = DocId::parse(proposal.id)
        .ok_or("A mailbox has no documents of this name. Ids begin with o:, d:, s:, b: or p:.")?;
    let kind = id.kind();
    if matches!(kind, Kind::Letter | Kind::Receipt) {
        return check_return(kind, proposal);
    }
    if proposal.deleted {
        // Also of an order that never came: it was cancelled before it was sent.
        return if proposal.body.keys().all(|key| key == "type") && proposal.blobs.is_empty() {
            Ok(())
        } else {
            Err("What is deleted has no content.".into())
        };
    }
    if kind == Kind::Order && proposal.before != Before::Nothing {
        return Err("An order is written once.".into());
    }
    if kind == Kind::Attachment && proposal.before == Before::Alive {
        return Err("A file never changes: another content has another id.".into());
    }
    if kind != Kind::Attachment && !proposal.blobs.is_empty() {
        return Err("Only documents of files (b:) have attachments.".into());
    }
    match proposal.body.get("type").and_then(Value::as_str) {
        Some(word) if word == kind.word() => {}
        _ => return Err(format!("The type has to be \"{}\".", kind.word()).into()),
    }
    check_shape(&id, proposal)
}

/// What the server wrote may come back to it, and that is all.
fn check_return(kind: Kind, proposal: &Proposal<'_>) -> Result<(), Reason> {
    let typed = proposal.body.get("type").and_then(Value::as_str) == Some(kind.word());
    if proposal.sealed && typed && !proposal.deleted && proposal.before == Before::Nothing && proposal.blobs.is_empty()
    {
        return Ok(());
    }
    Err(match kind {
        Kind::Letter => "Letters are written by the server.".into(),
        _ => "Receipts are written by the server.".into(),
    })
}

fn check_shape(id: &DocId, proposal: &Proposal<'_>) -> Result<(), Reason> {
    let body = proposal.body;
    match id.kind() {
        Kind::Order => {
            only(body, &["to", "subject", "body", "in_reply_to", "attachments"])?;
            check_order(&read(body)?)
        }
        Kind::Draft => {
            only(
                body,
                &["to", "subject", "body", "in_reply_to", "attachments", "updated_at"],
            )?;
            check_draft(&read(body)?)
        }
        Kind::State => {
            only(body, &["folder", "read", "starred", "labels"])?;
            check_state(body, &read(body)?)
        }
        Kind::Settings => {
            only(body, &["fields"])?;
            check_settings(body, &read(body)?)
        }
        Kind::Attachment => {
            only(body, &["name", "media_type", "size"])?;
            check_attachment(id, &read(body)?, proposal.blobs)
        }
        Kind::Letter | Kind::Receipt => Ok(()),
    }
}

fn read<T: DeserializeOwned>(body: &Map<String, Value>) -> Result<T, Reason> {
    T::deserialize(body).map_err(|error| format!("This does not have the shape of its type: {error}.").into())
}

/// A misspelt field is an error instead of a surprise.
fn only(fields: &Map<String, Value>, known: &[&str]) -> Result<(), Reason> {
    match fields
        .keys()
        .find(|key| *key != "type" && !known.contains(&key.as_str()))
    {
        Some(stranger) => Err(format!("There is no field \"{stranger}\" in it.").into()),
        None => Ok(()),
    }
}

fn at_most(what: &'static str, text: &str, max: usize) -> Result<(), Reason> {
    if text.chars().count() > max {
        return Err(format!("The {what} has more than {max} characters.").into());
    }
    Ok(())
}

fn check_text(to: &[String], subject: &str, body: &str) -> Result<(), Reason> {
    if to.len() > limits::RECIPIENTS_MAX {
        return Err(format!("A letter has at most {} recipients.", limits::RECIPIENTS_MAX).into());
    }
    to.iter()
        .try_for_each(|name| at_most("name of a recipient", name, limits::DISPLAY_NAME_MAX))?;
    at_most("subject", subject, limits::SUBJECT_MAX)?;
    if subject.contains(['\n', '\r']) {
        return Err("A subject is one line.".into());
    }
    at_most("text", body, limits::LETTER_MAX)
}

fn check_links(in_reply_to: Option<&DocId>, attachments: &[DocId]) -> Result<(), Reason> {
    if in_reply_to.is_some_and(|id| id.kind() != Kind::Letter) {
        return Err("Only a letter (l:) can be answered.".into());
    }
    if attachments.len() > limits::ATTACHMENTS_MAX {
        return Err(format!("A letter has at most {} files.", limits::ATTACHMENTS_MAX).into());
    }
    if attachments.iter().any(|id| id.kind() != Kind::Attachment) {
        return Err("Only files (b:) can be attached.".into());
    }
    Ok(())
}

fn has_twins<T: Ord>(items: &[T]) -> bool {
    let mut sorted: Vec<&T> = items.iter().collect();
    sorted.sort_unstable();
    sorted.windows(2).any(|pair| pair.first() == pair.last())
}

fn check_order(order: &Order) -> Result<(), Reason> {
    check_text(&order.to, &order.subject, &order.body)?;
    if order.to.is_empty() {
        return Err("A letter needs a recipient.".into());
    }
    if has_twins(&order.to) || has_twins(&order.attachments) {
        return Err("Each recipient and each file stands in an order once.".into());
    }
    check_links(order.in_reply_to.as_ref(), &order.attachments)
}

fn check_draft(draft: &Draft) -> Result<(), Reason> {
    check_text(&draft.to, &draft.subject, &draft.body)?;
    check_links(draft.in_reply_to.as_ref(), &draft.attachments)
}

fn check_field<T>(body: Option<&Value>, field: &Field<T>) -> Result<(), Reason> {
    let mut keys = body.and_then(Value::as_object).into_iter().flat_map(Map::keys);
    if let Some(stranger) = keys.find(|key| !["value", "at", "by"].contains(&key.as_str())) {
        return Err(format!("A field has value, at and by, and no \"{stranger}\".").into());
    }
    if field.by.is_empty() || field.by.chars().count() > limits::DEVICE_MAX {
        return Err(format!("The name of a device has 1 to {} characters.", limits::DEVICE_MAX).into());
    }
    Ok(())
}

fn check_state(body: &Map<String, Value>, state: &State) -> Result<(), Reason> {
    check_field(body.get("folder"), &state.folder)?;
    check_field(body.get("read"), &state.read)?;
    check_field(body.get("starred"), &state.starred)?;
    check_field(body.get("labels"), &state.labels)?;
    let labels = &state.labels.value;
    if labels.len() > limits::FIELDS_MAX || has_twins(labels) {
        return Err(format!("A letter has at most {} labels, each once.", limits::FIELDS_MAX).into());
    }
    labels.iter().try_for_each(|label| {
        if label.trim().is_empty() {
            return Err("A label is a word or several.".into());
        }
        at_most("label", label, limits::LABEL_MAX)
    })
}

fn check_settings(body: &Map<String, Value>, settings: &Settings) -> Result<(), Reason> {
    if settings.fields.len() > limits::FIELDS_MAX {
        return Err(format!(
            "There are at most {} fields in a document of preferences.",
            limits::FIELDS_MAX
        )
        .into());
    }
    let bodies = body.get("fields").and_then(Value::as_object);
    settings.fields.iter().try_for_each(|(name, field)| {
        at_most("name of a field", name, limits::SETTINGS_NAME_MAX)?;
        check_field(bodies.and_then(|bodies| bodies.get(name)), field)
    })
}

fn check_attachment(id: &DocId, file: &Attachment, blobs: &[Blob<'_>]) -> Result<(), Reason> {
    let [blob] = blobs else {
        return Err(format!("A file has its bytes as its one attachment, \"{ATTACHMENT_NAME}\".").into());
    };
    if blob.name != ATTACHMENT_NAME {
        return Err(format!("The bytes of a file are called \"{ATTACHMENT_NAME}\".").into());
    }
    if blob.sha256 != id.key() {
        return Err("The id of a file is the SHA-256 of its bytes, and this is another.".into());
    }
    if u64::try_from(blob.bytes) != Ok(file.size) {
        return Err("The size is not that of the bytes.".into());
    }
    if blob.bytes > limits::ATTACHMENT_MAX_BYTES {
        return Err(format!("A file has at most {} bytes.", limits::ATTACHMENT_MAX_BYTES).into());
    }
    at_most("name of the file", &file.name, limits::FILE_NAME_MAX)?;
    if file.name.trim().is_empty() || file.name.contains(['/', '\\']) || file.name.contains(char::is_control) {
        return Err("A file has a name, without slashes.".into());
    }
    if file.media_type.len() > limits::MEDIA_TYPE_MAX_BYTES || !file.media_type.is_ascii() {
        return Err("The media type is none.".into());
    }
    Ok(())
}

impl Document {
    /// The document as JSON without the protocol's words: what [`Proposal::body`] takes.
    #[must_use]
    pub fn to_body(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(body)) => body,
            // A struct of plain fields is always an object.
            _ => Map::new(),
        }
    }

    /// Reads a body; `None` when it has none of the known shapes.
    #[must_use]
    pub fn from_body(body: &Map<String, Value>) -> Option<Self> {
        serde::Deserialize::deserialize(body).ok()
    }
}

#[cfg(test)]
#[path = "check_write_tests.rs"]
mod tests;
