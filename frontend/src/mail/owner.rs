//! The mailbox, for the screens.

use super::copy::{
    desk::{Done, Refusal},
    hub::{Hub, Trouble},
    read::{Going, Version},
};
use app::{DraftVersion, DraftView, MailTrouble, Mailbox, Mark, Outgoing, SyncState, Told};
use model::mailbox::{Counts, Draft, FileLine, LetterPage, LetterView, Shelf};
use std::{cell::RefCell, rc::Rc};
use sync::mailbox::{replica::StoreError, view::Marking};
use uuid::Uuid;

thread_local! {
    static HUB: RefCell<Option<Rc<Hub>>> = const { RefCell::new(None) };
}

/// The mailbox of whoever is signed in here. A page is one person's as long as it lives.
pub struct Owner;

impl Owner {
    /// Of this hub.
    pub fn of(hub: Rc<Hub>) -> Self {
        HUB.set(Some(hub));
        Self
    }
}

fn hub() -> Option<Rc<Hub>> {
    HUB.with_borrow(Clone::clone)
}

/// Does something with the hub.
fn tell<T: 'static, F: Future<Output = Done<T>> + 'static>(act: impl FnOnce(Rc<Hub>) -> F + 'static) -> Told<T> {
    Box::pin(async move {
        let Some(hub) = hub() else {
            return Err(MailTrouble::Broken("This browser keeps no mailbox.".to_owned()));
        };
        act(hub).await.map_err(|refusal| match refusal {
            Refusal::Store(error) => trouble(&Trouble::from(&error)),
            Refusal::Refused(reason) => MailTrouble::Refused(reason),
            Refusal::Moved => trouble(&Trouble::from(&StoreError::Lost)),
        })
    })
}

fn trouble(trouble: &Trouble) -> MailTrouble {
    match trouble {
        Trouble::Full => MailTrouble::Full,
        Trouble::Newer => MailTrouble::Newer,
        Trouble::Broken(words) => MailTrouble::Broken(words.clone()),
    }
}

fn marking(mark: Mark) -> Marking {
    match mark {
        Mark::Move(folder) => Marking::Move(folder),
        Mark::Read(read) => Marking::Read(read),
        Mark::Star(starred) => Marking::Star(starred),
        Mark::Label(label) => Marking::Label(label),
        Mark::Unlabel(label) => Marking::Unlabel(label),
    }
}

fn marked(marking: Marking) -> Mark {
    match marking {
        Marking::Move(folder) => Mark::Move(folder),
        Marking::Read(read) => Mark::Read(read),
        Marking::Star(starred) => Mark::Star(starred),
        Marking::Label(label) => Mark::Label(label),
        Marking::Unlabel(label) => Mark::Unlabel(label),
    }
}

fn version((rev, draft, files): Version) -> DraftVersion {
    DraftVersion { rev, draft, files }
}

fn view((id, shown, others): (Uuid, Version, Vec<Version>)) -> DraftView {
    DraftView {
        id,
        shown: version(shown),
        others: others.into_iter().map(version).collect(),
    }
}

fn outgoing(going: Going) -> Outgoing {
    Outgoing {
        id: going.id,
        to: going.order.to,
        subject: going.order.subject,
        body: going.order.body,
        files: going.files,
        made_at: going.made_at,
        sending: going.sending,
        receipt: going.receipt,
    }
}

impl Mailbox for Owner {
    fn list(&self, shelf: Shelf, skip: u64, limit: u64) -> Told<LetterPage> {
        tell(move |hub| async move { hub.list(&shelf, skip, limit).await })
    }

    fn counts(&self) -> Told<Counts> {
        tell(|hub| async move { hub.counts().await })
    }

    fn thread(&self, letter: Uuid) -> Told<Vec<LetterView>> {
        tell(move |hub| async move { hub.thread(letter).await })
    }

    fn search(&self, question: String, skip: u64, limit: u64) -> Told<LetterPage> {
        tell(move |hub| async move { hub.search(&question, skip, limit).await })
    }

    fn mark(&self, letters: Vec<Uuid>, mark: Mark) -> Told<Vec<(Uuid, Mark)>> {
        tell(move |hub| async move {
            let undo = hub.mark(&letters, &marking(mark)).await?;
            Ok(undo.into_iter().map(|(id, undo)| (id, marked(undo))).collect())
        })
    }

    fn drafts(&self) -> Told<Vec<DraftView>> {
        tell(|hub| async move { Ok(hub.drafts().await?.into_iter().map(view).collect()) })
    }

    fn draft(&self, id: Uuid) -> Told<Option<DraftView>> {
        tell(move |hub| async move { Ok(hub.drafts_of(&[format!("d:{id}")]).await?.pop().map(view)) })
    }

    fn save_draft(&self, id: Uuid, seen: Option<String>, draft: Draft) -> Told<String> {
        tell(move |hub| async move { hub.save_draft(id, seen, draft).await })
    }

    fn choose_draft(&self, id: Uuid, draft: Draft) -> Told<String> {
        tell(move |hub| async move { hub.choose_draft(id, draft).await })
    }

    fn discard_draft(&self, id: Uuid) -> Told<()> {
        tell(move |hub| async move { hub.discard_draft(id).await })
    }

    fn send(&self, draft: Uuid, content: Draft) -> Told<()> {
        tell(move |hub| async move { hub.send(draft, content).await })
    }

    fn outbox(&self) -> Told<Vec<Outgoing>> {
        tell(|hub| async move { Ok(hub.outbox().await?.into_iter().map(outgoing).collect()) })
    }

    fn take_back(&self, order: Uuid) -> Told<Uuid> {
        tell(move |hub| async move {
            let refused = hub.outbox().await?.into_iter().any(|going| {
                let over = matches!(
                    going.sending,
                    sync::mailbox::Sending::Refused | sync::mailbox::Sending::Denied(_)
                );
                going.id == order && over
            });
            hub.take_back(order, refused).await
        })
    }

    fn forget_order(&self, order: Uuid) -> Told<()> {
        tell(move |hub| async move { hub.forget_order(order).await })
    }

    fn add_file(&self, name: String, media_type: String, bytes: Vec<u8>) -> Told<FileLine> {
        tell(move |hub| async move { hub.add_file(name, media_type, bytes).await })
    }

    fn file(&self, id: String) -> Told<Vec<u8>> {
        tell(move |hub| async move { hub.file(&id).await })
    }

    fn preference(&self, name: &'static str) -> Told<Option<serde_json::Value>> {
        tell(move |hub| async move { hub.preference(name).await })
    }

    fn prefer(&self, name: &'static str, value: serde_json::Value) -> Told<()> {
        tell(move |hub| async move { hub.prefer(name, value).await })
    }

    fn state(&self) -> SyncState {
        let Some(hub) = hub() else {
            return SyncState::default();
        };
        let standing = hub.standing();
        let gone = || MailTrouble::Broken("This mailbox is not on the server any more.".to_owned());
        SyncState {
            complete: standing.complete,
            filling: standing.filling,
            online: standing.online,
            busy: standing.busy,
            agreed_at: standing.agreed_at,
            unsent: standing.unsent,
            waiting: standing.waiting,
            signed_out: standing.signed_out,
            persisted: standing.persisted,
            trouble: standing
                .broken
                .as_ref()
                .map(trouble)
                .or_else(|| standing.gone.then(gone)),
        }
    }

    fn watch(&self, changed: Box<dyn Fn(bool)>) {
        if let Some(hub) = hub() {
            hub.watch(changed);
        }
    }

    fn sync_now(&self) {
        if let Some(hub) = hub() {
            hub.hurry_up();
        }
    }

    fn reset(&self) -> Told<()> {
        tell(|hub| async move { hub.reset().await })
    }

    fn export_waiting(&self) -> Told<String> {
        tell(|hub| async move { hub.export_waiting().await })
    }
}
