//! What this process writes, told at once to whoever listens here: the database's live queries say only "look", and say it
//! later.

use super::row::Stored;
use model::ConversationId;
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::broadcast;

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

/// Where the transactions of this process are announced.
pub(crate) struct Desk {
    news: broadcast::Sender<Arc<Written>>,
    open: Mutex<HashMap<ConversationId, u32>>,
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            news: broadcast::Sender::new(BEHIND_MAX),
            open: Mutex::default(),
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
        *self.lock().entry(conversation).or_default() += 1;
        Writing {
            desk: self,
            conversation,
            messages: Vec::new(),
        }
    }

    /// Whether a transaction on a log is under way, so that its news is about to come.
    pub(crate) fn is_writing(&self, conversation: ConversationId) -> bool {
        self.lock().contains_key(&conversation)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ConversationId, u32>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
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
        let mut open = self.desk.lock();
        if let Some(count) = open.get_mut(&self.conversation) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.conversation);
            }
        }
        drop(open);
        // Nobody listens in tests and commands.
        let _ = self.desk.news.send(Arc::new(Written {
            conversation: self.conversation,
            messages: std::mem::take(&mut self.messages),
        }));
    }
}
