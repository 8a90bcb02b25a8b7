//! # The words
//!
//! Ids, entities, commands, limits, wire frames and public errors of Roost: everything that the browser and the
//! machine must call by the same name. This room does no I/O and reads no clock; it compiles for both.
//!
//! | file | words |
//! |---|---|
//! | [`ids`] | typed UUIDv7 ids |
//! | [`account`] | who: usernames, e-mail addresses, roles, accounts |
//! | [`admin`] | what administrators and servers see and ask for |
//! | [`conversation`] | where: conversations and messages |
//! | [`command`] | what somebody wants done (REST bodies, forms and frames share them) |
//! | [`realtime`] | the frames of `/api/v1/socket` and `/api/v1/events` |
//! | [`device`] | a device in words |
//! | [`error`] | [`Rejection`]: what a person can be told and can fix |
//! | [`mailbox`] | letters: the documents of a mailbox, and who may write them |
//! | [`markup`] | what people write, read as a safe part of Markdown |
//! | [`limits`] | every number that bounds an input |
//! | [`samples`] | the cast that tests, seeds and documentation share |

pub mod account;
pub mod admin;
pub mod command;
pub mod conversation;
pub mod device;
pub mod error;
pub mod ids;
pub mod limits;
pub mod mailbox;
pub mod markup;
pub mod realtime;
pub mod samples;
pub mod time;
mod words;

pub use account::{Account, DisplayName, Email, Label, Person, Preferences, Role, Username};
pub use admin::{Listing, RegistrationPolicy, Scope};
pub use conversation::{
    Changes, Conversation, ConversationKind, Event, History, Hit, Hits, Member, MemberPage, MemberRole, Message, Page,
    Quote, Reaction, Version,
};
pub use error::{Code, Rejection};
pub use ids::{
    AccountId, ApiKeyId, AuditId, ClientId, ConversationId, InvitationId, MailId, MessageId, RegistrationId, SessionId,
};
pub use time::Timestamp;
