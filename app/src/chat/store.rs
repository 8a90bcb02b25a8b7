//! All that the chat knows in this browser. The views read it; the socket and the pages feed it.

use leptos::prelude::*;
use model::{
    Account, AccountId, ClientId, Conversation, ConversationId, Message,
    realtime::{ClientFrame, ServerFrame},
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
    /// Makes a new id for a message.
    fn new_client_id(&self) -> ClientId;
}

/// How long a message may stay without an answer.
const PATIENCE: Duration = Duration::from_secs(15);
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
    /// Who is there now.
    pub presence: RwSignal<HashSet<AccountId>>,
    /// The message that a link leads to.
    pub linked: RwSignal<Option<(ConversationId, u64)>>,
    pub(super) answers: RwSignal<HashMap<ConversationId, Message>>,
    pub(super) logs: StoredValue<HashMap<ConversationId, ArcRwSignal<Log>>>,
    pub(super) drafts: RwSignal<HashMap<ConversationId, String>>,
    pub(super) fetching: StoredValue<HashSet<ConversationId>>,
    typing: RwSignal<HashMap<ConversationId, (AccountId, u32)>>,
    outlet: StoredValue<Option<Arc<dyn Outlet>>>,
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
            logs: StoredValue::default(),
            drafts: RwSignal::default(),
            blocks: RwSignal::default(),
            presence: RwSignal::default(),
            linked: RwSignal::new(None),
            answers: RwSignal::default(),
            fetching: StoredValue::default(),
            typing: RwSignal::default(),
            outlet: StoredValue::new(None),
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
        let me = self.my_id();
        let found = self.logs.with_value(|logs| logs.get(&id).cloned());
        found.unwrap_or_else(|| {
            let log = ArcRwSignal::new(Log::new(me));
            self.logs.update_value(|logs| _ = logs.insert(id, log.clone()));
            log
        })
    }

    /// The conversation, as far as it is in the list.
    pub(super) fn conversation(self, id: ConversationId) -> Option<Conversation> {
        self.conversations
            .with(|all| all.iter().find(|conversation| conversation.id == id).cloned())
    }

    /// Unread messages in all conversations that I want to hear of.
    #[must_use]
    pub fn unread(self) -> u64 {
        self.conversations
            .with(|all| all.iter().filter(|c| !c.muted).map(|c| c.unread).sum())
    }

    /// Takes the list as the server has it.
    pub(super) fn absorb_conversations(self, mut list: Vec<Conversation>) {
        self.conversations.update(|known| {
            for fresh in &mut list {
                if let Some(old) = known
                    .iter()
                    .find(|old| old.id == fresh.id && old.read_seq > fresh.read_seq)
                {
                    fresh.read_seq = old.read_seq;
                    fresh.unread = old.unread;
                }
            }
            *known = list;
            sort(known);
        });
        self.conversations.with_untracked(|all| {
            for conversation in all {
                let log = self.logs.with_value(|logs| logs.get(&conversation.id).cloned());
                if let Some(log) = log {
                    log.update(|log| log.hear_of(conversation.last_seq));
                }
            }
        });
        self.loaded.set(true);
    }

    /// Takes what the server says.
    pub fn receive(self, frame: ServerFrame) {
        match frame {
            ServerFrame::Ready { account, .. } => {
                self.me.set(Some(account));
                self.connected();
            }
            ServerFrame::Ack { message, .. } | ServerFrame::Message { message } => self.news(&message),
            ServerFrame::MessageChanged { message } => self.log(message.conversation).update(|log| log.change(message)),
            ServerFrame::Reject {
                id: Some(id), detail, ..
            } => self.refused(id, &detail),
            ServerFrame::Read {
                conversation,
                user,
                seq,
            } if user == self.my_id() => self.have_read(conversation, seq),
            ServerFrame::Typing { conversation, user } if user != self.my_id() => self.hear_typing(conversation, user),
            ServerFrame::Conversation { conversation } => self.conversations.update(|all| {
                all.retain(|known| known.id != conversation.id);
                all.push(conversation);
                sort(all);
            }),
            ServerFrame::ConversationGone { conversation } => self.conversations.update(|all| all.retain(|c| c.id != conversation)),
            ServerFrame::Blocks { users } => self.blocks.set(users.into_iter().collect()),
            ServerFrame::Reject { .. }
            | ServerFrame::Presence { .. }
            | ServerFrame::Read { .. }
            | ServerFrame::Typing { .. }
            | ServerFrame::Pong
            | ServerFrame::Resync
            | ServerFrame::Bye { .. } => {}
        }
    }

    fn connected(self) {
        if self.connection.get_untracked() != Connection::Starting {
            self.said.set("Back online".into());
        }
        self.connection.set(Connection::Open);
        let logs = self.logs.get_value();
        for (id, log) in logs {
            let waiting: Vec<_> =
                log.with_untracked(|log| log.sending().map(|p| (p.client_id, p.body.clone())).collect());
            for (client_id, body) in waiting {
                self.dispatch(id, client_id, body);
            }
        }
        self.refresh();
    }

    fn news(self, message: &Message) {
        let (id, me) = (message.conversation, self.my_id());
        let log = self.log(id);
        let fresh = log.try_update(|log| log.apply(message.clone())).unwrap_or(false);
        self.typing
            .update(|typing| typing.retain(|place, (who, _)| *place != id || *who != message.author.id));
        let mut gap = false;
        let known = self.conversations.try_update(|all| {
            let Some(place) = all.iter_mut().find(|c| c.id == id) else {
                return false;
            };
            if message.seq > place.last_seq {
                gap = message.seq > place.last_seq + 1;
                place.unread += u64::from(message.author.id != me && message.seq > place.read_seq);
                place.last_seq = message.seq;
                place.updated_at = message.sent_at;
                place.last_message = Some(message.clone());
                sort(all);
            }
            true
        });
        if fresh && message.author.id != me {
            let words: String = message.body.chars().take(200).collect();
            self.said.set(format!("{}: {words}", message.author.display_name));
        }
        if gap || known != Some(true) {
            self.refresh();
        } else if log.with_untracked(|log| log.hole().is_some()) {
            self.catch_up(id);
        }
    }

    fn refused(self, client_id: ClientId, why: &str) {
        for log in self.logs.get_value().into_values() {
            if log.with_untracked(|log| log.find(client_id).is_some()) {
                log.update(|log| log.failed(client_id, why.to_owned()));
                self.said.set(format!("Your message was not sent: {why}"));
            }
        }
    }

    /// Writes a message: it is in the log at once, and waits there for the server's word.
    pub(super) fn send(self, conversation: ConversationId, body: String, _reply_to: Option<model::MessageId>) {
        let Some(outlet) = self.outlet.get_value() else { return };
        let client_id = outlet.new_client_id();
        self.log(conversation).update(|log| log.queue(client_id, body.clone()));
        self.dispatch(conversation, client_id, body);
    }

    /// Tries a failed message again.
    pub(super) fn retry(self, conversation: ConversationId, client_id: ClientId) {
        let body = self
            .log(conversation)
            .try_update(|log| log.retry(client_id).map(|pending| pending.body.clone()));
        if let Some(Some(body)) = body {
            self.dispatch(conversation, client_id, body);
        }
    }

    fn dispatch(self, conversation: ConversationId, id: ClientId, body: String) {
        self.transmit(&ClientFrame::Send {
            id,
            conversation,
            body,
            reply_to: None,
        });
        // Without a connection a message waits as long as it takes; with one, silence is a failure.
        set_timeout(
            move || {
                if self.connection.get_untracked() == Connection::Open
                    && self
                        .log(conversation)
                        .with_untracked(|log| log.sending().any(|pending| pending.client_id == id))
                {
                    self.refused(id, "Roost did not answer.");
                }
            },
            PATIENCE,
        );
    }

    pub(super) fn transmit(self, frame: &ClientFrame) {
        if let Some(outlet) = self.outlet.get_value() {
            outlet.transmit(frame);
        }
    }

    /// Everything up to `seq` is read.
    pub(super) fn have_read(self, id: ConversationId, seq: u64) {
        let unread = self.log(id).with_untracked(|log| log.others_after(seq));
        self.conversations.update(|all| {
            if let Some(place) = all.iter_mut().find(|c| c.id == id && c.read_seq < seq) {
                place.read_seq = seq;
                place.unread = if seq >= place.last_seq {
                    0
                } else {
                    unread.min(place.unread)
                };
            }
        });
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

fn sort(conversations: &mut [Conversation]) {
    conversations.sort_by(|a, b| b.updated_at.cmp(&a.updated_at).then_with(|| b.id.cmp(&a.id)));
}
