//! What the owner does: letters are marked, drafts written, orders given. All of it is on the disk when the answer comes.

use super::{
    hub::{Hub, Trouble, Why},
    store::Copy,
};
use model::mailbox::{ATTACHMENT_NAME, Attachment, DocId, Document, Draft, FileLine, Kind, Order};
use serde_json::{Map, Value};
use std::rc::Rc;
use sync::mailbox::{
    Rev, Stub, Stubs,
    replica::{Commit, Denied, Op, Outcome, Read, Rows, Store, StoreError, Writing},
    replicator::tried_key,
    view::{Marking, mark},
};
use uuid::Uuid;

/// Why something was not done.
#[derive(Debug)]
pub enum Refusal {
    /// The database could not.
    Store(StoreError),
    /// It is not allowed, for this reason.
    Refused(String),
    /// It was decided by what is not so any more.
    Moved,
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What an answer may be.
pub type Done<T> = Result<T, Refusal>;

/// The document of preferences that Roost's own screens share.
const PREFERENCES: &str = "p:roost";

/// Something to be written.
#[derive(Clone, Default)]
struct Plan {
    ops: Vec<Op>,
    /// Beside the documents.
    notes: Vec<(String, Option<Value>)>,
    /// The head at which it was decided.
    at: Option<u64>,
    /// Only if this order was never put into a request.
    untried: Option<String>,
}

impl Hub {
    /// Writes all of a plan, or nothing.
    async fn write(self: &Rc<Self>, plan: Plan) -> Done<Vec<Outcome>> {
        let mut done = self.try_to_write(&plan).await;
        if let Err(Refusal::Store(StoreError::Lost)) = done {
            // The connection was lost, or the database wiped: once more on another.
            done = self.try_to_write(&plan).await;
        }
        let was_broken = self.standing().broken.is_some();
        if was_broken && done.is_ok() {
            // There is room again, or a connection: replication goes on, too.
            self.wake(Why::Hurry);
        }
        self.change(|standing| match &done {
            Ok(_) => standing.broken = None,
            Err(Refusal::Store(error)) => standing.broken = Some(Trouble::from(error)),
            Err(_) => {}
        });
        done
    }

    async fn try_to_write(self: &Rc<Self>, plan: &Plan) -> Done<Vec<Outcome>> {
        self.ask_to_persist();
        let copy = self.copy().await?;
        let mut writing = Writing::new(
            plan.ops.clone(),
            &self.device(),
            self.clock.get(),
            super::browser::now(),
        );
        let mut wrote = false;
        loop {
            if let Some(read) = writing.wants() {
                let found = copy.read(&read).await?;
                // What was decided before may be refused now, for no reason that its owner would understand.
                if plan.at.is_some_and(|at| at != found.head) {
                    return Err(Refusal::Moved);
                }
                writing.found(found);
            } else if let Some(mut batch) = writing.batch() {
                if let Some(order) = &plan.untried
                    && Some(check_untried(&copy, order).await?) != batch.expected
                {
                    writing.committed(Commit::Stale);
                    continue;
                }
                batch.locals.push(self.clock_note(writing.clock()));
                batch.locals.extend(plan.notes.iter().cloned());
                batch.strict = true;
                let commit = copy.commit(&batch).await?;
                wrote = commit == Commit::Done;
                writing.committed(commit);
            } else {
                break;
            }
        }
        let outcomes = writing.outcomes().to_vec();
        for outcome in &outcomes {
            if let Outcome::Refused(reason) = outcome {
                return Err(Refusal::Refused(reason.clone()));
            }
        }
        self.clock.set(writing.clock());
        if wrote {
            self.wrote();
        }
        Ok(outcomes)
    }

    /// Changes how letters stand; answers what undoes it.
    pub async fn mark(self: &Rc<Self>, letters: &[Uuid], marking: &Marking) -> Done<Vec<(Uuid, Marking)>> {
        loop {
            let copy = self.copy().await?;
            let (head, lines) = copy.lines_at(letters).await?;
            let (mut ops, mut undos) = (Vec::new(), Vec::new());
            for line in &lines {
                if let Some((op, undo)) = mark(line, marking) {
                    ops.push(op);
                    undos.push((line.id, undo));
                }
            }
            let plan = Plan {
                ops,
                at: Some(head),
                ..Plan::default()
            };
            match self.write(plan).await {
                // Somebody wrote meanwhile: labels are to be added to what stands there now.
                Err(Refusal::Moved) => {}
                other => return other.map(|_| undos),
            }
        }
    }

    /// Keeps a draft; answers its revision.
    pub async fn save_draft(self: &Rc<Self>, id: Uuid, seen: Option<String>, draft: Draft) -> Done<String> {
        let id = named(Kind::Draft, id)?;
        let seen = seen.and_then(|rev| rev.parse::<Rev>().ok());
        let op = put(&id, seen, &Document::Draft(draft));
        let outcomes = self.write(plan(vec![op])).await?;
        self.rev_of(&id, outcomes.first()).await
    }

    /// Makes this the only version of a draft.
    pub async fn choose_draft(self: &Rc<Self>, id: Uuid, draft: Draft) -> Done<String> {
        let id = named(Kind::Draft, id)?;
        let op = Op::Choose {
            id: id.to_string(),
            body: fields(&Document::Draft(draft)),
        };
        let outcomes = self.write(plan(vec![op])).await?;
        self.rev_of(&id, outcomes.first()).await
    }

    async fn rev_of(&self, id: &DocId, outcome: Option<&Outcome>) -> Done<String> {
        if let Some(Outcome::Written(rev) | Outcome::Beside(rev)) = outcome {
            return Ok(rev.to_string());
        }
        let (_, docs) = self.copy().await?.docs(&[id.to_string()]).await?;
        let winner = docs.first().and_then(|row| row.tree.winner());
        Ok(winner.map(Rev::to_string).unwrap_or_default())
    }

    /// Throws a draft away.
    pub async fn discard_draft(self: &Rc<Self>, id: Uuid) -> Done<()> {
        let id = named(Kind::Draft, id)?.to_string();
        self.write(plan(vec![Op::Delete { id }])).await.map(|_| ())
    }

    /// Makes an order of a draft, once.
    pub async fn send(self: &Rc<Self>, id: Uuid, content: Draft) -> Done<()> {
        let draft = named(Kind::Draft, id)?;
        let order = named(Kind::Order, id)?;
        let words = Order {
            to: content.to,
            subject: content.subject,
            body: content.body,
            in_reply_to: content.in_reply_to,
            attachments: content.attachments,
        };
        let give = put(&order, None, &Document::Order(words));
        loop {
            let (head, docs) = self.copy().await?.docs(&[order.to_string()]).await?;
            let mut plan = plan(vec![Op::Delete { id: draft.to_string() }]);
            plan.at = Some(head);
            match docs.first() {
                Some(row) if row.tree.is_deleted() => {
                    return Err(Refusal::Refused("It was taken back: it is a draft again.".to_owned()));
                }
                // Pressed in two windows, or once more after a crash: it is the same order.
                Some(_) => {}
                None => {
                    plan.ops.insert(0, give.clone());
                    plan.notes = vec![(made_key(order.as_str()), Some(super::browser::now().into()))];
                }
            }
            match self.write(plan).await {
                // Somebody wrote meanwhile, perhaps this very order.
                Err(Refusal::Moved) => {}
                other => return other.map(|_| ()),
            }
        }
    }

    /// Makes a draft again of an order that no server can have, or that nobody got.
    pub async fn take_back(self: &Rc<Self>, id: Uuid, refused: bool) -> Done<Uuid> {
        let order = named(Kind::Order, id)?;
        let copy = self.copy().await?;
        let denied = denied(&copy, &order).await?;
        let body = match &denied {
            Some((_, denied)) => Some(denied.body.clone()),
            None => super::read::winners(&copy, &[order.to_string()])
                .await?
                .remove(order.as_str()),
        };
        let words: Option<Order> = body.and_then(|body| serde_json::from_value(Value::Object(body)).ok());
        let Some(words) = words else {
            return Err(Refusal::Refused(
                "This letter is not in the outbox any more.".to_owned(),
            ));
        };
        let draft = super::browser::new_id();
        let Some(updated_at) = super::browser::timestamp() else {
            return Err(Refusal::Refused("This device’s clock is wrong.".to_owned()));
        };
        let content = Draft {
            to: words.to,
            subject: words.subject,
            body: words.body,
            in_reply_to: words.in_reply_to,
            attachments: words.attachments,
            updated_at,
        };
        let mut ops = vec![put(&named(Kind::Draft, draft)?, None, &Document::Draft(content))];
        if denied.is_none() {
            ops.push(Op::Delete { id: order.to_string() });
        }
        let plan = Plan {
            ops,
            notes: denied.map(|(key, _)| (key, None)).into_iter().collect(),
            untried: (!refused).then(|| order.to_string()),
            ..Plan::default()
        };
        self.write(plan).await.map(|_| draft)
    }

    /// Puts away what is left of an order that nobody got.
    pub async fn forget_order(self: &Rc<Self>, id: Uuid) -> Done<()> {
        let order = named(Kind::Order, id)?;
        let copy = self.copy().await?;
        if let Some((key, _)) = denied(&copy, &order).await? {
            let batch = sync::mailbox::replica::Batch {
                locals: vec![(key, None)],
                strict: true,
                ..sync::mailbox::replica::Batch::default()
            };
            copy.commit(&batch).await?;
            self.wrote();
            return Ok(());
        }
        self.write(plan(vec![Op::Delete { id: order.to_string() }]))
            .await
            .map(|_| ())
    }

    /// Keeps a file.
    pub async fn add_file(self: &Rc<Self>, name: String, media_type: String, bytes: Vec<u8>) -> Done<FileLine> {
        let size = bytes.len() as u64;
        if bytes.len() > model::limits::ATTACHMENT_MAX_BYTES {
            return Err(Refusal::Refused("A file may have at most 5 MiB.".to_owned()));
        }
        let Some(id) = super::store::file_id(&bytes) else {
            return Err(Refusal::Refused("This file has no name.".to_owned()));
        };
        let copy = self.copy().await?;
        if let Some(known) = super::read::files(&copy, std::slice::from_ref(&id)).await?.pop() {
            return Ok(known);
        }
        let file = Attachment {
            name: name.clone(),
            media_type: media_type.clone(),
            size,
        };
        let stub = Stub {
            content_type: media_type.clone(),
            digest: format!("sha256-{}", id.key()),
            length: size,
            revpos: 1,
        };
        let op = Op::Put {
            id: id.to_string(),
            seen: None,
            body: fields(&Document::Attachment(file)),
            attachments: Map::from_iter([(
                ATTACHMENT_NAME.to_owned(),
                super::batch::attachment(&media_type, &bytes),
            )]),
            stubs: Stubs::from([(ATTACHMENT_NAME.to_owned(), stub)]),
        };
        self.write(plan(vec![op])).await?;
        Ok(FileLine {
            id,
            name,
            media_type,
            size,
        })
    }

    /// A preference.
    pub async fn preference(&self, name: &str) -> Done<Option<Value>> {
        let copy = self.copy().await?;
        let mut found = super::read::winners(&copy, &[PREFERENCES.to_owned()]).await?;
        let body = found.remove(PREFERENCES);
        Ok(body.and_then(|body| body.get("fields")?.get(name)?.get("value").cloned()))
    }

    /// Sets it.
    pub async fn prefer(self: &Rc<Self>, name: &str, value: Value) -> Done<()> {
        let op = Op::Prefer {
            id: PREFERENCES.to_owned(),
            field: name.to_owned(),
            value,
        };
        self.write(plan(vec![op])).await.map(|_| ())
    }

    /// Throws the copy away, unless it has what the server does not.
    pub async fn reset(self: &Rc<Self>) -> Done<()> {
        let (unsent, waiting) = self.count().await?;
        if unsent + waiting > 0 {
            return Err(Refusal::Refused("Some of it is on this device only.".to_owned()));
        }
        let copy: Rc<Copy> = self.copy().await?;
        copy.wipe().await?;
        self.copy().await?;
        // Other windows notice that theirs is gone.
        self.wrote();
        Ok(())
    }
}

/// The head at which this order was in no request yet.
async fn check_untried(copy: &Copy, order: &str) -> Done<u64> {
    let found = copy.read(&Read::Locals(tried_key(order))).await?;
    match found.rows {
        Rows::Locals(rows) if rows.is_empty() => Ok(found.head),
        _ => Err(Refusal::Refused("It may have been sent already.".to_owned())),
    }
}

/// An order that the server would not have, and where that is kept.
async fn denied(copy: &Copy, order: &DocId) -> Done<Option<(String, Denied)>> {
    let found = copy.locals(&format!("denied/{order}/")).await?;
    let mut found = found.into_iter();
    Ok(found.find_map(|(key, value)| Some((key, serde_json::from_value(value).ok()?))))
}

/// Where it is kept when an order was made.
pub fn made_key(order: &str) -> String {
    format!("made/{order}")
}

fn named(kind: Kind, id: Uuid) -> Done<DocId> {
    DocId::of(kind, id).ok_or_else(|| Refusal::Refused("There is no such letter.".to_owned()))
}

fn plan(ops: Vec<Op>) -> Plan {
    Plan { ops, ..Plan::default() }
}

fn put(id: &DocId, seen: Option<Rev>, document: &Document) -> Op {
    Op::Put {
        id: id.to_string(),
        seen,
        body: fields(document),
        attachments: Map::new(),
        stubs: Stubs::new(),
    }
}

fn fields(document: &Document) -> Map<String, Value> {
    document.to_body()
}
