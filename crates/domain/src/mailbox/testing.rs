//! Mailboxes for tests.

use super::{
    ChangesQuery, Fault, Mailbox, Outcome, Reading, Which, Writing, Written, create_database, get_document,
    list_changes, open_database, open_mailbox, write_documents,
};
use crate::{Actor, Env, fixtures};
use model::samples::{ADA, GRACE, Player};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use sync::mailbox::Mode;

/// Somebody and their mailbox.
pub struct Owner {
    pub actor: Actor,
    pub mailbox: Mailbox,
}

impl Owner {
    /// Signs somebody up, and opens their mailbox.
    pub async fn sign_up(env: &Env, player: Player) -> Self {
        let actor = fixtures::actor(env, player).await;
        let mailbox = open_mailbox(env, &actor, player.username).await.expect("opens");
        Self { actor, mailbox }
    }

    /// Ada and Grace.
    pub async fn two(env: &Env) -> (Self, Self) {
        (Self::sign_up(env, ADA).await, Self::sign_up(env, GRACE).await)
    }
}

/// A database without rules.
pub async fn database(env: &Env) -> Mailbox {
    create_database(env, "test").await.expect("makes");
    open_database(env, "test").await.expect("opens")
}

/// Another process on the same database.
pub async fn another(env: &Env) -> Env {
    let (clock, random) = (Arc::clone(&env.clock), Arc::clone(&env.random));
    Env::open(env.db.clone(), fixtures::site(), clock, random)
        .await
        .expect("a world")
}

/// Writes documents.
pub async fn write_all_of(env: &Env, mailbox: &Mailbox, mode: Mode, documents: &[Value]) -> Vec<Written> {
    let writing = |document: &Value| Writing {
        document: document.clone(),
        ..Writing::default()
    };
    let all = documents.iter().map(writing).collect();
    write_documents(env, mailbox, all, mode).await.expect("is answered")
}

/// Writes one document, and gives its revision.
pub async fn put(env: &Env, mailbox: &Mailbox, document: Value) -> String {
    let mut written = write_all_of(env, mailbox, Mode::Edit, &[document]).await;
    written.remove(0).outcome.expect("is written")
}

/// Brings revisions that another replica made.
pub async fn bring(env: &Env, mailbox: &Mailbox, documents: &[Value]) {
    for written in write_all_of(env, mailbox, Mode::Replicate, documents).await {
        written.outcome.expect("is taken");
    }
}

/// Reads a document.
pub async fn get(env: &Env, mailbox: &Mailbox, id: &str) -> Outcome<Map<String, Value>> {
    get_document(env, mailbox, id, &Which::default(), Reading::default()).await
}

/// All changes, as `id: leaves`, with `!` behind what is deleted.
pub async fn changes(env: &Env, mailbox: &Mailbox) -> Vec<String> {
    let query = ChangesQuery {
        all_leaves: true,
        ..ChangesQuery::default()
    };
    let page = list_changes(env, mailbox, &query).await.expect("lists");
    let row = |row: super::ChangeRow| {
        let gone = if row.deleted { "!" } else { "" };
        format!("{}: {}{gone}", row.id, row.changes.join(" "))
    };
    page.results.into_iter().map(row).collect()
}

/// Ids of documents with this prefix.
pub async fn with_prefix(env: &Env, mailbox: &Mailbox, prefix: &str) -> Vec<Map<String, Value>> {
    let query = ChangesQuery {
        include_docs: true,
        ..ChangesQuery::default()
    };
    let page = list_changes(env, mailbox, &query).await.expect("lists");
    let docs = page.results.into_iter().filter(|row| row.id.starts_with(prefix));
    docs.filter_map(|row| row.doc).collect()
}

/// What a verb refused.
pub fn fault<T: std::fmt::Debug>(outcome: Outcome<T>) -> Fault {
    match outcome {
        Err(super::Failure::Fault(fault)) => fault,
        other => panic!("no fault: {other:?}"),
    }
}

/// An order to send a letter.
pub fn order(env: &Env, to: &[&str], subject: &str) -> Value {
    json!({
        "_id": format!("o:{}", env.new_id()),
        "type": "order",
        "to": to,
        "subject": subject,
        "body": "On the engine.",
    })
}

/// A file of text, with its bytes.
pub fn file(bytes: &[u8]) -> Value {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use sha2::{Digest, Sha256};
    let sha256: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    json!({
        "_id": format!("b:{sha256}"),
        "type": "attachment",
        "name": "engine.txt",
        "media_type": "text/plain",
        "size": bytes.len(),
        "_attachments": {"content": {"content_type": "text/plain", "data": STANDARD.encode(bytes)}},
    })
}
