//! How far two replicas have come together.
//!
//! Both sides keep a note of it, a `_local` document under the same id: what a follower has *written*, not what it has read. When
//! they meet again, they compare notes. One alone is not enough: a server that was restored from last night's backup has lost
//! what came after it, and only its own note, restored with it, tells so.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How many sessions a note remembers.
pub const HISTORY: usize = 5;

/// A note of how far a replication has come. Fields of others' notes that mean nothing here are kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The last number of the source that was written to the target.
    pub last_seq: Value,
    /// The session that wrote it.
    pub session_id: String,
    /// This session and those before it, the newest first.
    #[serde(default)]
    pub history: Vec<Session>,
    /// The version of this shape: 1.
    #[serde(default)]
    pub version: u64,
    /// Who wrote it.
    #[serde(default)]
    pub replicator: String,
    /// Anything else.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// A session of a replication.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// Its name.
    pub session_id: String,
    /// How far it came. CouchDB calls the same `recorded_seq`.
    #[serde(alias = "recorded_seq")]
    pub last_seq: Value,
}

impl Checkpoint {
    /// The note after a session has come further, with those of earlier sessions behind it.
    #[must_use]
    pub fn advanced(before: Option<&Self>, session_id: &str, last_seq: Value) -> Self {
        let earlier = before.into_iter().flat_map(|before| &before.history);
        let now = Session {
            session_id: session_id.to_owned(),
            last_seq: last_seq.clone(),
        };
        let history = std::iter::once(now)
            .chain(earlier.filter(|session| session.session_id != session_id).cloned())
            .take(HISTORY)
            .collect();
        Self {
            last_seq,
            session_id: session_id.to_owned(),
            history,
            version: 1,
            replicator: "roost".to_owned(),
            rest: Map::new(),
        }
    }

    /// How far this note says that a session came.
    fn reached(&self, session_id: &str) -> Option<&Value> {
        if self.session_id == session_id {
            return Some(&self.last_seq);
        }
        let of_it = self.history.iter().find(|session| session.session_id == session_id);
        of_it.map(|session| &session.last_seq)
    }

    fn sessions(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.session_id.as_str()).chain(self.history.iter().map(|session| session.session_id.as_str()))
    }
}

/// Where a replication goes on: after this number of the source, or from the beginning (`None`).
///
/// It is the newest session that both notes know, and of what they say about it **the lesser**. CouchDB and PouchDB take the
/// source's word when the sessions are the same; but a backup taken in the middle of a session and restored has the same session
/// with a lesser number, and what the session wrote after it is gone. Numbers of different histories can't be compared, and then
/// all begins anew: that costs time, and never data.
#[must_use]
pub fn resume(source: Option<&Checkpoint>, target: Option<&Checkpoint>) -> Option<Value> {
    let (source, target) = (source?, target?);
    source.sessions().find_map(|session| {
        let (one, other) = (source.reached(session)?, target.reached(session)?);
        Some(lesser(one, other))
    })?
}

fn lesser(one: &Value, other: &Value) -> Option<Value> {
    if one == other {
        return Some(one.clone());
    }
    let ((first, first_epoch), (second, second_epoch)) = (parts(one)?, parts(other)?);
    let comparable = first_epoch == second_epoch;
    comparable.then(|| if first <= second { one.clone() } else { other.clone() })
}

/// The number that a seq begins with, and what follows it.
fn parts(seq: &Value) -> Option<(u64, String)> {
    match seq {
        Value::Number(number) => Some((number.as_u64()?, String::new())),
        Value::String(text) => {
            let (number, epoch) = text.split_once('-').unwrap_or((text.as_str(), ""));
            Some((number.parse().ok()?, epoch.to_owned()))
        }
        _ => None,
    }
}

/// The revision of a `_local` document: `0-N`, counted by its writes.
#[must_use]
pub fn next_local_rev(current: Option<&str>) -> String {
    let number: u64 = current
        .and_then(|rev| rev.strip_prefix("0-")?.parse().ok())
        .unwrap_or(0);
    format!("0-{}", number.saturating_add(1))
}

#[cfg(test)]
#[path = "checkpoint_tests.rs"]
mod tests;
