//! Conversations and messages as rows.

use crate::accounts::PersonRow;
use chrono::{DateTime, Utc};
use model::{AccountId, Conversation, ConversationKind, Message, MessageId, Person};
use surrealdb::types::SurrealValue;
use uuid::Uuid;

/// What a statement selects of a message, its author included.
macro_rules! message_fields {
    () => {
        "record::id(id)[0] AS conversation, record::id(id)[1] AS seq, uid, author, client_id, body, reply_to,
         sent_at, edited_at, deleted_at,
         (SELECT record::id(id) AS id, username, display_name
            FROM ONLY type::record('account', $parent.author)) AS person"
    };
}
pub(super) use message_fields;

#[derive(SurrealValue)]
pub struct MessageRow {
    conversation: Uuid,
    seq: u64,
    uid: Uuid,
    author: Uuid,
    client_id: Uuid,
    body: String,
    reply_to: Option<Uuid>,
    sent_at: DateTime<Utc>,
    edited_at: Option<DateTime<Utc>>,
    deleted_at: Option<DateTime<Utc>>,
    person: Option<PersonRow>,
}

impl From<MessageRow> for Message {
    fn from(row: MessageRow) -> Self {
        let author = row.person.map_or_else(|| gone(row.author.into()), Person::from);
        Self {
            id: row.uid.into(),
            conversation: row.conversation.into(),
            seq: row.seq,
            client_id: row.client_id.into(),
            author,
            body: row.body,
            sent_at: row.sent_at.into(),
            edited_at: row.edited_at.map(Into::into),
            deleted_at: row.deleted_at.map(Into::into),
            reply_to: row.reply_to.map(MessageId),
            reactions: Vec::new(),
        }
    }
}

/// Somebody whose account is no more.
fn gone(id: AccountId) -> Person {
    Person {
        id,
        username: String::new(),
        display_name: "Somebody who left".into(),
    }
}

/// What a statement selects of a membership, to show the conversation as its member sees it. `$last` is a UUID after
/// all others.
macro_rules! membership_fields {
    () => {
        concat!(
            "conversation, account, read_seq, muted, archived,
             (SELECT kind, title, last_seq, updated_at, opened_by
                FROM ONLY type::record('conversation', $parent.conversation)) AS about,
             (SELECT VALUE (SELECT record::id(id) AS id, username, display_name
                    FROM ONLY type::record('account', $parent.account))
                FROM membership:[$parent.conversation]..[$parent.conversation, $last]) AS people,
             (SELECT ",
            $crate::conversations::row::message_fields!(),
            " FROM message:[$parent.conversation]..[$parent.conversation, $last] ORDER BY id DESC LIMIT 1)[0] AS newest,
             (SELECT VALUE id FROM message:[$parent.conversation, $parent.read_seq + 1]..[$parent.conversation, $last]
                WHERE author != $me).len() AS unread"
        )
    };
}
pub(super) use membership_fields;

#[derive(SurrealValue)]
pub struct MembershipRow {
    conversation: Uuid,
    account: Uuid,
    read_seq: u64,
    muted: bool,
    archived: bool,
    about: AboutRow,
    people: Vec<Option<PersonRow>>,
    newest: Option<MessageRow>,
    unread: u64,
}

#[derive(SurrealValue)]
struct AboutRow {
    kind: String,
    title: Option<String>,
    last_seq: u64,
    updated_at: DateTime<Utc>,
    opened_by: Uuid,
}

impl MembershipRow {
    /// A conversation in which nothing was said is shown only to whoever opened it.
    pub fn is_shown(&self) -> bool {
        self.about.last_seq > 0 || self.about.opened_by == self.account
    }
}

impl From<MembershipRow> for Conversation {
    fn from(row: MembershipRow) -> Self {
        let members: Vec<Person> = row.people.into_iter().flatten().map(Person::from).collect();
        let other = members.iter().find(|person| person.id.uuid() != row.account);
        let title = row
            .about
            .title
            .or_else(|| other.map(|person| person.display_name.clone()));
        Self {
            id: row.conversation.into(),
            kind: if row.about.kind == "group" {
                ConversationKind::Group
            } else {
                ConversationKind::Direct
            },
            title: title.unwrap_or_else(|| gone(AccountId(Uuid::nil())).display_name),
            members,
            last_message: row.newest.map(Message::from),
            last_seq: row.about.last_seq,
            read_seq: row.read_seq,
            unread: row.unread,
            muted: row.muted,
            archived: row.archived,
            updated_at: row.about.updated_at.into(),
        }
    }
}
