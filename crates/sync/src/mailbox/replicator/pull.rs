//! From the server to here.

use super::{
    Answer, Failure, Question, Reply, Step, Stopped,
    session::{Session, epoch_of, fatal},
};
use crate::mailbox::{
    Arrival, Change, Rev,
    replica::{Batch, Commit, Found, Read, Rows, Workset},
    resume, revs_diff,
};
use serde_json::Value;
use std::time::Duration;

/// So many pages are written before the server is told how far we are.
const PAGES_A_NOTE: u32 = 4;

#[derive(Clone, Debug, PartialEq)]
enum Stage {
    /// Ask who is there.
    Info,
    /// Read the note here.
    Here,
    /// Ask for the note there.
    There,
    /// The server knows less of us than we of it: leave word for the push lane, after which change here that may be so.
    Distrust(u64),
    /// Ask for changes, and wait for them or not.
    Changes {
        wait: bool,
    },
    /// Read what we know of the documents in the page.
    Docs,
    /// Ask for what we lack.
    Bodies(Vec<(String, Rev)>),
    /// Read what we know of them once more, and now decide.
    Again,
    /// Read the bodies that stand in conflict with what came.
    Conflicts,
    /// Write.
    Commit(Box<Batch>),
    /// Tell the server how far we are.
    Note,
    /// After a failure.
    Wait(Duration),
    Stop(Stopped),
}

#[derive(Clone, Debug)]
pub(super) struct Pull {
    session: Session,
    stage: Stage,
    since: String,
    /// Where we are once this page is written.
    upto: String,
    page: Vec<Change>,
    arrivals: Vec<Arrival>,
    rows: Workset,
    head: u64,
    /// Pages since the server was told.
    untold: u32,
    /// Whether the last page was not full.
    caught_up: bool,
    commits: u64,
    /// How often the server may have become another than it was.
    alarms: u64,
}

impl Pull {
    pub(super) fn new(session: Session) -> Self {
        Self {
            session,
            stage: Stage::Info,
            since: "0".to_owned(),
            upto: String::new(),
            page: Vec::new(),
            arrivals: Vec::new(),
            rows: Workset::default(),
            head: 0,
            untold: 0,
            caught_up: false,
            commits: 0,
            alarms: 0,
        }
    }

    /// How often the server may have become another than it was: a session began, or it knew less of us than before.
    pub(super) const fn alarms(&self) -> u64 {
        self.alarms
    }

    pub(super) const fn commits(&self) -> u64 {
        self.commits
    }

    pub(super) const fn is_caught_up(&self) -> bool {
        matches!(self.stage, Stage::Changes { wait: true })
    }

    pub(super) fn restart(&mut self) {
        self.stage = Stage::Info;
    }

    pub(super) fn next(&self) -> Step {
        let ask = |question| Step::Ask(Box::new(question));
        match &self.stage {
            Stage::Info => ask(Question::Info),
            Stage::Here => Step::Read(Read::Locals(self.session.local())),
            Stage::There => self.session.ask_note(),
            Stage::Distrust(from) => Step::Commit(Box::new(Batch {
                // The head moves, so that a push lane that is about to take the word away sees that it came anew.
                expected: Some(self.head),
                head: Some(self.head + 1),
                locals: vec![(Session::distrust(&self.session.device), Some((*from).into()))],
                strict: true,
                ..Batch::default()
            })),
            Stage::Changes { wait } => ask(Question::Changes {
                since: self.since.clone(),
                limit: self.session.page,
                wait: *wait,
            }),
            Stage::Docs | Stage::Again => Step::Read(Read::Docs(self.page.iter().map(|row| row.id.clone()).collect())),
            Stage::Bodies(wanted) => ask(Question::BulkGet(wanted.clone())),
            Stage::Conflicts => Step::Read(Read::Bodies(self.rows.wanted())),
            Stage::Commit(batch) => Step::Commit(batch.clone()),
            Stage::Note => self.session.put_note(self.since.clone().into()),
            Stage::Wait(pause) => Step::Wait(*pause),
            Stage::Stop(why) => Step::Stop(why.clone()),
        }
    }

    pub(super) fn done(&mut self, answer: Answer, chance: f64) {
        self.stage = match (std::mem::replace(&mut self.stage, Stage::Info), answer) {
            (Stage::Info, Answer::Told(Reply::Info(seq))) => {
                self.session.begin(&seq);
                self.alarms += 1;
                self.untold = 0;
                Stage::Here
            }
            (Stage::Here, Answer::Found(found)) => {
                self.head = found.head;
                self.session.found_here(locals(found));
                Stage::There
            }
            (Stage::There, Answer::Told(Reply::Note(note))) => {
                self.session.found_there(note);
                let from = resume(self.session.there.as_ref(), self.session.here.as_ref());
                self.since = from.as_ref().and_then(Value::as_str).unwrap_or("0").to_owned();
                self.check_back(from.as_ref())
            }
            (Stage::Distrust(_), Answer::Committed(Commit::Done)) => {
                self.alarms += 1;
                Stage::Changes { wait: false }
            }
            (Stage::Distrust(_), Answer::Committed(Commit::Stale)) => Stage::Here,
            (Stage::Changes { wait }, Answer::Told(Reply::Changes { rows, last_seq })) => {
                self.turn_page(wait, rows, last_seq)
            }
            (Stage::Docs, Answer::Found(found)) => self.compare(found),
            (Stage::Bodies(_), Answer::Told(Reply::Documents(documents))) => {
                self.arrivals = documents.into_iter().filter_map(Arrival::read).collect();
                Stage::Again
            }
            (Stage::Again, Answer::Found(found)) => self.take(found),
            (Stage::Conflicts, Answer::Found(found)) if found.head == self.head => {
                if let Rows::Bodies(bodies) = found.rows {
                    self.rows.lend(bodies);
                }
                self.settle()
            }
            (Stage::Conflicts, Answer::Found(_)) | (Stage::Commit(_), Answer::Committed(Commit::Stale)) => Stage::Again,
            (Stage::Commit(batch), Answer::Committed(Commit::Done)) => {
                self.head = batch.head.unwrap_or(self.head);
                self.written()
            }
            (Stage::Note, Answer::Told(Reply::Noted(rev))) => {
                self.session.noted(rev, self.since.clone().into());
                self.session.told = Some((self.since.clone().into(), self.head));
                self.untold = 0;
                self.after_note()
            }
            // The note there is not the one that we know: another tab's, or an older one that came back with a backup.
            (Stage::Note, Answer::Failed(Failure::Conflict)) => Stage::Info,
            (Stage::Wait(_) | Stage::Stop(_), Answer::Woken) => Stage::Info,
            (_, other) => match fatal(&other) {
                Some(why) => Stage::Stop(why),
                None => Stage::Wait(self.session.backoff.next(chance)),
            },
        };
    }

    /// A server whose note is older than ours has only not heard, or was put back to what it was.
    fn check_back(&self, from: Option<&Value>) -> Stage {
        match (&self.session.here, &self.session.told) {
            (Some(here), _) if Some(&here.last_seq) == from => Stage::Changes { wait: false },
            (None, _) => Stage::Changes { wait: false },
            (Some(_), Some((told, head))) if Some(told) == from => Stage::Distrust(*head),
            (Some(_), _) => Stage::Distrust(0),
        }
    }

    fn turn_page(&mut self, wait: bool, rows: Vec<Change>, last_seq: String) -> Stage {
        self.session.backoff.reset();
        let epoch = epoch_of(&last_seq);
        if epoch != self.session.epoch {
            // Another history began while we listened: compare notes before anything of it is taken.
            return Stage::Info;
        }
        self.caught_up = rows.len() < self.session.page;
        self.upto = last_seq;
        if rows.is_empty() {
            if wait {
                self.since.clone_from(&self.upto);
            }
            return self.after_note_if_told();
        }
        self.page = rows;
        Stage::Docs
    }

    fn compare(&mut self, found: Found) -> Stage {
        let Rows::Docs(rows) = found.rows else {
            return Stage::Docs;
        };
        self.head = found.head;
        let known = Workset::of(rows);
        let mut wanted = Vec::new();
        for row in &self.page {
            let offered: Vec<Rev> = row.changes.iter().map(|change| change.rev.clone()).collect();
            if let Some(diff) = revs_diff(&known.tree(&row.id), &offered) {
                wanted.extend(diff.missing.into_iter().map(|rev| (row.id.clone(), rev)));
            }
        }
        if wanted.is_empty() {
            let note = self.session.advance_here(self.upto.clone().into());
            return Stage::Commit(Box::new(Batch {
                locals: vec![note],
                ..Batch::default()
            }));
        }
        Stage::Bodies(wanted)
    }

    fn take(&mut self, found: Found) -> Stage {
        let Rows::Docs(rows) = found.rows else {
            return Stage::Again;
        };
        self.head = found.head;
        self.rows = Workset::of(rows);
        for arrival in self.arrivals.clone() {
            self.rows.arrive(arrival, &self.session.epoch);
        }
        if self.rows.wanted().is_empty() {
            return self.settle();
        }
        Stage::Conflicts
    }

    fn settle(&mut self) -> Stage {
        let mut rows = std::mem::take(&mut self.rows);
        rows.resolve();
        let (name, note) = self.session.advance_here(self.upto.clone().into());
        rows.note(&name, note);
        Stage::Commit(Box::new(rows.into_batch(self.head)))
    }

    fn written(&mut self) -> Stage {
        self.commits += 1;
        self.since.clone_from(&self.upto);
        self.page.clear();
        self.arrivals.clear();
        self.untold += 1;
        if self.untold >= PAGES_A_NOTE {
            return Stage::Note;
        }
        self.after_note_if_told()
    }

    /// Tells the server how far we are before we wait, unless it knows.
    fn after_note_if_told(&self) -> Stage {
        if self.caught_up && self.untold > 0 {
            return Stage::Note;
        }
        self.after_note()
    }

    const fn after_note(&self) -> Stage {
        Stage::Changes { wait: self.caught_up }
    }
}

pub(super) fn locals(found: Found) -> Vec<(String, Value)> {
    match found.rows {
        Rows::Locals(rows) => rows,
        _ => Vec::new(),
    }
}

#[cfg(test)]
#[path = "pull_tests.rs"]
mod tests;
