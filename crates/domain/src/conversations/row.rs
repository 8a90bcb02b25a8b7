//! Conversations and messages as rows.

use crate::{accounts::PersonRow, db::vars};
use chrono::{DateTime, Utc};
use model::{
    AccountId, Conversation, ConversationId, ConversationKind, Event, History, Member, MemberRole, Message, MessageId,
    Person, Quote, Reaction, limits,
};
use surrealdb::types::{SurrealValue, Variables};
use uuid::Uuid;

/// What a statement selects of a message: all that a door shows of it to anybody.
macro_rules! message_fields {
    () => {
        "record::id(id)[0] AS conversation, record::id(id)[1] AS seq, uid, author, client_id, body, reply_to, sent_at,
         edited_at, deleted_at, rev ?? 0 AS rev, mentions ?? [] AS mentions, reactions ?? [] AS reactions, event, event_text,
         (SELECT record::id(id) AS id, username, display_name
            FROM ONLY type::record('account', $parent.author)) AS person,
         IF event_people = NONE { [] } ELSE {
            (SELECT record::id(id) AS id, username, display_name
                FROM $parent.event_people.map(|$who| type::record('account', $who)))
         } AS people,
         IF reply_seq = NONE { NONE } ELSE {
            (SELECT record::id(id)[1] AS seq, author, string::slice(body, 0, 161) AS excerpt, deleted_at,
                (SELECT record::id(id) AS id, username, display_name
                    FROM ONLY type::record('account', $parent.author)) AS person
                FROM ONLY type::record('message', [record::id($parent.id)[0], $parent.reply_seq]))
         } AS quoted"
    };
}
pub(crate) use message_fields;

#[derive(Clone, SurrealValue)]
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
    rev: u64,
    mentions: Vec<Uuid>,
    reactions: Vec<ReactionRow>,
    event: Option<String>,
    event_text: Option<String>,
    person: Option<PersonRow>,
    people: Vec<PersonRow>,
    quoted: Option<QuoteRow>,
}

/// One emoji, and who reacted with it.
#[derive(Clone, Debug, SurrealValue)]
pub struct ReactionRow {
    pub emoji: String,
    pub by: Vec<Uuid>,
}

impl ReactionRow {
    /// The first with this emoji.
    pub fn new(emoji: &str, by: Uuid) -> Self {
        Self {
            emoji: emoji.to_owned(),
            by: vec![by],
        }
    }
}

#[derive(Clone, SurrealValue)]
struct QuoteRow {
    seq: u64,
    author: Uuid,
    excerpt: String,
    deleted_at: Option<DateTime<Utc>>,
    person: Option<PersonRow>,
}

/// A message as it is kept. What of it a door shows depends on who looks.
#[derive(Clone)]
pub struct Stored {
    shown: Message,
    reactions: Vec<ReactionRow>,
}

impl Stored {
    /// A message to which nobody has reacted yet.
    pub(super) const fn new(message: Message) -> Self {
        Self {
            shown: message,
            reactions: Vec::new(),
        }
    }

    /// Its place in the log.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.shown.seq
    }

    /// The number of the change that made it what it is.
    #[must_use]
    pub const fn rev(&self) -> u64 {
        self.shown.rev
    }

    /// Where it was written.
    #[must_use]
    pub const fn conversation(&self) -> ConversationId {
        self.shown.conversation
    }

    /// The message as somebody sees it who may see what comes after `floor`.
    #[must_use]
    pub fn seen_by(&self, viewer: AccountId, floor: u64) -> Message {
        let mut message = self.shown.clone();
        if message.quote.as_ref().is_some_and(|quote| quote.seq <= floor) {
            message.quote = None;
        }
        message.reactions = self
            .reactions
            .iter()
            .map(|reaction| Reaction {
                emoji: reaction.emoji.clone(),
                count: reaction.by.len() as u64,
                mine: reaction.by.contains(&viewer.uuid()),
            })
            .collect();
        message
    }

    /// Whether it looks to this viewer otherwise than to somebody who did not react and may see everything.
    #[must_use]
    pub fn is_special_to(&self, viewer: AccountId, floor: u64) -> bool {
        self.shown.quote.as_ref().is_some_and(|quote| quote.seq <= floor)
            || self
                .reactions
                .iter()
                .any(|reaction| reaction.by.contains(&viewer.uuid()))
    }

    /// The message as somebody sees it who did not react and may see everything.
    #[must_use]
    pub fn plainly(&self) -> Message {
        self.seen_by(AccountId(Uuid::nil()), 0)
    }
}

impl From<MessageRow> for Stored {
    fn from(row: MessageRow) -> Self {
        let author = somebody(row.person, row.author);
        let people: Vec<Person> = row.people.into_iter().map(Person::from).collect();
        let event = row
            .event
            .as_deref()
            .and_then(|kind| event(kind, row.event_text, people));
        let body = event.as_ref().map_or(row.body, told);
        Self {
            shown: Message {
                id: row.uid.into(),
                conversation: row.conversation.into(),
                seq: row.seq,
                client_id: row.client_id.into(),
                author,
                body,
                sent_at: row.sent_at.into(),
                edited_at: row.edited_at.map(Into::into),
                deleted_at: row.deleted_at.map(Into::into),
                reply_to: row.reply_to.map(MessageId),
                quote: row.quoted.map(Quote::from),
                mentions: row.mentions.into_iter().map(AccountId).collect(),
                reactions: Vec::new(),
                event,
                rev: row.rev,
            },
            reactions: row.reactions,
        }
    }
}

impl From<QuoteRow> for Quote {
    fn from(row: QuoteRow) -> Self {
        let long = row.excerpt.chars().count() > limits::EXCERPT_MAX;
        let mut excerpt: String = row.excerpt.chars().take(limits::EXCERPT_MAX).collect();
        if long {
            excerpt.push('…');
        }
        Self {
            seq: row.seq,
            author: somebody(row.person, row.author),
            excerpt,
            deleted: row.deleted_at.is_some(),
        }
    }
}

fn somebody(person: Option<PersonRow>, id: Uuid) -> Person {
    person.map_or_else(|| gone(id.into()), Person::from)
}

/// Somebody whose account is no more.
fn gone(id: AccountId) -> Person {
    Person {
        id,
        username: String::new(),
        display_name: "Somebody who left".into(),
    }
}

/// What the columns of an event say; nothing for a kind that only a newer Roost knows.
fn event(kind: &str, text: Option<String>, people: Vec<Person>) -> Option<Event> {
    let text = text.unwrap_or_default();
    Some(match kind {
        "created" => Event::Created { title: text },
        "added" => Event::Added { people },
        "left" => Event::Left,
        "removed" => Event::Removed { people },
        "renamed" => Event::Renamed { title: text },
        "promoted" => Event::Promoted { people },
        "demoted" => Event::Demoted { people },
        "history" => Event::History {
            history: history(Some(&text)),
        },
        _ => return None,
    })
}

/// An event in words, for clients that know no events; the author stands before it.
fn told(event: &Event) -> String {
    let names = |people: &[Person]| {
        let names: Vec<&str> = people.iter().map(|person| person.display_name.as_str()).collect();
        match names.as_slice() {
            [] => "somebody who left".to_owned(),
            [one] => (*one).to_owned(),
            [first @ .., last] => format!("{} and {last}", first.join(", ")),
        }
    };
    match event {
        Event::Created { title } => format!("made the group “{title}”"),
        Event::Added { people } => format!("added {}", names(people)),
        Event::Left => "left".into(),
        Event::Removed { people } => format!("removed {}", names(people)),
        Event::Renamed { title } => format!("renamed the group to “{title}”"),
        Event::Promoted { people } => format!("made {} an owner", names(people)),
        Event::Demoted { people } => format!("made {} a member", names(people)),
        Event::History { history: History::All } => "lets newcomers read everything".into(),
        Event::History {
            history: History::Joined,
        } => "lets newcomers read what is written from now on".into(),
    }
}

/// The column `history`.
pub fn history(text: Option<&str>) -> History {
    if text == Some("all") {
        History::All
    } else {
        History::Joined
    }
}

/// The column `role`.
pub fn role(text: Option<&str>) -> MemberRole {
    if text == Some("owner") {
        MemberRole::Owner
    } else {
        MemberRole::Member
    }
}

/// What must be said before a statement that selects [`membership_fields`]: whom the viewer blocks, and who blocks them.
macro_rules! membership_prelude {
    () => {
        "LET $blocked = (SELECT VALUE record::id(id)[1] FROM block:[$me]..[$me, $last]);
         LET $blocking = (SELECT VALUE account FROM block WHERE blocked = $me);
         LET $tells = (SELECT VALUE read_receipts FROM ONLY type::record('account', $me));
         "
    };
}
pub(super) use membership_prelude;

/// What a statement selects of a membership, to show who is in a conversation.
macro_rules! member_fields {
    () => {
        "account, role, read_seq,
         (SELECT record::id(id) AS id, username, display_name
            FROM ONLY type::record('account', $parent.account)) AS person,
         (SELECT VALUE read_receipts FROM ONLY type::record('account', $parent.account)) AS tells"
    };
}
pub(super) use member_fields;

/// What a statement selects of a membership, to show the conversation as its member sees it. It needs
/// [`membership_prelude`] before it, and [`membership_binds`].
macro_rules! membership_fields {
    () => {
        concat!(
            "conversation, account, read_seq, muted, role, archived_seq,
             math::max([joined_seq ?? 0, cleared_seq ?? 0]) AS floor, cleared_seq ?? 0 AS cleared,
             (SELECT kind, title, last_seq, updated_at, opened_by, rev ?? 0 AS rev, history, members ?? 2 AS members
                FROM ONLY type::record('conversation', $parent.conversation)) AS about,
             (SELECT record::id(id) AS id, username, display_name
                FROM ONLY type::record('account', $parent.account)) AS myself,
             IF ((SELECT VALUE members FROM ONLY type::record('conversation', $parent.conversation)) ?? 2) > $members { [] }
             ELSE { (SELECT ",
            $crate::conversations::row::member_fields!(),
            " FROM membership:[$parent.conversation]..[$parent.conversation, $last]) } AS people,
             (SELECT ",
            $crate::conversations::row::message_fields!(),
            " FROM ONLY type::record('message', [$parent.conversation,
                (SELECT VALUE last_seq FROM ONLY type::record('conversation', $parent.conversation))])) AS newest,
             (SELECT VALUE (mentions ?? []) CONTAINS $me FROM message:[$parent.conversation,
                    math::max([$parent.read_seq, $parent.joined_seq ?? 0, $parent.cleared_seq ?? 0]) + 1]..[$parent.conversation,
                    math::max([$parent.read_seq, $parent.joined_seq ?? 0, $parent.cleared_seq ?? 0]) + 1 + $count]
                WHERE author != $me AND deleted_at = NONE AND event = NONE AND author NOT IN $blocked) AS unread,
             $blocked AS blocked, $blocking AS blocking, $tells AS tells"
        )
    };
}
pub(super) use membership_fields;

/// The binds of a statement with [`membership_fields`].
pub fn membership_binds(me: AccountId) -> Variables {
    vars! {
        me: me.uuid(),
        last: Uuid::max(),
        members: i64::try_from(limits::MEMBERS_SHOWN).unwrap_or(1),
        count: i64::try_from(limits::UNREAD_MAX).unwrap_or(1),
    }
}

#[derive(SurrealValue)]
pub struct MembershipRow {
    conversation: Uuid,
    account: Uuid,
    read_seq: u64,
    muted: bool,
    role: Option<String>,
    archived_seq: Option<u64>,
    floor: u64,
    cleared: u64,
    about: AboutRow,
    myself: Option<PersonRow>,
    people: Vec<MemberRow>,
    newest: Option<MessageRow>,
    unread: Vec<bool>,
    blocked: Vec<Uuid>,
    blocking: Vec<Uuid>,
    tells: Option<bool>,
}

#[derive(SurrealValue)]
struct AboutRow {
    kind: String,
    title: Option<String>,
    last_seq: u64,
    updated_at: DateTime<Utc>,
    opened_by: Uuid,
    rev: u64,
    history: Option<String>,
    members: u64,
}

/// Somebody in a conversation, as a row.
#[derive(SurrealValue)]
pub struct MemberRow {
    account: Uuid,
    role: Option<String>,
    read_seq: u64,
    person: Option<PersonRow>,
    tells: Option<bool>,
}

impl MemberRow {
    /// As somebody sees them; their marker only where it is shown.
    pub fn seen(self, marker: bool) -> Member {
        Member {
            person: somebody(self.person, self.account),
            role: role(self.role.as_deref()),
            read_seq: (marker && self.tells != Some(false)).then_some(self.read_seq),
        }
    }
}

impl MembershipRow {
    /// Whether it is in its member's list: not when they deleted it and nothing was written since; a direct one in which
    /// nothing was said only to whoever opened it.
    pub fn is_shown(&self) -> bool {
        let about = &self.about;
        about.last_seq > self.cleared || (about.last_seq == 0 && about.opened_by == self.account)
    }

    fn is_archived(&self) -> bool {
        self.archived_seq
            .is_some_and(|archived| self.muted || self.about.last_seq <= archived)
    }
}

impl From<MembershipRow> for Conversation {
    fn from(row: MembershipRow) -> Self {
        let archived = row.is_archived();
        let me = row.account;
        let group = row.about.kind == "group";
        let others = || row.people.iter().filter(|member| member.account != me);
        let hindered = |member: &MemberRow| {
            member.person.is_none() || row.blocked.contains(&member.account) || row.blocking.contains(&member.account)
        };
        let writable = group || others().next().is_some_and(|member| !hindered(member));
        // In a direct conversation, whoever is blocked either way learns nothing of the other.
        let markers = row.tells != Some(false) && row.about.members <= limits::INTIMATE_MAX && (group || writable);
        let role = role(row.role.as_deref());
        let myself = Member {
            person: somebody(row.myself, me),
            role,
            read_seq: Some(row.read_seq),
        };
        let others = row.people.into_iter().filter(|member| member.account != me);
        let members: Vec<Member> = std::iter::once(myself)
            .chain(others.map(|member| member.seen(markers)))
            .collect();
        let title = row.about.title.filter(|_| group).unwrap_or_else(|| {
            members.get(1).map_or_else(
                || gone(AccountId(Uuid::nil())).display_name,
                |other| other.person.display_name.clone(),
            )
        });
        Self {
            id: row.conversation.into(),
            kind: if group {
                ConversationKind::Group
            } else {
                ConversationKind::Direct
            },
            title,
            members,
            member_count: row.about.members,
            role,
            history: history(row.about.history.as_deref()),
            last_message: row
                .newest
                .map(|newest| Stored::from(newest).seen_by(me.into(), row.floor)),
            last_seq: row.about.last_seq,
            floor: row.floor,
            rev: row.about.rev,
            read_seq: row.read_seq,
            unread: row.unread.len() as u64,
            mentions: row.unread.iter().filter(|mentioned| **mentioned).count() as u64,
            muted: row.muted,
            archived,
            writable,
            updated_at: row.about.updated_at.into(),
        }
    }
}
