//! Who has to receive what, and what they did receive. Every delivery goes through [`Ledger::deliver`].

use crate::{
    body::{self, Said},
    plan::Plan,
    wire::Message,
};
use hdrhistogram::Histogram;
use std::{
    collections::{HashMap, VecDeque},
    rc::Rc,
};
use tokio::sync::Semaphore;

/// Packets that were read whole and found right. A room's sockets all get the same bytes, so most deliveries are compared
/// with one of these, byte for byte, instead of being parsed: the check costs little, and misses nothing.
const REMEMBERED: usize = 32;
/// The longest time that is told as it is, in microseconds.
const LONGEST: u64 = 600_000_000;
/// Faults that are told in full; all are counted.
const TOLD: usize = 10;

/// A delivery that was found right.
#[derive(Clone, Copy, Debug)]
pub struct Right {
    room: usize,
    seq: u64,
    at: u64,
    number: u64,
}

struct Room {
    /// How many sockets of this process listen.
    listeners: usize,
    /// The `seq` before the first message of this run.
    base: Option<u64>,
    /// By place after `base`: how many sockets have it, and its number.
    had: VecDeque<(usize, u64)>,
    /// The places before those were had by all.
    complete: u64,
    acked: HashMap<u64, u64>,
    delivered: HashMap<u64, u64>,
}

/// What a socket has of its rooms: the last `seq`, by room.
pub type Position = Vec<(usize, Option<u64>)>;

/// The books of one process.
pub struct Ledger {
    authors: HashMap<String, usize>,
    numbers: HashMap<String, usize>,
    rooms: Vec<Room>,
    remembered: VecDeque<(Vec<u8>, Right)>,
    /// One permit for each message that everybody of its room has: the next one may be sent.
    pub finished: Rc<Semaphore>,
    /// Deliveries that were right.
    pub delivered: u64,
    /// Messages that were acknowledged.
    pub acked: u64,
    /// Deliveries and acknowledgements that were not right.
    pub faults: u64,
    /// The first of them, in words.
    pub told: Vec<String>,
    /// From the moment a message was meant to be sent to each delivery, in microseconds.
    pub delivery: Histogram<u64>,
    /// The same to its acknowledgement.
    pub ack: Histogram<u64>,
    /// Whether times are taken.
    pub measuring: bool,
}

impl Ledger {
    /// Books in which nothing has happened. `listeners` are the sockets of this process in each room.
    pub fn new(plan: &Plan, listeners: &[usize]) -> Result<Self, hdrhistogram::CreationError> {
        let room = |listeners: &usize| Room {
            listeners: *listeners,
            base: None,
            had: VecDeque::new(),
            complete: 0,
            acked: HashMap::new(),
            delivered: HashMap::new(),
        };
        let people = plan.people.iter().enumerate();
        Ok(Self {
            authors: people.map(|(number, person)| (person.id.clone(), number)).collect(),
            numbers: plan.room_numbers(),
            rooms: listeners.iter().map(room).collect(),
            remembered: VecDeque::new(),
            finished: Rc::new(Semaphore::new(0)),
            delivered: 0,
            acked: 0,
            faults: 0,
            told: Vec::new(),
            delivery: Histogram::new_with_bounds(1, LONGEST, 3)?,
            ack: Histogram::new_with_bounds(1, LONGEST, 3)?,
            measuring: false,
        })
    }

    /// A packet seen before, if it is one.
    pub fn known(&self, packet: &[u8]) -> Option<Right> {
        let mut newest_first = self.remembered.iter().rev();
        newest_first.find(|(bytes, _)| bytes == packet).map(|(_, right)| *right)
    }

    /// Reads what a message says, and remembers the packet when it is right.
    pub fn inspect(&mut self, packet: &[u8], message: &Message) -> Option<Right> {
        let right = self.understand(message);
        match right {
            Some(right) => {
                if self.remembered.len() == REMEMBERED {
                    self.remembered.pop_front();
                }
                self.remembered.push_back((packet.to_vec(), right));
            }
            None => self.fault(format!("not what was sent: {message:?}")),
        }
        right
    }

    fn understand(&self, message: &Message) -> Option<Right> {
        let said = Said::read(&message.body)?;
        let author = self.authors.get(&message.author.id)?;
        (*author == said.by && said.client_id() == message.client_id).then_some(Right {
            room: *self.numbers.get(&message.conversation)?,
            seq: message.seq,
            at: said.at,
            number: said.number,
        })
    }

    /// Books a delivery to a socket that has come so far: the next one, or a fault.
    pub fn deliver(&mut self, position: &mut Position, right: Right) {
        let Some((_, last)) = position.iter_mut().find(|(room, _)| *room == right.room) else {
            return self.fault(format!("delivered to somebody who is not in room {}", right.room));
        };
        let room = &mut self.rooms[right.room];
        let base = *room.base.get_or_insert(right.seq - 1);
        let expected = last.unwrap_or(base) + 1;
        if right.seq != expected {
            let what = if right.seq > expected {
                "a gap"
            } else {
                "a double, or out of order"
            };
            self.fault(format!(
                "room {}: {what}: {} instead of {expected}",
                right.room, right.seq
            ));
            return;
        }
        *last = Some(right.seq);
        let at = usize::try_from(right.seq - base - 1 - room.complete).unwrap_or(usize::MAX);
        if at == room.had.len() {
            room.had.push_back((0, right.number));
            room.delivered.insert(right.seq, right.number);
        }
        let Some((had, number)) = room.had.get_mut(at) else {
            return self.fault(format!("room {}: {} was complete already", right.room, right.seq));
        };
        *had += 1;
        let same = *number == right.number;
        while room.had.front().is_some_and(|(had, _)| *had == room.listeners) {
            room.had.pop_front();
            room.complete += 1;
            self.finished.add_permits(1);
        }
        if !same {
            return self.fault(format!("room {}: two messages are {}", right.room, right.seq));
        }
        self.delivered += 1;
        if self.measuring {
            self.delivery.saturating_record(body::now().saturating_sub(right.at));
        }
    }

    /// Books an acknowledgement.
    pub fn acknowledge(&mut self, message: &Message) {
        let Some(right) = self.understand(message) else {
            return self.fault(format!("not what was sent, but acknowledged: {message:?}"));
        };
        let earlier = self.rooms[right.room].acked.insert(right.seq, right.number);
        if earlier.is_some() {
            return self.fault(format!("room {}: {} was acknowledged twice", right.room, right.seq));
        }
        self.acked += 1;
        if self.measuring {
            self.ack.saturating_record(body::now().saturating_sub(right.at));
        }
    }

    /// Notes what is wrong.
    pub fn fault(&mut self, what: String) {
        self.faults += 1;
        if self.told.len() < TOLD {
            self.told.push(what);
        }
    }

    /// How many messages some listener has yet to receive, as far as this process knows of them.
    pub fn open(&self) -> usize {
        self.rooms.iter().map(|room| room.had.len() + room.unheard()).sum()
    }

    /// At the end: what was acknowledged is what was delivered, all of it, to all, without a hole.
    pub fn close(&mut self, sent_here: bool) {
        for number in 0..self.rooms.len() {
            let room = &self.rooms[number];
            let (open, unheard) = (room.had.len(), room.unheard());
            let wrong = room
                .acked
                .iter()
                .filter(|(seq, message)| room.delivered.get(seq).is_some_and(|it| it != *message));
            let unlike = wrong.count();
            let unasked = room.delivered.len().saturating_sub(room.acked.len());
            let listened = room.listeners > 0;
            if listened && open > 0 {
                self.fault(format!("room {number}: {open} messages did not reach all"));
            }
            if listened && unheard + unlike > 0 {
                self.fault(format!(
                    "room {number}: {unheard} acknowledged messages reached nobody, {unlike} as others"
                ));
            }
            if sent_here && unasked > 0 {
                self.fault(format!(
                    "room {number}: {unasked} delivered messages were never acknowledged"
                ));
            }
        }
    }

    /// The last `seq` of each room that was acknowledged, for processes that only listen.
    pub fn ends(&self) -> Vec<u64> {
        let last = |room: &Room| room.acked.keys().max().copied().unwrap_or(0);
        self.rooms.iter().map(last).collect()
    }

    /// Whether everybody here has come to these ends.
    pub fn reached(&self, ends: &[u64]) -> bool {
        let there = |(room, end): (&Room, &u64)| {
            *end == 0 || room.listeners == 0 || room.base.is_some_and(|base| base + room.complete >= *end)
        };
        self.rooms.iter().zip(ends).all(there)
    }
}

impl Room {
    fn unheard(&self) -> usize {
        if self.listeners == 0 {
            return 0;
        }
        self.acked
            .keys()
            .filter(|seq| !self.delivered.contains_key(seq))
            .count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        plan::{Dialect, Person, Room},
        wire::Author,
    };

    fn books() -> Ledger {
        let person = |id: &str| Person {
            id: id.into(),
            token: String::new(),
        };
        let plan = Plan {
            dialect: Dialect::Roost,
            addr: String::new(),
            people: vec![person("ada"), person("grace")],
            rooms: vec![Room {
                id: "room".into(),
                members: vec![0, 1],
            }],
        };
        Ledger::new(&plan, &[2]).expect("books")
    }

    fn message(seq: u64, number: u64) -> Message {
        let said = Said {
            number,
            by: 0,
            at: body::now(),
        };
        Message {
            conversation: "room".into(),
            seq,
            client_id: said.client_id(),
            author: Author { id: "ada".into() },
            body: said.body(),
        }
    }

    /// Delivers these to two sockets, acknowledges those, and counts the faults.
    fn faults(first: &[(u64, u64)], second: &[(u64, u64)], acked: &[(u64, u64)]) -> u64 {
        let mut books = books();
        for heard in [first, second] {
            let mut position: Position = vec![(0, None)];
            for (seq, number) in heard {
                let packet = format!("{seq} {number}");
                let known = books.known(packet.as_bytes());
                let right = known.or_else(|| books.inspect(packet.as_bytes(), &message(*seq, *number)));
                books.deliver(&mut position, right.expect("right"));
            }
        }
        for (seq, number) in acked {
            books.acknowledge(&message(*seq, *number));
        }
        books.close(true);
        books.faults
    }

    #[test]
    fn gaps_doubles_inversions_losses_and_mixed_up_messages_are_faults_and_a_dense_log_is_none() {
        let all = [(5, 1), (6, 2), (7, 3)];
        assert_eq!(faults(&all, &all, &all), 0);
        for (what, second, acked) in [
            ("a gap", vec![(5, 1), (7, 3)], all.to_vec()),
            ("the first one lost", vec![(6, 2), (7, 3)], all.to_vec()),
            ("the last one lost", vec![(5, 1), (6, 2)], all.to_vec()),
            ("a double", vec![(5, 1), (6, 2), (6, 2), (7, 3)], all.to_vec()),
            ("an inversion", vec![(5, 1), (7, 3), (6, 2)], all.to_vec()),
            (
                "another message under a number",
                vec![(5, 1), (6, 9), (7, 3)],
                all.to_vec(),
            ),
            (
                "an acknowledgement without a delivery",
                all.to_vec(),
                [&all[..], &[(8, 4)]].concat(),
            ),
            ("a delivery without an acknowledgement", all.to_vec(), all[..2].to_vec()),
            (
                "two acknowledgements of one place",
                all.to_vec(),
                [&all[..], &[(7, 4)]].concat(),
            ),
        ] {
            assert!(faults(&all, &second, &acked) > 0, "{what}");
        }
    }

    #[test]
    fn a_message_that_says_something_else_than_was_sent_is_a_fault() {
        let mut books = books();
        for change in [
            |message: &mut Message| message.body.push('x'),
            |message: &mut Message| message.author.id = "grace".into(),
            |message: &mut Message| message.client_id.push('0'),
            |message: &mut Message| message.conversation = "elsewhere".into(),
        ] {
            let mut wrong = message(1, 1);
            change(&mut wrong);
            assert!(books.inspect(b"packet", &wrong).is_none(), "{wrong:?}");
        }
        assert_eq!(books.faults, 4);
        assert!(books.known(b"packet").is_none(), "only what was right is remembered");
    }
}
