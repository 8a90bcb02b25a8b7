//! What stands in the documents. Bodies only: `_id`, `_rev` and the other words with an underscore are the protocol's.
//!
//! Reading is lenient (a field that a newer Roost added is passed over); what may be written is for
//! [`check_write`](super::check_write()) to say.

use super::{DocId, Stamp};
use crate::{Person, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Any document, told by its `type`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Document {
    /// `b:`
    Attachment(Attachment),
    /// `d:`
    Draft(Draft),
    /// `l:`
    Letter(Letter),
    /// `o:`
    Order(Order),
    /// `r:`
    Receipt(Receipt),
    /// `p:`
    #[serde(rename = "preferences")]
    Settings(Settings),
    /// `s:`
    State(State),
}

/// A letter to be sent. Once the server has it, it is delivered in the same transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Usernames, each once.
    pub to: Vec<String>,
    /// One line.
    pub subject: String,
    /// The text.
    pub body: String,
    /// The letter of this mailbox that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_reply_to: Option<DocId>,
    /// Files of this mailbox (`b:`) that go with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<DocId>,
}

/// What became of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The order.
    pub order: DocId,
    /// Whether anybody got it.
    pub state: ReceiptState,
    /// The sender's copy, when somebody got it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub letter: Option<DocId>,
    /// Who did not get it.
    #[serde(default)]
    pub refused: Vec<Refusal>,
    /// The server's seal, see [`Letter::seal`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<String>,
}

/// Whether an order was delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptState {
    /// To one recipient at least.
    Delivered,
    /// To nobody.
    Refused,
}

/// A recipient who did not get a letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The username, as the order has it.
    pub to: String,
    /// Why: the stable name of a rejection.
    pub code: String,
}

/// A letter, as it lies in the mailboxes of its sender and of its recipients.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// What it belongs to: the same for a letter and its answers.
    pub thread: String,
    /// Who sent it.
    pub from: Person,
    /// Who got it.
    pub to: Vec<Person>,
    /// One line.
    pub subject: String,
    /// The text.
    pub body: String,
    /// When the server delivered it.
    pub sent_at: Timestamp,
    /// The letter that it answers, by its id in this mailbox.
    #[serde(default)]
    pub in_reply_to: Option<DocId>,
    /// Files of this mailbox (`b:`).
    #[serde(default)]
    pub attachments: Vec<DocId>,
    /// By this the server knows its own letter again, should a device bring it back after a backup was restored
    /// (`crates/sync/src/mailbox/seal.rs`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<String>,
}

/// A value, when it was set, and by which device: of two, the later one stands, and of the same moment the device's whose
/// name is greater.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field<T> {
    /// The value.
    pub value: T,
    /// When it was set.
    pub at: Stamp,
    /// The device that set it, by a name that is its own.
    pub by: String,
}

/// Where a letter lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Folder {
    /// New, or to be done.
    Inbox,
    /// Written by the owner.
    Sent,
    /// Done.
    Archive,
    /// Thrown away, and can be taken back.
    Trash,
}

/// How a letter stands with its reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Where it lies.
    pub folder: Field<Folder>,
    /// Whether it was read.
    pub read: Field<bool>,
    /// Whether it has a star.
    pub starred: Field<bool>,
    /// The reader's own words for it.
    pub labels: Field<Vec<String>>,
}

/// A letter that is being written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Usernames, or what there is of them yet.
    pub to: Vec<String>,
    /// One line.
    pub subject: String,
    /// The text so far.
    pub body: String,
    /// The letter that it will answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_reply_to: Option<DocId>,
    /// Files (`b:`) that will go with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<DocId>,
    /// When it was last changed, by the clock of the device.
    pub updated_at: Timestamp,
}

/// A file. Its bytes are the one attachment (in the protocol's sense) of this document, called
/// [`ATTACHMENT_NAME`](super::ATTACHMENT_NAME), and its id is their SHA-256.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// What the file was called.
    pub name: String,
    /// Its media type (RFC 6838), as the device that added it says. Nobody should trust it.
    pub media_type: String,
    /// How many bytes it has.
    pub size: u64,
}

/// What the owner prefers. Values are any JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// By name.
    pub fields: BTreeMap<String, Field<serde_json::Value>>,
}
