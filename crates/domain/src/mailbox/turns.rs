//! One writer per mailbox at a time, within this process. The transaction alone keeps a mailbox right; but writers at the
//! same time would spend it losing races.

use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

const STRIPES: usize = 256;

/// A fixed number of locks, shared by all mailboxes by their id.
pub struct Turns([Mutex<()>; STRIPES]);

impl Default for Turns {
    fn default() -> Self {
        Self([const { Mutex::const_new(()) }; STRIPES])
    }
}

impl Turns {
    /// Waits for one's turn at all of these mailboxes. They are taken in one order by everybody, so nobody waits in a ring.
    pub(crate) async fn of(&self, mailboxes: Vec<Uuid>) -> Vec<MutexGuard<'_, ()>> {
        // The last byte of a UUIDv7 is chance.
        let mut places: Vec<u8> = mailboxes.into_iter().map(|id| id.into_bytes()[15]).collect();
        places.sort_unstable();
        places.dedup();
        let mut turns = Vec::with_capacity(places.len());
        for place in places {
            turns.push(self.0[usize::from(place)].lock().await);
        }
        turns
    }
}
