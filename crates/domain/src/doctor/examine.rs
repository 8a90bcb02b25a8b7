//! Everything, one conversation after the other.

use super::{conversation, mailbox, totals};
use crate::{Env, Result, db::vars};
use model::{
    ConversationId,
    admin::{Diagnosis, Finding},
};
use uuid::Uuid;

/// Conversations that are listed in one go.
const PAGE: i64 = 500;
/// How often a conversation is looked at again that changed meanwhile.
const TRIES: usize = 5;
/// Findings that are told; the others are only counted.
const TOLD_MAX: usize = 1_000;

const CONVERSATIONS: &str = "SELECT VALUE record::id(id) FROM conversation ORDER BY id ASC LIMIT $limit START $start";

/// What was seen so far.
#[derive(Default)]
pub struct Seen {
    /// What is told at the end.
    pub diagnosis: Diagnosis,
    /// Changes of messages.
    pub changes: u64,
    /// Direct conversations of two who both are there.
    pub pairs: u64,
    /// Messages whose author has an account, or had one that said so.
    pub sent: u64,
    /// Conversations that were skipped because they never held still.
    pub restless: u64,
}

/// What one conversation adds to [`Seen`], if it held still.
#[derive(Default)]
pub struct Notes {
    pub findings: Vec<Finding>,
    pub messages: u64,
    pub memberships: u64,
    pub changes: u64,
    pub pairs: u64,
    pub sent: u64,
}

impl Notes {
    /// Which promises are broken.
    #[cfg(test)]
    pub fn checks(&self) -> Vec<&str> {
        self.findings.iter().map(|finding| finding.check.as_str()).collect()
    }

    /// Something is not as it should be.
    pub fn find(&mut self, check: &str, conversation: Uuid, what: impl Into<String>) {
        self.findings.push(Finding {
            check: check.into(),
            conversation: Some(ConversationId(conversation)),
            what: what.into(),
        });
    }
}

impl Seen {
    fn take(&mut self, notes: Notes) {
        self.diagnosis.conversations += 1;
        self.diagnosis.messages += notes.messages;
        self.diagnosis.memberships += notes.memberships;
        self.changes += notes.changes;
        self.pairs += notes.pairs;
        self.sent += notes.sent;
        for finding in notes.findings {
            self.tell(finding);
        }
    }

    /// Adds a finding.
    pub fn tell(&mut self, finding: Finding) {
        self.diagnosis.found += 1;
        if self.diagnosis.findings.len() < TOLD_MAX {
            self.diagnosis.findings.push(finding);
        }
    }
}

/// Looks at everything that the chat promises: logs without holes, heads, changes, ids, tombstones, markers, owners,
/// pairs, words, that what each member is told to be unread is what the log says, and that of each document of a mailbox
/// tree, place and bodies tell the same.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn examine(env: &Env) -> Result<Diagnosis> {
    let mut seen = Seen::default();
    let before = totals::count(env).await?;
    let mut start = 0;
    loop {
        let binds = vars! { limit: PAGE, start: start };
        let ids: Vec<Uuid> = env.db.list(CONVERSATIONS, binds).await?;
        for id in &ids {
            match settled(env, *id).await? {
                Some(notes) => seen.take(notes),
                None => seen.restless += 1,
            }
        }
        start += PAGE;
        if (ids.len() as i64) < PAGE {
            break;
        }
    }
    mailbox::look_at_all(env, &mut seen).await?;
    // While people write, the sums are never those of one moment; the conversations were looked at by themselves.
    if before == totals::count(env).await? && seen.restless == 0 {
        totals::compare(&before, &mut seen);
    }
    seen.diagnosis.restless = seen.restless;
    Ok(seen.diagnosis)
}

/// One conversation, as it is at one moment; nothing when it does not hold still.
async fn settled(env: &Env, id: Uuid) -> Result<Option<Notes>> {
    for _ in 0..TRIES {
        let before = conversation::state(env, id).await?;
        let notes = match &before {
            Some(state) => conversation::look(env, id, state).await?,
            // It went meanwhile.
            None => return Ok(Some(Notes::default())),
        };
        if notes.findings.is_empty() || conversation::state(env, id).await? == before {
            return Ok(Some(notes));
        }
    }
    Ok(None)
}
