//! One writer per log, and per mailbox, at a time, within this process. The transactions alone keep them right; but writers at
//! the same time would spend it losing races. Here they wait in line instead.

use std::collections::{BTreeMap, BTreeSet};
use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

const STRIPES: usize = 256;

/// A fixed number of locks, shared by all things of a kind by their id.
pub(crate) struct Locks([Mutex<()>; STRIPES]);

impl Default for Locks {
    fn default() -> Self {
        Self([const { Mutex::const_new(()) }; STRIPES])
    }
}

impl Locks {
    /// Waits for one's turn.
    pub(crate) async fn of(&self, id: Uuid) -> MutexGuard<'_, ()> {
        self.0[stripe(id)].lock().await
    }

    /// Waits for one's turn at all of these. They are taken in one order by everybody, so nobody waits in a ring.
    pub(crate) async fn of_all(&self, ids: impl IntoIterator<Item = Uuid>) -> Vec<MutexGuard<'_, ()>> {
        let stripes: BTreeSet<usize> = ids.into_iter().map(stripe).collect();
        let mut turns = Vec::with_capacity(stripes.len());
        for stripe in stripes {
            turns.push(self.0[stripe].lock().await);
        }
        turns
    }

    /// For the turns of several, as far as nobody else has them at this moment.
    pub(crate) const fn now(&self) -> Turns<'_> {
        Turns {
            locks: self,
            held: BTreeMap::new(),
        }
    }
}

/// Several turns at once. None is waited for, so nobody can wait for each other.
pub(crate) struct Turns<'a> {
    locks: &'a Locks,
    held: BTreeMap<usize, MutexGuard<'a, ()>>,
}

impl Turns<'_> {
    /// Takes a turn, and says whether it is one's own now. Who waits for it goes first.
    pub(crate) fn take(&mut self, id: Uuid) -> bool {
        let stripe = stripe(id);
        if self.held.contains_key(&stripe) {
            return true;
        }
        let turn = self.locks.0[stripe].try_lock();
        turn.map(|turn| self.held.insert(stripe, turn)).is_ok()
    }
}

/// The last byte of a UUIDv7 is chance.
fn stripe(id: Uuid) -> usize {
    let [.., last] = id.into_bytes();
    usize::from(last)
}
