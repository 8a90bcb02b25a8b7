//! How what is written is kept, and leaves. What is kept here outlives the screen on which it was written: going elsewhere in the
//! middle of a word loses nothing, and what was sent is not kept once more behind it.

use super::{
    mailbox::Mailbox,
    place,
    post::{Post, Undo, words},
};
use leptos::{prelude::*, task::spawn_local};
use model::mailbox::Draft;
use std::sync::Arc;
use sync::mailbox::{Sending, letter_uuid};
use uuid::Uuid;

const fn is_bad(sending: &Sending) -> bool {
    matches!(sending, Sending::Refused | Sending::Denied(_))
}

/// How a draft stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// As it was found.
    #[default]
    Untouched,
    /// Somebody types.
    Typing,
    /// On its way to the disk.
    Saving,
    /// On the disk.
    Saved,
    /// Neither kept nor sent, for this reason.
    Failed(String),
    /// It went to the outbox, or was thrown away.
    Over,
}

/// How a draft ends.
#[derive(Clone, Debug, PartialEq)]
enum Ending {
    Send(Draft),
    Discard(Draft),
    Forget,
}

/// What keeps one draft: one write at a time, of what was written last.
#[derive(Clone, Debug, Default)]
pub struct Keeper {
    /// How it stands.
    pub standing: Standing,
    /// The revision that what is written was made of.
    pub seen: Option<String>,
    next: Option<Draft>,
    ending: Option<Ending>,
    busy: bool,
}

impl Keeper {
    /// Whether there is something that is not on the disk.
    pub fn owes(&self) -> bool {
        self.busy || self.next.is_some() || matches!(self.standing, Standing::Typing | Standing::Failed(_))
    }
}

impl Post {
    fn keeper<T>(self, id: Uuid, change: impl FnOnce(&mut Keeper) -> T) -> Option<T> {
        self.keepers.try_update(|all| change(all.entry(id).or_default()))
    }

    /// How a draft stands.
    pub fn standing(self, id: Uuid) -> Standing {
        self.keepers
            .with(|all| all.get(&id).map(|keeper| keeper.standing.clone()))
            .unwrap_or_default()
    }

    /// Whether something of a draft is not on the disk.
    pub fn owes(self, id: Uuid) -> bool {
        self.keepers
            .with_untracked(|all| all.get(&id).is_some_and(Keeper::owes))
    }

    /// What was written last and waits to be written down.
    pub fn pending(self, id: Uuid) -> Option<Draft> {
        self.keepers
            .with_untracked(|all| all.get(&id).and_then(|keeper| keeper.next.clone()))
    }

    /// Whether it is being written down just now.
    pub fn is_busy(self, id: Uuid) -> bool {
        self.keepers
            .with_untracked(|all| all.get(&id).is_some_and(|keeper| keeper.busy))
    }

    /// The revision that a draft was last seen in.
    pub fn seen(self, id: Uuid) -> Option<String> {
        self.keepers
            .with_untracked(|all| all.get(&id).and_then(|keeper| keeper.seen.clone()))
    }

    /// What is on the screen was made of this revision.
    pub fn saw(self, id: Uuid, rev: Option<String>) {
        _ = self.keeper(id, |keeper| {
            keeper.seen = rev;
            keeper.standing = Standing::Untouched;
        });
    }

    /// A draft is open anew, after it was over.
    fn reopen_keeper(self, id: Uuid) {
        self.keepers.update(|all| _ = all.remove(&id));
    }

    /// Goes to a draft that was taken back.
    pub fn reopen(self, id: Uuid) {
        self.reopen_keeper(id);
        self.go(place::draft(id));
    }

    /// Somebody types.
    pub fn typing(self, id: Uuid) {
        if self.standing_untracked(id) != Standing::Typing {
            _ = self.keeper(id, |keeper| keeper.standing = Standing::Typing);
        }
    }

    fn standing_untracked(self, id: Uuid) -> Standing {
        untrack(|| self.standing(id))
    }

    /// Keeps a draft; of several that come while one is written, the last.
    pub fn keep(self, id: Uuid, draft: Draft) {
        self.work(id, |keeper| keeper.next = Some(draft));
    }

    /// Sends a letter: what is being kept is kept first, and nothing after it.
    pub fn send(self, id: Uuid, draft: Draft) {
        self.work(id, |keeper| keeper.ending = Some(Ending::Send(draft)));
    }

    /// Throws a draft away; that can be undone.
    pub fn discard(self, id: Uuid, draft: Draft) {
        self.work(id, |keeper| keeper.ending = Some(Ending::Discard(draft)));
    }

    /// Throws a draft away in which nobody has written.
    pub fn forget(self, id: Uuid) {
        self.work(id, |keeper| keeper.ending = Some(Ending::Forget));
    }

    fn work(self, id: Uuid, change: impl FnOnce(&mut Keeper)) {
        let Some(mailbox) = self.mailbox.get_untracked() else {
            let why = "This device can’t keep it yet: the mailbox is still being opened.".to_owned();
            _ = self.keeper(id, |keeper| {
                change(keeper);
                keeper.standing = Standing::Failed(why);
            });
            return;
        };
        let begin = self.keeper(id, |keeper| {
            if keeper.standing == Standing::Over {
                return false;
            }
            change(keeper);
            keeper.standing = Standing::Saving;
            !std::mem::replace(&mut keeper.busy, true)
        });
        if begin == Some(true) {
            spawn_local(self.drain(id, mailbox));
        }
    }

    /// Writes until nothing is left to be written.
    async fn drain(self, id: Uuid, mailbox: Arc<dyn Mailbox>) {
        loop {
            let taken = self.keeper(id, |keeper| {
                let ending = keeper.ending.take();
                let next = keeper.next.take().filter(|_| ending.is_none());
                (ending, next, keeper.seen.clone())
            });
            let (draft, seen) = match taken {
                Some((Some(ending), ..)) => return self.end(id, &*mailbox, ending).await,
                Some((None, Some(draft), seen)) => (draft, seen),
                _ => break,
            };
            match mailbox.save_draft(id, seen, draft.clone()).await {
                Ok(rev) => _ = self.keeper(id, |keeper| keeper.seen = Some(rev)),
                Err(trouble) => {
                    _ = self.keeper(id, |keeper| {
                        keeper.next.get_or_insert(draft);
                        keeper.busy = false;
                        keeper.standing = Standing::Failed(words(&trouble));
                    });
                    return;
                }
            }
        }
        self.unstash(id);
        _ = self.keeper(id, |keeper| {
            keeper.busy = false;
            if keeper.standing == Standing::Saving {
                keeper.standing = Standing::Saved;
            }
        });
    }

    /// Tells what became of letters that were sent from this page: from then on there is no way back.
    pub(super) async fn hear_of_sent(self, mailbox: &dyn Mailbox) {
        for order in self.sent.get_value() {
            let letter = letter_uuid(self.my_id(), order);
            let gone = mailbox.thread(letter).await.is_ok_and(|thread| !thread.is_empty());
            let refused = !gone
                && mailbox
                    .outbox()
                    .await
                    .is_ok_and(|all| all.iter().any(|one| one.id == order && is_bad(&one.sending)));
            if gone || refused {
                self.sent.update_value(|sent| sent.retain(|one| *one != order));
                self.undo
                    .update_value(|undo| _ = undo.take_if(|undo| *undo == Undo::Sent(order)));
                self.tell(
                    if gone {
                        "Letter sent."
                    } else {
                        "Nobody got the letter. It is in the outbox."
                    },
                    None,
                );
            }
        }
    }

    async fn end(self, id: Uuid, mailbox: &dyn Mailbox, ending: Ending) {
        let (done, told) = match ending {
            Ending::Send(draft) => (mailbox.send(id, draft).await, Some(("Sending…", Undo::Sent(id)))),
            Ending::Discard(draft) => {
                let told = ("Draft thrown away.", Undo::Draft(id, draft));
                (mailbox.discard_draft(id).await, Some(told))
            }
            Ending::Forget => (mailbox.discard_draft(id).await, None),
        };
        let failed = done.err().map(|trouble| words(&trouble));
        let over = failed.is_none();
        _ = self.keeper(id, |keeper| {
            keeper.busy = false;
            keeper.standing = failed.map_or(Standing::Over, Standing::Failed);
        });
        if over {
            self.unstash(id);
            if let Some((text, undo)) = told {
                if matches!(undo, Undo::Sent(_)) {
                    self.sent.update_value(|sent| sent.push(id));
                }
                self.tell(text, Some(undo));
            }
            self.refresh();
        }
    }
}
