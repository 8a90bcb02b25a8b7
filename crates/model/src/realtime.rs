//! The frames of `GET /api/v1/socket` and `GET /api/v1/events`: JSON objects with `"v": 1` and a `"type"`. Unknown types and fields from a
//! newer peer are for the receiver to ignore (server frames) or to refuse (client frames).

use crate::{Account, AccountId, ClientId, Code, Conversation, ConversationId, Message, MessageId, SessionId};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The version every frame carries.
pub const VERSION: u8 = 1;

/// A frame with its version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versioned<F> {
    /// [`VERSION`].
    pub v: u8,
    /// The frame itself.
    #[serde(flatten)]
    pub frame: F,
}

impl<F> From<F> for Versioned<F> {
    fn from(frame: F) -> Self {
        Self { v: VERSION, frame }
    }
}

/// What a client says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ClientFrame {
    /// Sign the socket in, for clients that can set neither cookie nor header. Must be the first frame.
    Auth {
        /// An access token.
        token: String,
    },
    /// Write a message; answered by `ack` or `reject` with the same `id`.
    Send {
        /// The message's client id.
        id: ClientId,
        /// Where to.
        conversation: ConversationId,
        /// The text.
        body: String,
        /// The message it answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_to: Option<MessageId>,
    },
    /// Move my read marker forward.
    Read {
        /// Where.
        conversation: ConversationId,
        /// Up to and including.
        seq: u64,
    },
    /// I am typing.
    Typing {
        /// Where.
        conversation: ConversationId,
    },
    /// Tell me who of these conversations is there, now and whenever it changes; replaces what I watched before.
    Watch {
        /// Which, at most [`crate::limits::WATCH_MAX`]. Of groups with many members nothing is told.
        conversations: Vec<ConversationId>,
    },
    /// Are you still there? Answered by `pong`: browsers can't see the pings of the WebSocket protocol itself.
    Ping,
}

/// What the server says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ServerFrame {
    /// The socket is signed in; from here on nothing is missed (fetch what came before).
    Ready {
        /// Who I am.
        account: Account,
        /// My session.
        session: SessionId,
    },
    /// A `send` is durable.
    Ack {
        /// The client id of the `send`.
        id: ClientId,
        /// The message as everybody sees it.
        message: Message,
    },
    /// A client frame was refused and changed nothing.
    Reject {
        /// The client id of the `send`; absent for other frames.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<ClientId>,
        /// Why, as a stable name.
        code: Code,
        /// Why, in a sentence.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        detail: Cow<'static, str>,
    },
    /// A new message in one of my conversations.
    Message {
        /// It.
        message: Message,
    },
    /// A message was edited, deleted or reacted to. Changes are counted densely over the conversation by the message's
    /// `rev`: a hole means "ask `changes?after=`".
    MessageChanged {
        /// Its present state.
        message: Message,
    },
    /// Somebody's read marker moved.
    Read {
        /// Where.
        conversation: ConversationId,
        /// Whose.
        user: AccountId,
        /// To where.
        seq: u64,
    },
    /// Somebody is typing.
    Typing {
        /// Where.
        conversation: ConversationId,
        /// Who.
        user: AccountId,
    },
    /// Somebody I watch came or went.
    Presence {
        /// Who.
        user: AccountId,
        /// How they are now.
        state: PresenceState,
    },
    /// A conversation is new to me, or how I keep it changed.
    Conversation {
        /// Its present state, as I see it.
        conversation: Conversation,
    },
    /// A conversation is no longer in my list: I left it, was taken out, or deleted it for myself.
    ConversationGone {
        /// Which.
        conversation: ConversationId,
    },
    /// A letter came into my mailbox. It is a hint: whoever replicates the mailbox hears of it there, too, and of everything
    /// else that changed.
    Letter {
        /// Its document, `l:` and a UUID.
        id: String,
    },
    /// Whom I block changed.
    Blocks {
        /// All whom I block now.
        users: Vec<AccountId>,
    },
    /// I am: the answer to `ping`.
    Pong,
    /// You were too slow to be kept up to date: fetch everything anew. The socket closes after it.
    Resync,
    /// The server closes the socket on purpose.
    Bye {
        /// Why.
        reason: ByeReason,
    },
}

/// Whether somebody is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum PresenceState {
    /// On at least one device.
    Online,
    /// On none, or they do not say.
    Offline,
}

/// Why the server closes a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ByeReason {
    /// The session was ended; do not come back with it.
    SignedOut,
    /// The server is going down for a moment; come back.
    Shutdown,
    /// Nobody signed in within the time for it.
    AuthTimeout,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_look_on_the_wire_as_the_contract_says() {
        let id = uuid::Uuid::nil();
        let send = Versioned::from(ClientFrame::Send {
            id: id.into(),
            conversation: id.into(),
            body: "Good morning".into(),
            reply_to: None,
        });
        let wire = serde_json::to_value(&send).expect("serializes");
        let expected =
            serde_json::json!({"v": 1, "type": "send", "id": id, "conversation": id, "body": "Good morning"});
        assert_eq!(wire, expected);
        assert_eq!(
            serde_json::from_value::<Versioned<ClientFrame>>(wire).expect("parses"),
            send
        );

        let reject = Versioned::from(ServerFrame::Reject {
            id: None,
            code: Code::NotFound,
            detail: "No.".into(),
        });
        let expected = serde_json::json!({"v": 1, "type": "reject", "code": "not_found", "detail": "No."});
        assert_eq!(serde_json::to_value(reject).expect("serializes"), expected);
    }
}
