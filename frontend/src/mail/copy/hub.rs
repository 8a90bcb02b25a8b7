//! All that this window knows of one account's mailbox: its copy, its clock, and how it stands with the server.

use super::{
    bell::Bell,
    glue::{Net, Shelf},
    store::Copy,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};
use sync::mailbox::{
    Checkpoint, Clock,
    replica::{Batch, Commit, Read, Rows, Store, StoreError},
};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen_futures::spawn_local;

const DEVICE: &str = "device";
const CLOCK: &str = "clock";
const COMPLETE: &str = "complete";
/// Numbers are counted again so long after a change: many come together.
const COUNT_AFTER: Duration = Duration::from_millis(250);

/// How it stands with the server. The window that leads tells the others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Whether the copy has been complete at some time.
    pub complete: bool,
    /// During the first filling: changes that came, and how many there are.
    pub filling: Option<(u64, u64)>,
    /// Whether the server answered last time.
    pub online: bool,
    /// Whether something is under way.
    pub busy: bool,
    /// When both agreed last, in milliseconds since the epoch.
    pub agreed_at: Option<i64>,
    /// The session is over.
    pub signed_out: bool,
    /// There is no such mailbox any more.
    pub gone: bool,
    /// Why the copy can't go on.
    pub broken: Option<Trouble>,
    /// Orders without a receipt.
    pub unsent: u64,
    /// Changes that the server does not have.
    pub waiting: u64,
    /// Whether the browser promised to keep the copy.
    #[serde(skip)]
    pub persisted: bool,
}

/// Why a copy can't go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trouble {
    /// No room left.
    Full,
    /// A newer version has the database.
    Newer,
    /// Anything else.
    Broken(String),
}

impl From<&StoreError> for Trouble {
    fn from(error: &StoreError) -> Self {
        match error {
            StoreError::Full => Self::Full,
            StoreError::Newer => Self::Newer,
            other => Self::Broken(other.to_string()),
        }
    }
}

/// What windows tell each other.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Hint {
    /// Documents changed.
    Wrote,
    /// Try now.
    Hurry,
    /// How does it stand?
    How,
    /// So.
    Stands(Standing),
}

/// What wakes the lanes.
pub type Wake = Box<dyn Fn(Why)>;
type Listener = Rc<dyn Fn(bool)>;

/// The mailbox of this window.
pub struct Hub {
    /// Where it is on the server.
    pub address: String,
    /// A name for the account.
    account: String,
    shelf: Shelf,
    /// The way to the server.
    pub net: Net,
    copy: RefCell<Option<Rc<Copy>>>,
    device: RefCell<String>,
    /// By which what is written here is stamped.
    pub clock: Cell<Clock>,
    standing: RefCell<Standing>,
    /// Whether this window is the one that replicates.
    pub leads: Cell<bool>,
    /// Rung when something was written, or time came.
    pub hurry: RefCell<Option<Wake>>,
    listeners: RefCell<Vec<Listener>>,
    asked: Cell<bool>,
    tell: RefCell<Option<js_sys::Function>>,
    counting: Bell,
}

/// Why lanes are woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Something was written here.
    Wrote,
    /// The network may be back, or somebody wants it now.
    Hurry,
    /// Nobody knows what became of the server meanwhile.
    Frozen,
    /// The database is another one.
    Reborn,
}

impl Hub {
    /// Opens the copy.
    pub async fn open(shelf: Shelf, net: Net, account: &str, address: String) -> Result<Rc<Self>, StoreError> {
        let hub = Rc::new(Self {
            address,
            account: account.to_owned(),
            shelf,
            net,
            copy: RefCell::default(),
            device: RefCell::default(),
            clock: Cell::default(),
            standing: RefCell::default(),
            leads: Cell::new(false),
            hurry: RefCell::default(),
            listeners: RefCell::default(),
            asked: Cell::new(false),
            tell: RefCell::default(),
            counting: Bell::default(),
        });
        hub.copy().await?;
        hub.listen();
        spawn_local(hub.clone().keep_counting());
        hub.counting.ring();
        hub.say(&Hint::How);
        spawn_local(hub.clone().note_promise(false));
        Ok(hub)
    }

    /// The copy, opened anew when its database was wiped.
    pub async fn copy(&self) -> Result<Rc<Copy>, StoreError> {
        if let Some(copy) = self.copy.borrow().clone().filter(|copy| !copy.is_wiped()) {
            return Ok(copy);
        }
        let copy = Rc::new(Copy::open(self.shelf.clone()).await?);
        self.settle_in(&copy).await?;
        let another = self.copy.borrow_mut().replace(copy.clone()).is_some();
        if another {
            self.wake(Why::Reborn);
            self.tell_listeners(true);
        }
        Ok(copy)
    }

    /// Reads what the copy keeps for itself; gives it a name when it has none.
    async fn settle_in(&self, copy: &Copy) -> Result<(), StoreError> {
        loop {
            let found = copy.read(&Read::Locals(DEVICE.to_owned())).await?;
            let Rows::Locals(rows) = found.rows else { continue };
            let known = rows.into_iter().find(|(name, _)| name == DEVICE);
            if let Some(Value::String(device)) = known.map(|(_, value)| value) {
                self.device.replace(device);
                break;
            }
            let batch = Batch {
                // The head moves, so that of two windows one has its way.
                expected: Some(found.head),
                head: Some(found.head + 1),
                locals: vec![(DEVICE.to_owned(), Some(super::browser::random().into()))],
                strict: true,
                ..Batch::default()
            };
            _ = copy.commit(&batch).await?;
        }
        let mut fresh = Standing::default();
        for (name, value) in copy.locals("c").await? {
            match name.as_str() {
                CLOCK => self.clock.set(serde_json::from_value(value).unwrap_or_default()),
                COMPLETE => fresh.complete = true,
                _ => {}
            }
        }
        self.change(|standing| {
            standing.complete = fresh.complete;
            standing.broken = None;
        });
        Ok(())
    }

    /// The copy's name for itself.
    pub fn device(&self) -> String {
        self.device.borrow().clone()
    }

    /// The clock, as it is kept with what was stamped by it.
    pub fn clock_note(&self, clock: Clock) -> (String, Option<Value>) {
        (CLOCK.to_owned(), serde_json::to_value(clock).ok())
    }

    /// The copy is complete, for the first time.
    pub async fn completed(&self) {
        let batch = Batch {
            locals: vec![(COMPLETE.to_owned(), Some(true.into()))],
            ..Batch::default()
        };
        if let Ok(copy) = self.copy().await
            && copy.commit(&batch).await == Ok(Commit::Done)
        {
            self.change(|standing| {
                standing.complete = true;
                standing.filling = None;
            });
        }
    }

    /// Asks the browser not to throw the copy away, once somebody wrote into it.
    pub fn ask_to_persist(self: &Rc<Self>) {
        if !self.asked.replace(true) {
            spawn_local(self.clone().note_promise(true));
        }
    }

    async fn note_promise(self: Rc<Self>, ask: bool) {
        let promised = self.net.persist(ask).await.is_ok_and(|promised| promised.is_truthy());
        self.change(|standing| standing.persisted = promised);
    }

    /// How it stands.
    pub fn standing(&self) -> Standing {
        self.standing.borrow().clone()
    }

    /// Changes how it stands, and tells when that is news.
    pub fn change(&self, act: impl FnOnce(&mut Standing)) {
        let (before, after) = {
            let mut standing = self.standing.borrow_mut();
            let before = standing.clone();
            act(&mut standing);
            (before, standing.clone())
        };
        if before == after {
            return;
        }
        if self.leads.get() {
            self.say(&Hint::Stands(after));
        }
        self.tell_listeners(false);
    }

    /// Documents changed, by this window.
    pub fn wrote(&self) {
        self.say(&Hint::Wrote);
        self.heard_of_change();
        self.wake(Why::Wrote);
    }

    /// The replicator wrote, documents or only how far it is.
    pub fn replicated(&self, documents: bool) {
        self.counting.ring();
        if documents {
            self.say(&Hint::Wrote);
            self.tell_listeners(true);
        }
    }

    /// Tries now, in whichever window leads.
    pub fn hurry_up(&self) {
        self.say(&Hint::Hurry);
        self.wake(Why::Hurry);
    }

    /// Wakes the lanes of this window.
    pub fn wake(&self, why: Why) {
        if let Some(hurry) = self.hurry.borrow().as_ref() {
            hurry(why);
        }
    }

    /// Hears of all changes from now on: whether documents did, or only how it stands.
    pub fn watch(&self, changed: impl Fn(bool) + 'static) {
        self.listeners.borrow_mut().push(Rc::new(changed));
    }

    fn heard_of_change(&self) {
        self.counting.ring();
        self.tell_listeners(true);
    }

    fn tell_listeners(&self, documents: bool) {
        // A listener may ask for more to be heard.
        let listeners = self.listeners.borrow().clone();
        listeners.iter().for_each(|listener| listener(documents));
    }

    fn say(&self, hint: &Hint) {
        let text = super::batch::json(hint);
        if let Some(tell) = self.tell.borrow().as_ref() {
            _ = tell.call1(&wasm_bindgen::JsValue::NULL, &text.into());
        }
    }

    fn listen(self: &Rc<Self>) {
        let hub = self.clone();
        let hear = Closure::<dyn Fn(String)>::new(move |text: String| match serde_json::from_str(&text) {
            Ok(Hint::Wrote) => {
                hub.heard_of_change();
                hub.wake(Why::Wrote);
            }
            Ok(Hint::Hurry) => hub.wake(Why::Hurry),
            Ok(Hint::How) if hub.leads.get() => hub.say(&Hint::Stands(hub.standing())),
            Ok(Hint::Stands(theirs)) if !hub.leads.get() => hub.change(|mine| {
                *mine = Standing {
                    persisted: mine.persisted,
                    ..theirs
                };
            }),
            // A newer version's window says what this one does not know.
            _ => {}
        });
        self.tell.replace(Some(self.net.channel(&self.account, &hear)));
        // It lives as long as the page.
        hear.forget();
    }

    /// Counts what waits, after each change.
    async fn keep_counting(self: Rc<Self>) {
        loop {
            self.counting.heard().await;
            gloo_timers::future::sleep(COUNT_AFTER).await;
            if let Ok((unsent, waiting)) = self.count().await {
                self.change(|standing| {
                    standing.unsent = unsent;
                    standing.waiting = waiting;
                });
            }
        }
    }

    /// Counts now: orders without a receipt, and changes that the server does not have.
    pub async fn count(&self) -> Result<(u64, u64), StoreError> {
        owed(&*self.copy().await?).await
    }
}

/// What a copy has that the server may lack: orders without a receipt, and changes.
pub async fn owed(copy: &Copy) -> Result<(u64, u64), StoreError> {
    let (.., unsent) = copy.counts(&[]).await?;
    let waiting = copy.mine(pushed(copy).await?).await?;
    Ok((unsent, waiting))
}

/// Up to which number of a copy the server is known to have all.
pub async fn pushed(copy: &Copy) -> Result<u64, StoreError> {
    let device = copy.locals(DEVICE).await?;
    let device = device
        .iter()
        .find_map(|(_, device)| device.as_str())
        .unwrap_or_default();
    let name = format!("note/roost-push-{device}");
    let notes = copy.locals(&name).await?;
    let note = notes.into_iter().find(|(found, _)| *found == name);
    let note: Option<Checkpoint> = note.and_then(|(_, note)| serde_json::from_value(note).ok());
    Ok(note.and_then(|note| note.last_seq.as_u64()).unwrap_or(0))
}
