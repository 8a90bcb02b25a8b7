//! The one transaction that writes into mailboxes: heads, trees, places, bodies and letters, all or nothing.

use super::{
    compact::prune,
    pending::{Pending, Rows},
    shelve::shelve,
};
use crate::{Env, Result, db::vars};
use surrealdb::types::RecordId;
use uuid::Uuid;

/// The heads are compared here, in the transaction: each write raises its mailbox's, so when they are as they were read, so
/// is everything else. `$needed` are accounts that must be there and may sign in, `$unwanted` blocks. When anything is not as
/// it was believed to be, nothing is written. Rows that are there are written over: to delete one first takes SurrealDB twice as
/// long as to write it.
const COMMIT: &str = "
    LET $wanted = $heads.map(|$one| { id: $one.id, epoch: $one.epoch, seq: $one.base, tidied: $one.tidied_base });
    LET $there = (SELECT id, epoch, seq, tidied FROM $heads.map(|$one| $one.id) WHERE id != NONE);
    LET $people = (SELECT VALUE id FROM $needed WHERE id != NONE AND disabled_at = NONE);
    LET $hindering = (SELECT VALUE id FROM $unwanted WHERE id != NONE);
    LET $is_so = $there = $wanted AND $people.len() = $needed.len() AND $hindering.len() = 0;
    IF $is_so {
        DELETE $gone RETURN NONE;
        INSERT INTO document $documents
            ON DUPLICATE KEY UPDATE tree = $input.tree, seq = $input.seq, winner = $input.winner, deleted = $input.deleted RETURN NONE;
        INSERT INTO document_change $changes RETURN NONE;
        INSERT IGNORE INTO document_body $bodies RETURN NONE;
        INSERT IGNORE INTO attachment $attachments RETURN NONE;
        INSERT INTO letter $letters
            ON DUPLICATE KEY UPDATE sent_at = $input.sent_at, thread = $input.thread, words = $input.words RETURN NONE;
        INSERT IGNORE INTO letter_thread $threads RETURN NONE;
        INSERT INTO letter_sheet $sheets ON DUPLICATE KEY UPDATE letters = $input.letters RETURN NONE;
        INSERT INTO letter_catalogue $catalogues ON DUPLICATE KEY UPDATE
            sheets = $input.sheets, next = $input.next, drafts = $input.drafts, outbox = $input.outbox RETURN NONE;
        FOR $one IN $heads {
            UPDATE $one.id SET seq = $one.seq, tidied = $one.tidied, live = $one.live, dead = $one.dead, touched_at = $now,
                letter = $one.letter ?? letter, letter_seq = $one.letter_seq ?? letter_seq RETURN NONE
        };
    };
    RETURN $is_so;";

/// What else must hold for the transaction.
#[derive(Default)]
pub struct Guards {
    /// Accounts that must be there, and must not be disabled.
    pub needed: Vec<RecordId>,
    /// Blocks that must not be there.
    pub unwanted: Vec<RecordId>,
}

/// Writes all of it, and what the screens show of it, unless something is not as it was read: then nothing, and `false`.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn commit(env: &Env, mut boxes: Vec<Pending>, guards: Guards) -> Result<bool> {
    for pending in &mut boxes {
        prune(env, pending).await?;
    }
    Ok(shelve(env, &mut boxes).await? && write(env, boxes, guards).await?)
}

/// The same, when what the screens show is settled.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn write(env: &Env, boxes: Vec<Pending>, guards: Guards) -> Result<bool> {
    let mut rows = Rows::default();
    let mut rung: Vec<(Uuid, u64)> = Vec::new();
    for pending in boxes.into_iter().filter(Pending::is_changed) {
        rung.push((pending.mailbox(), pending.seq()));
        pending.rows(&mut rows)?;
    }
    let binds = vars! {
        heads: rows.heads,
        gone: rows.gone,
        documents: rows.documents,
        changes: rows.changes,
        bodies: rows.bodies,
        attachments: rows.attachments,
        letters: rows.letters,
        threads: rows.threads,
        sheets: rows.sheets,
        catalogues: rows.catalogues,
        needed: guards.needed,
        unwanted: guards.unwanted,
        now: env.now().datetime(),
    };
    let is_written = env.db.transact::<bool>(COMMIT, binds).await?;
    if is_written {
        for (mailbox, seq) in rung {
            env.bell.ring(mailbox, seq);
        }
    }
    Ok(is_written)
}
