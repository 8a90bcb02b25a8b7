//! Append messages to a log. All that wait for the same log are written by one transaction: it costs little more than one
//! message's would, and it is synced once. A draft that may not be written is left out, and harms none of the others.

use super::{
    desk::{Place, Shift},
    list_messages::{RANGE, range},
    row::{MessageRow, Stored},
};
use crate::{Env, Error, Result, db::vars};
use chrono::{DateTime, Utc};
use model::{AccountId, ClientId, Code, ConversationId, Message, MessageId, Person, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use surrealdb::types::{RecordId, RecordIdKey, SurrealValue};
use tokio::sync::oneshot;
use uuid::Uuid;

/// Drafts in one transaction.
const TOGETHER: usize = 64;
/// How often drafts are tried anew when what was believed of the conversation was old. Each time, more is known of it.
const ROUNDS: usize = 100;

/// All that decides is read here, in the transaction: `$needed` is the conversation, and who must be in it and exist;
/// `$unwanted` are earlier messages of the same name, and blocks. When anything is not as it was believed to be, nothing is
/// written, and the answer tells what it is.
const APPEND: &str = "
    LET $there = (SELECT id, last_seq, username, display_name FROM $needed WHERE id != NONE);
    LET $hindering = (SELECT id, conversation, seq FROM $unwanted WHERE id != NONE);
    LET $is_so = $there.len() = $needed.len() AND $hindering.len() = 0 AND $there[0].last_seq = $base;
    IF $is_so {
        INSERT INTO message $messages RETURN NONE;
        INSERT INTO sent $sent RETURN NONE;
        FOR $one IN $named { UPSERT $one RETURN NONE };
        UPDATE $needed[0] SET last_seq = $head, updated_at = $now, touched_at = $now RETURN NONE;
    };
    RETURN { written: $is_so, there: $there, hindering: $hindering };";
const PLACE: &str = "
    LET $kind = (SELECT VALUE kind FROM ONLY type::record('conversation', $conversation));
    RETURN IF $kind = NONE { NONE } ELSE { {
        last_seq: type::record('conversation', $conversation).last_seq,
        pair: IF $kind = 'direct' {
            (SELECT VALUE account FROM membership:[$conversation]..[$conversation, $last])
        } ELSE { NONE },
    } };";

/// A message that is to be written.
pub struct Draft {
    pub author: AccountId,
    pub client_id: ClientId,
    pub uid: Uuid,
    pub body: String,
    pub reply: Option<(MessageId, u64)>,
    pub mentions: Vec<Uuid>,
}

/// A message that is durable, and whether it is new.
pub type Appended = (Stored, bool);

/// A draft, and who waits for it.
pub struct Waiting {
    draft: Draft,
    answer: oneshot::Sender<Result<Appended>>,
}

#[derive(SurrealValue)]
struct Outcome {
    written: bool,
    there: Vec<ThereRow>,
    hindering: Vec<HinderingRow>,
}

#[derive(SurrealValue)]
struct ThereRow {
    id: RecordId,
    last_seq: Option<u64>,
    username: Option<String>,
    display_name: Option<String>,
}

#[derive(SurrealValue)]
struct HinderingRow {
    id: RecordId,
    conversation: Option<Uuid>,
    seq: Option<u64>,
}

#[derive(SurrealValue)]
struct PlaceRow {
    last_seq: u64,
    pair: Option<Vec<Uuid>>,
}

#[derive(SurrealValue)]
struct NewMessage {
    id: RecordId,
    uid: Uuid,
    author: Uuid,
    client_id: Uuid,
    body: String,
    reply_to: Option<Uuid>,
    reply_seq: Option<u64>,
    mentions: Option<Vec<Uuid>>,
    sent_at: DateTime<Utc>,
}

#[derive(SurrealValue)]
struct NewName {
    id: RecordId,
    conversation: Uuid,
    seq: u64,
}

fn record(table: &str, key: RecordIdKey) -> RecordId {
    RecordId::new(table, key)
}

fn one(table: &str, id: Uuid) -> RecordId {
    record(table, RecordIdKey::Uuid(id.into()))
}

fn pair(table: &str, first: Uuid, second: Uuid) -> RecordId {
    record(table, RecordIdKey::Array(vec![first, second].into()))
}

fn placed(table: &str, mut key: Vec<surrealdb::types::Value>, seq: u64) -> RecordId {
    key.push(seq.into_value());
    record(table, RecordIdKey::Array(key.into()))
}

/// Appends a draft to a log, with all others that wait for it. When it returns, the message survives a power cut. Whoever
/// gives up waiting does not take the draft back.
///
/// # Errors
/// `not_found` when the author is not in the conversation; `client_id_reused`; in direct conversations, `blocked` and
/// `nobody_there`.
pub async fn append(env: &Env, conversation: ConversationId, draft: Draft) -> Result<Appended> {
    let (answer, answered) = oneshot::channel();
    if env.desk.queue(conversation, Waiting { draft, answer }) {
        tokio::spawn(write_all(env.clone(), conversation));
    }
    let lost = || Error::Unavailable("a message was given up by whoever wrote it".into());
    answered.await.unwrap_or_else(|_| Err(lost()))
}

/// Writes until nothing waits any more.
async fn write_all(env: Env, conversation: ConversationId) {
    let shift = Shift::begin(env.clone(), conversation);
    loop {
        let turn = env.locks.of(conversation).await;
        let Some(drafts) = shift.take(TOGETHER) else { return };
        let outcome = Box::pin(write(&env, conversation, drafts)).await;
        drop(turn);
        if let Err(error) = outcome {
            tracing::error!(%error, %conversation, "messages could not be written");
        }
    }
}

/// Writes these drafts, as far as they may be, and answers all of them.
async fn write(env: &Env, conversation: ConversationId, mut drafts: Vec<Waiting>) -> Result<()> {
    for _ in 0..ROUNDS {
        if drafts.is_empty() {
            return Ok(());
        }
        match round(env, conversation, &mut drafts).await {
            Ok(()) => {}
            Err(error) => {
                let text = error.to_string();
                for waiting in drafts {
                    let _ = waiting.answer.send(Err(Error::Unavailable(text.clone().into())));
                }
                return Err(error);
            }
        }
    }
    for waiting in drafts {
        let _ = waiting.answer.send(Err(Code::Busy.into()));
    }
    Ok(())
}

/// Writes all of the drafts that differ by name, or finds out why that can't be, and leaves those that are still to be
/// written.
async fn round(env: &Env, conversation: ConversationId, drafts: &mut Vec<Waiting>) -> Result<()> {
    let Some(place) = place_of(env, conversation).await? else {
        for waiting in drafts.drain(..) {
            let _ = waiting.answer.send(Err(Code::NotFound.into()));
        }
        return Ok(());
    };
    let mut names = BTreeSet::new();
    let name = |waiting: &Waiting| (waiting.draft.author, waiting.draft.client_id);
    let (batch, again): (Vec<_>, Vec<_>) = drafts.drain(..).partition(|waiting| names.insert(name(waiting)));
    *drafts = again;
    let now = env.now();
    let binds = binds(conversation, &place, &batch, now);
    let mut writing = env.desk.begin(conversation);
    let outcome = match env.db.transact::<Outcome>(APPEND, binds).await {
        Ok(outcome) => outcome,
        Err(error) => {
            drafts.extend(batch);
            env.desk.forget(conversation);
            return Err(error);
        }
    };
    if outcome.written {
        let count = batch.len() as u64;
        env.desk.note(conversation, place.grown(count));
        let stored = stored(env, conversation, &place, &batch, &outcome, now).await?;
        writing.wrote(stored.clone());
        drop(writing);
        for (waiting, stored) in batch.into_iter().zip(stored) {
            let _ = waiting.answer.send(Ok((stored, true)));
        }
        return Ok(());
    }
    drop(writing);
    let found = Found::of(conversation, &outcome);
    match found.last_seq {
        Some(last_seq) => env.desk.note(
            conversation,
            Place {
                last_seq,
                ..place.clone()
            },
        ),
        None => env.desk.forget(conversation),
    }
    for waiting in batch {
        match found.judge(conversation, &place, &waiting.draft) {
            None => drafts.push(waiting),
            Some(Ok(seq)) => {
                let earlier = read(env, conversation, seq, 1).await?.into_iter().next();
                let earlier = earlier.map(|stored| (stored, false)).ok_or(Code::NotFound.into());
                let _ = waiting.answer.send(earlier);
            }
            Some(Err(code)) => _ = waiting.answer.send(Err(code.into())),
        }
    }
    Ok(())
}

/// What is believed of a conversation; nothing, when there is none.
async fn place_of(env: &Env, conversation: ConversationId) -> Result<Option<Place>> {
    if let Some(place) = env.desk.place(conversation) {
        return Ok(Some(place));
    }
    let binds = vars! { conversation: conversation.uuid(), last: Uuid::max() };
    let row: Option<PlaceRow> = env.db.find(PLACE, binds).await?;
    Ok(row.map(|row| Place {
        last_seq: row.last_seq,
        pair: row.pair,
    }))
}

fn binds(
    conversation: ConversationId,
    place: &Place,
    batch: &[Waiting],
    now: Timestamp,
) -> surrealdb::types::Variables {
    let id = conversation.uuid();
    let authors: BTreeSet<Uuid> = batch.iter().map(|waiting| waiting.draft.author.uuid()).collect();
    let mut needed = vec![one("conversation", id)];
    let mut members = authors.clone();
    members.extend(place.pair.iter().flatten());
    needed.extend(members.iter().map(|member| pair("membership", id, *member)));
    needed.extend(authors.iter().map(|author| one("account", *author)));
    if let Some([_]) = place.pair.as_deref() {
        // Somebody has left: what is needed is more than can be there.
        needed.push(pair("membership", id, Uuid::nil()));
    }
    let mut unwanted = Vec::new();
    if let Some([a, b]) = place.pair.as_deref() {
        unwanted.extend([pair("block", *a, *b), pair("block", *b, *a)]);
    }
    let (mut messages, mut sent, mut named) = (Vec::new(), Vec::new(), Vec::new());
    for (waiting, seq) in batch.iter().zip(place.last_seq + 1..) {
        let draft = &waiting.draft;
        let (author, client_id) = (draft.author.uuid(), draft.client_id.uuid());
        unwanted.push(pair("sent", author, client_id));
        sent.push(NewName {
            id: pair("sent", author, client_id),
            conversation: id,
            seq,
        });
        let key = |person: &Uuid| placed("named", vec![person.into_value(), id.into_value()], seq);
        named.extend(draft.mentions.iter().map(key));
        messages.push(NewMessage {
            id: placed("message", vec![id.into_value()], seq),
            uid: draft.uid,
            author,
            client_id,
            body: draft.body.clone(),
            reply_to: draft.reply.map(|(message, _)| message.uuid()),
            reply_seq: draft.reply.map(|(_, seq)| seq),
            mentions: Some(draft.mentions.clone()).filter(|mentions| !mentions.is_empty()),
            sent_at: now.datetime(),
        });
    }
    vars! {
        needed: needed,
        unwanted: unwanted,
        base: place.last_seq,
        head: place.last_seq + batch.len() as u64,
        messages: messages,
        sent: sent,
        named: named,
        now: now.datetime(),
    }
}

/// The messages as they are kept. What they quote is read; all else is known.
async fn stored(
    env: &Env,
    conversation: ConversationId,
    place: &Place,
    batch: &[Waiting],
    outcome: &Outcome,
    now: Timestamp,
) -> Result<Vec<Stored>> {
    if batch.iter().any(|waiting| waiting.draft.reply.is_some()) {
        return read(env, conversation, place.last_seq + 1, batch.len() as u64).await;
    }
    let person = |row: &ThereRow| {
        let RecordIdKey::Uuid(id) = &row.id.key else {
            return None;
        };
        let id = AccountId((*id).into());
        let (username, display_name) = row.username.clone().zip(row.display_name.clone())?;
        Some((
            id,
            Person {
                id,
                username,
                display_name,
            },
        ))
    };
    let people: BTreeMap<AccountId, Person> = outcome.there.iter().filter_map(person).collect();
    let message = |(waiting, seq): (&Waiting, u64)| {
        let draft = &waiting.draft;
        Some(Stored::new(Message {
            id: draft.uid.into(),
            conversation,
            seq,
            client_id: draft.client_id,
            author: people.get(&draft.author)?.clone(),
            body: draft.body.clone(),
            sent_at: now,
            edited_at: None,
            deleted_at: None,
            reply_to: None,
            quote: None,
            mentions: draft.mentions.iter().copied().map(AccountId).collect(),
            reactions: Vec::new(),
            event: None,
            rev: 0,
        }))
    };
    let known: Option<Vec<Stored>> = batch.iter().zip(place.last_seq + 1..).map(message).collect();
    match known {
        Some(known) => Ok(known),
        None => read(env, conversation, place.last_seq + 1, batch.len() as u64).await,
    }
}

async fn read(env: &Env, conversation: ConversationId, from: u64, count: u64) -> Result<Vec<Stored>> {
    let rows: Vec<MessageRow> = env
        .db
        .list(RANGE, range(conversation, from, from.saturating_add(count)))
        .await?;
    Ok(rows.into_iter().map(Stored::from).collect())
}

/// How a conversation is, when it is not as it was believed to be.
struct Found {
    last_seq: Option<u64>,
    members: BTreeSet<Uuid>,
    earlier: BTreeMap<(Uuid, Uuid), (Uuid, u64)>,
    is_blocked: bool,
}

impl Found {
    fn of(conversation: ConversationId, outcome: &Outcome) -> Self {
        let at = one("conversation", conversation.uuid());
        let conversation = outcome.there.iter().find(|row| row.id == at);
        let members = outcome.there.iter().filter(|row| row.id.table.as_str() == "membership");
        let mut earlier = BTreeMap::new();
        let mut is_blocked = false;
        for row in &outcome.hindering {
            match (keys(&row.id), row.conversation, row.seq) {
                (Some(name), Some(conversation), Some(seq)) => _ = earlier.insert(name, (conversation, seq)),
                _ => is_blocked = true,
            }
        }
        Self {
            last_seq: conversation.and_then(|row| row.last_seq),
            members: members
                .filter_map(|row| keys(&row.id))
                .map(|(_, member)| member)
                .collect(),
            earlier,
            is_blocked,
        }
    }

    /// What becomes of a draft: the place of the message that it already is, why it is refused, or nothing yet.
    fn judge(&self, conversation: ConversationId, place: &Place, draft: &Draft) -> Option<Result<u64, Code>> {
        let author = draft.author.uuid();
        if self.last_seq.is_none() || !self.members.contains(&author) {
            return Some(Err(Code::NotFound));
        }
        if let Some((elsewhere, seq)) = self.earlier.get(&(author, draft.client_id.uuid())) {
            let is_here = *elsewhere == conversation.uuid();
            return Some(if is_here { Ok(*seq) } else { Err(Code::ClientIdReused) });
        }
        if let Some(pair) = &place.pair {
            if pair.len() < 2 || !pair.iter().all(|member| self.members.contains(member)) {
                return Some(Err(Code::NobodyThere));
            }
            if self.is_blocked {
                return Some(Err(Code::Blocked));
            }
        }
        None
    }
}

/// The two ids that a row's id is made of.
fn keys(id: &RecordId) -> Option<(Uuid, Uuid)> {
    let RecordIdKey::Array(keys) = &id.key else { return None };
    let key = |at: usize| keys.get(at).cloned().and_then(|key| Uuid::from_value(key).ok());
    key(0).zip(key(1))
}
