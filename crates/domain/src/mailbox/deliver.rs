//! Deliver letters. An order is delivered in the transaction that stores it, and stored once: so nothing is delivered twice,
//! whatever is lost, repeated, or done at the same time on two devices, and nothing that was acknowledged is not delivered.
//!
//! The letter's id is made of the sender and of the order. Should the server lose its memory (a backup is restored) and get the
//! same order again, the letter is the same one, and who has it does not get another.

use super::{
    commit::Guards,
    fault::{Fault, Outcome},
    head::{self, Head},
    pending::Pending,
    post::{Found, Post},
    store::{self, Body},
};
use crate::{
    Env, Result,
    records::{one, pair},
};
use model::{
    Person, Timestamp,
    mailbox::{DocId, Document, Field, Folder, Kind, Letter, Order, Receipt, ReceiptState, Refusal, Stamp, State},
};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use sync::mailbox::{Rev, letter_uuid, seal};
use uuid::Uuid;

/// What all copies of one letter's files may add up to, in bytes: they are written in one transaction.
const COPIES_MAX_BYTES: u64 = 64 * 1024 * 1024;
/// Who set the first state of a letter.
const SERVER: &str = "server";

/// A letter that is ready to go.
pub struct Dispatch {
    order: DocId,
    letter: DocId,
    content: Letter,
    /// Who gets it.
    to: Vec<Uuid>,
    refused: Vec<Refusal>,
    files: Vec<File>,
}

struct File {
    id: DocId,
    body: Body,
    bytes: BTreeMap<String, Vec<u8>>,
}

/// The head of somebody's mailbox, which they may never have opened.
pub async fn head_of(env: &Env, owner: Uuid) -> Outcome<Head> {
    if let Some(head) = head::find_head(env, owner).await? {
        return Ok(head);
    }
    head::make(env, owner, true).await?;
    head::head(env, owner).await
}

/// Makes an order ready.
///
/// # Errors
/// The inner one when a file that goes with it is not in the mailbox, or too many get too much.
pub async fn prepare(
    env: &Env,
    own: &Pending,
    post: &Post,
    id: &str,
    order: Order,
) -> Outcome<Result<Dispatch, Fault>> {
    let (Some(order_id), Some(sender)) = (DocId::parse(id), post.sender()) else {
        return Err(Fault::NoDatabase.into());
    };
    let uuid = letter_uuid(own.mailbox().into(), order_id.uuid().unwrap_or_default());
    let Some(letter) = DocId::of(Kind::Letter, uuid) else {
        return Err(Fault::NoDatabase.into());
    };
    let (people, refused) = sort(post, &order);
    let files = match read_files(env, own, &order).await? {
        Ok(files) => files,
        Err(fault) => return Ok(Err(fault)),
    };
    let bytes: u64 = files
        .iter()
        .flat_map(|file| file.body.stubs.values())
        .map(|stub| stub.length)
        .sum();
    if bytes.saturating_mul(people.len() as u64) > COPIES_MAX_BYTES {
        let why = format!("Files of {bytes} bytes can't go to {} people at once.", people.len());
        return Ok(Err(Fault::Forbidden(why.into())));
    }
    // The sender's own copy may have come back before its order, after a backup was restored: it is that letter.
    let earlier = read_letter(env, own, letter.as_str()).await?;
    let content = Letter {
        thread: match &earlier {
            Some(earlier) => earlier.thread.clone(),
            None => thread(env, own, order.in_reply_to.as_ref(), uuid).await?,
        },
        from: sender.clone(),
        to: people.clone(),
        subject: order.subject,
        body: order.body,
        sent_at: earlier.map_or_else(|| env.now(), |earlier| earlier.sent_at),
        in_reply_to: order.in_reply_to,
        attachments: order.attachments,
        seal: None,
    };
    Ok(Ok(Dispatch {
        order: order_id,
        letter,
        content,
        to: people.into_iter().map(|person| person.id.uuid()).collect(),
        refused,
        files,
    }))
}

/// Who gets it, each once, and who does not. Somebody who blocks the sender is as unknown to them as nobody: only their own
/// blocks are told.
fn sort(post: &Post, order: &Order) -> (Vec<Person>, Vec<Refusal>) {
    let (mut people, mut refused): (Vec<Person>, Vec<Refusal>) = (Vec::new(), Vec::new());
    for name in &order.to {
        let code = match post.find(name) {
            Found::Person(person) => {
                if !people.contains(person) {
                    people.push(person.clone());
                }
                continue;
            }
            Found::BlockedByMe => model::Code::Blocked,
            Found::Nobody => model::Code::NotFound,
        };
        refused.push(Refusal {
            to: name.clone(),
            code: code.as_str().to_owned(),
        });
    }
    (people, refused)
}

/// The files that go with it, from the sender's mailbox.
async fn read_files(env: &Env, own: &Pending, order: &Order) -> Result<Result<Vec<File>, Fault>> {
    let mut files = Vec::new();
    for id in &order.attachments {
        let winner = own.document(id.as_str()).filter(|stored| !stored.tree.is_deleted());
        let winner = winner.and_then(|stored| stored.tree.winner().cloned());
        let body = match &winner {
            None => None,
            Some(rev) => body_of(env, own, id.as_str(), rev).await?,
        };
        let Some(body) = body else {
            let why = format!("The file {id} is not in this mailbox. Write it first.");
            return Ok(Err(Fault::Forbidden(why.into())));
        };
        let mut bytes = BTreeMap::new();
        for stub in body.stubs.values() {
            let digest = stub.digest.clone();
            let kept = match own.bytes(id.as_str(), &digest) {
                Some(bytes) => Some(bytes.clone()),
                None => {
                    let key = (id.as_str().to_owned(), digest.clone());
                    store::attachments(env, own.mailbox(), [key.clone()].into())
                        .await?
                        .remove(&key)
                }
            };
            bytes.extend(kept.map(|kept| (digest, kept)));
        }
        files.push(File {
            id: id.clone(),
            body,
            bytes,
        });
    }
    Ok(Ok(files))
}

/// The thread of the letter that is answered. One that is not here any more (a backup was restored) may have begun it.
async fn thread(env: &Env, own: &Pending, answered: Option<&DocId>, new: Uuid) -> Result<String> {
    let Some(answered) = answered else {
        return Ok(new.to_string());
    };
    let letter = read_letter(env, own, answered.as_str()).await?;
    Ok(letter.map_or_else(|| answered.key().to_owned(), |letter| letter.thread))
}

/// A letter of the mailbox, as it is, or as it is about to be.
async fn read_letter(env: &Env, own: &Pending, id: &str) -> Result<Option<Letter>> {
    let Some(rev) = own.document(id).and_then(|stored| stored.tree.winner().cloned()) else {
        return Ok(None);
    };
    let body = body_of(env, own, id, &rev).await?;
    Ok(match body.and_then(|body| Document::from_body(&body.fields)) {
        Some(Document::Letter(letter)) => Some(letter),
        _ => None,
    })
}

/// What a revision says, as it is, or as it is about to be.
async fn body_of(env: &Env, own: &Pending, id: &str, rev: &Rev) -> Result<Option<Body>> {
    match own.body(id, rev) {
        Some(body) => Ok(Some(body.clone())),
        None => store::body(env, own.mailbox(), id, rev).await,
    }
}

/// Lays the letter into all mailboxes that it belongs into, and the receipt into the sender's.
pub fn lay(env: &Env, dispatch: Dispatch, boxes: &mut BTreeMap<Uuid, Pending>, guards: &mut Guards) {
    let now = env.now();
    let sender = dispatch.content.from.id.uuid();
    let is_delivered = !dispatch.to.is_empty();
    guards.needed.push(one("account", sender));
    let letter = Document::Letter(dispatch.content).to_body();
    for recipient in &dispatch.to {
        let Some(theirs) = boxes.get_mut(recipient) else {
            continue;
        };
        guards.needed.push(one("account", *recipient));
        if *recipient != sender {
            guards
                .unwanted
                .extend([pair("block", sender, *recipient), pair("block", *recipient, sender)]);
        }
        // Who has it, from before a backup was restored, does not get it again.
        if theirs.document(dispatch.letter.as_str()).is_some() {
            continue;
        }
        for file in &dispatch.files {
            let (fields, stubs) = (file.body.fields.clone(), file.body.stubs.clone());
            theirs.put(file.id.as_str(), fields, stubs, file.bytes.clone());
        }
        put_sealed(env, theirs, &dispatch.letter, letter.clone());
        put_state(theirs, &dispatch.letter, Folder::Inbox, now);
        theirs.announce(dispatch.letter.as_str());
    }
    let Some(own) = boxes.get_mut(&sender) else {
        return;
    };
    if is_delivered && own.document(dispatch.letter.as_str()).is_none() {
        put_sealed(env, own, &dispatch.letter, letter);
        put_state(own, &dispatch.letter, Folder::Sent, now);
    }
    let receipt = Receipt {
        order: dispatch.order.clone(),
        state: if is_delivered {
            ReceiptState::Delivered
        } else {
            ReceiptState::Refused
        },
        letter: is_delivered.then_some(dispatch.letter),
        refused: dispatch.refused,
        seal: None,
    };
    if let Some(id) = dispatch.order.twin(Kind::Receipt) {
        put_sealed(env, own, &id, Document::Receipt(receipt).to_body());
    }
}

/// Writes what is the server's to write, so that it is known again.
fn put_sealed(env: &Env, pending: &mut Pending, id: &DocId, mut body: Map<String, Value>) {
    seal(
        &env.mailbox_site.secret,
        pending.mailbox().into(),
        id.as_str(),
        &mut body,
    );
    pending.put(id.as_str(), body, Default::default(), BTreeMap::new());
}

/// The state in which a letter begins: unread where it came in, read where it went out.
fn put_state(pending: &mut Pending, letter: &DocId, folder: Folder, now: Timestamp) {
    let at = Stamp::new(now.millis().try_into().unwrap_or_default(), 0);
    fn field<T>(value: T, at: Stamp) -> Field<T> {
        Field {
            value,
            at,
            by: SERVER.to_owned(),
        }
    }
    let state = State {
        folder: field(folder, at),
        read: field(folder == Folder::Sent, at),
        starred: field(false, at),
        labels: field(Vec::new(), at),
    };
    if let Some(id) = letter.twin(Kind::State) {
        let state = Document::State(state).to_body();
        pending.put(id.as_str(), state, Default::default(), BTreeMap::new());
    }
}

#[cfg(test)]
#[path = "deliver_tests.rs"]
mod tests;
