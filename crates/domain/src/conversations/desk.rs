//! Where this process writes messages: what waits for the logs, what is believed of it, and what was written, which is told
//! at once to whoever listens here. The database's live queries say only "look", and say it later.

use super::{append::Waiting, row::Stored};
use crate::Env;
use model::ConversationId;
use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::broadcast;
use uuid::Uuid;

/// Pieces of news that a listener may be behind. What it loses it finds in the log.
const BEHIND_MAX: usize = 1024;

/// Messages that are durable, ascending by `seq`. None when a transaction came to nothing.
#[derive(Clone)]
pub struct Written {
    /// Where.
    pub conversation: ConversationId,
    /// What.
    pub messages: Vec<Stored>,
}

impl fmt::Debug for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} messages in {}", self.messages.len(), self.conversation)
    }
}

/// What is believed of a conversation. A transaction that is written on this belief finds out whether it is so.
#[derive(Clone)]
pub(super) struct Place {
    /// The `seq` of its newest message.
    pub last_seq: u64,
    /// Of a direct one: who is in it.
    pub pair: Option<Vec<Uuid>>,
}

impl Place {
    /// The same with so many messages more.
    pub fn grown(&self, by: u64) -> Self {
        Self {
            last_seq: self.last_seq + by,
            pair: self.pair.clone(),
        }
    }
}

/// Where messages are written and announced.
pub(crate) struct Desk {
    news: broadcast::Sender<Arc<Written>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Transactions under way.
    open: HashMap<ConversationId, u32>,
    /// Drafts that wait.
    waiting: VecDeque<Waiting>,
    /// Whether somebody writes them.
    is_manned: bool,
    places: HashMap<ConversationId, Place>,
    /// When somebody last wrote.
    wrote: Option<Instant>,
}

/// Conversations of which something is believed; beyond, all is forgotten.
const PLACES: usize = 20_000;

impl Default for Desk {
    fn default() -> Self {
        Self {
            news: broadcast::Sender::new(BEHIND_MAX),
            state: Mutex::default(),
        }
    }
}

impl Desk {
    /// Hears what is written from now on.
    pub(crate) fn listen(&self) -> broadcast::Receiver<Arc<Written>> {
        self.news.subscribe()
    }

    /// Says that a transaction on a log begins.
    pub(crate) fn begin(&self, conversation: ConversationId) -> Writing<'_> {
        *self.lock().open.entry(conversation).or_default() += 1;
        Writing {
            desk: self,
            conversation,
            messages: Vec::new(),
        }
    }

    /// Whether a transaction on a log is under way, so that its news is about to come.
    pub(crate) fn is_writing(&self, conversation: ConversationId) -> bool {
        let state = self.lock();
        state.open.contains_key(&conversation) || state.waiting.iter().any(|one| one.conversation == conversation)
    }

    /// Whether somebody wrote within this time.
    pub(crate) fn wrote_within(&self, time: Duration) -> bool {
        self.lock().wrote.is_some_and(|wrote| wrote.elapsed() < time)
    }

    /// Puts a draft where it waits. Says whether somebody has to be sent to write it.
    pub(super) fn queue(&self, waiting: Waiting) -> bool {
        let mut state = self.lock();
        state.waiting.push_back(waiting);
        state.wrote = Some(Instant::now());
        !std::mem::replace(&mut state.is_manned, true)
    }

    /// What is believed of a conversation.
    pub(super) fn place(&self, conversation: ConversationId) -> Option<Place> {
        self.lock().places.get(&conversation).cloned()
    }

    /// From now on this is believed.
    pub(super) fn note(&self, conversation: ConversationId, place: Place) {
        let mut state = self.lock();
        if state.places.len() >= PLACES {
            state.places.clear();
        }
        state.places.insert(conversation, place);
    }

    /// From now on nothing is believed.
    pub(super) fn forget(&self, conversation: ConversationId) {
        self.lock().places.remove(&conversation);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A transaction that is under way. However it ends, the listeners hear of it when this is dropped.
pub(crate) struct Writing<'a> {
    desk: &'a Desk,
    conversation: ConversationId,
    messages: Vec<Stored>,
}

impl Writing<'_> {
    /// These are durable.
    pub(crate) fn wrote(&mut self, messages: Vec<Stored>) {
        self.messages = messages;
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        // First told, then closed: who sees it closed has been told.
        let _ = self.desk.news.send(Arc::new(Written {
            conversation: self.conversation,
            messages: std::mem::take(&mut self.messages),
        }));
        let mut state = self.desk.lock();
        if let Some(count) = state.open.get_mut(&self.conversation) {
            *count -= 1;
            if *count == 0 {
                state.open.remove(&self.conversation);
            }
        }
    }
}

/// Somebody who writes what waits. Should they fall over, whoever waits hears so, and the next draft sends somebody else.
pub(super) struct Shift {
    env: Env,
}

impl Shift {
    /// Begins.
    pub fn begin(env: Env) -> Self {
        Self { env }
    }

    /// The next drafts, at most so many; nothing when none are left, and the shift is over.
    pub fn take(&self, most: usize) -> Option<Vec<Waiting>> {
        let mut state = self.env.desk.lock();
        if state.waiting.is_empty() {
            state.is_manned = false;
            return None;
        }
        let count = state.waiting.len().min(most);
        Some(state.waiting.drain(..count).collect())
    }
}

impl Drop for Shift {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let mut state = self.env.desk.lock();
            state.waiting.clear();
            state.is_manned = false;
        }
    }
}
