//! A conversation's log as one device knows it.
//!
//! The server numbers the messages of a conversation densely: 1, 2, 3, … So a device that has heard of 7 and holds 5
//! knows that it misses 6, whatever was lost, doubled or reordered on the way. What was written here and is not yet
//! known to be durable is kept apart under the id that the device gave it, and gives way to the server's message
//! however that arrives first: as the answer to the sending, as news, or within a page.

use model::{AccountId, ClientId, Message, Page};
use std::{
    borrow::Cow,
    collections::{BTreeMap, btree_map::Entry},
    ops::Range,
};

/// What a page was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The newest messages.
    Latest,
    /// The newest ones before this number.
    Older(u64),
    /// The oldest ones after this number.
    Newer(u64),
}

/// A message of mine that the server has not confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// What this device called it. Trying again keeps it, so that trying twice is still sending once.
    pub client_id: ClientId,
    /// The text.
    pub body: String,
    /// How it stands.
    pub state: PendingState,
}

/// How an unconfirmed message stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PendingState {
    /// On its way, or waiting for a connection.
    Sending,
    /// Refused, or unanswered for too long; and why.
    Failed(Cow<'static, str>),
}

/// One line of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// The server has it.
    Confirmed(&'a Message),
    /// Only this device has it for certain.
    Pending(&'a Pending),
}

/// The log itself.
#[derive(Clone, Debug)]
pub struct Log {
    me: AccountId,
    confirmed: BTreeMap<u64, Message>,
    pending: Vec<Pending>,
    /// Stretches that the server says are not there (start to end, exclusive), so that they are not asked for again.
    absent: BTreeMap<u64, u64>,
    heard_of: u64,
    opened: bool,
    complete: bool,
}

impl Log {
    /// Nothing is known yet.
    #[must_use]
    pub const fn new(me: AccountId) -> Self {
        Self {
            me,
            confirmed: BTreeMap::new(),
            pending: Vec::new(),
            absent: BTreeMap::new(),
            heard_of: 0,
            opened: false,
            complete: false,
        }
    }

    /// Takes a message, however it came. Says whether it was news.
    pub fn apply(&mut self, message: Message) -> bool {
        if message.author.id == self.me {
            self.pending.retain(|pending| pending.client_id != message.client_id);
        }
        self.heard_of = self.heard_of.max(message.seq);
        match self.confirmed.entry(message.seq) {
            Entry::Vacant(entry) => {
                entry.insert(message);
                true
            }
            Entry::Occupied(_) => false,
        }
    }

    /// Takes the later state of a message that was edited, deleted or reacted to.
    pub fn change(&mut self, message: Message) {
        if let Some(known) = self.confirmed.get_mut(&message.seq) {
            *known = message;
        }
    }

    /// Takes a page that was asked for.
    pub fn apply_page(&mut self, page: Page, asked: Direction) {
        let first = page.items.first().map(|message| message.seq);
        match asked {
            Direction::Latest => {
                self.opened = true;
                self.complete |= !page.has_more;
            }
            Direction::Older(_) => self.complete |= !page.has_more,
            Direction::Newer(after) => {
                let end = first.unwrap_or(if page.has_more { 0 } else { self.heard_of + 1 });
                if end > after + 1 {
                    self.absent.insert(after + 1, end);
                }
            }
        }
        for message in page.items {
            self.apply(message);
        }
    }

    /// Hears that the log reaches to `seq`, without having the messages.
    pub fn hear_of(&mut self, seq: u64) {
        self.heard_of = self.heard_of.max(seq);
    }

    /// Puts a message of mine at the end until the server confirms it.
    pub fn queue(&mut self, client_id: ClientId, body: String) {
        let known = |message: &Message| message.client_id == client_id && message.author.id == self.me;
        if self.find(client_id).is_none() && !self.confirmed.values().any(known) {
            self.pending.push(Pending {
                client_id,
                body,
                state: PendingState::Sending,
            });
        }
    }

    /// The server refused a message of mine, or did not answer in time.
    pub fn failed(&mut self, client_id: ClientId, why: impl Into<Cow<'static, str>>) {
        if let Some(pending) = self.pending.iter_mut().find(|pending| pending.client_id == client_id) {
            pending.state = PendingState::Failed(why.into());
        }
    }

    /// Tries a failed message again, under its old id.
    pub fn retry(&mut self, client_id: ClientId) -> Option<&Pending> {
        let pending = self.pending.iter_mut().find(|pending| pending.client_id == client_id)?;
        pending.state = PendingState::Sending;
        Some(pending)
    }

    /// Gives a message of mine up. Should it have reached the server after all, it comes back as confirmed.
    pub fn cancel(&mut self, client_id: ClientId) -> Option<Pending> {
        let place = self.pending.iter().position(|pending| pending.client_id == client_id)?;
        Some(self.pending.remove(place))
    }

    /// An unconfirmed message by its id.
    #[must_use]
    pub fn find(&self, client_id: ClientId) -> Option<&Pending> {
        self.pending.iter().find(|pending| pending.client_id == client_id)
    }

    /// The messages that wait for the server's word, in the order in which they were written.
    pub fn sending(&self) -> impl Iterator<Item = &Pending> {
        self.pending
            .iter()
            .filter(|pending| pending.state == PendingState::Sending)
    }

    /// The first stretch of numbers that is missing between what is held and what was heard of, once a first page is
    /// there. To fill it, ask for what comes after `start - 1`.
    #[must_use]
    pub fn hole(&self) -> Option<Range<u64>> {
        if !self.opened {
            return None;
        }
        let mut next = self.oldest().unwrap_or(1);
        for &seq in self.confirmed.keys() {
            next = self.over_absent(next);
            if seq > next {
                return Some(next..seq);
            }
            next = next.max(seq + 1);
        }
        next = self.over_absent(next);
        (next <= self.heard_of).then(|| next..self.heard_of + 1)
    }

    fn over_absent(&self, mut next: u64) -> u64 {
        while let Some(&end) = self.absent.get(&next) {
            next = end;
        }
        next
    }

    /// The number of the oldest message held.
    #[must_use]
    pub fn oldest(&self) -> Option<u64> {
        self.confirmed.keys().next().copied()
    }

    /// The number of the newest message held; 0 when there is none.
    #[must_use]
    pub fn last_seq(&self) -> u64 {
        self.confirmed.keys().next_back().copied().unwrap_or(0)
    }

    /// The newest message of somebody else.
    #[must_use]
    pub fn last_of_others(&self) -> u64 {
        self.confirmed
            .values()
            .rev()
            .find(|message| message.author.id != self.me)
            .map_or(0, |message| message.seq)
    }

    /// How many messages of others are held after `seq`.
    #[must_use]
    pub fn others_after(&self, seq: u64) -> u64 {
        let after = self.confirmed.range(seq.saturating_add(1)..);
        after.map(|(_, message)| u64::from(message.author.id != self.me)).sum()
    }

    /// Whether a first page is there.
    #[must_use]
    pub const fn opened(&self) -> bool {
        self.opened
    }

    /// Whether there are messages before the oldest one held.
    #[must_use]
    pub fn has_older(&self) -> bool {
        !self.complete && self.oldest().is_some_and(|seq| seq > 1)
    }

    /// Everything in the order of reading: what is confirmed by number, then what waits.
    pub fn items(&self) -> impl Iterator<Item = Item<'_>> {
        self.confirmed
            .values()
            .map(Item::Confirmed)
            .chain(self.pending.iter().map(Item::Pending))
    }
}

#[cfg(test)]
#[path = "log_tests.rs"]
mod tests;
