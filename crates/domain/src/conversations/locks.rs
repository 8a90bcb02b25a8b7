//! One writer per log at a time, within this process. The transaction alone keeps a log dense; but many senders to one
//! conversation would spend their time losing races. Here they wait in line instead.

use model::ConversationId;
use std::collections::BTreeMap;
use tokio::sync::{Mutex, MutexGuard};

const STRIPES: usize = 256;

/// A fixed number of locks, shared by all conversations by their id.
pub(crate) struct Locks([Mutex<()>; STRIPES]);

impl Default for Locks {
    fn default() -> Self {
        Self([const { Mutex::const_new(()) }; STRIPES])
    }
}

impl Locks {
    /// Waits for one's turn.
    pub(crate) async fn of(&self, conversation: ConversationId) -> MutexGuard<'_, ()> {
        self.0[stripe(conversation)].lock().await
    }

    /// For the turns of several logs, as far as nobody else has them at this moment.
    pub(super) const fn now(&self) -> Turns<'_> {
        Turns {
            locks: self,
            held: BTreeMap::new(),
        }
    }
}

/// Several turns at once. None is waited for, so nobody can wait for each other.
pub(super) struct Turns<'a> {
    locks: &'a Locks,
    held: BTreeMap<usize, MutexGuard<'a, ()>>,
}

impl Turns<'_> {
    /// Takes the turn of a log, and says whether it is one's own now. Who waits for it goes first.
    pub fn take(&mut self, conversation: ConversationId) -> bool {
        let stripe = stripe(conversation);
        if self.held.contains_key(&stripe) {
            return true;
        }
        let turn = self.locks.0[stripe].try_lock();
        turn.map(|turn| self.held.insert(stripe, turn)).is_ok()
    }
}

/// The last byte of a UUIDv7 is chance.
fn stripe(conversation: ConversationId) -> usize {
    let [.., last] = conversation.uuid().into_bytes();
    usize::from(last)
}
