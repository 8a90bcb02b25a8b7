//! Append messages to logs. All that wait, for whichever log, are written by one transaction: it costs little more than one
//! message's would, and it is synced once. A draft that may not be written is left out, and harms none of the others.

use super::{
    append_rows::{Found, Log, Outcome, append_to, binds, person_of},
    desk::{Place, Shift},
    list_messages::{RANGE, range},
    row::{MessageRow, Stored},
};
use crate::{Env, Error, Result, db::vars};
use model::{AccountId, ClientId, Code, ConversationId, Message, MessageId, Person, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use surrealdb::types::SurrealValue;
use tokio::sync::oneshot;
use uuid::Uuid;

/// Drafts in one transaction.
const TOGETHER: usize = 64;
/// How often drafts are tried anew when what was believed of a conversation was old. Each time, more is known of it.
const ROUNDS: usize = 100;

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

/// A draft, where it belongs, and who waits for it.
pub struct Waiting {
    pub conversation: ConversationId,
    pub draft: Draft,
    answer: oneshot::Sender<Result<Appended>>,
}

impl Waiting {
    fn tell(self, answer: Result<Appended>) {
        // Who has given up waiting is not told.
        let _ = self.answer.send(answer);
    }
}

#[derive(SurrealValue)]
struct PlaceRow {
    last_seq: u64,
    pair: Option<Vec<Uuid>>,
}

/// Appends a draft to a log, with all others that wait. When it returns, the message survives a power cut. Whoever gives up
/// waiting does not take the draft back.
///
/// # Errors
/// `not_found` when the author is not in the conversation; `client_id_reused`; in direct conversations, `blocked` and
/// `nobody_there`.
pub async fn append(env: &Env, conversation: ConversationId, draft: Draft) -> Result<Appended> {
    let (answer, answered) = oneshot::channel();
    let waiting = Waiting {
        conversation,
        draft,
        answer,
    };
    if env.desk.queue(waiting) {
        tokio::spawn(write_all(env.clone()));
    }
    let lost = || Error::Unavailable("a message was given up by whoever wrote it".into());
    answered.await.unwrap_or_else(|_| Err(lost()))
}

/// Writes until nothing waits any more. Of a log that somebody else writes to at this moment, what waits is written after
/// them, and holds up nobody.
async fn write_all(env: Env) {
    let shift = Shift::begin(env.clone());
    while let Some(waiting) = shift.take(TOGETHER) {
        let mut turns = env.locks.now();
        let (free, taken): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|one| turns.take(one.conversation.uuid()));
        for (conversation, drafts) in by_log(taken) {
            tokio::spawn(write_in_turn(env.clone(), conversation, drafts));
        }
        write(&env, free).await;
    }
}

async fn write_in_turn(env: Env, conversation: ConversationId, drafts: Vec<Waiting>) {
    let _turn = env.locks.of(conversation.uuid()).await;
    write(&env, drafts).await;
}

fn by_log(drafts: Vec<Waiting>) -> BTreeMap<ConversationId, Vec<Waiting>> {
    let mut logs: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for waiting in drafts {
        logs.entry(waiting.conversation).or_default().push(waiting);
    }
    logs
}

/// Writes these drafts, as far as they may be, and answers all of them. What the database does not take together it is
/// given log by log, so that no draft can harm those of another log.
async fn write(env: &Env, drafts: Vec<Waiting>) {
    let Err((error, drafts)) = Box::pin(write_together(env, drafts)).await else {
        return;
    };
    let logs = by_log(drafts);
    if logs.len() == 1 {
        return refuse(&error, logs.into_values().flatten());
    }
    for drafts in logs.into_values() {
        if let Err((error, drafts)) = Box::pin(write_together(env, drafts)).await {
            refuse(&error, drafts);
        }
    }
}

fn refuse(error: &Error, drafts: impl IntoIterator<Item = Waiting>) {
    tracing::error!(%error, "messages could not be written");
    let text = error.to_string();
    for waiting in drafts {
        waiting.tell(Err(Error::Unavailable(text.clone().into())));
    }
}

/// An error, and the drafts that have no answer because of it.
type Failed = (Error, Vec<Waiting>);

async fn write_together(env: &Env, mut drafts: Vec<Waiting>) -> Result<(), Failed> {
    for _ in 0..ROUNDS {
        if drafts.is_empty() {
            return Ok(());
        }
        drafts = round(env, drafts).await?;
    }
    for waiting in drafts {
        waiting.tell(Err(Code::Busy.into()));
    }
    Ok(())
}

/// Writes all of the drafts that differ by name, or finds out why that can't be. Gives back those that are still to be
/// written.
async fn round(env: &Env, drafts: Vec<Waiting>) -> Result<Vec<Waiting>, Failed> {
    let mut names = BTreeSet::new();
    let name = |waiting: &Waiting| (waiting.draft.author, waiting.draft.client_id);
    let (batch, mut again): (Vec<_>, Vec<_>) = drafts.into_iter().partition(|waiting| names.insert(name(waiting)));
    let logs = match places(env, batch).await {
        Ok(logs) => logs,
        Err((error, mut batch)) => {
            batch.append(&mut again);
            return Err((error, batch));
        }
    };
    if logs.is_empty() {
        return Ok(again);
    }
    let now = env.now();
    let writings: Vec<_> = logs.iter().map(|log| env.desk.begin(log.conversation)).collect();
    let outcome = match env.db.transact::<Outcome>(append_to(&logs), binds(&logs, now)).await {
        Ok(outcome) => outcome,
        Err(error) => {
            for log in logs {
                env.desk.forget(log.conversation);
                again.extend(log.drafts);
            }
            return Err((error, again));
        }
    };
    if !outcome.written {
        drop(writings);
        return judge(env, logs, &outcome, again).await;
    }
    let people: BTreeMap<AccountId, Person> = outcome.there.iter().filter_map(person_of).collect();
    for log in &logs {
        env.desk
            .note(log.conversation, log.place.grown(log.drafts.len() as u64));
    }
    for (log, mut writing) in logs.into_iter().zip(writings) {
        match stored(env, &log, &people, now).await {
            Ok(stored) => {
                writing.wrote(stored.clone());
                drop(writing);
                for (waiting, stored) in log.drafts.into_iter().zip(stored) {
                    waiting.tell(Ok((stored, true)));
                }
            }
            // They are durable: whoever sends again finds them.
            Err(error) => refuse(&error, log.drafts),
        }
    }
    Ok(again)
}

/// The logs that drafts belong to, and what is believed of each. To one that is not there nothing is written.
async fn places(env: &Env, drafts: Vec<Waiting>) -> Result<Vec<Log>, Failed> {
    let mut logs = Vec::new();
    let mut left = by_log(drafts).into_iter();
    while let Some((conversation, drafts)) = left.next() {
        match place_of(env, conversation).await {
            Ok(Some(place)) => logs.push(Log {
                conversation,
                place,
                drafts,
            }),
            Ok(None) => drafts.into_iter().for_each(|one| one.tell(Err(Code::NotFound.into()))),
            Err(error) => {
                let read = logs.into_iter().flat_map(|log| log.drafts);
                let all = read.chain(drafts).chain(left.flat_map(|(_, drafts)| drafts));
                return Err((error, all.collect()));
            }
        }
    }
    Ok(logs)
}

/// Nothing was written, because something was not as it was believed: notes how it is, and answers the drafts that decides.
async fn judge(env: &Env, logs: Vec<Log>, outcome: &Outcome, mut left: Vec<Waiting>) -> Result<Vec<Waiting>, Failed> {
    let found = Found::of(outcome);
    for log in logs {
        match found.last_seq(log.conversation) {
            Some(last_seq) => {
                let pair = log.place.pair.clone();
                env.desk.note(log.conversation, Place { last_seq, pair });
            }
            None => env.desk.forget(log.conversation),
        }
        for waiting in log.drafts {
            match found.judge(log.conversation, &log.place, &waiting.draft) {
                None => left.push(waiting),
                Some(Ok(seq)) => match read(env, log.conversation, seq, 1).await {
                    Ok(earlier) => {
                        let earlier = earlier.into_iter().next().map(|stored| (stored, false));
                        waiting.tell(earlier.ok_or(Code::NotFound.into()));
                    }
                    Err(error) => refuse(&error, [waiting]),
                },
                Some(Err(code)) => waiting.tell(Err(code.into())),
            }
        }
    }
    Ok(left)
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

/// The messages as they are kept. What they quote is read; all else is known.
async fn stored(env: &Env, log: &Log, people: &BTreeMap<AccountId, Person>, now: Timestamp) -> Result<Vec<Stored>> {
    let (first, count) = (log.place.last_seq + 1, log.drafts.len() as u64);
    if log.drafts.iter().any(|waiting| waiting.draft.reply.is_some()) {
        return read(env, log.conversation, first, count).await;
    }
    let message = |(waiting, seq): (&Waiting, u64)| {
        let draft = &waiting.draft;
        Some(Stored::new(Message {
            id: draft.uid.into(),
            conversation: log.conversation,
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
    let known: Option<Vec<Stored>> = log.drafts.iter().zip(first..).map(message).collect();
    match known {
        Some(known) => Ok(known),
        None => read(env, log.conversation, first, count).await,
    }
}

async fn read(env: &Env, conversation: ConversationId, from: u64, count: u64) -> Result<Vec<Stored>> {
    let rows: Vec<MessageRow> = env
        .db
        .list(RANGE, range(conversation, from, from.saturating_add(count)))
        .await?;
    Ok(rows.into_iter().map(Stored::from).collect())
}
