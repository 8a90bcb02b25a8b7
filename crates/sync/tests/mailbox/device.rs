//! A device: its store, its tabs, its owner's doings.

use crate::{chance::Chance, lane::Tab, server::file};
use model::mailbox::Kind;
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeSet,
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};
use sync::mailbox::{
    Clock, Rev, Stubs,
    replica::{MemoryStore, Op, Outcome, Read, Rows, Writing, apply},
    replicator::{Config, Replicator, tried_key},
};

pub struct Device {
    pub user: &'static str,
    pub name: String,
    pub store: MemoryStore,
    pub tabs: Vec<Tab>,
    pub online: bool,
    /// What this device's clock says more than the wall's, in milliseconds.
    pub skew: i64,
    /// Stores as they were since the last strict commit: what a power cut may bring back.
    pub shaky: Vec<(MemoryStore, BTreeSet<(String, Rev)>)>,
    /// What its owner was told to be kept: document and revision.
    pub promised: BTreeSet<(String, Rev)>,
    /// Documents fetched from the server, and how many of them were here already.
    pub fetched: u64,
    pub fetched_known: u64,
    /// How often something broke that was going on.
    pub broken: u64,
    runs: u64,
}

fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
    }
}

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => panic!("an object"),
    }
}

impl Device {
    pub fn new(user: &'static str, name: String, skew: i64) -> Self {
        Self {
            user,
            name,
            store: MemoryStore::new(),
            tabs: Vec::new(),
            online: true,
            skew,
            shaky: Vec::new(),
            promised: BTreeSet::new(),
            fetched: 0,
            fetched_known: 0,
            broken: 0,
            runs: 0,
        }
    }

    pub fn open_tab(&mut self, page: usize) {
        self.runs += 1;
        let mut config = Config::new(&self.name, &format!("{}-{}", self.name, self.runs));
        config.page = page;
        self.tabs.push(Tab::new(Replicator::new(&config)));
    }

    pub fn wake(&mut self) {
        for tab in &mut self.tabs {
            tab.woken = true;
        }
    }

    /// Something was committed: without strictness it may be gone after a power cut.
    pub fn committed(&mut self, strict: bool) {
        if strict {
            self.shaky.clear();
        } else {
            self.shaky.push((self.store.clone(), self.promised.clone()));
            if self.shaky.len() > 8 {
                self.shaky.remove(0);
            }
        }
    }

    /// The power is cut: what was not on the disk is gone.
    pub fn cut_power(&mut self, chance: &mut Chance) {
        self.tabs.clear();
        self.broken += 1;
        if chance.once_in(2) && !self.shaky.is_empty() {
            let place = chance.below(self.shaky.len());
            let (store, promised) = self.shaky.swap_remove(place);
            // Promises of what came later were not strict, so they were none.
            self.store = store;
            self.promised = promised;
        }
        self.shaky.clear();
    }

    /// The browser threw everything away.
    pub fn evict(&mut self, generation: u64) {
        self.store = MemoryStore::new();
        self.name = format!("{}.{generation}", self.name);
        self.shaky.clear();
        self.promised.clear();
        self.tabs.clear();
        self.broken += 1;
    }

    fn ids(&self, kind: Kind) -> Vec<String> {
        let rows = self.store.documents().into_iter().filter(|row| !row.tree.is_deleted());
        rows.map(|row| row.id).filter(|id| Kind::of(id) == Some(kind)).collect()
    }

    fn tried(&self, order: &str) -> bool {
        matches!(self.store.look(&Read::Locals(tried_key(order))).rows, Rows::Locals(rows) if !rows.is_empty())
    }

    /// The owner does something.
    pub fn act(&mut self, chance: &mut Chance, wall: i64, friends: &[&str]) {
        let uuid = format!("00000000-0000-4000-8000-{:012x}", chance.toss() & 0xffff_ffff_ffff);
        let ops = match chance.below(9) {
            0 | 1 => vec![put(format!("d:{uuid}"), None, draft(self.user, chance))],
            2 => self.edit_draft(chance),
            3 | 4 => self.send(chance, friends),
            5 | 6 => self.set(chance),
            7 => vec![Op::Prefer {
                id: "p:screen".to_owned(),
                field: format!("f{}", chance.below(3)),
                value: chance.below(100).into(),
            }],
            _ => self.tidy(chance),
        };
        self.write(&ops, wall);
    }

    fn write(&mut self, ops: &[Op], wall: i64) {
        if ops.is_empty() {
            return;
        }
        let local = (wall + self.skew).cast_unsigned();
        let writing = Writing::new(ops.to_vec(), &self.name, Clock::new(), local);
        // Without room, the owner is told, and nothing was promised.
        let Ok(writing) = now(apply(&self.store, writing)) else {
            return;
        };
        let outcomes = writing.outcomes();
        if outcomes.iter().any(|outcome| matches!(outcome, Outcome::Refused(_))) {
            return;
        }
        for (op, outcome) in ops.iter().zip(outcomes) {
            if let Outcome::Written(rev) | Outcome::Beside(rev) = outcome {
                self.promised.insert((id_of(op).to_owned(), rev.clone()));
            }
        }
        let strict = ops.iter().any(|op| matches!(op, Op::Put { .. } | Op::Delete { .. }));
        self.committed(strict);
        self.wake();
    }

    fn edit_draft(&self, chance: &mut Chance) -> Vec<Op> {
        let drafts = self.ids(Kind::Draft);
        let Some(id) = chance.pick(&drafts) else {
            return Vec::new();
        };
        let rows = self.store.documents();
        let row = rows.iter().find(|row| row.id == *id).expect("it is there");
        // Now and then from a screen that is out of date.
        let line: Vec<Rev> = row
            .tree
            .winner()
            .map(|winner| row.tree.line(winner).collect())
            .unwrap_or_default();
        let seen = if chance.once_in(4) {
            chance.pick(&line)
        } else {
            line.first()
        };
        vec![put(id.clone(), seen.cloned(), draft(self.user, chance))]
    }

    /// A draft becomes an order of the same name; a letter without a draft is one, too.
    fn send(&self, chance: &mut Chance, friends: &[&str]) -> Vec<Op> {
        let drafts = self.ids(Kind::Draft);
        let (id, ends) = match chance.pick(&drafts) {
            Some(draft) => (draft.replacen("d:", "o:", 1), Some(Op::Delete { id: draft.clone() })),
            None => (
                format!("o:00000000-0000-4000-8000-{:012x}", chance.toss() & 0xffff_ffff_ffff),
                None,
            ),
        };
        let mut to = vec![*chance.pick(friends).expect("somebody")];
        if chance.once_in(5) {
            to.push("nobody");
        }
        let body = json!({"type": "order", "to": to, "subject": id, "body": format!("from {}", self.user)});
        let mut ops = Vec::new();
        if chance.once_in(4) {
            let (id, body, attachments) = file(&format!("notes {}", chance.below(3)));
            ops.push(Op::Put {
                id,
                seen: None,
                body,
                attachments,
                stubs: Stubs::new(),
            });
        }
        ops.push(put(id, None, map(body)));
        ops.extend(ends);
        if ops.len() == 3 || ops.len() == 2 {
            // A file that is there already is not written again.
            ops.retain(|op| !matches!(op, Op::Put { id, .. } if self.ids(Kind::Attachment).contains(id)));
        }
        ops
    }

    fn set(&self, chance: &mut Chance) -> Vec<Op> {
        let states = self.ids(Kind::State);
        let Some(id) = chance.pick(&states) else {
            return Vec::new();
        };
        let (field, value) = match chance.below(3) {
            0 => ("folder", json!(["inbox", "archive", "trash"][chance.below(3)])),
            1 => ("read", json!(chance.once_in(2))),
            _ => ("labels", json!([format!("l{}", chance.below(5))])),
        };
        vec![Op::Set {
            id: id.clone(),
            field: field.to_owned(),
            value,
        }]
    }

    /// Deletes a draft, chooses a version, or takes an order back.
    fn tidy(&self, chance: &mut Chance) -> Vec<Op> {
        let drafts = self.ids(Kind::Draft);
        let orders: Vec<String> = self.ids(Kind::Order).into_iter().filter(|id| !self.tried(id)).collect();
        match (chance.below(3), chance.pick(&drafts), chance.pick(&orders)) {
            (0, Some(id), _) => vec![Op::Delete { id: id.clone() }],
            (1, Some(id), _) => vec![Op::Choose {
                id: id.clone(),
                body: draft(self.user, chance),
            }],
            (_, _, Some(id)) => vec![Op::Delete { id: id.clone() }],
            _ => Vec::new(),
        }
    }
}

fn id_of(op: &Op) -> &str {
    match op {
        Op::Put { id, .. } | Op::Set { id, .. } | Op::Prefer { id, .. } | Op::Delete { id } | Op::Choose { id, .. } => {
            id
        }
    }
}

fn put(id: String, seen: Option<Rev>, body: Map<String, Value>) -> Op {
    Op::Put {
        id,
        seen,
        body,
        attachments: Map::new(),
        stubs: Stubs::new(),
    }
}

fn draft(user: &str, chance: &mut Chance) -> Map<String, Value> {
    map(
        json!({"type": "draft", "to": [], "subject": user, "body": format!("text {}", chance.below(4)),
        "updated_at": format!("2026-11-21T10:{:02}:00.000Z", chance.below(60))}),
    )
}
