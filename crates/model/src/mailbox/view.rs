//! A mailbox as its owner looks at it: folders, threads and letters, made of the documents. The server makes the first page of
//! it, a device all others from its own copy; both say the same words.

use super::{DocId, Folder};
use crate::{Person, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a list shows.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shelf {
    /// The letters of a folder.
    Folder(Folder),
    /// Letters with a star, except those in the trash.
    Starred,
    /// Letters with this label, except those in the trash.
    Label(String),
    /// What is being written.
    Drafts,
    /// What is not sent yet, and what could not be.
    Outbox,
}

/// A letter as a line of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LetterLine {
    /// The UUID that `l:` and `s:` share.
    pub id: Uuid,
    /// The same for a letter and its answers.
    pub thread: String,
    /// Who sent it.
    pub from: Person,
    /// Who got it.
    pub to: Vec<Person>,
    /// One line; may be empty.
    pub subject: String,
    /// The beginning of the text, on one line: at most [`SNIPPET_MAX`] characters.
    pub snippet: String,
    /// When the server delivered it.
    pub sent_at: Timestamp,
    /// How many files go with it.
    pub files: usize,
    /// Where it lies.
    pub folder: Folder,
    /// Whether it was read.
    pub read: bool,
    /// Whether it has a star.
    pub starred: bool,
    /// The owner's words for it, ascending.
    pub labels: Vec<String>,
}

/// Characters of a [`LetterLine::snippet`].
pub const SNIPPET_MAX: usize = 140;

/// A letter to be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LetterView {
    /// What the list says of it.
    pub line: LetterLine,
    /// The whole text, as it was written.
    pub body: String,
    /// The letter that it answers.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub in_reply_to: Option<DocId>,
    /// Its files.
    pub files: Vec<FileLine>,
}

/// A file of a letter or of a draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FileLine {
    /// `b:…`
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: DocId,
    /// What it is called.
    pub name: String,
    /// Its media type, as its author says.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
}

/// How many lie where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Counts {
    /// Letters in the inbox that were not read.
    pub inbox_unread: u64,
    /// Letters in the inbox.
    pub inbox: u64,
    /// Letters sent.
    pub sent: u64,
    /// Letters put away.
    pub archive: u64,
    /// Letters thrown away.
    pub trash: u64,
    /// Letters with a star, outside of the trash.
    pub starred: u64,
    /// What is being written.
    pub drafts: u64,
    /// What was written here or elsewhere and has no receipt yet, or was refused.
    pub outbox: u64,
    /// Every label that is in use outside of the trash, ascending, with how many letters have it.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Vec<serde_json::Value>>))]
    pub labels: Vec<(String, u64)>,
}

/// A part of a list, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LetterPage {
    /// The lines.
    pub lines: Vec<LetterLine>,
    /// How many letters the whole list has.
    pub total: u64,
}
