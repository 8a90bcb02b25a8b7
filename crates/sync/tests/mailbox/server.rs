//! The server: the same decisions as production's, over maps. All that one request causes is one step of it.

use model::{
    AccountId, Person, Timestamp,
    mailbox::{
        ATTACHMENT_NAME, Before, Blob, DocId, Document, Field, Folder, Kind, Letter, Order, Proposal, Receipt,
        ReceiptState, Refusal, Stamp, State, check_write,
    },
};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use sync::mailbox::{
    Change, Checkpoint, Decision, Incoming, Mode, Rev, RevTree, Seq, Style, change, is_sealed, letter_uuid,
    next_local_rev, outgoing,
    replicator::{Failure, Question, Refused, Reply},
    revs_diff, seal, write,
};
use uuid::Uuid;

const SECRET: &[u8] = b"the server's own";
const DEPTH: usize = model::limits::REVISIONS_MAX;

#[derive(Clone, Default)]
pub struct Mailbox {
    pub seq: u64,
    pub docs: BTreeMap<String, (RevTree, u64)>,
    by_seq: BTreeMap<u64, String>,
    pub bodies: BTreeMap<(String, Rev), Incoming>,
    notes: BTreeMap<String, (String, Checkpoint)>,
}

#[derive(Clone)]
pub struct Server {
    pub epoch: u64,
    pub mailboxes: BTreeMap<&'static str, Mailbox>,
    /// What the clock on the wall says.
    pub now: i64,
}

pub fn account(name: &str) -> AccountId {
    AccountId(Uuid::from_u128(
        name.bytes().fold(0, |sum, byte| sum * 256 + u128::from(byte)),
    ))
}

pub fn sealed(owner: &str, id: &str, body: &Map<String, Value>) -> bool {
    is_sealed(SECRET, account(owner), id, body)
}

fn person(name: &str) -> Person {
    Person {
        id: account(name),
        username: name.to_owned(),
        display_name: name.to_uppercase(),
    }
}

impl Mailbox {
    fn tree(&self, id: &str) -> RevTree {
        self.docs.get(id).map(|(tree, _)| tree.clone()).unwrap_or_default()
    }

    fn keep(&mut self, incoming: Incoming, mode: Mode) -> Decision {
        let decision = write(&self.tree(&incoming.id), &incoming, mode, DEPTH);
        if let Decision::Store(stored) = &decision {
            self.seq += 1;
            if let Some((_, before)) = self.docs.insert(incoming.id.clone(), (stored.tree.clone(), self.seq)) {
                self.by_seq.remove(&before);
            }
            self.by_seq.insert(self.seq, incoming.id.clone());
            for rev in &stored.forget {
                self.bodies.remove(&(incoming.id.clone(), rev.clone()));
            }
            if stored.keep_body {
                self.bodies.insert((incoming.id.clone(), stored.rev.clone()), incoming);
            }
        }
        decision
    }

    fn document(&self, id: &str, rev: &Rev) -> Option<Map<String, Value>> {
        let tree = self.tree(id);
        let kept = self.bodies.get(&(id.to_owned(), rev.clone()))?;
        let mut document = outgoing(
            id,
            rev,
            tree.is_tombstone(rev),
            &kept.body,
            tree.revisions(rev).as_ref(),
        );
        if !kept.attachments.is_empty() {
            document.insert("_attachments".to_owned(), Value::Object(kept.attachments.clone()));
        }
        Some(document)
    }

    pub fn compact(&mut self) {
        for (id, (tree, _)) in &mut self.docs {
            for rev in tree.compact() {
                self.bodies.remove(&(id.clone(), rev));
            }
        }
    }
}

impl Server {
    pub fn new(people: &[&'static str], now: i64) -> Self {
        Self {
            epoch: 1,
            mailboxes: people.iter().map(|name| (*name, Mailbox::default())).collect(),
            now,
        }
    }

    fn seq(&self, number: u64) -> String {
        Seq::new(number, &format!("e{}", self.epoch)).to_string()
    }

    pub fn epoch_text(&self) -> String {
        format!("e{}", self.epoch)
    }

    /// The backup comes back in the proper way: a new history, and no notes.
    pub fn begin_history(&mut self, epoch: u64) {
        self.epoch = epoch;
        for mailbox in self.mailboxes.values_mut() {
            mailbox.notes.clear();
        }
    }

    /// Forgets the oldest note of somebody, as a server does that has too many.
    pub fn drop_note(&mut self, user: &str) {
        if let Some(mailbox) = self.mailboxes.get_mut(user) {
            mailbox.notes.pop_first();
        }
    }

    pub fn answer(&mut self, user: &'static str, question: &Question) -> Result<Reply, Failure> {
        let seq = |number| self.seq(number);
        let mailbox = self.mailboxes.get(user).ok_or(Failure::Gone)?;
        match question {
            Question::Info => Ok(Reply::Info(seq(mailbox.seq))),
            Question::GetNote(id) => Ok(Reply::Note(mailbox.notes.get(id).cloned())),
            Question::PutNote { id, rev, note } => {
                let current = mailbox.notes.get(id).map(|(rev, _)| rev.clone());
                if current != *rev {
                    return Err(Failure::Conflict);
                }
                let next = next_local_rev(rev.as_deref());
                let mailbox = self.mailboxes.get_mut(user).ok_or(Failure::Gone)?;
                mailbox.notes.insert(id.clone(), (next.clone(), note.clone()));
                Ok(Reply::Noted(next))
            }
            Question::Changes { since, limit, .. } => {
                let since = Seq::since(since, &self.epoch_text());
                let later = mailbox.by_seq.range(since.saturating_add(1)..).take(*limit);
                let rows: Vec<Change> = later
                    .map(|(number, id)| change(id, seq(*number).into(), &mailbox.tree(id), Style::AllDocs))
                    .collect();
                let last = rows.last().map_or(seq(since.max(mailbox.seq)), |row| {
                    row.seq.as_str().unwrap_or("").to_owned()
                });
                Ok(Reply::Changes { rows, last_seq: last })
            }
            Question::BulkGet(wanted) => {
                let found = wanted.iter().flat_map(|(id, rev)| {
                    let tree = mailbox.tree(id);
                    let latest: Vec<Rev> = tree.latest(rev).into_iter().cloned().collect();
                    latest
                        .into_iter()
                        .filter_map(|rev| mailbox.document(id, &rev))
                        .collect::<Vec<_>>()
                });
                Ok(Reply::Documents(found.collect()))
            }
            Question::Leaves(id) => {
                let tree = mailbox.tree(id);
                Ok(Reply::Documents(
                    tree.leaves()
                        .into_iter()
                        .filter_map(|rev| mailbox.document(id, rev))
                        .collect(),
                ))
            }
            Question::RevsDiff(offered) => {
                let missing = offered
                    .iter()
                    .filter_map(|(id, revs)| Some((id.clone(), revs_diff(&mailbox.tree(id), revs)?)));
                Ok(Reply::Missing(missing.collect()))
            }
            Question::BulkDocs(documents) => {
                let rows = documents
                    .iter()
                    .filter_map(|document| self.take(user, document))
                    .collect();
                Ok(Reply::Written(rows))
            }
        }
    }

    /// One document of a bulk write, and all that it causes.
    fn take(&mut self, user: &'static str, document: &Map<String, Value>) -> Option<Refused> {
        let refused = |id: &str, reason: String| Refused {
            id: id.to_owned(),
            error: "forbidden".to_owned(),
            reason,
        };
        let mut incoming = match Incoming::parse(Value::Object(document.clone())) {
            Ok(incoming) => incoming,
            Err(wrong) => return Some(refused("", wrong.reason.into_owned())),
        };
        let mailbox = self.mailboxes.get_mut(user)?;
        let tree = mailbox.tree(&incoming.id);
        if !matches!(write(&tree, &incoming, Mode::Replicate, DEPTH), Decision::Store(_)) {
            return None;
        }
        let before = match tree.winner() {
            None => Before::Nothing,
            Some(winner) if tree.is_tombstone(winner) => Before::Deleted,
            Some(_) => Before::Alive,
        };
        if let Err(reason) = check(user, &incoming, before) {
            return Some(refused(&incoming.id, reason));
        }
        for file in incoming.attachments.values_mut() {
            *file = json!({"stub": true});
        }
        let order = DocId::parse(&incoming.id).filter(|id| id.kind() == Kind::Order && !incoming.deleted);
        let body = incoming.body.clone();
        mailbox.keep(incoming, Mode::Replicate);
        if let (Some(id), Some(Document::Order(order))) = (order, Document::from_body(&body)) {
            self.deliver(user, &id, &order);
        }
        None
    }

    fn deliver(&mut self, sender: &'static str, id: &DocId, order: &Order) {
        let uuid = letter_uuid(account(sender), id.uuid().expect("orders have one"));
        let letter = DocId::of(Kind::Letter, uuid).expect("letters have one");
        let (there, nobody): (Vec<&String>, Vec<&String>) = order
            .to
            .iter()
            .partition(|name| self.mailboxes.contains_key(name.as_str()));
        let body = Letter {
            thread: uuid.to_string(),
            from: person(sender),
            to: there.iter().map(|name| person(name)).collect(),
            subject: order.subject.clone(),
            body: order.body.clone(),
            sent_at: Timestamp::from_millis(self.now).expect("in range"),
            in_reply_to: None,
            attachments: Vec::new(),
            seal: None,
        };
        for name in &there {
            self.put(name, &letter, &Document::Letter(body.clone()));
            self.put_state(name, &letter, Folder::Inbox);
        }
        if !there.is_empty() {
            self.put(sender, &letter, &Document::Letter(body));
            self.put_state(sender, &letter, Folder::Sent);
        }
        let receipt = Receipt {
            order: id.clone(),
            state: if there.is_empty() {
                ReceiptState::Refused
            } else {
                ReceiptState::Delivered
            },
            letter: (!there.is_empty()).then_some(letter),
            refused: nobody
                .iter()
                .map(|name| Refusal {
                    to: (*name).clone(),
                    code: "not_found".to_owned(),
                })
                .collect(),
            seal: None,
        };
        self.put(
            sender,
            &id.twin(Kind::Receipt).expect("has a uuid"),
            &Document::Receipt(receipt),
        );
    }

    /// Puts letters into a mailbox, as many as that, each with its state.
    pub fn fill(&mut self, owner: &str, letters: u128) {
        for number in 0..letters {
            let letter = DocId::of(Kind::Letter, Uuid::from_u128(number)).expect("letters have one");
            let body = Letter {
                thread: number.to_string(),
                from: person("grace"),
                to: vec![person(owner)],
                subject: format!("letter {number}"),
                body: "On the engine.".to_owned(),
                sent_at: Timestamp::from_millis(self.now).expect("in range"),
                in_reply_to: None,
                attachments: Vec::new(),
                seal: None,
            };
            self.put(owner, &letter, &Document::Letter(body));
            self.put_state(owner, &letter, Folder::Inbox);
        }
    }

    fn put_state(&mut self, owner: &str, letter: &DocId, folder: Folder) {
        fn field<T>(value: T) -> Field<T> {
            Field {
                value,
                at: Stamp::default(),
                by: "server".to_owned(),
            }
        }
        let state = State {
            folder: field(folder),
            read: field(folder == Folder::Sent),
            starred: field(false),
            labels: field(Vec::new()),
        };
        self.put(
            owner,
            &letter.twin(Kind::State).expect("has a uuid"),
            &Document::State(state),
        );
    }

    /// Writes a document of the server's own, unless it is there.
    fn put(&mut self, owner: &str, id: &DocId, document: &Document) {
        let mut body = document.to_body();
        if matches!(id.kind(), Kind::Letter | Kind::Receipt) {
            seal(SECRET, account(owner), id.as_str(), &mut body);
        }
        let incoming = Incoming {
            id: id.as_str().to_owned(),
            body,
            ..Incoming::default()
        };
        if let Some(mailbox) = self.mailboxes.get_mut(owner)
            && mailbox.tree(id.as_str()).is_empty()
        {
            mailbox.keep(incoming, Mode::Edit);
        }
    }
}

fn check(user: &str, incoming: &Incoming, before: Before) -> Result<(), String> {
    let bytes = |value: &Value| value.get("data").and_then(Value::as_str).unwrap_or_default().to_owned();
    let files: Vec<(String, String)> = incoming
        .attachments
        .iter()
        .map(|(name, value)| (name.clone(), bytes(value)))
        .collect();
    let sums: Vec<String> = files.iter().map(|(_, data)| sha256(data)).collect();
    let blobs: Vec<Blob<'_>> = files
        .iter()
        .zip(&sums)
        .map(|((name, data), sha256)| Blob {
            name,
            sha256,
            bytes: data.len(),
        })
        .collect();
    check_write(&Proposal {
        id: &incoming.id,
        deleted: incoming.deleted,
        body: &incoming.body,
        blobs: &blobs,
        before,
        sealed: sealed(user, &incoming.id, &incoming.body),
    })
    .map_err(std::borrow::Cow::into_owned)
}

pub fn sha256(data: &str) -> String {
    Sha256::digest(data).iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn file(data: &str) -> (String, Map<String, Value>, Map<String, Value>) {
    let body = json!({"type": "attachment", "name": "notes.txt", "media_type": "text/plain", "size": data.len()});
    let attachments = json!({ATTACHMENT_NAME: {"content_type": "text/plain", "data": data}});
    let map = |value: Value| value.as_object().cloned().expect("an object");
    (format!("b:{}", sha256(data)), map(body), map(attachments))
}
