//! One writer per log at a time, within this process. The transaction alone keeps a log dense; but many senders to one
//! conversation would spend their time losing races. Here they wait in line instead.

use model::ConversationId;
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
    /// Waits for one's turn. The last byte of a UUIDv7 is chance.
    pub(crate) async fn of(&self, conversation: ConversationId) -> MutexGuard<'_, ()> {
        let [.., last] = conversation.uuid().into_bytes();
        self.0[usize::from(last)].lock().await
    }
}
