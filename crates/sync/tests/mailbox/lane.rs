//! One lane of one tab, and what is on its way.

use crate::{chance::Chance, device::Device, server::Server, world::Faults};
use sync::mailbox::{
    Arrival,
    replica::{Commit, Read, Rows},
    replicator::{Answer, Failure, Lane, Question, Replicator, Reply, Step},
};

/// A tab of a device that replicates.
pub struct Tab {
    pub replicator: Replicator,
    /// What each lane waits for.
    pub flights: [Option<Flight>; 2],
    /// A wake-up that came while the lane was busy.
    pub woken: bool,
    /// Whether the next question of a lane finds its connection closed.
    closed: [bool; 2],
}

/// A question that left.
pub struct Flight {
    question: Question,
    /// What will come back, once it does; `None` while the server still waits for something to tell.
    answer: Option<Result<Reply, Failure>>,
}

pub const LANES: [Lane; 2] = [Lane::Pull, Lane::Push];

const fn index(lane: Lane) -> usize {
    match lane {
        Lane::Pull => 0,
        Lane::Push => 1,
    }
}

impl Tab {
    pub const fn new(replicator: Replicator) -> Self {
        Self {
            replicator,
            flights: [None, None],
            woken: true,
            closed: [false; 2],
        }
    }

    /// All that was on its way is lost, and connections are closed.
    pub fn cut(&mut self) {
        self.closed = [true; 2];
        for flight in self.flights.iter_mut().flatten() {
            flight.answer = Some(Err(Failure::Silence));
        }
    }

    /// Whether this lane has nothing to do.
    pub fn rests(&self, lane: Lane) -> bool {
        match self.replicator.next(lane) {
            Step::Sleep => !self.woken,
            Step::Ask(_) => matches!(
                &self.flights[index(lane)],
                Some(Flight {
                    question: Question::Changes { wait: true, .. },
                    answer: None
                })
            ),
            Step::Stop(_) => true,
            _ => false,
        }
    }
}

/// One step of one lane. Returns how many questions were asked.
pub fn advance(
    device: &mut Device,
    tab: usize,
    lane: Lane,
    server: &mut Server,
    chance: &mut Chance,
    faults: &Faults,
) -> u64 {
    let toss = (chance.below(1_000) as f64) / 1_000.0;
    let Some(current) = device.tabs.get_mut(tab) else {
        return 0;
    };
    let answer = match current.replicator.next(lane) {
        Step::Read(read) => {
            if faults.store && chance.once_in(60) {
                Answer::StoreFailed(sync::mailbox::replica::StoreError::Lost)
            } else {
                Answer::Found(device.store.look(&read))
            }
        }
        Step::Commit(batch) => match device.store.put(&batch) {
            Ok(commit) => {
                if commit == Commit::Done {
                    device.committed(batch.strict);
                }
                Answer::Committed(commit)
            }
            Err(error) => Answer::StoreFailed(error),
        },
        Step::Ask(question) => return fly(device, tab, lane, *question, server, chance, faults),
        Step::Wait(_) => {
            if faults.net && chance.once_in(2) {
                return 0;
            }
            Answer::Woken
        }
        Step::Sleep => {
            if !current.woken {
                return 0;
            }
            current.woken = false;
            Answer::Woken
        }
        Step::Stop(_) => return 0,
    };
    hear(device, tab, lane, answer, toss);
    0
}

fn hear(device: &mut Device, tab: usize, lane: Lane, answer: Answer, toss: f64) {
    if let Answer::Told(Reply::Documents(documents)) = &answer {
        device.fetched += documents.len() as u64;
        device.fetched_known += documents
            .iter()
            .cloned()
            .filter_map(Arrival::read)
            .filter(|arrival| holds(device, arrival))
            .count() as u64;
    }
    if lane == Lane::Pull && matches!(answer, Answer::Failed(_) | Answer::StoreFailed(_)) {
        device.broken += 1;
    }
    let Some(current) = device.tabs.get_mut(tab) else {
        return;
    };
    let wakes = current.replicator.done(lane, answer, toss);
    if wakes {
        device.wake();
    }
}

fn holds(device: &Device, arrival: &Arrival) -> bool {
    match device.store.look(&Read::Docs(vec![arrival.id.clone()])).rows {
        Rows::Docs(rows) => rows
            .iter()
            .any(|row| arrival.line.newest().is_some_and(|rev| row.tree.has_body(&rev))),
        _ => false,
    }
}

/// A question leaves, waits, or comes back.
fn fly(
    device: &mut Device,
    tab: usize,
    lane: Lane,
    question: Question,
    server: &mut Server,
    chance: &mut Chance,
    faults: &Faults,
) -> u64 {
    let toss = (chance.below(1_000) as f64) / 1_000.0;
    let online = device.online;
    let user = device.user;
    let Some(current) = device.tabs.get_mut(tab) else {
        return 0;
    };
    match current.flights[index(lane)].take() {
        None => {
            let answer = if !online || std::mem::take(&mut current.closed[index(lane)]) {
                Some(Err(Failure::Silence))
            } else if faults.net && chance.once_in(12) {
                // Lost on the way there, or refused at the door.
                Some(Err(if chance.once_in(2) {
                    Failure::Silence
                } else {
                    Failure::Trouble
                }))
            } else {
                let mut answer = server.answer(user, &question);
                if faults.net && chance.once_in(15) {
                    // It came twice.
                    answer = server.answer(user, &question);
                }
                if faults.net && chance.once_in(10) {
                    // Committed, and never answered.
                    answer = Err(Failure::Silence);
                }
                waiting(&question, answer)
            };
            current.flights[index(lane)] = Some(Flight { question, answer });
            1
        }
        Some(flight) => {
            if faults.net && chance.once_in(3) {
                current.flights[index(lane)] = Some(flight);
                return 0;
            }
            let answer = match flight.answer {
                Some(answer) => Some(answer),
                None if !online => Some(Err(Failure::Silence)),
                None if faults.net && chance.once_in(30) => Some(server.answer(user, &flight.question)),
                None => waiting(&flight.question, server.answer(user, &flight.question)),
            };
            match answer {
                None => {
                    current.flights[index(lane)] = Some(Flight {
                        question: flight.question,
                        answer: None,
                    });
                }
                Some(Ok(reply)) => hear(device, tab, lane, Answer::Told(reply), toss),
                Some(Err(failure)) => hear(device, tab, lane, Answer::Failed(failure), toss),
            }
            0
        }
    }
}

/// Who asks the server to wait has no answer before there is something.
fn waiting(question: &Question, answer: Result<Reply, Failure>) -> Option<Result<Reply, Failure>> {
    match (question, &answer) {
        (Question::Changes { wait: true, since, .. }, Ok(Reply::Changes { rows, last_seq })) => {
            // A foreign history is told at once.
            let same = since.split('-').nth(1) == last_seq.split('-').nth(1);
            (!rows.is_empty() || !same).then_some(answer)
        }
        _ => Some(answer),
    }
}
