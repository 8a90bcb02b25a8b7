//! What both lanes have in common.

use super::{Failure, Question, Reply, pull::Pull, push::Push};
use crate::{
    Backoff,
    mailbox::{
        Checkpoint, Seq,
        replica::{Batch, Commit, Found, Read, StoreError},
    },
};
use serde_json::Value;
use std::time::Duration;

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lane {
    /// From the server.
    Pull,
    /// To the server.
    Push,
}

/// What is to be done next.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Read from the store.
    Read(Read),
    /// Commit to the store.
    Commit(Box<Batch>),
    /// Ask the server, with patience for [`Question::deadline`].
    Ask(Box<Question>),
    /// Wait for so long, or until the device is online again.
    Wait(Duration),
    /// Wait until something is written here, or [`Replicator::done`] of the other lane says so. A wake-up that came while the lane was
    /// busy counts for its next sleep.
    Sleep,
    /// There is nothing more to be done by this lane, until its owner did something.
    Stop(Stopped),
}

/// Why a lane stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// The session is over: sign in again. Nothing is lost.
    SignedOut,
    /// The mailbox is not there any more.
    Gone,
    /// The store can't go on.
    Store(StoreError),
}

/// What came of a step.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Of [`Step::Read`].
    Found(Found),
    /// Of [`Step::Commit`].
    Committed(Commit),
    /// Of either, when the store failed.
    StoreFailed(StoreError),
    /// Of [`Step::Ask`].
    Told(Reply),
    /// Of the same, when there is no answer.
    Failed(Failure),
    /// The time is over, or somebody wrote.
    Woken,
}

/// Whose copy it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// A name for this copy, which it keeps as long as it lives: notes on the server are named by it.
    pub device: String,
    /// A name for this run of the replicator that no other run has, such as a random UUID.
    pub run: String,
    /// Rows in a page.
    pub page: usize,
}

impl Config {
    /// With pages as large as the server gives them.
    #[must_use]
    pub fn new(device: &str, run: &str) -> Self {
        Self {
            device: device.to_owned(),
            run: run.to_owned(),
            page: model::limits::BULK_MAX,
        }
    }
}

/// Both lanes of one copy.
#[derive(Clone, Debug)]
pub struct Replicator {
    pull: Pull,
    push: Push,
}

impl Replicator {
    /// Both at their beginning.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self {
            pull: Pull::new(Session::new(config, Lane::Pull)),
            push: Push::new(Session::new(config, Lane::Push)),
        }
    }

    /// What a lane wants done. It says the same until [`Replicator::done`] is told.
    #[must_use]
    pub fn next(&self, lane: Lane) -> Step {
        match lane {
            Lane::Pull => self.pull.next(),
            Lane::Push => self.push.next(),
        }
    }

    /// Hears what came of it; `chance` is a toss from 0 up to 1, for how long to wait after a failure.
    ///
    /// Returns whether a sleeping push lane is to be woken: something was written here, or the server is not the one it was.
    pub fn done(&mut self, lane: Lane, answer: Answer, chance: f64) -> bool {
        match lane {
            Lane::Pull => {
                let before = (self.pull.alarms(), self.pull.commits());
                self.pull.done(answer, chance);
                if self.pull.alarms() > before.0 {
                    self.push.begin_anew();
                }
                (self.pull.alarms(), self.pull.commits()) != before
            }
            Lane::Push => {
                self.push.done(answer, chance);
                false
            }
        }
    }

    /// Begins a new session: after a stop, when the network came back, and when the page was frozen for a while, because nobody can
    /// tell what became of the server meanwhile.
    pub fn wake(&mut self, lane: Lane) {
        match lane {
            Lane::Pull => self.pull.restart(),
            Lane::Push => self.push.restart(),
        }
    }

    /// Up to which number of this copy all is known to be on the server, as far as this run knows.
    #[must_use]
    pub const fn pushed(&self) -> u64 {
        self.push.pushed()
    }

    /// Whether all that the server had was taken, and it is asked to tell more.
    #[must_use]
    pub const fn is_caught_up(&self) -> bool {
        self.pull.is_caught_up()
    }

    /// Whether both sides have all that the other has, as far as this run knows.
    #[must_use]
    pub const fn is_at_rest(&self) -> bool {
        self.pull.is_caught_up() && self.push.is_asleep()
    }
}

/// The part of a note that only its own side needs.
const TOLD: &str = "told";

/// A session: who, and how far. Each begins by asking the server who it is, and comparing notes.
#[derive(Clone, Debug)]
pub(super) struct Session {
    name: String,
    pub(super) device: String,
    run: String,
    count: u32,
    pub(super) page: usize,
    pub(super) backoff: Backoff,
    /// The server's history.
    pub(super) epoch: String,
    /// The note here.
    pub(super) here: Option<Checkpoint>,
    /// The note there, and its revision.
    pub(super) there: Option<Checkpoint>,
    pub(super) there_rev: Option<String>,
    /// What was told there last, and the number of this copy's latest change then.
    pub(super) told: Option<(Value, u64)>,
}

impl Session {
    fn new(config: &Config, lane: Lane) -> Self {
        let lane = match lane {
            Lane::Pull => "pull",
            Lane::Push => "push",
        };
        Self {
            name: format!("roost-{lane}-{}", config.device),
            device: config.device.clone(),
            run: config.run.clone(),
            count: 0,
            page: config.page.max(1),
            backoff: Backoff::new(),
            epoch: String::new(),
            here: None,
            there: None,
            there_rev: None,
            told: None,
        }
    }

    /// The server has said how far it is: a new session begins.
    pub(super) fn begin(&mut self, update_seq: &str) {
        self.count = self.count.saturating_add(1);
        self.epoch = epoch_of(update_seq);
        self.here = None;
        self.there = None;
        self.there_rev = None;
    }

    fn id(&self) -> String {
        format!("{}-{}", self.run, self.count)
    }

    /// Where the pull lane leaves word for the push lane that the server has gone back: it may lack what came from it. The word is
    /// the number of the change here after which that may be so.
    pub(super) fn distrust(device: &str) -> String {
        format!("note/roost-push-{device}/distrust")
    }

    /// Where the note lies here.
    pub(super) fn local(&self) -> String {
        format!("note/{}", self.name)
    }

    pub(super) fn ask_note(&self) -> Step {
        Step::Ask(Box::new(Question::GetNote(self.name.clone())))
    }

    /// Takes the note of this side.
    pub(super) fn found_here(&mut self, found: Vec<(String, Value)>) {
        let name = self.local();
        let note = found.into_iter().find(|(found, _)| *found == name);
        self.here = note.and_then(|(_, note)| serde_json::from_value(note).ok());
        let told = self.here.as_ref().and_then(|here| here.rest.get(TOLD).cloned());
        self.told = told.and_then(|told| serde_json::from_value(told).ok());
    }

    /// Takes the note of the other side.
    pub(super) fn found_there(&mut self, note: Option<(String, Checkpoint)>) {
        (self.there_rev, self.there) = note.unzip();
    }

    /// Advances the note of this side, to be committed with what it speaks of.
    pub(super) fn advance_here(&mut self, seq: Value) -> (String, Option<Value>) {
        let mut note = Checkpoint::advanced(self.here.as_ref(), &self.id(), seq);
        if let Some((seq, head)) = &self.told {
            note.rest.insert(TOLD.to_owned(), serde_json::json!([seq, head]));
        }
        let value = serde_json::to_value(&note).ok();
        self.here = Some(note);
        (self.local(), value)
    }

    /// The note for the other side.
    pub(super) fn put_note(&self, seq: Value) -> Step {
        Step::Ask(Box::new(Question::PutNote {
            id: self.name.clone(),
            rev: self.there_rev.clone(),
            note: Checkpoint::advanced(self.there.as_ref(), &self.id(), seq),
        }))
    }

    /// It was kept.
    pub(super) fn noted(&mut self, rev: String, seq: Value) {
        self.there = Some(Checkpoint::advanced(self.there.as_ref(), &self.id(), seq));
        self.there_rev = Some(rev);
    }
}

/// The history that a place belongs to; empty for servers that have none.
pub(super) fn epoch_of(seq: &str) -> String {
    seq.parse::<Seq>().map(|seq| seq.epoch).unwrap_or_default()
}

/// What a failure means for a lane: why it stops, or `None` when it waits and tries again.
pub(super) fn fatal(answer: &Answer) -> Option<Stopped> {
    match answer {
        Answer::Failed(Failure::SignedOut) => Some(Stopped::SignedOut),
        Answer::Failed(Failure::Gone) => Some(Stopped::Gone),
        // Lost connections to the store can be opened again.
        Answer::StoreFailed(StoreError::Lost) => None,
        Answer::StoreFailed(error) => Some(Stopped::Store(error.clone())),
        _ => None,
    }
}
