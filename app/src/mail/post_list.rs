//! Which part of which list is held, and where it comes from.

use super::{
    doors,
    mailbox::{MailTrouble, Mailbox},
    page::list_of,
    place::Asked,
    post::{Held, Post, Reading, words},
    window::HELD,
};
use leptos::{prelude::*, task::spawn_local};
use model::mailbox::{LetterLine, LetterPage, LetterView};
use std::sync::Arc;
use uuid::Uuid;

async fn ask(copy: Arc<dyn Mailbox>, asked: &Asked, skip: u64, limit: u64) -> Result<LetterPage, MailTrouble> {
    match asked {
        Asked::Shelf(shelf) => copy.list(shelf.clone(), skip, limit).await,
        Asked::Search(question) => copy.search(question.clone(), skip, limit).await,
    }
}

impl Post {
    /// A part of a list: from the copy once that is whole, else from the server, else from what there is of the copy.
    pub async fn part(self, asked: &Asked, skip: u64, limit: u64) -> Result<LetterPage, String> {
        if let Some(copy) = self.copy() {
            return ask(copy, asked, skip, limit).await.map_err(|trouble| words(&trouble));
        }
        let list = list_of(asked);
        let question = (!asked.question().is_empty()).then(|| asked.question().to_owned());
        match doors::letters(list, question, skip, limit).await {
            Ok(page) => Ok(page),
            Err(refused) => match self.mailbox.get_untracked() {
                Some(copy) => ask(copy, asked, skip, limit).await.map_err(|trouble| words(&trouble)),
                None => Err(refused.0.detail.into_owned()),
            },
        }
    }

    /// Holds another part, or the same one as it is now. What is shown stays until it comes.
    pub fn hold(self, asked: Asked, skip: u64, still: impl Fn() -> bool + 'static) {
        spawn_local(async move {
            let page = self.part(&asked, skip, HELD).await;
            // Somebody may look elsewhere by now.
            if !still() {
                return;
            }
            match page {
                Ok(page) => {
                    let held = Some(Held { asked, skip, page });
                    self.trouble.maybe_update(|trouble| trouble.take().is_some());
                    if self.held.with_untracked(|known| *known != held) {
                        self.held.set(held);
                    }
                }
                Err(why) => self.trouble.set(Some(why)),
            }
        });
    }

    /// Reads a letter with its thread.
    pub async fn thread(self, letter: Uuid) -> Result<Vec<LetterView>, String> {
        if let Some(copy) = self.copy() {
            return copy.thread(letter).await.map_err(|trouble| words(&trouble));
        }
        match doors::letter(letter).await {
            Ok(thread) => Ok(thread),
            Err(refused) if refused.0.code == model::Code::NotFound => Ok(Vec::new()),
            Err(refused) => match self.mailbox.get_untracked() {
                Some(copy) => copy.thread(letter).await.map_err(|trouble| words(&trouble)),
                None => Err(refused.0.detail.into_owned()),
            },
        }
    }

    /// Shows a letter, or how it is now.
    pub fn read(self, letter: Uuid) {
        spawn_local(async move {
            let thread = self.thread(letter).await;
            if self.open.get_untracked() != Some(letter) {
                return;
            }
            match thread {
                Ok(thread) => {
                    let reading = Some(Reading { letter, thread });
                    if self.reading.with_untracked(|known| *known != reading) {
                        self.reading.set(reading);
                    }
                }
                Err(why) => self.tell(why, None),
            }
        });
    }

    /// A letter that is in the page, in the list or open.
    pub fn line(self, id: Uuid) -> Option<LetterLine> {
        let in_list = self.held.with_untracked(|held| {
            let held = held.as_ref()?;
            held.page.lines.iter().find(|line| line.id == id).cloned()
        });
        in_list.or_else(|| {
            self.reading.with_untracked(|reading| {
                let letters = &reading.as_ref()?.thread;
                letters
                    .iter()
                    .find(|letter| letter.line.id == id)
                    .map(|letter| letter.line.clone())
            })
        })
    }
}
