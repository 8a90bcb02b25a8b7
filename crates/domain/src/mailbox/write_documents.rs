//! Write documents: edits made here, or revisions that another replica made.

use super::{
    Mailbox, Rules,
    attached::{self, Attachments, Settled},
    commit::{Guards, commit},
    deliver,
    fault::{Fault, Outcome},
    head::head,
    local_documents::put_local,
    pending::Pending,
    post::{Post, order_in},
    rules,
    store::{self, Body},
};
use crate::{Env, Error, Result};
use model::{
    Code, limits,
    mailbox::{Before, Kind},
};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use sync::mailbox::{Decision, Incoming, Malformed, Mode, Rev, RevTree, write};
use uuid::Uuid;

/// How often a batch is begun anew because somebody else, in another process, was first.
const ROUNDS: usize = 100;

/// A document to be written, as it came.
#[derive(Clone, Debug, Default)]
pub struct Writing {
    /// The document.
    pub document: Value,
    /// Bytes of attachments that came beside it, by name.
    pub following: HashMap<String, Vec<u8>>,
}

/// What became of one document.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// Its id; the one that it got when it came without.
    pub id: String,
    /// The revision, or why there is none.
    pub outcome: Result<String, Fault>,
}

/// A document that could be read.
struct Draft {
    incoming: Incoming,
    attachments: Attachments,
}

/// Writes documents, in order, and answers in that order. One that is refused harms none of the others. What the mailbox
/// knows already changes nothing. An order to send a letter is delivered in the same transaction.
///
/// # Errors
/// [`Fault::NoDatabase`]; [`Fault::TooLarge`] for too many at once; and when one of them is no document at all, what is wrong
/// with it: then nothing is written, as in CouchDB.
pub async fn write_documents(env: &Env, mailbox: &Mailbox, all: Vec<Writing>, mode: Mode) -> Outcome<Vec<Written>> {
    if all.len() > limits::BULK_MAX {
        return Err(Fault::TooLarge.into());
    }
    let mut answers: BTreeMap<usize, Written> = BTreeMap::new();
    let (mut locals, mut drafts) = (Vec::new(), Vec::new());
    for (at, writing) in all.into_iter().enumerate() {
        match local_in(&writing.document) {
            Some(local) => locals.push((at, local)),
            None => drafts.push((at, read(env, writing, mode)?)),
        }
    }
    for (at, (id, body)) in locals {
        answers.insert(at, write_local(env, mailbox, &id, body).await?);
    }
    // What a letter takes along may come in the same batch, behind its order.
    drafts.sort_by_key(|(at, draft)| (is_order(mailbox, &draft.incoming), *at));
    // Whoever hangs up does not interrupt what was begun: half of it would be done, and nobody told.
    let (env, mailbox) = (env.clone(), mailbox.clone());
    let writing = tokio::spawn(async move { write_all(&env, &mailbox, &drafts, mode).await });
    answers.extend(writing.await.map_err(Error::broken("writing documents"))??);
    Ok(answers.into_values().collect())
}

/// A local document, by its id.
fn local_in(document: &Value) -> Option<(String, Map<String, Value>)> {
    let fields = document.as_object()?;
    let id = fields.get("_id")?.as_str().filter(|id| id.starts_with("_local/"))?;
    Some((id.to_owned(), fields.clone()))
}

async fn write_local(env: &Env, mailbox: &Mailbox, id: &str, body: Map<String, Value>) -> Outcome<Written> {
    let name = id.strip_prefix("_local/").unwrap_or(id);
    let outcome = match put_local(env, mailbox, name, body).await {
        Ok(rev) => Ok(rev),
        Err(super::Failure::Fault(fault)) => Err(fault),
        Err(failure) => return Err(failure),
    };
    Ok(Written {
        id: id.to_owned(),
        outcome,
    })
}

fn read(env: &Env, writing: Writing, mode: Mode) -> Result<Draft, Fault> {
    let Writing {
        document,
        mut following,
    } = writing;
    let mut incoming = Incoming::parse(document).map_err(malformed)?;
    if mode == Mode::Replicate && incoming.rev.is_none() {
        return Err(Fault::BadRequest(
            "A revision that comes from elsewhere has to say which it is (_rev)".into(),
        ));
    }
    if incoming.id.is_empty() {
        incoming.id = env.new_id().simple().to_string();
    }
    let attachments = attached::read(std::mem::take(&mut incoming.attachments), &mut following)?;
    Ok(Draft { incoming, attachments })
}

/// What is wrong with a document, as the mailbox says it.
pub(super) fn malformed(wrong: Malformed) -> Fault {
    match wrong.error {
        "illegal_docid" => Fault::IllegalDocid(wrong.reason),
        "doc_validation" => Fault::DocValidation(wrong.reason),
        _ => Fault::BadRequest(wrong.reason),
    }
}

fn is_order(mailbox: &Mailbox, incoming: &Incoming) -> bool {
    mailbox.rules() == Rules::Letters && Kind::of(&incoming.id) == Some(Kind::Order) && !incoming.deleted
}

async fn write_all(
    env: &Env,
    mailbox: &Mailbox,
    drafts: &[(usize, Draft)],
    mode: Mode,
) -> Outcome<Vec<(usize, Written)>> {
    if drafts.is_empty() {
        return Ok(Vec::new());
    }
    let orders = drafts
        .iter()
        .map(|(_, draft)| &draft.incoming)
        .filter(|one| is_order(mailbox, one));
    let mut post = Post::new(mailbox.id(), orders);
    post.look_up(env).await?;
    let _turns = env.mailboxes.of_all(post.mailboxes()).await;
    for _ in 0..ROUNDS {
        post.look_up(env).await?;
        let mut round = Round::begin(env, mailbox, drafts, &post).await?;
        let mut answers = Vec::with_capacity(drafts.len());
        for (at, draft) in drafts {
            let outcome = round.write(env, draft, mode, &mut post).await?;
            let id = draft.incoming.id.clone();
            answers.push((*at, Written { id, outcome }));
        }
        if !round.boxes.values().any(Pending::is_changed)
            || commit(env, round.boxes.into_values().collect(), round.guards).await?
        {
            return Ok(answers);
        }
    }
    Err(Code::Busy.into())
}

/// One try to write a batch.
struct Round<'a> {
    mailbox: &'a Mailbox,
    /// The mailbox itself, and those of whoever gets a letter.
    boxes: BTreeMap<Uuid, Pending>,
    guards: Guards,
    /// What earlier revisions of documents have attached, as far as somebody refers to it.
    known: HashMap<(String, Rev), Body>,
}

impl<'a> Round<'a> {
    async fn begin(env: &Env, mailbox: &'a Mailbox, drafts: &[(usize, Draft)], post: &Post) -> Outcome<Round<'a>> {
        let mut boxes = BTreeMap::new();
        let own = drafts.iter().map(|(_, draft)| draft.incoming.id.as_str());
        let ids: BTreeSet<&str> = own.chain(post.documents_of_sender()).collect();
        let head_of_own = head(env, mailbox.id()).await?;
        let own = Pending::read(env, mailbox.id(), head_of_own, ids).await?;
        let with_stubs = drafts.iter().filter(|(_, draft)| has_stubs(&draft.attachments));
        let trees: Vec<(&str, RevTree)> = with_stubs
            .map(|(_, draft)| (draft.incoming.id.as_str(), own.tree(&draft.incoming.id)))
            .collect();
        let held = trees
            .iter()
            .flat_map(|(id, tree)| tree.revs().filter(|rev| tree.has_body(rev)).map(move |rev| (*id, rev)));
        let known = store::stubs(env, mailbox.id(), held.collect()).await?;
        boxes.insert(mailbox.id(), own);
        for recipient in post.recipients() {
            if recipient != mailbox.id() {
                let head = deliver::head_of(env, recipient).await?;
                let documents = Pending::read(env, recipient, head, post.documents_of_recipients().collect()).await?;
                boxes.insert(recipient, documents);
            }
        }
        Ok(Round {
            mailbox,
            boxes,
            guards: Guards::default(),
            known,
        })
    }

    /// Decides one document.
    async fn write(&mut self, env: &Env, draft: &Draft, mode: Mode, post: &mut Post) -> Outcome<Result<String, Fault>> {
        let id = draft.incoming.id.as_str();
        let Some(own) = self.boxes.get(&self.mailbox.id()) else {
            return Err(Fault::NoDatabase.into());
        };
        let tree = own.tree(id);
        let mut incoming = draft.incoming.clone();
        let mut settled = Settled::default();
        let mut decision = write(&tree, &incoming, mode, limits::REVISIONS_MAX);
        if !draft.attachments.is_empty() && matches!(decision, Decision::Store(_)) {
            settled = match self.settle(own, draft, &tree, mode) {
                Ok(settled) => settled,
                Err(fault) => return Ok(Err(fault)),
            };
            incoming.stubs = settled.stubs.clone();
            decision = write(&tree, &incoming, mode, limits::REVISIONS_MAX);
        }
        let decided = match decision {
            Decision::Store(decided) => decided,
            Decision::Known(rev) => return Ok(Ok(rev.to_string())),
            Decision::Conflict => return Ok(Err(Fault::Conflict)),
            Decision::NoRev => return Ok(Err(Fault::BadRequest("_rev is missing".into()))),
        };
        let before = match (tree.is_empty(), tree.is_deleted()) {
            (true, _) => Before::Nothing,
            (_, true) => Before::Deleted,
            (_, false) => Before::Alive,
        };
        if let Err(fault) = rules::check(env, self.mailbox, &incoming, &settled, before).await? {
            return Ok(Err(fault));
        }
        let dispatch = match is_order(self.mailbox, &incoming).then(|| order_in(&incoming)).flatten() {
            None => None,
            Some(order) => match deliver::prepare(env, own, post, id, order).await? {
                Ok(dispatch) => Some(dispatch),
                Err(fault) => return Ok(Err(fault)),
            },
        };
        if dispatch.is_some()
            && let Err(fault) = post.count(env, self.mailbox, id)
        {
            return Ok(Err(fault));
        }
        let rev = decided.rev.to_string();
        let body = Body {
            fields: incoming.body,
            stubs: settled.stubs,
        };
        if let Some(own) = self.boxes.get_mut(&self.mailbox.id()) {
            own.take(id, *decided, body, settled.bytes);
        }
        if let Some(dispatch) = dispatch {
            deliver::lay(env, dispatch, &mut self.boxes, &mut self.guards);
        }
        Ok(Ok(rev))
    }

    fn settle(&self, own: &Pending, draft: &Draft, tree: &RevTree, mode: Mode) -> Result<Settled, Fault> {
        let incoming = &draft.incoming;
        let id = incoming.id.as_str();
        let follows = match mode {
            Mode::Edit => incoming.rev.as_ref().or_else(|| tree.winner()),
            Mode::Replicate => None,
        };
        let generation = match mode {
            Mode::Edit => follows.map_or(0, Rev::generation) + 1,
            Mode::Replicate => incoming.rev.as_ref().map_or(1, Rev::generation),
        };
        let line = incoming
            .revisions
            .iter()
            .flat_map(|line| line.revs())
            .collect::<Vec<_>>();
        let nearest = follows.into_iter().chain(&line).chain(tree.leaves()).chain(tree.revs());
        let body = |rev: &Rev| {
            let here = own.body(id, rev);
            here.or_else(|| self.known.get(&(id.to_owned(), rev.clone())))
        };
        let known: Vec<&Body> = nearest.filter_map(body).collect();
        attached::settle(draft.attachments.clone(), &known, generation)
    }
}

fn has_stubs(attachments: &Attachments) -> bool {
    attachments
        .values()
        .any(|one| matches!(one, attached::Attached::Stub { .. }))
}

/// Writes one document.
///
/// # Errors
/// As [`write_documents`], and why the document itself is refused.
pub async fn write_document(env: &Env, mailbox: &Mailbox, writing: Writing, mode: Mode) -> Outcome<(String, String)> {
    let written = write_documents(env, mailbox, vec![writing], mode).await?;
    let written = written.into_iter().next();
    let lost = || Error::broken("writing a document")("it was not answered");
    let Written { id, outcome } = written.ok_or_else(lost)?;
    Ok((id, outcome?))
}

#[cfg(test)]
#[path = "write_documents_tests.rs"]
mod tests;
