//! Wakes those who wait for the next change of a mailbox. A bell is no truth: whoever hears it reads, and looks now and
//! then without having heard it.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::sync::watch;
use uuid::Uuid;

/// The bells of one process; a mailbox for which nobody waits has none.
#[derive(Default)]
pub struct Bell(Mutex<HashMap<Uuid, watch::Sender<u64>>>);

/// Somebody who waits.
pub struct Listening(watch::Receiver<u64>);

impl Bell {
    /// Hears every ring from here on. Take it before reading, so that nothing falls in between.
    pub(crate) fn listen(&self, mailbox: Uuid) -> Listening {
        let mut bells = self.lock();
        // Those for whom nobody waits any more go now and then.
        if bells.len() == bells.capacity() {
            bells.retain(|_, bell| bell.receiver_count() > 0);
        }
        let bell = bells.entry(mailbox).or_insert_with(|| watch::channel(0).0);
        Listening(bell.subscribe())
    }

    /// The mailbox has come as far as `seq`.
    pub(crate) fn ring(&self, mailbox: Uuid, seq: u64) {
        let mut bells = self.lock();
        if let Some(bell) = bells.get(&mailbox)
            && bell.receiver_count() == 0
        {
            bells.remove(&mailbox);
        }
        if let Some(bell) = bells.get(&mailbox) {
            bell.send_if_modified(|last| {
                let is_news = seq > *last;
                *last = seq.max(*last);
                is_news
            });
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, watch::Sender<u64>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listening {
    /// Waits for the next ring that was not heard yet.
    pub async fn rung(&mut self) {
        // The bell lives as long as somebody listens; should it not, the look without it goes on.
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[test]
    fn a_ring_between_listening_and_waiting_is_heard_once_and_old_news_are_none() {
        let (bell, ada, grace) = (Bell::default(), Uuid::from_u128(1), Uuid::from_u128(2));
        let mut listening = bell.listen(ada);
        bell.ring(grace, 9);
        assert!(listening.rung().now_or_never().is_none());
        bell.ring(ada, 2);
        assert!(listening.rung().now_or_never().is_some());
        bell.ring(ada, 1);
        assert!(listening.rung().now_or_never().is_none());
    }

    #[test]
    fn bells_that_nobody_listens_to_are_taken_down() {
        let bell = Bell::default();
        for n in 0..1_000 {
            drop(bell.listen(Uuid::from_u128(n)));
        }
        assert!(bell.lock().len() < 1_000);
        drop(bell.listen(Uuid::nil()));
        bell.ring(Uuid::nil(), 1);
        assert!(!bell.lock().contains_key(&Uuid::nil()));
    }
}
