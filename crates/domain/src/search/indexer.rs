//! Follows the logs, and notes their words.

use super::{STRETCH, stretch_of, words};
use crate::{Env, Error, Result, db::vars};
use chrono::{DateTime, TimeDelta, Utc};
use model::{Code, Timestamp};
use std::collections::{BTreeMap, VecDeque};
use surrealdb::types::SurrealValue;
use uuid::Uuid;

/// Messages that are indexed by one transaction at most, and about how many characters of text.
const BATCH: u64 = 512;
const BATCH_CHARS: usize = 65_536;
/// Conversations that are looked at in one go.
const LOOK: i64 = 500;
/// Edited messages that are read again in one go.
const REWORDS: i64 = 100;
/// How far back each look goes: clocks of processes on one database may differ by as much.
const OVERLAP: TimeDelta = TimeDelta::seconds(5);

pub const GROWN: &str = "
    SELECT record::id(id) AS id, last_seq, touched_at,
        (SELECT VALUE seq FROM ONLY type::record('message_index', record::id($parent.id))) ?? 0 AS done
    FROM conversation WHERE touched_at >= $since ORDER BY touched_at ASC LIMIT $limit";

const READ: &str = "
    LET $rev = (SELECT VALUE rev ?? 0 FROM ONLY type::record('conversation', $conversation));
    SELECT record::id(id)[1] AS seq, body, deleted_at != NONE OR event != NONE AS silent, $rev AS rev
        FROM message:[$conversation, $from]..[$conversation, $to]";

/// Another process may have been here first, or a text have changed since it was read: then nothing is written.
const NOTE: &str = "
    LET $done = (SELECT VALUE seq FROM ONLY type::record('message_index', $conversation)) ?? 0;
    IF $done != $from OR (SELECT VALUE rev ?? 0 FROM ONLY type::record('conversation', $conversation)) != $rev {
        THROW 'busy'
    };
    UPSERT type::record('message_index', $conversation) SET seq = $to;
    IF array::len($rows) > 0 {
        INSERT INTO message_word $rows ON DUPLICATE KEY UPDATE seqs = array::union(seqs ?? [], $input.seqs) RETURN NONE;
    };
    RETURN true;";

const REWORDED: &str = "SELECT VALUE record::id(id) FROM message_reword LIMIT $limit";

/// What is not indexed yet will be, as it is now.
const NOTE_AGAIN: &str = "
    LET $done = (SELECT VALUE seq FROM ONLY type::record('message_index', $conversation)) ?? 0;
    IF (SELECT VALUE rev ?? 0 FROM ONLY type::record('conversation', $conversation)) != $rev { THROW 'busy' };
    UPSERT type::record('message_index', $conversation) SET seq = $done, rev = $rev;
    IF $seq <= $done AND array::len($rows) > 0 {
        INSERT INTO message_word $rows ON DUPLICATE KEY UPDATE seqs = array::union(seqs ?? [], $input.seqs) RETURN NONE;
    };
    DELETE type::record('message_reword', [$conversation, $seq]);
    RETURN true;";

#[derive(SurrealValue)]
struct Grown {
    id: Uuid,
    last_seq: u64,
    touched_at: DateTime<Utc>,
    done: u64,
}

#[derive(SurrealValue)]
struct Said {
    seq: u64,
    body: String,
    silent: bool,
    rev: u64,
}

#[derive(SurrealValue)]
struct WordRow {
    id: (Uuid, u64, String),
    seqs: Vec<u64>,
}

/// Follows the logs of all conversations. What it has done is on the database, so it may stop at any point and begin again,
/// here or elsewhere.
pub struct Indexer {
    env: Env,
    since: Timestamp,
    /// Logs that were found to have grown, each with how far it is indexed.
    grown: VecDeque<Grown>,
    /// From where the next look begins, once all of these are done.
    next: Timestamp,
    /// Whether the last look did not see everything.
    is_partial: bool,
}

impl Indexer {
    /// Begins by looking at every conversation once.
    #[must_use]
    pub fn new(env: Env) -> Self {
        let since = DateTime::<Utc>::UNIX_EPOCH.into();
        Self {
            env,
            since,
            grown: VecDeque::new(),
            next: since,
            is_partial: false,
        }
    }

    /// Does a piece of the work, about as much as so many messages of one log; says whether there is more to do at once.
    ///
    /// # Errors
    /// Only when the database can't be asked.
    pub async fn step(&mut self, piece: u64) -> Result<bool> {
        if let Some(one) = self.grown.front_mut() {
            let done = note(&self.env, one.id, one.done, one.last_seq.min(one.done + piece)).await?;
            // Where another process was first, the next look tells how far it came.
            if done <= one.done || done >= one.last_seq {
                self.grown.pop_front();
            } else {
                one.done = done;
            }
            return Ok(true);
        }
        self.since = self.next;
        if again(&self.env, piece).await? {
            return Ok(true);
        }
        self.look().await?;
        Ok(self.is_partial || !self.grown.is_empty())
    }

    /// Looks for logs that have grown.
    async fn look(&mut self) -> Result<()> {
        let began = self.env.now();
        let binds = vars! { since: self.since.datetime(), limit: LOOK };
        let grown: Vec<Grown> = self.env.db.list(GROWN, binds).await?;
        self.is_partial = grown.len() as i64 == LOOK;
        self.next = match grown.last() {
            Some(last) if self.is_partial => {
                // Should as many have been touched within one millisecond, there is no way to tell them apart.
                let next = Timestamp::from(last.touched_at);
                next.max(self.since.plus(TimeDelta::milliseconds(1)))
            }
            _ => began.plus(-OVERLAP),
        };
        self.grown
            .extend(grown.into_iter().filter(|one| one.done < one.last_seq));
        Ok(())
    }

    /// Works until nothing is left to do; for tests, and for measuring.
    ///
    /// # Errors
    /// Only when the database can't be asked.
    pub async fn catch_up(&mut self) -> Result<()> {
        while self.step(BATCH).await? {}
        Ok(())
    }
}

/// Notes the words of the next messages of a log; says how far it is indexed then.
async fn note(env: &Env, conversation: Uuid, done: u64, last: u64) -> Result<u64> {
    let end = last.min(done + BATCH);
    let binds = vars! { conversation: conversation, from: done + 1, to: end + 1 };
    let said: Vec<Said> = env.db.list(READ, binds).await?;
    let Some(rev) = said.first().map(|first| first.rev) else {
        return Ok(last);
    };
    let (mut chars, mut to) = (0, done);
    let mut rows = BTreeMap::new();
    for one in &said {
        collect(conversation, one, &mut rows);
        to = one.seq;
        chars += one.body.len();
        if chars > BATCH_CHARS {
            break;
        }
    }
    let binds = vars! { conversation: conversation, from: done, to: to, rev: rev, rows: rows_of(rows) };
    match env.db.transact::<bool>(NOTE, binds).await {
        Ok(_) => Ok(to),
        // Whoever was first has done it, or the next look does.
        Err(Error::Rejected(rejection)) if rejection.code == Code::Busy => Ok(done),
        Err(error) => Err(error),
    }
}

/// Reads messages again that were edited; says whether there may be more.
async fn again(env: &Env, piece: u64) -> Result<bool> {
    let limit = i64::try_from(piece).unwrap_or(REWORDS).min(REWORDS);
    let waiting: Vec<(Uuid, u64)> = env.db.list(REWORDED, vars! { limit: limit }).await?;
    for (conversation, seq) in &waiting {
        let binds = vars! { conversation: *conversation, from: *seq, to: *seq + 1 };
        let said: Vec<Said> = env.db.list(READ, binds).await?;
        let rev = said.first().map_or(0, |first| first.rev);
        let mut rows = BTreeMap::new();
        for one in &said {
            collect(*conversation, one, &mut rows);
        }
        let binds = vars! { conversation: *conversation, seq: *seq, rev: rev, rows: rows_of(rows) };
        match env.db.transact::<bool>(NOTE_AGAIN, binds).await {
            Ok(_) => {}
            Err(Error::Rejected(rejection)) if rejection.code == Code::Busy => {}
            Err(error) => return Err(error),
        }
    }
    Ok(waiting.len() as i64 == limit)
}

type Rows = BTreeMap<(Uuid, u64, String), Vec<u64>>;

fn collect(conversation: Uuid, said: &Said, rows: &mut Rows) {
    if !said.silent {
        for word in words(&said.body) {
            let key = (conversation, stretch_of(said.seq), word);
            rows.entry(key).or_default().push(said.seq);
        }
    }
}

fn rows_of(rows: Rows) -> Vec<WordRow> {
    rows.into_iter().map(|(id, seqs)| WordRow { id, seqs }).collect()
}

const _: () = assert!(BATCH <= STRETCH, "a batch touches two stretches at most");
