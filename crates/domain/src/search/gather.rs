//! Where messages with all the words are, newest first.

use super::{
    place::Place,
    stretch_of,
    words::{Wanted, has_all},
};
use crate::{Env, Result, db::vars};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use surrealdb::types::SurrealValue;
use uuid::Uuid;

/// Ranges of words that one statement reads.
const RANGES: usize = 256;
/// Ranges of words, and messages, that one search reads at most: some millions of messages are behind them.
const RANGES_MAX: usize = 8_192;
const MESSAGES_MAX: usize = 8_192;
/// Conversations that are searched at the same time.
const AT_ONCE: usize = 48;
/// So many messages at the end of a log are read themselves where the indexer has not been yet.
const TAIL: u64 = 256;

/// For each range of words, the messages that have one of them.
pub const LOOK: &str = "
    SELECT VALUE array::flatten(
        (SELECT VALUE seqs FROM message_word:[$parent.c, $parent.stretch, $parent.first]..[$parent.c, $parent.stretch, $parent.past])
    ) FROM $ranges";
pub const READ: &str = "
    SELECT record::id(id) AS at, uid, author, body, sent_at
    FROM $at.map(|$one| type::record('message', $one)) WHERE deleted_at = NONE AND event = NONE";

#[derive(Clone, SurrealValue)]
pub struct RangeRow {
    pub c: Uuid,
    pub stretch: u64,
    pub first: String,
    pub past: String,
}

#[derive(SurrealValue)]
struct Said {
    at: (Uuid, u64),
    uid: Uuid,
    author: Uuid,
    body: String,
    sent_at: DateTime<Utc>,
}

/// A message that was looked for; the order is that in which they are shown, from the end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    pub sent_at: DateTime<Utc>,
    pub uid: Uuid,
    pub at: (Uuid, u64),
}

/// What is looked for.
pub struct Question<'a> {
    pub wanted: &'a [Wanted],
    /// Only messages that have them as whole words, or only those that do not.
    pub whole: bool,
    /// Only what was written before this.
    pub before: Option<(DateTime<Utc>, Uuid)>,
    /// Not by these.
    pub blocked: &'a [Uuid],
    /// How many are enough.
    pub enough: usize,
}

/// A conversation while it is searched.
struct Room<'a> {
    place: &'a Place,
    /// Messages from here on are read themselves.
    tail: u64,
    /// The next stretch to look at, and how many at once.
    next: Option<u64>,
    width: u64,
    /// Messages that may be it, ascending.
    waiting: Vec<u64>,
    found: usize,
    /// Nothing that is left in it is newer.
    newest: DateTime<Utc>,
}

impl<'a> Room<'a> {
    fn new(place: &'a Place) -> Self {
        let (first, end) = (place.floor + 1, place.last_seq() + 1);
        let indexed = place.indexed.min(place.last_seq());
        let tail = (indexed + 1).max(first).max(end.saturating_sub(TAIL));
        Self {
            place,
            tail,
            next: (first < tail).then(|| stretch_of(tail - 1)),
            width: 1,
            waiting: (tail..end).collect(),
            found: 0,
            newest: place.updated_at(),
        }
    }

    /// The next stretches to look at, the newest first.
    fn stretches(&mut self) -> Vec<u64> {
        let Some(next) = self.next else { return Vec::new() };
        let first = stretch_of(self.place.floor + 1);
        let from = next.saturating_sub(self.width - 1).max(first);
        self.next = from.checked_sub(1).filter(|before| *before >= first);
        self.width = (self.width * 4).min(64);
        (from..=next).collect()
    }

    /// Whether it may still have something that is wanted.
    fn is_open(&self, enough: usize, worst: Option<DateTime<Utc>>) -> bool {
        let has_more = self.next.is_some() || !self.waiting.is_empty();
        has_more && self.found < enough && worst.is_none_or(|worst| self.newest >= worst)
    }
}

/// Messages that answer the question, newest first: as many as are enough, if there are.
pub async fn gather(env: &Env, question: &Question<'_>, places: &[Place]) -> Result<Vec<Found>> {
    let mut rooms: Vec<Room<'_>> = places.iter().map(Room::new).collect();
    let mut found: BTreeSet<Found> = BTreeSet::new();
    let (mut ranges_left, mut messages_left) = (RANGES_MAX, MESSAGES_MAX);
    loop {
        let worst = found.iter().nth_back(question.enough - 1).map(|found| found.sent_at);
        rooms.retain(|room| room.is_open(question.enough, worst));
        let at_once = AT_ONCE.min(rooms.len());
        let rooms = &mut rooms[..at_once];
        if rooms.is_empty() || ranges_left == 0 || messages_left == 0 {
            break;
        }
        let read = look(env, question, rooms).await?;
        ranges_left = ranges_left.saturating_sub(read);
        let read = verify(env, question, rooms, &mut found).await?;
        messages_left = messages_left.saturating_sub(read);
    }
    Ok(found.into_iter().rev().take(question.enough).collect())
}

/// Looks the words up where no message waits. Says how many ranges were read.
async fn look(env: &Env, question: &Question<'_>, rooms: &mut [Room<'_>]) -> Result<usize> {
    let words: Vec<(String, String)> = question
        .wanted
        .iter()
        .flat_map(|word| word.ranges(question.whole))
        .collect();
    let mut ranges = Vec::new();
    // Which room each stretch is of, in the order of the ranges.
    let mut stretches = Vec::new();
    for (number, room) in rooms.iter_mut().enumerate() {
        if !room.waiting.is_empty() || ranges.len() > RANGES {
            continue;
        }
        for stretch in room.stretches() {
            stretches.push(number);
            ranges.extend(words.iter().map(|(first, past)| RangeRow {
                c: room.place.conversation(),
                stretch,
                first: first.clone(),
                past: past.clone(),
            }));
        }
    }
    let read = ranges.len();
    if read == 0 {
        return Ok(0);
    }
    let rows: Vec<Vec<u64>> = env.db.list(LOOK, vars! { ranges: ranges }).await?;
    for (number, rows) in stretches.into_iter().zip(rows.chunks(words.len())) {
        let room = &mut rooms[number];
        let mut all: Option<BTreeSet<u64>> = None;
        for row in rows {
            let row: BTreeSet<u64> = row.iter().copied().collect();
            all = Some(all.map_or_else(|| row.clone(), |all| all.intersection(&row).copied().collect()));
        }
        let theirs = room.place.floor + 1..room.tail;
        room.waiting
            .extend(all.unwrap_or_default().into_iter().filter(|seq| theirs.contains(seq)));
    }
    Ok(read)
}

/// Reads the newest of those that wait, and keeps what the question asks for. Says how many were read.
async fn verify(
    env: &Env,
    question: &Question<'_>,
    rooms: &mut [Room<'_>],
    found: &mut BTreeSet<Found>,
) -> Result<usize> {
    let mut at: Vec<(Uuid, u64)> = Vec::new();
    for room in rooms.iter_mut() {
        let some = room.waiting.len().saturating_sub(question.enough - room.found);
        let c = room.place.conversation();
        at.extend(room.waiting.split_off(some).into_iter().map(|seq| (c, seq)));
    }
    let read = at.len();
    if read == 0 {
        return Ok(0);
    }
    let numbers: BTreeMap<Uuid, usize> = rooms
        .iter()
        .enumerate()
        .map(|(number, room)| (room.place.conversation(), number))
        .collect();
    let said: Vec<Said> = env.db.list(READ, vars! { at: at }).await?;
    for said in said {
        let Some(room) = numbers.get(&said.at.0).map(|number| &mut rooms[*number]) else {
            continue;
        };
        room.newest = room.newest.min(said.sent_at);
        if question.accepts(&said) {
            room.found += 1;
            found.insert(Found {
                sent_at: said.sent_at,
                uid: said.uid,
                at: said.at,
            });
        }
    }
    Ok(read)
}

impl Question<'_> {
    fn accepts(&self, said: &Said) -> bool {
        let is_whole = || has_all(&said.body, self.wanted, true);
        let fits = || {
            if self.whole {
                is_whole()
            } else {
                has_all(&said.body, self.wanted, false) && !is_whole()
            }
        };
        self.before.is_none_or(|before| (said.sent_at, said.uid) < before)
            && !self.blocked.contains(&said.author)
            && fits()
    }
}
