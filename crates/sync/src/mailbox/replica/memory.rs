//! A copy that lives in memory: for tests, and as the plainest description of what a store does.

use super::{Batch, BodyRow, Commit, DocRow, Found, Read, Rows, Store, StoreError};
use crate::mailbox::Rev;
use serde_json::Value;
use std::{cell::RefCell, collections::BTreeMap};

/// A store that forgets all when it is dropped.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    state: RefCell<State>,
}

#[derive(Clone, Debug, Default)]
struct State {
    head: u64,
    docs: BTreeMap<String, DocRow>,
    by_seq: BTreeMap<u64, String>,
    bodies: BTreeMap<(String, Rev), BodyRow>,
    locals: BTreeMap<String, Value>,
    quota: Option<usize>,
}

impl MemoryStore {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// From now on there is room for so many bodies; `None` for any number.
    pub fn set_quota(&self, bodies: Option<usize>) {
        self.state.borrow_mut().quota = bodies;
    }

    /// Reads, at once.
    #[must_use]
    pub fn look(&self, read: &Read) -> Found {
        let state = self.state.borrow();
        let rows = match read {
            Read::Docs(ids) => Rows::Docs(ids.iter().filter_map(|id| state.docs.get(id)).cloned().collect()),
            Read::Bodies(keys) => Rows::Bodies(keys.iter().filter_map(|key| state.bodies.get(key)).cloned().collect()),
            Read::Changes { since, limit } => {
                let later = state.by_seq.range(since.saturating_add(1)..).take(*limit);
                Rows::Docs(later.filter_map(|(_, id)| state.docs.get(id)).cloned().collect())
            }
            Read::Locals(prefix) => {
                let from = state.locals.range(prefix.clone()..);
                let these = from.take_while(|(name, _)| name.starts_with(prefix));
                Rows::Locals(these.map(|(name, value)| (name.clone(), value.clone())).collect())
            }
        };
        Found { head: state.head, rows }
    }

    /// Commits, at once.
    ///
    /// # Errors
    /// [`StoreError::Full`], when there is a quota and it is reached.
    pub fn put(&self, batch: &Batch) -> Result<Commit, StoreError> {
        let mut state = self.state.borrow_mut();
        if batch.expected.is_some_and(|expected| expected != state.head) {
            return Ok(Commit::Stale);
        }
        let after = state.bodies.len() + batch.bodies.len() - batch.forget.len().min(state.bodies.len());
        if !batch.bodies.is_empty() && state.quota.is_some_and(|quota| after > quota) {
            return Err(StoreError::Full);
        }
        state.head = batch.head.unwrap_or(state.head);
        for id in batch.docs.iter().map(|row| &row.id).chain(&batch.remove) {
            if let Some(before) = state.docs.remove(id) {
                state.by_seq.remove(&before.seq);
            }
        }
        for row in &batch.docs {
            state.by_seq.insert(row.seq, row.id.clone());
            state.docs.insert(row.id.clone(), row.clone());
        }
        for key in &batch.forget {
            state.bodies.remove(key);
        }
        for row in &batch.bodies {
            state.bodies.insert((row.id.clone(), row.rev.clone()), row.clone());
        }
        for (name, value) in &batch.locals {
            match value {
                Some(value) => state.locals.insert(name.clone(), value.clone()),
                None => state.locals.remove(name),
            };
        }
        Ok(Commit::Done)
    }

    /// How many documents there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.state.borrow().docs.len()
    }

    /// Every document, by id.
    #[must_use]
    pub fn documents(&self) -> Vec<DocRow> {
        self.state.borrow().docs.values().cloned().collect()
    }

    /// Every body, by document and revision.
    #[must_use]
    pub fn bodies(&self) -> Vec<BodyRow> {
        self.state.borrow().bodies.values().cloned().collect()
    }
}

impl Store for MemoryStore {
    async fn read(&self, read: &Read) -> Result<Found, StoreError> {
        Ok(self.look(read))
    }

    async fn commit(&self, batch: &Batch) -> Result<Commit, StoreError> {
        self.put(batch)
    }
}
