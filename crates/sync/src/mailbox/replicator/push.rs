//! From here to the server.

use super::{
    Answer, Failure, Question, Refused, Reply, Step, Stopped,
    pull::locals,
    session::{Session, fatal},
};
use crate::mailbox::{
    Arrival, Checkpoint, Missing, Rev,
    replica::{Batch, BodyRow, Commit, DocRow, Found, Read, Rows, Workset, to_send},
    resume,
};
use model::mailbox::Kind;
use serde_json::{Map, Value};
use std::{collections::BTreeMap, time::Duration};

/// So many bytes are handed over at once, about: half of what the server takes.
const PARCEL_BYTES: usize = model::limits::BULK_MAX_BYTES / 2;

#[derive(Clone, Debug, PartialEq)]
enum Stage {
    /// Ask who is there.
    Info,
    /// Read the note here.
    Here,
    /// Ask for the note there.
    There,
    /// Read what changed here.
    Changes,
    /// Ask what the server lacks.
    Diff(BTreeMap<String, Vec<Rev>>),
    /// Read the bodies of that.
    Bodies(Vec<(String, Rev)>),
    /// Note which orders are about to leave.
    Tried(Box<Batch>),
    /// Hand over the next parcel.
    Deliver,
    /// Ask what the server has of a document that it refused.
    Leaves(Refused),
    /// Read what we know of it.
    Denied(Refused),
    /// Read its bodies.
    DeniedBodies(Refused),
    /// Take it out here.
    Withdraw(Refused, Box<Batch>),
    /// Tell the server how far we are.
    NoteThere,
    /// Note how far we are.
    NoteHere(Box<Batch>),
    /// Until something is written here.
    Sleep,
    /// After a failure.
    Wait(Duration),
    Stop(Stopped),
}

#[derive(Clone, Debug)]
pub(super) struct Push {
    session: Session,
    stage: Stage,
    since: u64,
    /// Where we are once this page is handed over.
    upto: u64,
    page: BTreeMap<String, DocRow>,
    /// In the order in which they were written here: files before the orders that name them.
    parcels: Vec<Vec<Map<String, Value>>>,
    /// What was in the parcel on its way.
    sent: BTreeMap<String, Vec<Rev>>,
    refused: Vec<Refused>,
    /// What the server has of a document that it refused a revision of.
    theirs: Vec<Arrival>,
    rows: Workset,
    anew: bool,
    /// After which change here the server may lack what came from it.
    distrust: Option<u64>,
    /// Whether all changes were gone through.
    through: bool,
    /// The copy's latest change when the changes were read.
    head: u64,

    /// Whether the server was asked about changes since the last note: to be noted, so that it is not asked again. What it need not be
    /// asked about is only looked at here.
    untold: bool,
}

impl Push {
    pub(super) fn new(session: Session) -> Self {
        Self {
            session,
            stage: Stage::Info,
            since: 0,
            upto: 0,
            page: BTreeMap::new(),
            parcels: Vec::new(),
            sent: BTreeMap::new(),
            refused: Vec::new(),
            theirs: Vec::new(),
            rows: Workset::default(),
            anew: false,
            distrust: None,
            through: false,
            head: 0,

            untold: false,
        }
    }

    pub(super) const fn pushed(&self) -> u64 {
        self.since
    }

    pub(super) const fn is_asleep(&self) -> bool {
        matches!(self.stage, Stage::Sleep)
    }

    /// The server may not be the one it was: compare notes again, once this page is done.
    pub(super) const fn begin_anew(&mut self) {
        self.anew = true;
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
            Stage::Changes => Step::Read(Read::Changes {
                since: self.since,
                limit: self.session.page,
            }),
            Stage::Diff(offered) => ask(Question::RevsDiff(offered.clone())),
            Stage::Bodies(wanted) => Step::Read(Read::Bodies(wanted.clone())),
            Stage::Tried(batch) | Stage::Withdraw(_, batch) | Stage::NoteHere(batch) => Step::Commit(batch.clone()),
            Stage::Deliver => ask(Question::BulkDocs(self.parcels.first().cloned().unwrap_or_default())),
            Stage::Leaves(refused) => ask(Question::Leaves(refused.id.clone())),
            Stage::Denied(refused) => Step::Read(Read::Docs(vec![refused.id.clone()])),
            Stage::DeniedBodies(refused) => {
                let tree = self.rows.tree(&refused.id);
                Step::Read(Read::Bodies(
                    tree.leaves()
                        .into_iter()
                        .map(|rev| (refused.id.clone(), rev.clone()))
                        .collect(),
                ))
            }
            Stage::NoteThere => self.session.put_note(self.since.into()),
            Stage::Sleep => Step::Sleep,
            Stage::Wait(pause) => Step::Wait(*pause),
            Stage::Stop(why) => Step::Stop(why.clone()),
        }
    }

    pub(super) fn done(&mut self, answer: Answer, chance: f64) {
        self.stage = match (std::mem::replace(&mut self.stage, Stage::Info), answer) {
            (Stage::Info, Answer::Told(Reply::Info(seq))) => {
                self.session.begin(&seq);
                self.anew = false;
                Stage::Here
            }
            (Stage::Here, Answer::Found(found)) => self.found_here(found),
            (Stage::There, Answer::Told(Reply::Note(note))) => self.compare_notes(note),
            (Stage::Changes, Answer::Found(found)) => self.offer(found),
            (Stage::Diff(_), Answer::Told(Reply::Missing(missing))) => self.wanted(missing),
            (Stage::Bodies(_), Answer::Found(found)) => self.pack(found),
            (Stage::Tried(_), Answer::Committed(Commit::Done)) => Stage::Deliver,
            // Somebody wrote: perhaps they took an order back. Read the page again.
            (Stage::Tried(_), Answer::Committed(Commit::Stale)) => Stage::Changes,
            (Stage::Deliver, Answer::Told(Reply::Written(rows))) => self.delivered(rows, chance),
            (Stage::Deliver, Answer::Failed(Failure::TooLarge)) => self.halve(),
            (Stage::Leaves(refused), Answer::Told(Reply::Documents(documents))) => {
                self.theirs = documents.into_iter().filter_map(Arrival::read).collect();
                Stage::Denied(refused)
            }
            (Stage::Denied(refused), Answer::Found(found)) => {
                self.head = found.head;
                if let Rows::Docs(rows) = found.rows {
                    self.rows = Workset::of(rows);
                }
                Stage::DeniedBodies(refused)
            }
            // Both reads have to be of one moment.
            (Stage::DeniedBodies(refused), Answer::Found(found)) if found.head != self.head => Stage::Denied(refused),
            (Stage::DeniedBodies(refused), Answer::Found(found)) => self.withdraw(refused, found),
            (Stage::Withdraw(..), Answer::Committed(Commit::Done)) => self.next_refused(),
            (Stage::Withdraw(refused, _), Answer::Committed(Commit::Stale)) => Stage::Denied(refused),
            (Stage::NoteThere, Answer::Told(Reply::Noted(rev))) => {
                self.session.noted(rev, self.since.into());
                self.note_here()
            }
            // The note there is not the one that we know: another tab's, or an older one that came back with a backup.
            (Stage::NoteThere, Answer::Failed(Failure::Conflict)) => Stage::Info,
            (Stage::NoteHere(_), Answer::Committed(Commit::Done)) => {
                self.untold = false;
                self.distrust = self.distrust.filter(|_| !self.through);
                Stage::Changes
            }
            (Stage::NoteHere(_), Answer::Committed(Commit::Stale)) => Stage::Changes,
            (Stage::Sleep, Answer::Woken) if self.anew => Stage::Info,
            (Stage::Sleep, Answer::Woken) => Stage::Changes,
            (Stage::Wait(_) | Stage::Stop(_), Answer::Woken) => Stage::Info,
            (_, other) => match fatal(&other) {
                Some(why) => Stage::Stop(why),
                None => Stage::Wait(self.session.backoff.next(chance)),
            },
        };
    }

    fn found_here(&mut self, found: Found) -> Stage {
        let found = locals(found);
        let word = Session::distrust(&self.session.device);
        let word = found.iter().find(|(name, _)| *name == word);
        self.distrust = word.map(|(_, from)| from.as_u64().unwrap_or(0));
        self.session.found_here(found);
        Stage::There
    }

    fn compare_notes(&mut self, note: Option<(String, Checkpoint)>) -> Stage {
        self.session.found_there(note);
        let from = resume(self.session.here.as_ref(), self.session.there.as_ref());
        let from = from.as_ref().and_then(Value::as_u64).unwrap_or(0);
        // The note may have passed what only came from there.
        self.since = from.min(self.distrust.unwrap_or(u64::MAX));
        self.untold = false;
        self.forget_page();
        Stage::Changes
    }

    /// Looks through a page of changes for what the server may lack.
    fn offer(&mut self, found: Found) -> Stage {
        if self.anew {
            return Stage::Info;
        }
        let Rows::Docs(rows) = found.rows else {
            return Stage::Changes;
        };
        self.head = found.head;
        self.through = rows.is_empty();
        let Some(last) = rows.last() else {
            let note = self.untold || self.distrust.is_some();
            return if note { Stage::NoteThere } else { Stage::Sleep };
        };
        self.upto = last.seq;
        let epoch = Some(&self.session.epoch);
        let unknown = rows
            .into_iter()
            .filter(|row| self.distrust.is_some() || row.known.as_ref() != epoch);
        self.page = unknown.map(|row| (row.id.clone(), row)).collect();
        if self.page.is_empty() {
            return self.pass();
        }
        let leaves = |row: &DocRow| row.tree.leaves().into_iter().cloned().collect();
        Stage::Diff(self.page.iter().map(|(id, row)| (id.clone(), leaves(row))).collect())
    }

    fn wanted(&mut self, missing: BTreeMap<String, Missing>) -> Stage {
        self.untold = true;
        self.session.backoff.reset();
        let wanted = missing
            .into_iter()
            .flat_map(|(id, missing)| missing.missing.into_iter().map(move |rev| (id.clone(), rev)));
        let wanted: Vec<(String, Rev)> = wanted.filter(|(id, _)| self.page.contains_key(id)).collect();
        if wanted.is_empty() {
            return self.pass();
        }
        Stage::Bodies(wanted)
    }

    /// Packs what is to be handed over. A body that is not there any more has been followed by another revision, which stands
    /// further on in the changes.
    fn pack(&mut self, found: Found) -> Stage {
        let Rows::Bodies(mut bodies) = found.rows else {
            return Stage::Changes;
        };
        let place = |body: &BodyRow| self.page.get(&body.id).map(|row| row.seq);
        bodies.sort_by_key(place);
        self.parcels = parcels(&self.page, &bodies);
        if self.parcels.is_empty() {
            return self.pass();
        }
        let orders = bodies.iter().filter(|body| Kind::of(&body.id) == Some(Kind::Order));
        let tried: Vec<_> = orders
            .map(|body| (tried_key(&body.id), Some(Value::Bool(true))))
            .collect();
        if tried.is_empty() {
            return Stage::Deliver;
        }
        // The head moves, so that nobody takes an order back who has read before this.
        Stage::Tried(Box::new(Batch {
            expected: Some(found.head),
            head: Some(found.head + 1),
            locals: tried,
            strict: true,
            ..Batch::default()
        }))
    }

    fn delivered(&mut self, rows: Vec<Refused>, chance: f64) -> Stage {
        if rows.iter().any(|row| !row.is_final()) {
            return Stage::Wait(self.session.backoff.next(chance));
        }
        self.refused.extend(rows);
        self.note_sent();
        self.next_parcel()
    }

    fn note_sent(&mut self) {
        let parcel = if self.parcels.is_empty() {
            Vec::new()
        } else {
            self.parcels.remove(0)
        };
        for arrival in parcel.into_iter().filter_map(Arrival::read) {
            if let Some(rev) = arrival.line.newest() {
                self.sent.entry(arrival.id).or_default().push(rev);
            }
        }
    }

    fn next_parcel(&mut self) -> Stage {
        if self.parcels.is_empty() {
            return self.next_refused();
        }
        Stage::Deliver
    }

    /// The parcel was too large: half of it, or, when it is a single document, none of it.
    fn halve(&mut self) -> Stage {
        let Some(parcel) = self.parcels.first_mut() else {
            return self.next_refused();
        };
        if parcel.len() > 1 {
            let rest = parcel.split_off(parcel.len() / 2);
            self.parcels.insert(1, rest);
            return Stage::Deliver;
        }
        let id = parcel
            .first()
            .and_then(|document| document.get("_id")?.as_str())
            .unwrap_or_default();
        self.refused.push(Refused {
            id: id.to_owned(),
            error: "forbidden".to_owned(),
            reason: "It is too large.".to_owned(),
        });
        self.note_sent();
        self.next_parcel()
    }

    fn next_refused(&mut self) -> Stage {
        match self.refused.pop() {
            Some(refused) => Stage::Leaves(refused),
            None => self.page_done(),
        }
    }

    /// Takes a refused revision out here, and takes what the server has instead.
    fn withdraw(&mut self, refused: Refused, found: Found) -> Stage {
        if let Rows::Bodies(bodies) = found.rows {
            self.rows.lend(bodies);
        }
        let mut rows = std::mem::take(&mut self.rows);
        let theirs = self.theirs.clone();
        let is_there = |rev: &Rev| {
            theirs
                .iter()
                .any(|arrival| arrival.line.revs().any(|known| known == *rev))
        };
        for arrival in theirs.clone() {
            rows.arrive(arrival, &self.session.epoch);
        }
        let sent = self.sent.get(&refused.id).into_iter().flatten();
        for rev in sent.filter(|rev| !is_there(rev)) {
            rows.deny(&refused.id, rev, &refused.reason);
        }
        if rows.is_idle() {
            return self.next_refused();
        }
        Stage::Withdraw(refused, Box::new(rows.into_batch(found.head)))
    }

    /// The page is handed over.
    fn page_done(&mut self) -> Stage {
        self.since = self.upto;
        self.forget_page();
        if self.anew {
            return Stage::Info;
        }
        Stage::NoteThere
    }

    /// Nothing of the page was lacking: that is told with the next page, or in the end.
    fn pass(&mut self) -> Stage {
        self.since = self.upto;
        self.forget_page();
        Stage::Changes
    }

    fn forget_page(&mut self) {
        self.page.clear();
        self.parcels.clear();
        self.sent.clear();
        self.refused.clear();
    }

    fn note_here(&mut self) -> Stage {
        let mut locals = vec![self.session.advance_here(self.since.into())];
        let trusts = self.distrust.is_some() && self.through;
        if trusts {
            locals.push((Session::distrust(&self.session.device), None));
        }
        Stage::NoteHere(Box::new(Batch {
            // Word may have come again meanwhile.
            expected: trusts.then_some(self.head),
            locals,
            ..Batch::default()
        }))
    }
}

/// Under which name it is kept that an order was put into a request.
#[must_use]
pub fn tried_key(order: &str) -> String {
    format!("tried/{order}")
}

fn parcels(page: &BTreeMap<String, DocRow>, bodies: &[BodyRow]) -> Vec<Vec<Map<String, Value>>> {
    let mut parcels: Vec<Vec<Map<String, Value>>> = Vec::new();
    let mut room = 0;
    for body in bodies {
        let Some(row) = page.get(&body.id) else { continue };
        let document = to_send(row, body);
        let bytes = Value::Object(document.clone()).to_string().len();
        match parcels.last_mut() {
            Some(parcel) if bytes <= room && parcel.len() < model::limits::BULK_MAX => parcel.push(document),
            _ => {
                parcels.push(vec![document]);
                room = PARCEL_BYTES;
            }
        }
        room = room.saturating_sub(bytes);
    }
    parcels
}

#[cfg(test)]
#[path = "push_tests.rs"]
mod tests;
