//! How the chat comes to know more: the list, the latest page, older pages, and whatever a hole shows to be missing.

use super::{
    doors::{conversations, messages},
    store::{Connection, Store},
};
use crate::{routes, ui::browser_leave_for};
use leptos::{prelude::*, task::spawn_local};
use model::{Code, ConversationId, limits};
use std::time::Duration;
use sync::Direction;

impl Store {
    /// Asks for the list, and for what every opened conversation misses. Whoever is not signed in any more is led to the
    /// sign-in and back.
    pub fn refresh(self) {
        spawn_local(async move {
            match conversations().await {
                Ok(list) => {
                    self.absorb_conversations(list);
                    let ids: Vec<_> = self.logs.with_value(|logs| logs.keys().copied().collect());
                    ids.into_iter().for_each(|id| self.catch_up(id));
                }
                Err(refused) if refused.0.code == Code::NotSignedIn => {
                    let here = window().location().pathname().unwrap_or_default();
                    browser_leave_for(&routes::sign_in_again(&here));
                }
                Err(_) if self.connection.get_untracked() == Connection::Open => {
                    set_timeout(move || self.refresh(), Duration::from_secs(3));
                }
                Err(_) => {}
            }
        });
    }

    /// Makes sure that a conversation has its first page.
    pub(super) fn open(self, id: ConversationId) {
        if !self.log(id).with_untracked(sync::Log::opened) {
            self.fetch(id, Direction::Latest);
        }
    }

    /// Asks for the page before the oldest message.
    pub(super) fn load_older(self, id: ConversationId) {
        let before = self
            .log(id)
            .with_untracked(|log| log.has_older().then(|| log.oldest()).flatten());
        if let Some(before) = before {
            self.fetch(id, Direction::Older(before));
        }
    }

    /// Fills the first hole; each page that arrives looks for the next.
    pub(super) fn catch_up(self, id: ConversationId) {
        if let Some(hole) = self.log(id).with_untracked(sync::Log::hole) {
            self.fetch(id, Direction::Newer(hole.start - 1));
        }
    }

    fn fetch(self, id: ConversationId, asked: Direction) {
        if self.fetching.try_update_value(|fetching| fetching.insert(id)) != Some(true) {
            return;
        }
        spawn_local(async move {
            let (limit, before, after) = match asked {
                Direction::Latest => (limits::MESSAGES_PAGE, None, None),
                Direction::Older(before) => (3 * limits::MESSAGES_PAGE, Some(before), None),
                Direction::Newer(after) => (limits::PAGE_MAX, None, Some(after)),
            };
            let answer = messages(id, Some(limit), before, after).await;
            self.fetching.update_value(|fetching| _ = fetching.remove(&id));
            match answer {
                Ok(page) => {
                    self.log(id).update(|log| log.apply_page(page, asked));
                    self.catch_up(id);
                }
                Err(refused) => self.fetch_failed(id, asked, &refused.0),
            }
        });
    }

    fn fetch_failed(self, id: ConversationId, asked: Direction, why: &model::Rejection) {
        let passing = why.code.status() >= 500 || why.code == Code::RateLimited;
        if passing && asked != Direction::Latest && self.connection.get_untracked() == Connection::Open {
            set_timeout(
                move || self.catch_up(id),
                Duration::from_secs(why.retry_after_s.unwrap_or(3)),
            );
        }
    }
}
