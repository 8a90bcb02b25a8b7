//! What the mailbox's screens ask of this device: its copy of the mailbox, and the replication that goes on behind it. The
//! browser's plug provides it; on the server there is none, and the first page comes from the server's own rows.

use crate::{Soon, chat::use_store};
use leptos::prelude::Signal;
use model::mailbox::{Counts, Draft, FileLine, Folder, LetterPage, LetterView, Receipt, Shelf};
use std::sync::Arc;
use uuid::Uuid;

/// An answer of the copy.
pub type Told<T> = Soon<Result<T, MailTrouble>>;

/// Why the copy could not do it. Nothing was written then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailTrouble {
    /// The device has no room left.
    Full,
    /// The copy was made by a newer Roost: the page has to be loaded anew.
    Newer,
    /// It is not allowed; in words for its owner.
    Refused(String),
    /// This browser keeps nothing, or its database broke; in words for its owner.
    Broken(String),
}

/// How the copy stands with the server's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncState {
    /// Whether the copy has been complete at some time. Until then lists may lack letters.
    pub complete: bool,
    /// During the first filling: changes that came so far, and how many there are in all, if known.
    pub filling: Option<(u64, u64)>,
    /// Whether the server answered last time.
    pub online: bool,
    /// Whether something is under way just now.
    pub busy: bool,
    /// When both last agreed, in milliseconds since the epoch.
    pub agreed_at: Option<i64>,
    /// Orders that have no receipt yet.
    pub unsent: u64,
    /// Changes made here (any documents) that the server does not have yet.
    pub waiting: u64,
    /// The session is over: sign in again. Nothing is lost.
    pub signed_out: bool,
    /// Whether the browser promised not to throw the copy away.
    pub persisted: bool,
    /// Why nothing can be kept, if so.
    pub trouble: Option<MailTrouble>,
}

/// One version of a draft.
#[derive(Clone, Debug, PartialEq)]
pub struct DraftVersion {
    /// The revision.
    pub rev: String,
    /// What it says.
    pub draft: Draft,
    /// Its files, those that are here.
    pub files: Vec<FileLine>,
}

/// A draft: what is shown, and what other devices wrote instead at the same time.
#[derive(Clone, Debug, PartialEq)]
pub struct DraftView {
    /// The UUID of `d:`.
    pub id: Uuid,
    /// The newest.
    pub shown: DraftVersion,
    /// The others, newest first.
    pub others: Vec<DraftVersion>,
}

/// An order that is not done with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// The UUID of `o:`.
    pub id: Uuid,
    /// To whom.
    pub to: Vec<String>,
    /// One line.
    pub subject: String,
    /// The text.
    pub body: String,
    /// Its files.
    pub files: Vec<FileLine>,
    /// When it was written here, if it was, in milliseconds since the epoch.
    pub made_at: Option<i64>,
    /// How it stands.
    pub sending: sync::mailbox::Sending,
    /// What the server said, once it did.
    pub receipt: Option<Receipt>,
}

/// A change of how letters stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Put into a folder.
    Move(Folder),
    /// Read or not.
    Read(bool),
    /// With a star or without.
    Star(bool),
    /// Add a label.
    Label(String),
    /// Take a label away.
    Unlabel(String),
}

/// The mailbox on this device. Everything works without a network; what is written is on the disk when the answer comes, and
/// goes to the server behind it.
pub trait Mailbox: Send + Sync {
    /// A part of a list of letters (not of [`Shelf::Drafts`] and [`Shelf::Outbox`]), newest first: `limit` lines from the line
    /// numbered `skip`. Costs the same in a long list as in a short one.
    fn list(&self, shelf: Shelf, skip: u64, limit: u64) -> Told<LetterPage>;
    /// How many lie where.
    fn counts(&self) -> Told<Counts>;
    /// The letter, and those of its thread outside of the trash, oldest first; nothing when it is not here.
    fn thread(&self, letter: Uuid) -> Told<Vec<LetterView>>;
    /// Letters with these words in subject, text, or among the people, newest first: `limit` from the one numbered `skip`. The same hits as
    /// the server's search ([`sync::words`]).
    fn search(&self, question: String, skip: u64, limit: u64) -> Told<LetterPage>;
    /// Changes how letters stand, all of them or none. Answers what undoes it, for the letters that changed.
    fn mark(&self, letters: Vec<Uuid>, mark: Mark) -> Told<Vec<(Uuid, Mark)>>;

    /// All drafts, newest first.
    fn drafts(&self) -> Told<Vec<DraftView>>;
    /// A draft.
    fn draft(&self, id: Uuid) -> Told<Option<DraftView>>;
    /// Keeps a draft, strictly. `seen` is the revision it was made of; when another device or window wrote meanwhile, both are kept.
    /// Answers the new revision.
    fn save_draft(&self, id: Uuid, seen: Option<String>, draft: Draft) -> Told<String>;
    /// Makes this the only version of a draft.
    fn choose_draft(&self, id: Uuid, draft: Draft) -> Told<String>;
    /// Throws a draft away, with all its versions.
    fn discard_draft(&self, id: Uuid) -> Told<()>;

    /// Makes an order of a draft, and discards the draft, in one transaction. The order's UUID is the draft's: pressed twice,
    /// in two windows, or again after a crash, it is sent once.
    fn send(&self, draft: Uuid, content: Draft) -> Told<()>;
    /// Orders without a receipt, and refused ones until they are put away; newest first.
    fn outbox(&self) -> Told<Vec<Outgoing>>;
    /// Takes an order back that no server can have, and makes a draft of it again; answers the draft's UUID. Of one that was refused it makes a new draft,
    /// too. Refused when it may be with the server.
    fn take_back(&self, order: Uuid) -> Told<Uuid>;
    /// Puts away what is left of a refused order.
    fn forget_order(&self, order: Uuid) -> Told<()>;

    /// Keeps a file (`b:`), to be named in a draft.
    fn add_file(&self, name: String, media_type: String, bytes: Vec<u8>) -> Told<FileLine>;
    /// The bytes of a file: from here, or else from the server.
    fn file(&self, id: String) -> Told<Vec<u8>>;

    /// A preference that all devices share.
    fn preference(&self, name: &'static str) -> Told<Option<serde_json::Value>>;
    /// Sets it.
    fn prefer(&self, name: &'static str, value: serde_json::Value) -> Told<()>;

    /// How it stands with the server.
    fn state(&self) -> SyncState;
    /// Calls back after every change of [`Mailbox::state`] (`false`), and after every change of documents, by whatever window or device
    /// (`true`). As long as the page lives.
    fn watch(&self, changed: Box<dyn Fn(bool)>);
    /// Tries now.
    fn sync_now(&self);
    /// Throws this device's copy away and fills it anew. Refused while something waits that the server does not have.
    fn reset(&self) -> Told<()>;
    /// Downloads what is waiting, as a file of JSON, for who has to throw the copy away in spite of it.
    fn export_waiting(&self) -> Told<String>;
}

/// This device's copy of the mailbox: nothing on the server, and in the browser nothing until it is open, or when the browser keeps
/// nothing at all. It becomes another one when another account signs in.
#[must_use]
pub fn use_mailbox() -> Signal<Option<Arc<dyn Mailbox>>> {
    use_store().mailbox.into()
}
