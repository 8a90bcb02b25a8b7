//! A conversation's log as one device knows it: a window of it, without holes.
//!
//! # Why a window
//! A log can have a hundred thousand messages; a device holds some hundreds of them. What it holds is one stretch, from
//! `lo` to `hi`, of which it knows every message. The stretch either **follows the end** (it is *attached*: a new message
//! is appended) or stands somewhere else after a jump or a long way up (*detached*: new messages are only heard of).
//! Pages make it grow at either end; [`Log::trim`] cuts the end that is far from where somebody looks.
//!
//! # Why nothing is missed
//! The server numbers the **messages** of a conversation densely: 1, 2, 3, … So an attached window that has heard of 7 and
//! ends with 5 knows that it misses 6 ([`Log::hole`]), whatever was lost, doubled or reordered on the way.
//!
//! It numbers the **changes** of messages densely, too: an edit, a deletion or a reaction takes the conversation's next
//! `rev`. A window that knows all changes up to 3 and hears of change 5 asks for what came after 3
//! ([`Log::missing_changes`]). A change of a message outside of the window only moves `rev`.
//!
//! A page may have been read before a change and arrive after it. So every question remembers the `rev` at which it was
//! asked ([`Ask`]), and an answer takes the window back to that `rev`: the changes since are asked for once more, and of
//! two states of a message the one with the larger `rev` is kept. Nothing here hangs on the order of arrival.
//!
//! # What is mine
//! What was written here and is not yet known to be durable stands apart, in a [`Queue`], and gives way to the server's
//! message however that arrives first: as the answer to the sending, as news, within a page or as a change.

use crate::{
    ask::{Ask, Direction, Unread, quote_of},
    queue::{Pending, Queue},
};
use model::{AccountId, Changes, ClientId, Message, Page, limits};
use std::{
    collections::{BTreeMap, HashSet},
    ops::RangeInclusive,
};

/// More messages than this are never held.
pub const HELD_MAX: usize = 400;
/// What is left when there are more.
const HELD_AFTER_TRIM: usize = 300;
/// The log itself.
#[derive(Clone, Debug)]
pub struct Log {
    me: AccountId,
    /// Every message of the window.
    held: BTreeMap<u64, Message>,
    /// The first and the last number of the window; none before a first page. An empty one ends before it begins.
    window: Option<(u64, u64)>,
    attached: bool,
    /// Messages after the end of an attached window that came before those between.
    ahead: BTreeMap<u64, Message>,
    heard_of: u64,
    floor: u64,
    rev: u64,
    heard_of_rev: u64,
    jumps: u32,
    /// What waits for the server's word.
    pub queue: Queue,
}

impl Log {
    /// Nothing is known yet.
    #[must_use]
    pub const fn new(me: AccountId) -> Self {
        Self {
            me,
            held: BTreeMap::new(),
            window: None,
            attached: true,
            ahead: BTreeMap::new(),
            heard_of: 0,
            floor: 0,
            rev: 0,
            heard_of_rev: 0,
            jumps: 0,
            queue: Queue::new(),
        }
    }

    /// Begins with what this device remembers: messages without a hole, and the changes that were known of them.
    pub fn restore(&mut self, messages: Vec<Message>, rev: u64) {
        let (Some(first), Some(last)) = (messages.first(), messages.last()) else {
            return;
        };
        let (lo, hi) = (first.seq, last.seq);
        if self.window.is_some() || usize::try_from(hi - lo).is_ok_and(|more| more + 1 != messages.len()) {
            return;
        }
        self.window = Some((lo, hi));
        self.heard_of_rev = self.heard_of_rev.max(rev);
        self.rev = rev;
        for message in messages {
            self.confirm(&message);
            self.held.insert(message.seq, message);
        }
        self.hear_of(hi, rev, 0);
        self.rise(self.floor);
    }

    /// What the list of conversations says: up to where the log reaches, how often it was changed, and what is not for me.
    pub fn hear_of(&mut self, seq: u64, rev: u64, floor: u64) {
        self.heard_of = self.heard_of.max(seq);
        self.heard_of_rev = self.heard_of_rev.max(rev);
        if self.window.is_none() {
            // Whatever comes from now on was read after these changes.
            self.rev = self.heard_of_rev;
        }
        if floor > self.floor {
            self.rise(floor);
        }
    }

    /// What is up to the floor is not for me.
    fn rise(&mut self, floor: u64) {
        self.floor = floor;
        self.held = self.held.split_off(&(floor + 1));
        self.window = self.window.map(|(lo, hi)| (lo.max(floor + 1), hi.max(floor)));
    }

    /// Puts a question.
    #[must_use]
    pub const fn ask(&self, what: Direction) -> Ask {
        Ask {
            what,
            rev: self.rev,
            heard_of: self.heard_of,
            jumps: self.jumps,
        }
    }

    /// Takes a new message, however it came. Says whether it was news.
    pub fn apply(&mut self, message: Message) -> bool {
        let news = message.seq > self.heard_of;
        self.heard_of = self.heard_of.max(message.seq);
        self.confirm(&message);
        self.place(message);
        news
    }

    /// Takes the later state of a message that was edited, deleted or reacted to.
    pub fn change(&mut self, message: Message) {
        let next = message.rev == self.rev + 1;
        self.heard_of_rev = self.heard_of_rev.max(message.rev);
        self.take_change(message);
        self.rev += u64::from(next);
    }

    fn take_change(&mut self, message: Message) {
        self.heard_of = self.heard_of.max(message.seq);
        self.confirm(&message);
        if message.rev > self.rev {
            self.requote(&message);
        }
        self.place(message);
    }

    /// Takes the changes after `after`, as they were asked for.
    pub fn apply_changes(&mut self, changes: Changes, after: u64) {
        for message in changes.items {
            self.take_change(message);
        }
        if after <= self.rev {
            self.rev = self.rev.max(changes.rev);
        }
        if !changes.has_more && changes.rev <= after {
            // The server knows of no more than we do.
            self.heard_of_rev = self.rev;
        }
        self.heard_of_rev = self.heard_of_rev.max(self.rev);
    }

    /// Takes a page that was asked for.
    pub fn apply_page(&mut self, page: Page, ask: Ask) {
        let ends = page.items.first().zip(page.items.last());
        let (first, last) = ends.map_or((0, 0), |(first, last)| (first.seq, last.seq));
        // A later page of the same moment holds no change after those that its messages tell of.
        let rev = page.items.iter().map(|message| message.rev).fold(ask.rev, u64::max);
        if !self.take_in(ask, (first, last), page.has_more) {
            return;
        }
        self.rev = self.rev.min(rev);
        for message in page.items {
            self.heard_of = self.heard_of.max(message.seq);
            self.confirm(&message);
            // What a message quotes may have changed without its own number: the page knows it as of its question.
            if self.held.get(&message.seq).is_none_or(|known| known.rev <= message.rev) {
                self.hold(message);
            }
        }
        self.draw_in();
    }

    /// Makes the window cover a page that reaches from `first` to `last` (both 0 when it is empty). Says whether the page
    /// has a place in it.
    fn take_in(&mut self, ask: Ask, (first, last): (u64, u64), has_more: bool) -> bool {
        let empty = last == 0;
        match (ask.what, self.window) {
            // Somebody has gone elsewhere since.
            (Direction::Latest, Some(_)) if !self.attached && ask.jumps != self.jumps => return false,
            (Direction::Latest, window) => {
                let (first, last) = if empty {
                    (ask.heard_of + 1, ask.heard_of)
                } else {
                    (first, last)
                };
                self.window = match window {
                    // Only a stretch that follows without a hole is held together with the page.
                    Some((lo, hi)) if first <= hi + 1 && last + 1 >= lo => Some((lo.min(first), hi.max(last))),
                    _ => self.anew(first, last),
                };
                self.attached = true;
                self.ends_at(first, has_more);
            }
            (Direction::Older(before), Some((lo, hi))) => {
                if before < lo || (!empty && first >= lo) {
                    return false;
                }
                let first = if empty { before } else { first };
                self.window = Some((first.min(lo), hi.max(before - 1)));
                self.ends_at(first, has_more);
            }
            (Direction::Newer(after), Some((lo, hi))) => {
                if after > hi || after + 1 < lo {
                    return false;
                }
                let end = if has_more { last } else { last.max(ask.heard_of) };
                self.window = Some((lo, hi.max(end)));
                self.attached |= !has_more;
            }
            (Direction::From(_), _) => {
                if empty {
                    return false;
                }
                let end = if has_more { last } else { last.max(ask.heard_of) };
                self.window = self.anew(first, end);
                self.attached = !has_more;
                self.jumps += 1;
            }
            (Direction::Older(_) | Direction::Newer(_), None) => return false,
        }
        true
    }

    fn anew(&mut self, lo: u64, hi: u64) -> Option<(u64, u64)> {
        self.held.clear();
        Some((lo, hi))
    }

    /// The server says that nothing of the log is before `first`.
    fn ends_at(&mut self, first: u64, has_more: bool) {
        if !has_more {
            self.floor = self.floor.max(first.saturating_sub(1));
        }
    }

    /// Puts a message that came by itself where it belongs.
    fn place(&mut self, message: Message) {
        let Some((lo, hi)) = self.window else { return };
        if (lo..=hi).contains(&message.seq) {
            self.put(message);
        } else if self.attached && message.seq > hi && message.seq > self.floor {
            let newer = self
                .ahead
                .get(&message.seq)
                .is_some_and(|known| known.rev > message.rev);
            if !newer && (self.ahead.len() < HELD_MAX || message.seq == hi + 1) {
                self.ahead.insert(message.seq, message);
            }
            self.draw_in();
        }
    }

    /// Appends what has waited for the messages before it.
    fn draw_in(&mut self) {
        let Some((lo, mut hi)) = self.window else { return };
        while let Some(entry) = self.ahead.first_entry() {
            if !self.attached || *entry.key() > hi + 1 {
                break;
            }
            let message = entry.remove();
            if message.seq >= lo {
                hi = hi.max(message.seq);
                self.put(message);
            }
        }
        if !self.attached {
            self.ahead.clear();
        }
        self.window = Some((lo, hi));
    }

    /// Of two states of a message, the later one stays.
    fn put(&mut self, message: Message) {
        if self.held.get(&message.seq).is_none_or(|known| known.rev < message.rev) {
            self.hold(message);
        }
    }

    /// Puts a message into the window. What is quoted is told as the quoted message says it, when that is there, too.
    fn hold(&mut self, mut message: Message) {
        if let Some(quote) = &mut message.quote
            && let Some(quoted) = self.held.get(&quote.seq)
        {
            *quote = quote_of(quoted);
        }
        self.requote(&message);
        self.held.insert(message.seq, message);
    }

    /// What others quote of a message changes with it.
    fn requote(&mut self, changed: &Message) {
        let quotes = self.held.values_mut().chain(self.ahead.values_mut());
        let quotes = quotes.filter_map(|message| message.quote.as_mut());
        for quote in quotes.filter(|quote| quote.seq == changed.seq) {
            *quote = quote_of(changed);
        }
    }

    fn confirm(&mut self, message: &Message) {
        if message.author.id == self.me {
            self.queue.remove(message.client_id);
        }
    }

    /// Whether a message of mine is known to be on the server.
    #[must_use]
    pub fn is_confirmed(&self, client_id: ClientId) -> bool {
        let mine = |message: &Message| message.client_id == client_id && message.author.id == self.me;
        self.held.values().chain(self.ahead.values()).any(mine)
    }

    /// Puts a message of mine at the end until the server confirms it.
    pub fn queue(&mut self, pending: Pending) {
        if !self.is_confirmed(pending.client_id) {
            self.queue.add(pending);
        }
    }

    /// What to ask to make the window reach the end again, when it should.
    #[must_use]
    pub fn hole(&self) -> Option<Ask> {
        let (_, hi) = self.window?;
        let far = self.heard_of.saturating_sub(hi) > HELD_MAX as u64;
        let what = if far { Direction::Latest } else { Direction::Newer(hi) };
        (self.attached && hi < self.heard_of).then(|| self.ask(what))
    }

    /// After which change to ask for more of them, when some are missing.
    #[must_use]
    pub fn missing_changes(&self) -> Option<u64> {
        (self.window.is_some() && self.rev < self.heard_of_rev).then_some(self.rev)
    }

    /// How many changes are missing.
    #[must_use]
    pub const fn behind(&self) -> u64 {
        self.heard_of_rev.saturating_sub(self.rev)
    }

    /// Lets go of the window: it is quicker to read it anew than to follow all that happened to it.
    pub fn forget(&mut self) {
        self.held.clear();
        self.ahead.clear();
        self.window = None;
        self.attached = true;
        self.rev = self.heard_of_rev;
    }

    /// Cuts the end that is far from `looked_at`, when there is too much. It is the end of the log that is looked at
    /// when nothing is given.
    pub fn trim(&mut self, looked_at: Option<u64>) {
        let Some((lo, hi)) = self.window.filter(|_| self.held.len() > HELD_MAX) else {
            return;
        };
        let at = looked_at.unwrap_or(hi);
        if at.saturating_sub(lo) >= hi.saturating_sub(at) {
            let first = self.held.keys().nth_back(HELD_AFTER_TRIM - 1).copied().unwrap_or(lo);
            self.held = self.held.split_off(&first);
            self.window = Some((first, hi));
        } else {
            let next = self.held.keys().nth(HELD_AFTER_TRIM).copied().unwrap_or(hi + 1);
            self.held.split_off(&next);
            self.window = Some((lo, next - 1));
            self.attached = false;
            self.ahead.clear();
        }
    }

    /// Whether a first page is there.
    #[must_use]
    pub const fn opened(&self) -> bool {
        self.window.is_some()
    }

    /// Whether the window follows the end of the log.
    #[must_use]
    pub const fn attached(&self) -> bool {
        self.attached
    }

    /// The first and the last number of the window.
    #[must_use]
    pub const fn window(&self) -> Option<(u64, u64)> {
        self.window
    }

    /// All changes up to this one are in what is held.
    #[must_use]
    pub const fn rev(&self) -> u64 {
        self.rev
    }

    /// Whether there are messages before the window.
    #[must_use]
    pub fn has_older(&self) -> bool {
        self.window.is_some_and(|(lo, _)| lo > self.floor + 1)
    }

    /// Whether there are messages after the window that have to be asked for.
    #[must_use]
    pub fn has_newer(&self) -> bool {
        self.window.is_some_and(|(_, hi)| !self.attached && hi < self.heard_of)
    }

    /// The newest message heard of.
    #[must_use]
    pub const fn last_heard(&self) -> u64 {
        self.heard_of
    }

    /// A message that is held.
    #[must_use]
    pub fn get(&self, seq: u64) -> Option<&Message> {
        self.held.get(&seq)
    }

    /// Messages that are held, by number.
    pub fn range(&self, numbers: RangeInclusive<u64>) -> impl DoubleEndedIterator<Item = &Message> {
        // A range that ends before it begins has nothing in it; the map would panic.
        let numbers = if numbers.is_empty() { 0..=0 } else { numbers };
        self.held.range(numbers).map(|(_, message)| message)
    }

    /// All messages that are held.
    pub fn messages(&self) -> impl DoubleEndedIterator<Item = &Message> + ExactSizeIterator {
        self.held.values()
    }

    /// The newest message of somebody else that is held.
    #[must_use]
    pub fn last_of_others(&self) -> u64 {
        let others = self.held.values().rev().find(|message| message.author.id != self.me);
        others.map_or(0, |message| message.seq)
    }

    /// What I have not read when I have read up to `read`: by its definition, when the window holds all of it.
    #[must_use]
    pub fn unread<S: std::hash::BuildHasher>(&self, read: u64, blocked: &HashSet<AccountId, S>) -> Option<Unread> {
        let from = read.max(self.floor) + 1;
        let (lo, hi) = self.window?;
        if hi < self.heard_of || lo > from {
            return None;
        }
        let counts = |message: &&Message| message.counts_for(self.me) && !blocked.contains(&message.author.id);
        let mut unread = Unread::default();
        for message in self.range(from..=hi).filter(counts).take(limits::UNREAD_MAX as usize) {
            unread.messages += 1;
            unread.mentions += u64::from(message.mentions.contains(&self.me));
        }
        Some(unread)
    }
}

#[cfg(test)]
#[path = "log_tests.rs"]
mod tests;
#[cfg(test)]
#[path = "log_world.rs"]
mod world;
