//! What was written on this device and is not yet known to be durable on the server.
//!
//! Each message keeps the id that its device gave it, through retries, reloads and other tabs, so that trying twice is
//! sending once. Messages of one conversation go out one after the other: the next one leaves when the one before it was
//! answered. That keeps their order whatever the server or the network does in between.

use model::{ClientId, MessageId};
use std::borrow::Cow;

/// A message of mine that the server has not confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// What this device called it. The ids of a device ascend, so they are also the order of writing.
    pub client_id: ClientId,
    /// The text.
    pub body: String,
    /// The message it answers.
    pub reply_to: Option<MessageId>,
    /// How it stands.
    pub state: PendingState,
}

/// How an unconfirmed message stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PendingState {
    /// It is being put on the disk: nothing is sent that would be forgotten in a crash.
    Keeping,
    /// For its turn, or for a connection.
    Waiting,
    /// It went out on the connection that stands, and has no answer yet.
    Sending,
    /// Another window of this browser takes care of it.
    Elsewhere,
    /// Refused, or unanswered for too long; and why.
    Failed(Cow<'static, str>),
}

impl Pending {
    /// Whether this window has to see to it.
    #[must_use]
    pub const fn is_ours(&self) -> bool {
        !matches!(self.state, PendingState::Elsewhere | PendingState::Failed(_))
    }
}

/// The unconfirmed messages of one conversation, in the order of their ids.
#[derive(Clone, Debug, Default)]
pub struct Queue(Vec<Pending>);

impl Queue {
    /// Nothing waits.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Takes a message in, at the place that its id gives it. One that is here already stays as it is.
    pub fn add(&mut self, pending: Pending) {
        if let Err(place) = self.0.binary_search_by_key(&pending.client_id, |known| known.client_id) {
            self.0.insert(place, pending);
        }
    }

    /// The message whose turn it is: the first that waits, unless one is on its way.
    #[must_use]
    pub fn next(&self) -> Option<&Pending> {
        let mut turns = self.0.iter().filter(|pending| pending.is_ours());
        if self.0.iter().any(|pending| pending.state == PendingState::Sending) {
            return None;
        }
        turns.next().filter(|first| first.state == PendingState::Waiting)
    }

    /// Says how a message stands now.
    pub fn set(&mut self, client_id: ClientId, state: PendingState) -> Option<&Pending> {
        let pending = self.0.iter_mut().find(|pending| pending.client_id == client_id)?;
        pending.state = state;
        Some(pending)
    }

    /// The connection was lost: what was on its way waits for the next one.
    pub fn disconnected(&mut self) {
        let lost = self.0.iter_mut().filter(|one| one.state == PendingState::Sending);
        lost.for_each(|pending| pending.state = PendingState::Waiting);
    }

    /// Takes a message out: it was confirmed, or given up.
    pub fn remove(&mut self, client_id: ClientId) -> Option<Pending> {
        let place = self.0.iter().position(|pending| pending.client_id == client_id)?;
        Some(self.0.remove(place))
    }

    /// A message by its id.
    #[must_use]
    pub fn find(&self, client_id: ClientId) -> Option<&Pending> {
        self.0.iter().find(|pending| pending.client_id == client_id)
    }

    /// All of them.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Pending> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pending(n: u128) -> Pending {
        Pending {
            client_id: uuid::Uuid::from_u128(n).into(),
            body: format!("pending {n}"),
            reply_to: None,
            state: PendingState::Waiting,
        }
    }

    fn order(queue: &Queue) -> Vec<&str> {
        queue.iter().map(|pending| pending.body.as_str()).collect()
    }

    #[test]
    fn messages_go_out_one_after_the_other_in_the_order_in_which_they_were_written() {
        let mut queue = Queue::new();
        [3, 1, 2, 2].into_iter().for_each(|n| queue.add(pending(n)));
        assert_eq!(order(&queue), ["pending 1", "pending 2", "pending 3"]);
        let first = pending(1).client_id;
        assert_eq!(queue.next().map(|next| next.client_id), Some(first));
        queue.set(first, PendingState::Sending);
        assert_eq!(queue.next(), None, "the next one waits for the answer");
        queue.disconnected();
        assert_eq!(
            queue.next().map(|next| next.client_id),
            Some(first),
            "the same one again"
        );
        queue.remove(first);
        assert_eq!(queue.next().map(|next| next.client_id), Some(pending(2).client_id));
    }

    #[test]
    fn a_message_that_failed_or_is_another_windows_does_not_hold_up_the_others_and_can_be_tried_again() {
        let mut queue = Queue::new();
        [1, 2, 3].into_iter().for_each(|n| queue.add(pending(n)));
        let ids = [1, 2, 3].map(|n| pending(n).client_id);
        queue.set(ids[0], PendingState::Keeping);
        assert_eq!(queue.next(), None, "the first one is not on the disk yet");
        queue.set(ids[0], PendingState::Failed("Too long.".into()));
        queue.set(ids[1], PendingState::Elsewhere);
        assert_eq!(queue.next().map(|next| next.client_id), Some(ids[2]));
        queue.set(ids[0], PendingState::Waiting);
        assert_eq!(
            queue.next().map(|next| next.client_id),
            Some(ids[0]),
            "at its old place"
        );
        assert_eq!(queue.remove(ids[0]).map(|gone| gone.body), Some("pending 1".into()));
        assert_eq!(queue.find(ids[0]), None);
    }
}
