//! All that the mailbox's screens know in this browser. The copy on this device feeds it; until there is one, the server does.
//!
//! | file | holds |
//! |---|---|
//! | this one | the signals, and how they hear of changes |
//! | `post_list` | which part of which list is held, and where it comes from |
//! | `post_marks` | what is done with letters, and undone |
//! | `post_drafts` | how what is written is kept, and leaves |

use super::{
    mailbox::{MailTrouble, Mailbox, Mark, SyncState, use_mailbox},
    place::Asked,
    post_drafts::Keeper,
};
use crate::{
    chat::{Store, use_store},
    time::{Wall, use_wall},
};
use leptos::{prelude::*, task::spawn_local};
use model::{
    AccountId, Person,
    mailbox::{Counts, Draft, Folder, LetterPage, LetterView, Shelf},
};
use std::{collections::HashMap, sync::Arc, time::Duration};
use uuid::Uuid;

/// Changes that come one upon the other are looked at together.
const TOGETHER: Duration = Duration::from_millis(60);
/// For how long a sentence with a way back is shown.
const TOLD: Duration = Duration::from_secs(12);

/// The part of a list that is in the page.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// Of which list.
    pub asked: Asked,
    /// The number of the first line.
    pub skip: u64,
    /// The lines, and how many there are in all.
    pub page: LetterPage,
}

/// The letter that is read, with its thread.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The letter that was asked for.
    pub letter: Uuid,
    /// All of the thread, oldest first; empty when the letter is not here.
    pub thread: Vec<LetterView>,
}

/// What takes something back.
#[derive(Clone, Debug, PartialEq)]
pub enum Undo {
    /// How the letters stood.
    Marks(Vec<(Uuid, Mark)>),
    /// A letter that was just sent.
    Sent(Uuid),
    /// A draft that was just thrown away.
    Draft(Uuid, Draft),
}

/// A sentence in passing, with a way back if there is one.
#[derive(Clone, Debug, PartialEq)]
pub struct Toast {
    /// What was done, or why not.
    pub text: String,
    /// What takes it back.
    pub undo: Option<Undo>,
}

/// All of it. Copying it copies a handle.
#[derive(Clone, Copy)]
pub struct Post {
    /// Who I am, and what is told to those who listen.
    pub store: Store,
    /// The device's wall clock.
    pub wall: RwSignal<Wall>,
    /// The copy on this device.
    pub mailbox: Signal<Option<Arc<dyn Mailbox>>>,
    /// Grows whenever documents changed.
    pub fresh: RwSignal<u32>,
    /// How the copy stands with the server.
    pub state: RwSignal<SyncState>,
    /// How many lie where.
    pub counts: RwSignal<Counts>,
    /// What the list shows.
    pub held: RwSignal<Option<Held>>,
    /// Why the list can't be shown.
    pub trouble: RwSignal<Option<String>>,
    /// What is read.
    pub reading: RwSignal<Option<Reading>>,
    /// The letter that is open beside the list.
    pub open: RwSignal<Option<Uuid>>,
    /// Whether the open letter is to get the focus once it is there.
    pub attending: RwSignal<bool>,
    /// The letter that keys act on.
    pub cursor: RwSignal<Option<Uuid>>,
    /// The letters that were chosen, in the order of choosing.
    pub chosen: RwSignal<Vec<Uuid>>,
    /// What is told in passing.
    pub toast: RwSignal<Option<Toast>>,
    /// Whose labels are looked at.
    pub labelling: RwSignal<Option<Vec<Uuid>>>,
    /// What a new letter begins with.
    pub begun: StoredValue<Option<(Uuid, Draft)>>,
    /// People who were chosen to get letters.
    pub met: StoredValue<Vec<Person>>,
    pub(super) keepers: RwSignal<HashMap<Uuid, Keeper>>,
    /// Letters that were sent from this page and are not known to be gone yet.
    pub(super) sent: StoredValue<Vec<Uuid>>,
    /// What can be taken back by a key, also when nothing tells of it any more.
    pub(super) undo: StoredValue<Option<Undo>>,
    /// The letter whose line gets the focus once it is there.
    pub(super) wanted: StoredValue<Option<Uuid>>,
    due: StoredValue<bool>,
    unread: StoredValue<Option<u64>>,
}

/// The one of this page.
pub fn use_post() -> Post {
    use_context().unwrap_or_else(Post::new)
}

/// Makes it and provides it to all pages: the number of unread letters is seen from everywhere.
pub fn provide_post() {
    let post = Post::new();
    provide_context(post);
    post.listen();
}

/// A trouble in words for a person.
pub fn words(trouble: &MailTrouble) -> String {
    match trouble {
        MailTrouble::Full => {
            "This device has no room left. Nothing was kept; free some room, and try again.".to_owned()
        }
        MailTrouble::Newer => "A newer Roost is open in another window. Load this page again.".to_owned(),
        MailTrouble::Refused(why) | MailTrouble::Broken(why) => why.clone(),
    }
}

impl Post {
    fn new() -> Self {
        Self {
            store: use_store(),
            wall: use_wall(),
            mailbox: use_mailbox(),
            fresh: RwSignal::new(0),
            state: RwSignal::default(),
            counts: RwSignal::default(),
            held: RwSignal::new(None),
            trouble: RwSignal::new(None),
            reading: RwSignal::new(None),
            open: RwSignal::new(None),
            attending: RwSignal::new(false),
            cursor: RwSignal::new(None),
            chosen: RwSignal::default(),
            toast: RwSignal::new(None),
            labelling: RwSignal::new(None),
            begun: StoredValue::new(None),
            met: StoredValue::default(),
            keepers: RwSignal::default(),
            sent: StoredValue::default(),
            undo: StoredValue::new(None),
            wanted: StoredValue::new(None),
            due: StoredValue::new(false),
            unread: StoredValue::new(None),
        }
    }

    /// Who I am.
    pub fn my_id(self) -> AccountId {
        let me = self.store.me.with_untracked(|me| me.as_ref().map(|me| me.id));
        me.unwrap_or(AccountId(Uuid::nil()))
    }

    fn listen(self) {
        Effect::new(move || {
            let Some(mailbox) = self.mailbox.get() else { return };
            self.look(&*mailbox, true);
            self.take_up();
            let held = Arc::downgrade(&mailbox);
            mailbox.watch(Box::new(move |documents| {
                if let Some(mailbox) = held.upgrade() {
                    self.look(&*mailbox, documents);
                }
            }));
        });
    }

    /// Something changed: how it stands, or the documents.
    fn look(self, mailbox: &dyn Mailbox, documents: bool) {
        let state = mailbox.state();
        let completed = state.complete && !self.state.with_untracked(|state| state.complete);
        if self.state.with_untracked(|known| *known != state) {
            self.state.set(state);
        }
        if (documents || completed) && self.due.try_update_value(|due| std::mem::replace(due, true)) == Some(false) {
            set_timeout(
                move || {
                    self.due.set_value(false);
                    self.refresh();
                },
                TOGETHER,
            );
        }
    }

    /// Looks at everything anew.
    pub fn refresh(self) {
        self.fresh.update(|fresh| *fresh = fresh.wrapping_add(1));
        if let Some(copy) = self.copy() {
            spawn_local(async move {
                self.hear_of_sent(&*copy).await;
                if let Ok(counts) = copy.counts().await {
                    self.hear_of_new(&*copy, counts.inbox_unread).await;
                    if self.counts.with_untracked(|known| *known != counts) {
                        self.counts.set(counts);
                    }
                }
            });
        }
    }

    /// The copy, once it is whole: before, the server knows better.
    pub fn copy(self) -> Option<Arc<dyn Mailbox>> {
        let whole = self.state.with_untracked(|state| state.complete);
        self.mailbox.get_untracked().filter(|_| whole)
    }

    /// Tells those who listen of a letter that came just now, and of nothing else.
    async fn hear_of_new(self, copy: &dyn Mailbox, unread: u64) {
        let before = self.unread.try_update_value(|known| known.replace(unread)).flatten();
        if before.is_none_or(|before| before >= unread) {
            return;
        }
        if let Ok(page) = copy.list(Shelf::Folder(Folder::Inbox), 0, 1).await
            && let Some(line) = page.lines.into_iter().next().filter(|line| !line.read)
        {
            let who = line.from.display_name;
            self.store.said.set(format!("New letter from {who}: {}", line.subject));
        }
    }

    /// Goes to a page.
    pub fn go(self, path: String) {
        self.store.lead.set(Some(path));
    }

    /// Tells something in passing.
    pub fn tell(self, text: impl Into<String>, undo: Option<Undo>) {
        let text = text.into();
        self.store.said.set(text.clone());
        if undo.is_some() {
            self.undo.set_value(undo.clone());
        }
        let toast = Toast { text, undo };
        self.toast.set(Some(toast.clone()));
        set_timeout(
            move || {
                if self.toast.with_untracked(|now| now.as_ref() == Some(&toast)) {
                    self.toast.set(None);
                }
            },
            TOLD,
        );
    }

    /// Tells why something could not be done.
    pub fn warn(self, trouble: &MailTrouble) {
        self.tell(words(trouble), None);
    }
}
