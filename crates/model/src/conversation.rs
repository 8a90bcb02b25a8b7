//! Where: conversations, and the messages in their logs.

use crate::{AccountId, ClientId, ConversationId, MessageId, Person, Timestamp, limits, words::words};
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

/// What somebody may do in a group. In a direct conversation both are members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum MemberRole {
    /// Read and write, and leave.
    #[default]
    Member,
    /// Also change the title and the rules, and who is in it.
    Owner,
}

/// What of a group's log a newcomer may read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum History {
    /// What is written from their joining on.
    #[default]
    Joined,
    /// All of it.
    All,
}

/// Somebody in a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Member {
    /// Who.
    #[serde(flatten)]
    pub person: Person,
    /// What they may do.
    #[serde(default)]
    pub role: MemberRole,
    /// Up to where they have read, where both they and I let that be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_seq: Option<u64>,
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
    /// Who is in it, oneself first. Of a group of more than [`crate::limits::MEMBERS_SHOWN`], only oneself: the others are
    /// asked for.
    pub members: Vec<Member>,
    /// How many are in it.
    pub member_count: u64,
    /// What I may do in it.
    #[serde(default)]
    pub role: MemberRole,
    /// What a newcomer may read.
    #[serde(default)]
    pub history: History,
    /// The newest message that I may see, if there is one.
    pub last_message: Option<Message>,
    /// The `seq` of the newest message; 0 when there is none.
    pub last_seq: u64,
    /// Messages up to this `seq` are not for me: I came later, or deleted them for myself.
    #[serde(default)]
    pub floor: u64,
    /// How often a message of the log was changed after it was written: the `rev` of the latest change.
    #[serde(default)]
    pub rev: u64,
    /// Up to where I have read.
    pub read_seq: u64,
    /// Of the first [`crate::limits::UNREAD_MAX`] messages after `read_seq` and `floor`: those that others wrote, that were
    /// not deleted, and whose authors I do not block.
    pub unread: u64,
    /// How many of them mention me.
    #[serde(default)]
    pub mentions: u64,
    /// Whether I do not want to hear of it.
    pub muted: bool,
    /// Whether I put it away. A new message brings it back, unless it is muted.
    pub archived: bool,
    /// Whether I can write here: not to somebody who left, nor where one blocks the other.
    pub writable: bool,
    /// When something was last written in it.
    pub updated_at: Timestamp,
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
    /// The text, as Markdown. Of an [`Event`], what happened in words.
    pub body: String,
    /// When the server took it.
    pub sent_at: Timestamp,
    /// When its text was last changed, if ever.
    pub edited_at: Option<Timestamp>,
    /// When it was deleted, if ever; the body is then empty.
    pub deleted_at: Option<Timestamp>,
    /// The message it answers.
    pub reply_to: Option<MessageId>,
    /// What the answered message says, where I may see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<Quote>,
    /// Who of the conversation it names with `@`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<AccountId>,
    /// Who reacted with what.
    pub reactions: Vec<Reaction>,
    /// What happened, when nobody wrote this but the conversation changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<Event>,
    /// The number of the change that made it what it is, counted over the conversation; 0 when it is as it was written.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rev: u64,
}

#[cfg_attr(
    not(target_arch = "wasm32"),
    expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")
)]
const fn is_zero(n: &u64) -> bool {
    *n == 0
}

impl Message {
    /// Whether it counts as unread for `me`, were it after my marker. Whom I block is for the caller to leave out.
    #[must_use]
    pub fn counts_for(&self, me: AccountId) -> bool {
        self.author.id != me && self.deleted_at.is_none() && self.event.is_none()
    }
}

/// What an answer shows of the message it answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Quote {
    /// Its place in the log.
    pub seq: u64,
    /// Who wrote it.
    pub author: Person,
    /// The beginning of its text; empty when it was deleted.
    pub excerpt: String,
    /// Whether it was deleted.
    #[serde(default)]
    pub deleted: bool,
}

/// What happened to a conversation. The author of the message that tells it is who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Event {
    /// The group was made.
    Created {
        /// Its title.
        title: String,
    },
    /// People came in.
    Added {
        /// They.
        people: Vec<Person>,
    },
    /// The author left.
    Left,
    /// People were taken out.
    Removed {
        /// They.
        people: Vec<Person>,
    },
    /// It has another title.
    Renamed {
        /// The new one.
        title: String,
    },
    /// People became owners.
    Promoted {
        /// They.
        people: Vec<Person>,
    },
    /// People are no longer owners.
    Demoted {
        /// They.
        people: Vec<Person>,
    },
    /// Newcomers may read another part of the log.
    History {
        /// Which.
        history: History,
    },
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

words! {
    /// A piece of a log, ascending by `seq`.
    Page {
        /// The messages.
        pub items: Vec<Message>,
        /// Whether there are more in the direction asked for (older, unless `after` was given).
        pub has_more: bool,
    }
    /// Messages as later changes left them, ascending by `rev`. Who holds an older state of one takes this one.
    Changes {
        /// The messages; one that was changed often is there once, as it is now.
        pub items: Vec<Message>,
        /// All changes up to this `rev` are in `items`, or were there before.
        pub rev: u64,
        /// Whether there are more: ask again after `rev`.
        pub has_more: bool,
    }
    /// The members of a conversation, oneself first, then in the order of their ids.
    MemberPage {
        /// They.
        pub items: Vec<Member>,
        /// Give it as `after` to read on; null at the end.
        pub next: Option<AccountId>,
    }
    /// What a message said before it was changed.
    Version {
        /// The text.
        pub body: String,
        /// Until when it said so.
        pub until: Timestamp,
    }
    /// A message that matches a search.
    Hit {
        /// The message.
        pub message: Message,
        /// The title of its conversation, as I see it.
        pub title: String,
        /// Where in `body` the matches are: starts and ends, in Unicode scalar values.
        pub highlights: Vec<(u32, u32)>,
    }
    /// What a search found.
    Hits {
        /// The best first.
        pub items: Vec<Hit>,
        /// Give it as `after` to read on; null at the end.
        pub next: Option<String>,
    }
}

impl Conversation {
    /// The other person of a direct conversation.
    #[must_use]
    pub fn other(&self, me: AccountId) -> Option<&Person> {
        let others = self.members.iter().map(|member| &member.person);
        (self.kind == ConversationKind::Direct)
            .then(|| others.into_iter().find(|person| person.id != me))
            .flatten()
    }

    /// Somebody in it, as far as they are among `members`.
    #[must_use]
    pub fn member(&self, id: AccountId) -> Option<&Member> {
        self.members.iter().find(|member| member.person.id == id)
    }

    /// Takes what the next message of its log tells of the conversation itself, for whoever holds an earlier view of it.
    pub fn take_event(&mut self, told: &Message, me: AccountId) {
        match &told.event {
            Some(Event::Renamed { title }) => self.title.clone_from(title),
            Some(Event::History { history }) => self.history = *history,
            Some(Event::Added { people }) => {
                self.member_count += people.len() as u64;
                let came = people.iter().map(|person| Member {
                    person: person.clone(),
                    role: MemberRole::Member,
                    read_seq: None,
                });
                self.members.extend(came);
                if self.member_count > limits::MEMBERS_SHOWN as u64 {
                    self.members.truncate(1);
                }
            }
            Some(Event::Left) => self.without(std::slice::from_ref(&told.author)),
            Some(Event::Removed { people }) => self.without(people),
            Some(Event::Promoted { people }) => self.turn(people, MemberRole::Owner, me),
            Some(Event::Demoted { people }) => self.turn(people, MemberRole::Member, me),
            Some(Event::Created { .. }) | None => {}
        }
    }

    fn without(&mut self, people: &[Person]) {
        self.member_count = self.member_count.saturating_sub(people.len() as u64);
        self.members
            .retain(|member| people.iter().all(|person| person.id != member.person.id));
    }

    fn turn(&mut self, people: &[Person], role: MemberRole, me: AccountId) {
        let turned = |id: AccountId| people.iter().any(|person| person.id == id);
        if turned(me) {
            self.role = role;
        }
        for member in self.members.iter_mut().filter(|member| turned(member.person.id)) {
            member.role = role;
        }
    }
}
