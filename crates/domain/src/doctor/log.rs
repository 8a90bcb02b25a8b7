//! The messages of a conversation, a stretch at a time, their changes and their words.

use super::{conversation::State, examine::Notes, unread::Counts};
use crate::{Env, Result, db::vars, search};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use surrealdb::types::SurrealValue;
use uuid::Uuid;

/// Changes that are read in one go.
const CHANGES: u64 = 2_000;

const MESSAGES: &str = "
    SELECT record::id(id)[1] AS seq, uid, author, body, rev ?? 0 AS rev, deleted_at != NONE AS deleted, event != NONE AS event,
        mentions ?? [] AS mentions, (reactions ?? []).len() AS reactions,
        (SELECT VALUE [conversation, seq] FROM ONLY type::record('sent', [$parent.author, $parent.client_id])) AS sent,
        IF deleted_at = NONE { 0 } ELSE {
            (SELECT VALUE id FROM message_version:[$conversation, record::id($parent.id)[1]]..[$conversation, record::id($parent.id)[1] + 1]).len()
        } AS versions
    FROM message:[$conversation, $from]..[$conversation, $to]";
const STRAY: &str = "
    SELECT VALUE record::id(id)[1] FROM message:[$conversation, $from]..[$conversation, $end]";
const STRAY_CHANGES: &str = "
    SELECT VALUE record::id(id)[1] FROM message_change:[$conversation, $from]..[$conversation, $end]";
const BY_UID: &str = "SELECT uid, record::id(id) AS at FROM message WHERE uid IN $uids";
const CHANGED: &str = "
    SELECT record::id(id)[1] AS rev, seq FROM message_change:[$conversation, $from]..[$conversation, $to]";
const WORDS: &str = "
    SELECT record::id(id)[2] AS word, seqs FROM message_word:[$conversation, $stretch]..[$conversation, $stretch + 1]";

/// A message as it is kept.
#[derive(SurrealValue)]
pub struct Kept {
    pub seq: u64,
    uid: Uuid,
    pub author: Uuid,
    body: String,
    rev: u64,
    pub deleted: bool,
    pub event: bool,
    pub mentions: Vec<Uuid>,
    reactions: u64,
    sent: Option<(Uuid, u64)>,
    versions: u64,
}

#[derive(SurrealValue)]
struct Known {
    uid: Uuid,
    at: (Uuid, u64),
}

#[derive(SurrealValue)]
struct Change {
    rev: u64,
    seq: u64,
}

#[derive(SurrealValue)]
struct Word {
    word: String,
    seqs: Vec<u64>,
}

/// Looks at a log from its beginning to its end.
pub async fn look(env: &Env, id: Uuid, state: &State, counts: &mut Counts, notes: &mut Notes) -> Result<()> {
    let mut changed = changes(env, id, state, notes).await?;
    let mut from = 0;
    while from <= state.last_seq {
        // As long as a stretch of the words is.
        let to = (from + search::STRETCH).min(state.last_seq + 1);
        let binds = vars! { conversation: id, from: from, to: to };
        let kept: Vec<Kept> = env.db.list(MESSAGES, binds).await?;
        look_at_places(id, from.max(1)..to, &kept, notes);
        look_at_ids(env, id, &kept, notes).await?;
        for message in &kept {
            look_at_message(id, message, &mut changed, notes);
            counts.count(message);
        }
        look_at_words(env, id, state, from, &kept, notes).await?;
        notes.messages += kept.len() as u64;
        from = to;
    }
    for seq in changed.into_keys() {
        notes.find(
            "rev",
            id,
            format!("A change tells of message {seq}, which is not there."),
        );
    }
    let binds = vars! { conversation: id, from: state.last_seq + 1, end: i64::MAX };
    let stray: Vec<i64> = env.db.list(STRAY, binds).await?;
    for seq in stray {
        notes.find(
            "head",
            id,
            format!("There is a message {seq}, but the head is {}.", state.last_seq),
        );
    }
    Ok(())
}

/// The changes are counted without a hole. For each message that was changed, the last of them.
async fn changes(env: &Env, id: Uuid, state: &State, notes: &mut Notes) -> Result<HashMap<u64, u64>> {
    let mut changed = HashMap::new();
    let mut from = 1;
    while from <= state.rev {
        let to = (from + CHANGES).min(state.rev + 1);
        let binds = vars! { conversation: id, from: from, to: to };
        let rows: Vec<Change> = env.db.list(CHANGED, binds).await?;
        notes.changes += rows.len() as u64;
        let there: BTreeSet<u64> = rows.iter().map(|change| change.rev).collect();
        for rev in (from..to).filter(|rev| !there.contains(rev)) {
            notes.find("rev", id, format!("Change {rev} is missing."));
        }
        changed.extend(rows.into_iter().map(|change| (change.seq, change.rev)));
        from = to;
    }
    let binds = vars! { conversation: id, from: state.rev + 1, end: i64::MAX };
    let stray: Vec<i64> = env.db.list(STRAY_CHANGES, binds).await?;
    for rev in stray {
        notes.find(
            "rev",
            id,
            format!("There is a change {rev}, but the last is {}.", state.rev),
        );
    }
    Ok(changed)
}

fn look_at_places(id: Uuid, wanted: std::ops::Range<u64>, kept: &[Kept], notes: &mut Notes) {
    let there: BTreeSet<u64> = kept.iter().map(|message| message.seq).collect();
    for seq in wanted.filter(|seq| !there.contains(seq)) {
        notes.find("seq", id, format!("Message {seq} is missing."));
    }
    if there.contains(&0) {
        notes.find("seq", id, "There is a message 0; the first is 1.");
    }
}

/// Each message is found by its public id, and no other is.
async fn look_at_ids(env: &Env, id: Uuid, kept: &[Kept], notes: &mut Notes) -> Result<()> {
    let uids: Vec<Uuid> = kept.iter().map(|message| message.uid).collect();
    let known: Vec<Known> = env.db.list(BY_UID, vars! { uids: uids }).await?;
    let mut places: HashMap<Uuid, Vec<(Uuid, u64)>> = HashMap::new();
    for known in known {
        places.entry(known.uid).or_default().push(known.at);
    }
    for message in kept {
        let found = places.get(&message.uid).map(Vec::as_slice).unwrap_or_default();
        if *found != [(id, message.seq)] {
            let (seq, uid) = (message.seq, message.uid);
            notes.find("uid", id, format!("Message {seq} is not found by its id {uid} alone."));
        }
    }
    Ok(())
}

fn look_at_message(id: Uuid, message: &Kept, changed: &mut HashMap<u64, u64>, notes: &mut Notes) {
    let seq = message.seq;
    let rev = changed.remove(&seq).unwrap_or_default();
    if rev != message.rev {
        let what = format!(
            "Message {seq} says its last change is {}, but that was {rev}.",
            message.rev
        );
        notes.find("rev", id, what);
    }
    // Nobody has what somebody sent who left for good.
    if message.author.is_nil() {
        return look_at_tombstone(id, message, notes);
    }
    notes.sent += 1;
    if message.sent != Some((id, seq)) {
        notes.find(
            "sent",
            id,
            format!("Message {seq} is not found by what its author called it."),
        );
    }
    look_at_tombstone(id, message, notes);
}

fn look_at_tombstone(id: Uuid, message: &Kept, notes: &mut Notes) {
    let left = [
        (!message.body.is_empty(), "its text"),
        (!message.mentions.is_empty(), "whom it named"),
        (message.reactions > 0, "reactions"),
        (message.versions > 0, "what it said before"),
    ];
    for (_, what) in left.iter().filter(|(left, _)| *left && message.deleted) {
        notes.find(
            "tombstone",
            id,
            format!("Message {} is deleted, but {what} is left.", message.seq),
        );
    }
}

/// The rows of words of a stretch are those of its messages: of all that are indexed, and of no other.
async fn look_at_words(env: &Env, id: Uuid, state: &State, from: u64, kept: &[Kept], notes: &mut Notes) -> Result<()> {
    let stretch = search::stretch_of(from);
    let rows: Vec<Word> = env.db.list(WORDS, vars! { conversation: id, stretch: stretch }).await?;
    let mut noted: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
    for row in rows {
        noted.entry(row.word).or_default().extend(row.seqs);
    }
    let silent = |message: &&Kept| !message.deleted && !message.event;
    let indexed = |message: &&Kept| message.seq <= state.indexed && !state.reworded.contains(&message.seq);
    for message in kept.iter().filter(silent).filter(indexed) {
        for word in search::words(&message.body) {
            if !noted.get_mut(&word).is_some_and(|seqs| seqs.remove(&message.seq)) {
                let what = format!(
                    "Message {} is not found by a word of {} letters.",
                    message.seq,
                    word.chars().count()
                );
                notes.find("words", id, what);
            }
        }
    }
    // Never the word itself: it may be all that is left of what somebody deleted.
    let stray: BTreeSet<u64> = noted
        .into_values()
        .flatten()
        .filter(|seq| !state.reworded.contains(seq))
        .collect();
    for seq in stray {
        notes.find(
            "words",
            id,
            format!("There are words of message {seq}, which does not have them."),
        );
    }
    Ok(())
}
