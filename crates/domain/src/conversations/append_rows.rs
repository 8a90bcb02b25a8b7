//! The transaction that appends messages: what it is given, and what it answers.

use super::{
    append::{Draft, Waiting},
    desk::Place,
};
use crate::{
    db::vars,
    records::{one, pair, several},
};
use chrono::{DateTime, Utc};
use model::{AccountId, Code, ConversationId, Person, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use surrealdb::types::{RecordId, RecordIdKey, SurrealValue, Variables};
use uuid::Uuid;

/// All that decides is read here, in the transaction. First among `$asked` are the conversations, and who must be in them and
/// exist; then what must not be there: earlier messages of the same names, and blocks. `$ids` is what they are then, with `NONE` for
/// each of the latter. When anything is not as it was believed to be, nothing is written, and the answer tells what it is. Each
/// statement costs about as much as a message, so there are few; and rows are got by their ids, which costs less than half of
/// what a `SELECT` of them does.
macro_rules! appending {
    ($heads:literal) => {
        concat!(
            "
    LET $there = $asked.{ id, last_seq, username, display_name, conversation, seq };
    LET $is_so = $there.id = $ids AND $there.slice(0, $bases.len()).last_seq = $bases;
    IF $is_so {
        INSERT INTO message $messages RETURN NONE;
        INSERT INTO sent $sent RETURN NONE;
        IF $named { FOR $one IN $named { UPSERT $one RETURN NONE } };
        ",
            $heads,
            "
    };
    RETURN { written: $is_so, there: $there[WHERE id != NONE] };"
        )
    };
}
const TO_MANY: &str = appending!(
    "FOR $head IN $heads {
            UPDATE $head.id SET last_seq = $head.seq, updated_at = $now, touched_at = $now RETURN NONE
        };"
);
/// A loop of one costs as much as a tenth of all this.
const TO_ONE: &str =
    appending!("UPDATE $head SET last_seq = $head_seq, updated_at = $now, touched_at = $now RETURN NONE;");

/// The statements for these logs.
pub const fn append_to(logs: &[Log]) -> &'static str {
    match logs {
        [_] => TO_ONE,
        _ => TO_MANY,
    }
}

/// A log, what is believed of it, and what is to be written to it.
pub struct Log {
    pub conversation: ConversationId,
    pub place: Place,
    pub drafts: Vec<Waiting>,
}

#[derive(SurrealValue)]
pub struct Outcome {
    pub written: bool,
    pub there: Vec<ThereRow>,
}

#[derive(SurrealValue)]
pub struct ThereRow {
    id: RecordId,
    last_seq: Option<u64>,
    username: Option<String>,
    display_name: Option<String>,
    conversation: Option<Uuid>,
    seq: Option<u64>,
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

#[derive(SurrealValue)]
struct NewHead {
    id: RecordId,
    seq: u64,
}

fn placed(table: &str, mut key: Vec<surrealdb::types::Value>, seq: u64) -> RecordId {
    key.push(seq.into_value());
    several(table, key)
}

/// What the transaction is given. The conversations come first of what is needed, in the order of `bases`.
pub fn binds(logs: &[Log], now: Timestamp) -> Variables {
    let head = |log: &Log| one("conversation", log.conversation.uuid());
    let mut needed: Vec<RecordId> = logs.iter().map(head).collect();
    let bases: Vec<u64> = logs.iter().map(|log| log.place.last_seq).collect();
    let heads: Vec<NewHead> = logs
        .iter()
        .map(|log| NewHead {
            id: head(log),
            seq: log.place.last_seq + log.drafts.len() as u64,
        })
        .collect();
    let drafts = || logs.iter().flat_map(|log| &log.drafts).map(|waiting| &waiting.draft);
    let authors: BTreeSet<Uuid> = drafts().map(|draft| draft.author.uuid()).collect();
    needed.extend(logs.iter().flat_map(members_needed));
    needed.extend(authors.iter().map(|author| one("account", *author)));
    let mut asked = needed.clone();
    asked.extend(drafts().map(|draft| pair("sent", draft.author.uuid(), draft.client_id.uuid())));
    asked.extend(logs.iter().flat_map(blocks_unwanted));
    let ids: Vec<Option<RecordId>> = (0..asked.len()).map(|at| needed.get(at).cloned()).collect();
    let (mut messages, mut sent, mut named) = (Vec::new(), Vec::new(), Vec::new());
    for log in logs {
        let id = log.conversation.uuid();
        for (waiting, seq) in log.drafts.iter().zip(log.place.last_seq + 1..) {
            let draft = &waiting.draft;
            sent.push(NewName {
                id: pair("sent", draft.author.uuid(), draft.client_id.uuid()),
                conversation: id,
                seq,
            });
            let key = |person: &Uuid| placed("named", vec![person.into_value(), id.into_value()], seq);
            named.extend(draft.mentions.iter().map(key));
            messages.push(NewMessage::of(draft, id, seq, now));
        }
    }
    let first = heads.first().map(|head| (head.id.clone(), head.seq));
    let (first, first_seq) = first.unzip();
    vars! {
        head: first,
        head_seq: first_seq,
        ids: ids,
        asked: asked,
        bases: bases,
        heads: heads,
        messages: messages,
        sent: sent,
        named: named,
        now: now.datetime(),
    }
}

/// The memberships without which nothing is written to a log: those of the authors, and of a direct one both.
fn members_needed(log: &Log) -> Vec<RecordId> {
    let id = log.conversation.uuid();
    let mut members: BTreeSet<Uuid> = log.drafts.iter().map(|waiting| waiting.draft.author.uuid()).collect();
    members.extend(log.place.pair.iter().flatten());
    if let Some([_]) = log.place.pair.as_deref() {
        // Somebody has left: what is needed is more than can be there.
        members.insert(Uuid::nil());
    }
    members.iter().map(|member| pair("membership", id, *member)).collect()
}

/// The blocks with which nothing is written to a direct log.
fn blocks_unwanted(log: &Log) -> Vec<RecordId> {
    match log.place.pair.as_deref() {
        Some([a, b]) => vec![pair("block", *a, *b), pair("block", *b, *a)],
        _ => Vec::new(),
    }
}

impl NewMessage {
    fn of(draft: &Draft, conversation: Uuid, seq: u64, now: Timestamp) -> Self {
        Self {
            id: placed("message", vec![conversation.into_value()], seq),
            uid: draft.uid,
            author: draft.author.uuid(),
            client_id: draft.client_id.uuid(),
            body: draft.body.clone(),
            reply_to: draft.reply.map(|(message, _)| message.uuid()),
            reply_seq: draft.reply.map(|(_, seq)| seq),
            mentions: Some(draft.mentions.clone()).filter(|mentions| !mentions.is_empty()),
            sent_at: now.datetime(),
        }
    }
}

/// Somebody, when this is an account.
pub fn person_of(row: &ThereRow) -> Option<(AccountId, Person)> {
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
}

/// How things are, when they are not as they were believed to be.
pub struct Found {
    heads: BTreeMap<Uuid, u64>,
    /// By conversation and account.
    members: BTreeSet<(Uuid, Uuid)>,
    earlier: BTreeMap<(Uuid, Uuid), (Uuid, u64)>,
    blocks: BTreeSet<(Uuid, Uuid)>,
}

impl Found {
    pub fn of(outcome: &Outcome) -> Self {
        let of_table = |table: &'static str| outcome.there.iter().filter(move |row| row.id.table.as_str() == table);
        let head = |row: &ThereRow| match &row.id.key {
            RecordIdKey::Uuid(id) => Some(((*id).into(), row.last_seq?)),
            _ => None,
        };
        let earlier = |row: &ThereRow| Some((keys(&row.id)?, row.conversation.zip(row.seq)?));
        Self {
            heads: of_table("conversation").filter_map(head).collect(),
            members: of_table("membership").filter_map(|row| keys(&row.id)).collect(),
            earlier: of_table("sent").filter_map(earlier).collect(),
            blocks: of_table("block").filter_map(|row| keys(&row.id)).collect(),
        }
    }

    pub fn last_seq(&self, conversation: ConversationId) -> Option<u64> {
        self.heads.get(&conversation.uuid()).copied()
    }

    /// What becomes of a draft: the place of the message that it already is, why it is refused, or nothing yet.
    pub fn judge(&self, conversation: ConversationId, place: &Place, draft: &Draft) -> Option<Result<u64, Code>> {
        let (id, author) = (conversation.uuid(), draft.author.uuid());
        if !self.heads.contains_key(&id) || !self.members.contains(&(id, author)) {
            return Some(Err(Code::NotFound));
        }
        if let Some((elsewhere, seq)) = self.earlier.get(&(author, draft.client_id.uuid())) {
            return Some(if *elsewhere == id {
                Ok(*seq)
            } else {
                Err(Code::ClientIdReused)
            });
        }
        match place.pair.as_deref()? {
            &[a, b] if [a, b].into_iter().all(|member| self.members.contains(&(id, member))) => {
                let is_blocked = self.blocks.contains(&(a, b)) || self.blocks.contains(&(b, a));
                is_blocked.then_some(Err(Code::Blocked))
            }
            _ => Some(Err(Code::NobodyThere)),
        }
    }
}

/// The two ids that a row's id is made of.
fn keys(id: &RecordId) -> Option<(Uuid, Uuid)> {
    let RecordIdKey::Array(keys) = &id.key else { return None };
    let key = |at: usize| keys.get(at).cloned().and_then(|key| Uuid::from_value(key).ok());
    key(0).zip(key(1))
}
