//! All that the chat knows in this browser. The views read it; the socket and the pages feed it.
//!
//! | file | holds |
//! |---|---|
//! | this one | the signals, and what a frame of the server does |
//! | `store_list` | the list: what is in it, in which order, and how much of it is unread |
//! | `fetch` | how it comes to know more |
//! | `store_outbox` | what was written here: kept, sent in order, confirmed, tried again, given up |
//! | `store_drafts` | what is not finished |
//! | `store_keep` | the copy on this device: read at the start, written as things change, evicted, wiped |
//! | `store_notices` | notices of the system, the number on the icon |

use super::device::{Device, Draft};
use crate::mail::Mailbox;
use leptos::prelude::*;
use model::{
    Account, AccountId, ClientId, Conversation, ConversationId, Message,
    realtime::{ClientFrame, PresenceState, ServerFrame},
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};
use sync::Log;

/// How the connection stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Connection {
    /// The first one is being made.
    #[default]
    Starting,
    /// It stands.
    Open,
    /// It was lost and is being made again.
    Reconnecting,
    /// The device says that it has no network.
    Offline,
}

/// The way out of this browser; the browser's plug provides it.
pub trait Outlet: Send + Sync {
    /// Sends a frame if there is a connection.
    fn transmit(&self, frame: &ClientFrame) -> bool;
    /// Makes a new id for a message. They ascend.
    fn new_client_id(&self) -> ClientId;
}

/// How long somebody counts as typing after they said so.
const TYPING: Duration = Duration::from_secs(5);

/// The store. Copying it copies a handle.
#[derive(Clone, Copy)]
pub struct Store {
    /// Who I am.
    pub me: RwSignal<Option<Account>>,
    /// My conversations, newest first.
    pub conversations: RwSignal<Vec<Conversation>>,
    /// Whether they were loaded once.
    pub loaded: RwSignal<bool>,
    /// How the connection stands.
    pub connection: RwSignal<Connection>,
    /// Whether somebody looks at this page.
    pub watched: RwSignal<bool>,
    /// The last thing told to those who listen.
    pub said: RwSignal<String>,
    /// Whom I block.
    pub blocks: RwSignal<HashSet<AccountId>>,
    /// Who is there now, of those whose conversations are watched.
    pub presence: RwSignal<HashSet<AccountId>>,
    /// The message that a link or a jump leads to.
    pub linked: RwSignal<Option<(ConversationId, u64)>>,
    /// What is told once and quietly, since it is not as it should be.
    pub concern: RwSignal<Option<String>>,
    /// Where a press on a notice leads.
    pub lead: RwSignal<Option<String>>,
    /// This device's copy of the mailbox, once it is open; on the server there is none.
    pub mailbox: RwSignal<Option<Arc<dyn Mailbox>>>,
    pub(super) logs: StoredValue<HashMap<ConversationId, ArcRwSignal<Log>>>,
    pub(super) drafts: RwSignal<HashMap<ConversationId, Draft>>,
    pub(super) fetching: StoredValue<HashSet<ConversationId>>,
    /// Where somebody reads in a log, when that is not its end.
    pub(super) looking: StoredValue<HashMap<ConversationId, u64>>,
    pub(super) outlet: StoredValue<Option<Arc<dyn Outlet>>>,
    pub(super) device: StoredValue<Option<Arc<dyn Device>>>,
    pub(super) kept: StoredValue<super::store_keep::Kept>,
    /// The list is asked for.
    pub(super) asking: StoredValue<Option<super::store_list::Asking>>,
    typing: RwSignal<HashMap<ConversationId, (AccountId, u32)>>,
}

/// The store of this page.
#[must_use]
pub fn use_store() -> Store {
    use_context().unwrap_or_else(Store::new)
}

impl Default for Store {
    fn default() -> Self {
        Self::new()
    }
}

impl Store {
    /// Knows nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            me: RwSignal::new(None),
            conversations: RwSignal::default(),
            loaded: RwSignal::new(false),
            connection: RwSignal::default(),
            watched: RwSignal::new(true),
            said: RwSignal::default(),
            blocks: RwSignal::default(),
            presence: RwSignal::default(),
            linked: RwSignal::default(),
            concern: RwSignal::default(),
            lead: RwSignal::default(),
            mailbox: RwSignal::new(None),
            logs: StoredValue::default(),
            drafts: RwSignal::default(),
            fetching: StoredValue::default(),
            looking: StoredValue::default(),
            outlet: StoredValue::new(None),
            device: StoredValue::new(None),
            kept: StoredValue::default(),
            asking: StoredValue::default(),
            typing: RwSignal::default(),
        }
    }

    /// Connects the way out.
    pub fn plug_in(self, outlet: Arc<dyn Outlet>) {
        self.outlet.set_value(Some(outlet));
    }

    pub(super) fn my_id(self) -> AccountId {
        self.me
            .with_untracked(|me| me.as_ref().map_or(AccountId(uuid::Uuid::nil()), |me| me.id))
    }

    /// The log of a conversation, made when there is none.
    pub(super) fn log(self, id: ConversationId) -> ArcRwSignal<Log> {
        let found = self.logs.with_value(|logs| logs.get(&id).cloned());
        found.unwrap_or_else(|| {
            let mut log = Log::new(self.my_id());
            self.conversations.with_untracked(|all| {
                if let Some(known) = all.iter().find(|known| known.id == id) {
                    log.hear_of(known.last_seq, known.rev, known.floor);
                }
            });
            let log = ArcRwSignal::new(log);
            self.logs.update_value(|logs| _ = logs.insert(id, log.clone()));
            log
        })
    }

    /// Changes a log, and does all that hangs on it: what is confirmed leaves the outbox, the count of what is unread
    /// follows, and the copy on this device is brought up to date.
    pub(super) fn change_log<T>(self, id: ConversationId, change: impl FnOnce(&mut Log) -> T) -> Option<T> {
        let log = self.log(id);
        let waiting: Vec<ClientId> = log.with_untracked(|log| log.queue.iter().map(|one| one.client_id).collect());
        let looking = self.looking.with_value(|looking| looking.get(&id).copied());
        let result = log.try_update(|log| {
            let result = change(log);
            log.trim(looking);
            result
        });
        let gone = waiting
            .into_iter()
            .filter(|one| log.with_untracked(|log| log.queue.find(*one).is_none()));
        self.settled(id, gone.collect());
        self.recount(id);
        self.keep_log(id);
        result
    }

    /// The conversation, as far as it is in the list.
    pub(super) fn conversation(self, id: ConversationId) -> Option<Conversation> {
        self.conversations
            .with(|all| all.iter().find(|conversation| conversation.id == id).cloned())
    }

    /// Something of a conversation, without following it.
    pub(super) fn peek<T>(self, id: ConversationId, read: impl FnOnce(&Conversation) -> T) -> Option<T> {
        self.conversations
            .with_untracked(|all| all.iter().find(|known| known.id == id).map(read))
    }

    /// Unread messages in all conversations that I want to hear of.
    #[must_use]
    pub fn unread(self) -> u64 {
        self.conversations.with(|all| {
            let loud = all.iter().filter(|known| !known.muted);
            loud.map(|known| known.unread).sum()
        })
    }

    /// Whether I block somebody.
    #[must_use]
    pub fn blocks_person(self, id: AccountId) -> bool {
        self.blocks.with(|blocks| blocks.contains(&id))
    }

    /// Takes what the server says.
    pub fn receive(self, frame: ServerFrame) {
        self.note_while_asking(&frame);
        match frame {
            ServerFrame::Ready { account, .. } => {
                self.me.set(Some(account));
                self.connected();
            }
            ServerFrame::Ack { message, .. } | ServerFrame::Message { message } => self.news(&message),
            ServerFrame::MessageChanged { message } => self.absorb_message(message),
            ServerFrame::Reject {
                id: Some(id),
                code,
                detail,
            } => self.refused(id, code, &detail),
            ServerFrame::Read {
                conversation,
                user,
                seq,
            } => self.absorb_read(conversation, user, seq),
            ServerFrame::Typing { conversation, user } if user != self.my_id() => self.hear_typing(conversation, user),
            ServerFrame::Conversation { conversation } => self.absorb_conversation(conversation),
            ServerFrame::ConversationGone { conversation } => self.forget_conversation(conversation),
            ServerFrame::Presence { user, state } => self.presence.update(|there| {
                if state == PresenceState::Online {
                    there.insert(user);
                } else {
                    there.remove(&user);
                }
            }),
            ServerFrame::Blocks { users } => self.absorb_blocks(users),
            ServerFrame::Reject { .. }
            | ServerFrame::Typing { .. }
            | ServerFrame::Letter { .. }
            | ServerFrame::Pong
            | ServerFrame::Resync
            | ServerFrame::Bye { .. } => {}
        }
    }

    /// Takes whom I block.
    pub(super) fn absorb_blocks(self, users: Vec<AccountId>) {
        self.blocks.set(users.into_iter().collect());
        let ids: Vec<_> = self.logs.with_value(|logs| logs.keys().copied().collect());
        ids.into_iter().for_each(|id| _ = self.recount(id));
        self.keep_list();
    }

    fn connected(self) {
        if self.connection.get_untracked() != Connection::Starting {
            self.said.set("Back online".into());
        }
        self.connection.set(Connection::Open);
        self.presence.update(HashSet::clear);
        self.send_what_waits();
        self.refresh();
    }

    /// The connection is gone; it stands like this now.
    pub fn disconnected(self, connection: Connection) {
        self.connection.set(connection);
        for log in self.logs.get_value().into_values() {
            if log.with_untracked(|log| log.queue.iter().any(|one| one.state == sync::PendingState::Sending)) {
                log.update(|log| log.queue.disconnected());
            }
        }
        self.presence.update(HashSet::clear);
    }

    /// Takes a new message.
    fn news(self, message: &Message) {
        let id = message.conversation;
        self.change_log(id, |log| log.apply(message.clone()));
        let fresh = self.is_first_word_of(message);
        self.typing
            .update(|typing| typing.retain(|place, (who, _)| *place != id || *who != message.author.id));
        let counts = self.counts(message);
        let is_whole = self.count(message);
        self.recount(id);
        if fresh && counts {
            let words = super::text::brief(&message.body, 200);
            self.said.set(format!("{}: {words}", message.author.display_name));
            self.notify(message);
        }
        if is_whole {
            self.catch_up(id);
        } else {
            self.refresh();
        }
    }

    /// Takes the present state of a message that was edited, deleted or reacted to.
    pub fn absorb_message(self, message: Message) {
        let (id, seq) = (message.conversation, message.seq);
        let held = self.log(id).with_untracked(|log| log.get(seq).is_some());
        let is_counted = self.renew(&message) || held;
        self.change_log(id, |log| log.change(message));
        if is_counted {
            self.catch_up(id);
        } else {
            self.refresh();
        }
    }

    pub(super) fn transmit(self, frame: &ClientFrame) -> bool {
        self.outlet.get_value().is_some_and(|outlet| outlet.transmit(frame))
    }

    fn hear_typing(self, id: ConversationId, who: AccountId) {
        let turn = self
            .typing
            .with_untracked(|typing| typing.get(&id).map_or(0, |(_, turn)| turn.wrapping_add(1)));
        self.typing.update(|typing| _ = typing.insert(id, (who, turn)));
        set_timeout(
            move || {
                self.typing
                    .update(|typing| typing.retain(|place, (_, at)| *place != id || *at != turn));
            },
            TYPING,
        );
    }

    /// Who is typing in a conversation.
    pub(super) fn typing_in(self, id: ConversationId) -> Option<String> {
        let who = self.typing.with(|typing| typing.get(&id).map(|(who, _)| *who))?;
        self.conversation(id)?
            .members
            .into_iter()
            .find(|member| member.person.id == who)
            .map(|member| member.person.display_name)
    }
}
