//! What somebody wants done. REST bodies, forms and socket frames carry these; unknown fields are refused, so that
//! a misspelt one is an error instead of a surprise.

use crate::{
    Account, ClientId, ConversationKind, History, MemberRole, MessageId, RegistrationId, SessionId, Timestamp,
    words::words,
};
use serde::{Deserialize, Serialize};

words! {
    /// Sign up: a link and a code go to the address.
    Register {
        /// Where the code goes.
        pub email: String,
        /// The name one wants to have.
        pub username: String,
        /// The name people see; the username when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub display_name: Option<String>,
        /// The code of an invitation, where one is needed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub invitation: Option<String>,
    }
    /// The answer to [`Register`], the same whether or not the address is known.
    Registered {
        /// With it, a typed code is checked against this sign-up alone.
        pub registration_id: RegistrationId,
        /// When the code ends.
        pub expires_at: Timestamp,
        /// The code itself; only for servers that hold an API key.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub code: Option<String>,
    }
    /// What a code is exchanged for: the right to set one password, once.
    PasswordToken {
        /// Opaque; 256 bits of chance.
        pub token: String,
        /// When it ends.
        pub expires_at: Timestamp,
    }
    /// Set the password that a token allows to set.
    SetPassword {
        /// From `GET /api/v1/invitation_token/{code}`.
        pub token: String,
        /// The new password.
        pub password: String,
        /// The same once more.
        pub password_confirmation: String,
        /// Another username, should the wanted one have gone to somebody else meanwhile.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub username: Option<String>,
        /// Which sort of session to open; a cookie when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub session: Option<SessionKind>,
    }
    /// Ask for a mail with which to set a new password.
    ForgotPassword {
        /// Username or e-mail address.
        pub login: String,
    }
    /// Sign in.
    SignIn {
        /// Username or e-mail address.
        pub login: String,
        /// The password.
        pub password: String,
        /// Which sort of session to open; a cookie when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub session: Option<SessionKind>,
    }
    /// Exchange a refresh token for a new pair.
    Refresh {
        /// The newest refresh token one has.
        pub refresh_token: String,
    }
    /// Make the first administrator, with the link that the server printed at its start.
    ClaimAdmin {
        /// From the link.
        pub code: String,
        /// The administrator's address.
        pub email: String,
        /// The administrator's username.
        pub username: String,
        /// The name people see; the username when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub display_name: Option<String>,
        /// The password.
        pub password: String,
        /// The same once more.
        pub password_confirmation: String,
    }
    /// Change my account. What is not given stays.
    #[derive(Default)]
    UpdateMe {
        /// Another display name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub display_name: Option<String>,
        /// Another address: a code goes there, and it changes when the code comes back. It needs the password.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub email: Option<String>,
        /// My password, for another address.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub password: Option<String>,
        /// Whether others see up to where I have read, and I see it of them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub read_receipts: Option<bool>,
        /// Whether others see that I am here and when I type, and I see it of them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub presence: Option<bool>,
    }
    /// Prove that a new address is mine.
    ConfirmEmail {
        /// From the mail.
        pub code: String,
    }
    /// Change my password. Every other session ends.
    ChangePassword {
        /// The one so far.
        pub current_password: String,
        /// The new one.
        pub password: String,
        /// The same once more.
        pub password_confirmation: String,
    }
    /// Delete my account, for good.
    DeleteMe {
        /// My password.
        pub password: String,
    }
    /// One of my sessions, as the list of devices shows it.
    Device {
        /// The session's id.
        pub id: SessionId,
        /// How it is carried.
        pub kind: SessionKind,
        /// What the device called itself, such as a browser's `User-Agent`.
        pub user_agent: String,
        /// When it signed in.
        pub created_at: Timestamp,
        /// When it was last seen, to five minutes.
        pub seen_at: Timestamp,
        /// When the session ends if it is not used.
        pub expires_at: Timestamp,
        /// Whether it is the one that asks.
        pub current: bool,
    }
    /// Open a conversation: `{"kind":"direct","with":"<username or id>"}`, or
    /// `{"kind":"group","title":"…","members":["<username or id>",…]}`.
    OpenConversation {
        /// What sort.
        pub kind: ConversationKind,
        /// With whom, for a direct one: a username or an account id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub with: Option<String>,
        /// What to call a group.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub title: Option<String>,
        /// Who else is in a group: usernames or account ids.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub members: Option<Vec<String>>,
        /// What newcomers to a group may read; from their joining on when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub history: Option<History>,
    }
    /// Change a conversation. What is not given stays. Title and history are for owners of a group; the others are mine
    /// alone.
    UpdateConversation {
        /// Another title.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub title: Option<String>,
        /// What newcomers may read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub history: Option<History>,
        /// Whether I do not want to hear of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub muted: Option<bool>,
        /// Whether I put it away.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub archived: Option<bool>,
    }
    /// Add somebody to a group, or change what they may do in it.
    SetMember {
        /// What they may do; as a newcomer, a member's rights, and otherwise those they have, when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub role: Option<MemberRole>,
    }
    /// Change the text of a message of mine.
    EditMessage {
        /// The new text.
        pub body: String,
    }
    /// Write a message.
    SendMessage {
        /// Made by the sender; the same id again is the same message again.
        pub client_id: ClientId,
        /// The text.
        pub body: String,
        /// The message it answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub reply_to: Option<MessageId>,
    }
    /// Move my read marker forward.
    MarkRead {
        /// Up to and including this message.
        pub seq: u64,
    }
    /// A session, as its owner sees it.
    Session {
        /// Its id.
        pub id: SessionId,
        /// How it is carried.
        pub kind: SessionKind,
        /// When it began.
        pub created_at: Timestamp,
        /// When it ends if it is not used.
        pub expires_at: Timestamp,
    }
    /// The answer to a sign-in.
    SignedIn {
        /// Who signed in.
        pub account: Account,
        /// The session that was opened.
        pub session: Session,
        /// For `"token"` sessions: the pair.
        #[serde(flatten, skip_serializing_if = "Option::is_none")]
        pub tokens: Option<TokenPair>,
    }
    /// The tokens of an API client.
    TokenPair {
        /// An EdDSA JWT for `Authorization: Bearer`.
        pub access_token: String,
        /// Good for one exchange.
        pub refresh_token: String,
        /// Seconds for which the access token is good.
        pub expires_in: u64,
    }
}

impl OpenConversation {
    /// The direct conversation with somebody.
    #[must_use]
    pub fn direct(with: impl Into<String>) -> Self {
        Self {
            kind: ConversationKind::Direct,
            with: Some(with.into()),
            title: None,
            members: None,
            history: None,
        }
    }

    /// A group of these and oneself.
    #[must_use]
    pub fn group<S: Into<String>>(title: impl Into<String>, members: impl IntoIterator<Item = S>) -> Self {
        Self {
            kind: ConversationKind::Group,
            with: None,
            title: Some(title.into()),
            members: Some(members.into_iter().map(Into::into).collect()),
            history: None,
        }
    }
}

/// How a session is carried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum SessionKind {
    /// By an HttpOnly cookie, for browsers.
    #[default]
    Cookie,
    /// By a short access token and a rotating refresh token, for API clients.
    Token,
}

/// How hard a password is to guess.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strength {
    /// 0 (guessed at once) to 4 (out of reach).
    pub score: u8,
    /// Whether Roost takes it.
    pub accepted: bool,
    /// What is wrong with it, or how it could be better; empty when there is nothing to say.
    pub advice: String,
}
