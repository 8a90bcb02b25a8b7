//! Where: conversations, and the messages in their logs.

use crate::{AccountId, ClientId, ConversationId, MessageId, Person, Timestamp};
use serde::{Deserialize, Serialize};

/// What sort of conversation it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ConversationKind {
    /// Of two people; there is one at most between any two.
    Direct,
    /// Of several.
    Group,
}

/// A conversation as one of its members sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// What sort it is.
    pub kind: ConversationKind,
    /// What to call it: the other person's display name, or the group's title.
    pub title: String,
    /// Everybody in it, oneself included.
    pub members: Vec<Person>,
    /// The newest message, if there is one.
    pub last_message: Option<Message>,
    /// The `seq` of the newest message; 0 when there is none.
    pub last_seq: u64,
    /// Up to where I have read.
    pub read_seq: u64,
    /// Messages of others after `read_seq`.
    pub unread: u64,
    /// Whether I want to hear of it.
    pub muted: bool,
    /// Whether I put it away.
    pub archived: bool,
    /// When something last happened in it.
    pub updated_at: Timestamp,
}

impl Conversation {
    /// The other person of a direct conversation.
    #[must_use]
    pub fn other(&self, me: AccountId) -> Option<&Person> {
        self.members.iter().find(|person| person.id != me)
    }
}

/// One message. `seq` is dense within its conversation: 1, 2, 3, … without a hole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Where it was written.
    pub conversation: ConversationId,
    /// Its place in the log, counted from 1.
    pub seq: u64,
    /// What its author's device called it.
    pub client_id: ClientId,
    /// Who wrote it.
    pub author: Person,
    /// The text.
    pub body: String,
    /// When the server took it.
    pub sent_at: Timestamp,
    /// When it was last changed, if ever.
    pub edited_at: Option<Timestamp>,
    /// When it was deleted, if ever; the body is then empty.
    pub deleted_at: Option<Timestamp>,
    /// The message it answers.
    pub reply_to: Option<MessageId>,
    /// Who reacted with what.
    pub reactions: Vec<Reaction>,
}

/// How many reacted with one emoji.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reaction {
    /// The emoji.
    pub emoji: String,
    /// How many.
    pub count: u64,
    /// Whether I am among them.
    pub mine: bool,
}

/// A piece of a log, ascending by `seq`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page {
    /// The messages.
    pub items: Vec<Message>,
    /// Whether there are more in the direction asked for (older, unless `after` was given).
    pub has_more: bool,
}
