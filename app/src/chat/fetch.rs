//! How the chat comes to know more of a conversation: pages in either direction, and whatever a hole shows to be missing.

use super::{
    doors::messages,
    log_doors::changes_after,
    store::{Connection, Store},
};
use crate::{routes, ui::browser_leave_for};
use leptos::{prelude::*, task::spawn_local};
use model::{Code, ConversationId, ConversationKind, limits, realtime::ClientFrame};
use std::time::Duration;
use sync::{Ask, Direction, Log};

/// A jump shows so many.
const JUMP: usize = 60;
/// More changes than this are not followed one by one: the window is read anew.
const FOLLOWED: u64 = 500;
/// A moment for what is more urgent.
pub(super) const LATER: Duration = Duration::from_secs(3);

impl Store {
    /// Makes sure that a conversation has its first page: from this device at once, and then as it is now.
    pub(super) fn open(self, id: ConversationId) {
        if self.log(id).with_untracked(Log::opened) {
            return;
        }
        spawn_local(async move {
            self.recall_log(id).await;
            if self.log(id).with_untracked(Log::opened) {
                self.catch_up(id);
            } else if !self.fetching.with_value(|fetching| fetching.contains(&id)) {
                self.fetch(id, Direction::Latest);
            }
        });
    }

    /// Asks for the page before the oldest message.
    pub(super) fn load_older(self, id: ConversationId) {
        let log = self.log(id);
        if let Some((lo, _)) = log.with_untracked(|log| log.window().filter(|_| log.has_older())) {
            self.fetch(id, Direction::Older(lo));
        }
    }

    /// Asks for the page after the newest message of a window that does not reach to the end.
    pub(super) fn load_newer(self, id: ConversationId) {
        let log = self.log(id);
        if let Some((_, hi)) = log.with_untracked(|log| log.window().filter(|_| log.has_newer())) {
            self.fetch(id, Direction::Newer(hi));
        }
    }

    /// Brings a message into the window and into sight.
    pub fn jump_to(self, id: ConversationId, seq: u64) {
        let log = self.log(id);
        if log.with_untracked(|log| log.get(seq).is_some()) {
            self.linked.set(Some((id, seq)));
        } else {
            self.linked.set(None);
            self.fetch_then(id, Direction::around(seq), move || {
                // A message that is not there any more leads to where it was.
                let near = self
                    .log(id)
                    .with_untracked(|log| log.window().map(|(lo, hi)| seq.clamp(lo, hi.max(lo))));
                self.linked.set(near.map(|near| (id, near)));
            });
        }
    }

    /// Moves the window to the end of the log.
    pub fn to_newest(self, id: ConversationId) {
        self.linked.set(None);
        if !self.log(id).with_untracked(Log::attached) {
            self.fetch(id, Direction::Latest);
        }
    }

    /// Fills the first hole, or asks for the changes that were missed; each answer looks for the next.
    pub(super) fn catch_up(self, id: ConversationId) {
        let log = self.log(id);
        if let Some(hole) = log.with_untracked(Log::hole) {
            self.put(id, hole, || ());
        } else if log.with_untracked(|log| log.missing_changes().is_some() && log.behind() > FOLLOWED) {
            log.update(Log::forget);
            self.fetch(id, Direction::Latest);
        } else if let Some(after) = log.with_untracked(Log::missing_changes) {
            self.fetch_changes(id, after);
        }
    }

    fn fetch(self, id: ConversationId, what: Direction) {
        self.fetch_then(id, what, || ());
    }

    fn fetch_then(self, id: ConversationId, what: Direction, then: impl FnOnce() + 'static) {
        let ask = self.log(id).with_untracked(|log| log.ask(what));
        self.put(id, ask, then);
    }

    /// Puts a question, one at a time for each conversation. A jump does not wait for its turn.
    fn put(self, id: ConversationId, ask: Ask, then: impl FnOnce() + 'static) {
        let free = self.fetching.try_update_value(|fetching| fetching.insert(id)) == Some(true);
        if !free && !matches!(ask.what, Direction::From(_) | Direction::Latest) {
            return;
        }
        spawn_local(async move {
            let limit = match ask.what {
                Direction::Latest | Direction::Older(_) => 5 * limits::MESSAGES_PAGE,
                Direction::Newer(_) => limits::PAGE_MAX,
                Direction::From(_) => JUMP,
            };
            let (before, after) = ask.what.bounds();
            let answer = messages(id, Some(limit), before, after).await;
            self.fetching.update_value(|fetching| _ = fetching.remove(&id));
            match answer {
                Ok(page) => {
                    self.change_log(id, |log| log.apply_page(page, ask));
                    then();
                    self.catch_up(id);
                }
                Err(refused) => self.fetch_failed(id, ask.what != Direction::Latest, &refused.0),
            }
        });
    }

    fn fetch_changes(self, id: ConversationId, after: u64) {
        if self.fetching.try_update_value(|fetching| fetching.insert(id)) != Some(true) {
            return;
        }
        spawn_local(async move {
            let answer = changes_after(id, after, Some(limits::PAGE_MAX)).await;
            self.fetching.update_value(|fetching| _ = fetching.remove(&id));
            match answer {
                Ok(page) => {
                    self.change_log(id, |log| log.apply_changes(page, after));
                    self.catch_up(id);
                }
                Err(refused) => self.fetch_failed(id, true, &refused.0),
            }
        });
    }

    fn fetch_failed(self, id: ConversationId, again: bool, why: &model::Rejection) {
        let passing = why.code.status() >= 500 || why.code == Code::RateLimited;
        if passing && again && self.connection.get_untracked() == Connection::Open {
            let pause = why.retry_after_s.map_or(LATER, Duration::from_secs);
            set_timeout(move || self.catch_up(id), pause);
        }
    }

    /// Tells the server of whom I want to know whether they are there: those of my newest small conversations.
    pub(super) fn watch_presence(self) {
        let small = |known: &&model::Conversation| {
            known.kind == ConversationKind::Direct || known.member_count <= limits::INTIMATE_MAX
        };
        let conversations: Vec<_> = self.conversations.with_untracked(|all| {
            let watched = all.iter().filter(small).take(limits::WATCH_MAX);
            watched.map(|known| known.id).collect()
        });
        let before = self
            .kept
            .try_update_value(|kept| std::mem::replace(&mut kept.watching, conversations.clone()));
        if before.as_ref() != Some(&conversations) && !self.transmit(&ClientFrame::Watch { conversations }) {
            self.kept.update_value(|kept| kept.watching.clear());
        }
    }
}

/// Leads to the sign-in and back.
pub(super) fn leave_to_sign_in() {
    let here = window().location().pathname().unwrap_or_default();
    browser_leave_for(&routes::sign_in_again(&here));
}
