//! The copy on this device: read at the start, so that everything opens at once and without a network, and written as things
//! change. The server's word always wins: what is remembered is brought up to date as soon as it can be asked.
//!
//! Kept are the list, the latest [`KEPT`] messages of each conversation that was opened, drafts, and what waits to be sent.
//! History goes when it was not looked at for [`DAYS`] days, when there is more than [`KEPT_IN_ALL`], when its owner signs out
//! and when somebody else signs in. Drafts and what waits are never thrown away but by their author: they stay, under their
//! author's id, until they were sent, given up, or their author signed out after being asked.

use super::{
    device::{Change, DRAFTS, Device, Hint, LIST, LOG, Memory, OUTBOX, Waiting},
    store::Store,
    store_outbox::now,
};
use crate::accounts::SignOut;
use leptos::{ev, prelude::*, task::spawn_local};
use model::{Account, AccountId, ClientId, Conversation, ConversationId, Message};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use server_fn::ServerFn;
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};
use wasm_bindgen::JsCast;

/// Of each conversation, so many of the latest messages.
const KEPT: usize = 200;
/// Of all of them together.
const KEPT_IN_ALL: usize = 20_000;
/// What nobody looked at for so long is not recent.
const DAYS: i64 = 60;
/// Things that change together are written together.
const SOON: Duration = Duration::from_millis(1_000);
/// After a start, this many of the newest conversations are read, so that they are there without a network.
const AHEAD: usize = 20;
const AHEAD_AFTER: Duration = Duration::from_secs(4);

/// What is known of the copy.
#[derive(Default)]
pub(super) struct Kept {
    /// Messages of mine in the outbox on the disk.
    pub waiting: HashSet<ClientId>,
    /// Windows whose end is waited for.
    pub others: HashSet<String>,
    /// Drafts that are newer than those on the disk.
    pub drafts: HashSet<ConversationId>,
    /// Whether they are about to be written.
    pub drafts_due: bool,
    /// Up to where new messages were told of.
    pub told: HashMap<ConversationId, u64>,
    /// New messages of conversations that are not in the list yet.
    pub untold: Vec<Message>,
    /// Whose presence the server was asked for.
    pub watching: Vec<ConversationId>,
    /// What of each log is on the disk: each message with what tells its states apart.
    logs: HashMap<ConversationId, BTreeMap<u64, Stamp>>,
    dirty: HashSet<ConversationId>,
    list_dirty: bool,
    due: bool,
    /// Nothing is kept any more: its owner left.
    over: bool,
}

/// What tells two states of a message apart: its own, and that of what it quotes.
type Stamp = (u64, usize, bool);

fn stamp(message: &Message) -> Stamp {
    let quote = message.quote.as_ref();
    let length = quote.map_or(0, |quote| quote.excerpt.len());
    (message.rev, length, quote.is_some_and(|quote| quote.deleted))
}

/// A record of the list.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Known {
    Me(Account),
    Conversations(Vec<Conversation>),
    Blocks(HashSet<AccountId>),
    Log(Memory),
}

/// What this device remembers of whoever was here last: enough to show the chat without a network.
#[derive(Clone)]
pub struct Remembered {
    /// Who.
    pub me: Account,
    conversations: Vec<Conversation>,
    blocks: HashSet<AccountId>,
}

impl Remembered {
    /// Reads it. Nobody is remembered after a sign-out.
    pub async fn read(device: &dyn Device) -> Option<Self> {
        let rows = device.read(LIST, "[]".into()).await?;
        let mut me = None;
        let (mut conversations, mut blocks) = (Vec::new(), HashSet::new());
        for row in serde_json::from_str::<Vec<Known>>(&rows).ok()? {
            match row {
                Known::Me(account) => me = Some(account),
                Known::Conversations(all) => conversations = all,
                Known::Blocks(all) => blocks = all,
                Known::Log(_) => {}
            }
        }
        me.map(|me| Self {
            me,
            conversations,
            blocks,
        })
    }
}

impl Store {
    /// Connects the device, and takes up what it remembers for whoever is signed in. For nobody, it only forgets.
    pub fn remember(self, device: Arc<dyn Device>) {
        self.device.set_value(Some(device.clone()));
        let Some(me) = self.me.with_untracked(|me| me.as_ref().map(|me| me.id)) else {
            // The session ended: what was read is nobody's. What was not sent waits for its author.
            let nobody = json!([]);
            spawn_local(async move {
                self.write(vec![Change::Cut(LOG, nobody.clone()), Change::Cut(LIST, nobody)], false)
                    .await;
            });
            return;
        };
        self.count_on_icon();
        ask_before_leaving(self);
        self.keep_list();
        spawn_local(async move {
            let others = vec![Change::Only(LOG, json!([me])), Change::Only(LIST, json!([me]))];
            self.write(others, false).await;
            self.read_drafts(None).await;
            self.send_what_waits();
            self.evict().await;
            set_timeout(move || self.read_ahead(), AHEAD_AFTER);
        });
    }

    /// Begins with what this device remembers, without a server.
    pub fn begin_with(self, remembered: Remembered) {
        self.me.set(Some(remembered.me));
        self.blocks.set(remembered.blocks);
        self.conversations.set(remembered.conversations);
        self.loaded.set(true);
    }

    pub(super) fn tab(self) -> String {
        self.device
            .with_value(|device| device.as_ref().map(|device| device.tab()).unwrap_or_default())
    }

    pub(super) fn tell(self, hint: &Hint) {
        if let Some(device) = self.device.get_value()
            && let Ok(text) = serde_json::to_string(&(self.my_id(), hint))
        {
            device.tell(&text);
        }
    }

    /// Another window says something.
    pub fn hear(self, text: &str) {
        let Ok((who, hint)) = serde_json::from_str::<(AccountId, Hint)>(text) else {
            return;
        };
        if who != self.my_id() {
            return;
        }
        match hint {
            Hint::Outbox => spawn_local(async move { self.read_outbox().await }),
            Hint::Draft(id) => spawn_local(async move { self.read_drafts(Some(id)).await }),
            Hint::Read(id, seq) => self.have_read(id, seq),
            Hint::SignedOut => self.kept.update_value(|kept| kept.over = true),
        }
    }

    pub(super) async fn read<T: DeserializeOwned>(self, table: &'static str, prefix: &Value) -> Option<Vec<T>> {
        let device = self.device.get_value()?;
        let rows = device.read(table, prefix.to_string()).await?;
        // One record that is not understood (of a newer version, say) does not take the others with it.
        let rows: Vec<Value> = serde_json::from_str(&rows).ok()?;
        Some(
            rows.into_iter()
                .filter_map(|row| serde_json::from_value(row).ok())
                .collect(),
        )
    }

    pub(super) async fn write(self, changes: Vec<Change>, strict: bool) -> bool {
        let Some(device) = self.device.get_value().filter(|_| !changes.is_empty()) else {
            return false;
        };
        match serde_json::to_string(&changes) {
            Ok(text) => device.write(text, strict).await,
            Err(_) => false,
        }
    }

    /// A log changed: it is written soon.
    pub(super) fn keep_log(self, id: ConversationId) {
        self.keep_soon(|kept| _ = kept.dirty.insert(id));
    }

    /// The list changed: it is written soon.
    pub(super) fn keep_list(self) {
        self.keep_soon(|kept| kept.list_dirty = true);
    }

    fn keep_soon(self, mark: impl FnOnce(&mut Kept)) {
        if self.device.with_value(Option::is_none) {
            return;
        }
        let due = self.kept.try_update_value(|kept| {
            mark(kept);
            std::mem::replace(&mut kept.due, true)
        });
        if due == Some(false) {
            set_timeout(move || self.keep_now(), SOON);
        }
    }

    /// Writes what changed.
    fn keep_now(self) {
        let taken = self.kept.try_update_value(|kept| {
            kept.due = false;
            let list = std::mem::take(&mut kept.list_dirty);
            (!kept.over).then(|| (std::mem::take(&mut kept.dirty), list))
        });
        let Some(Some((logs, list))) = taken else { return };
        let mut changes = Vec::new();
        for id in logs {
            self.log_changes(id, &mut changes);
        }
        if list {
            self.list_changes(&mut changes);
        }
        spawn_local(async move { _ = self.write(changes, false).await });
    }

    /// What makes the copy of a log as it is: the latest messages, and only if nothing is missing among them.
    fn log_changes(self, id: ConversationId, changes: &mut Vec<Change>) {
        let me = self.my_id();
        let Some(log) = self.logs.with_value(|logs| logs.get(&id).cloned()) else {
            return;
        };
        log.with_untracked(|log| {
            if !log.opened() || !log.attached() || log.hole().is_some() {
                return;
            }
            let skip = log.messages().len().saturating_sub(KEPT);
            let latest = || log.messages().skip(skip);
            let fresh: BTreeMap<u64, Stamp> = latest().map(|message| (message.seq, stamp(message))).collect();
            self.kept.update_value(|kept| {
                let old = kept.logs.insert(id, fresh.clone()).unwrap_or_default();
                let put = latest().filter(|message| old.get(&message.seq) != fresh.get(&message.seq));
                let put = put.map(|message| Change::Put(LOG, json!([me, id, message.seq]), json!(message)));
                let gone = old.keys().filter(|seq| !fresh.contains_key(*seq));
                let gone = gone.map(|seq| Change::Cut(LOG, json!([me, id, seq])));
                if old.is_empty() {
                    // What another window kept of it may reach further back, with a hole between.
                    changes.push(Change::Cut(LOG, json!([me, id])));
                }
                changes.extend(gone.chain(put));
            });
            let memory = Memory {
                conversation: id,
                rev: log.rev(),
                count: fresh.len(),
                at: now(),
            };
            changes.push(Change::Put(LIST, json!([me, "log", id]), json!(Known::Log(memory))));
        });
    }

    fn list_changes(self, changes: &mut Vec<Change>) {
        let me = self.my_id();
        let mut put = |name: &str, known: Known| changes.push(Change::Put(LIST, json!([me, name]), json!(known)));
        if let Some(account) = self.me.get_untracked() {
            put("me", Known::Me(account));
        }
        if self.loaded.get_untracked() {
            put(
                "conversations",
                Known::Conversations(self.conversations.get_untracked()),
            );
            put("blocks", Known::Blocks(self.blocks.get_untracked()));
        }
    }

    /// Begins a log with what this device remembers of it.
    pub(super) async fn recall_log(self, id: ConversationId) {
        let me = self.my_id();
        let Some(rows) = self.read::<Known>(LIST, &json!([me, "log", id])).await else {
            return;
        };
        let Some(Known::Log(memory)) = rows.into_iter().next() else {
            return;
        };
        let Some(messages) = self.read::<Message>(LOG, &json!([me, id])).await else {
            return;
        };
        let stamps = messages.iter().map(|message| (message.seq, stamp(message))).collect();
        self.kept.update_value(|kept| _ = kept.logs.insert(id, stamps));
        let messages = without_hole(messages);
        self.change_log(id, |log| log.restore(messages, memory.rev));
    }

    /// The conversation is not mine any more, nor is what was kept of it.
    pub(super) fn forget_log(self, id: ConversationId) {
        let me = self.my_id();
        self.kept.update_value(|kept| {
            kept.logs.remove(&id);
            kept.dirty.remove(&id);
        });
        spawn_local(async move {
            let cuts = vec![
                Change::Cut(LOG, json!([me, id])),
                Change::Cut(LIST, json!([me, "log", id])),
            ];
            self.write(cuts, false).await;
        });
    }

    /// Throws away history that is old, and the oldest of what is too much.
    async fn evict(self) {
        let me = self.my_id();
        let Some(rows) = self.read::<Known>(LIST, &json!([me, "log"])).await else {
            return;
        };
        let memories = rows.into_iter().filter_map(|row| match row {
            Known::Log(memory) => Some(memory),
            _ => None,
        });
        for memory in too_much(memories.collect(), now()) {
            self.forget_log(memory.conversation);
        }
    }

    /// Reads the newest conversations, so that they are there when there is no network.
    fn read_ahead(self) {
        if self.connection.get_untracked() != super::Connection::Open {
            return;
        }
        let newest: Vec<_> = self
            .conversations
            .with_untracked(|all| all.iter().take(AHEAD).map(|known| known.id).collect());
        newest.into_iter().for_each(|id| self.open(id));
    }

    /// How much would be lost with this device: messages that were not sent, and drafts.
    async fn unsent(self) -> usize {
        let waiting = self.read::<Waiting>(OUTBOX, &json!([self.my_id()])).await;
        let drafts = self
            .drafts
            .with_untracked(|drafts| drafts.values().filter(|draft| !draft.text.trim().is_empty()).count());
        waiting.map_or(0, |waiting| waiting.len()) + drafts
    }

    /// Forgets everything of whoever is signed in.
    async fn wipe(self) {
        let mine = json!([self.my_id()]);
        self.kept.update_value(|kept| kept.over = true);
        self.tell(&Hint::SignedOut);
        let all = [OUTBOX, DRAFTS, LOG, LIST].map(|table| Change::Cut(table, mine.clone()));
        self.write(all.into(), true).await;
    }
}

/// The latest messages, back to the first that is missing: two windows may have kept different parts of a log.
fn without_hole(mut messages: Vec<Message>) -> Vec<Message> {
    let holes = messages.windows(2).rposition(|pair| pair[0].seq + 1 != pair[1].seq);
    messages.drain(..holes.map_or(0, |before| before + 1));
    messages
}

/// What to forget: what is older than [`DAYS`], and of what is left the oldest, until the rest is not too much.
fn too_much(mut memories: Vec<Memory>, now: i64) -> Vec<Memory> {
    memories.sort_by_key(|memory| std::cmp::Reverse(memory.at));
    let mut sum = 0;
    memories.retain(|memory| {
        sum += memory.count;
        sum > KEPT_IN_ALL || now - memory.at > DAYS * 86_400_000
    });
    memories
}

/// What is asked before messages, or what was done in the mailbox, is lost.
fn question(messages: usize, letters: u64) -> Option<String> {
    Some(match (messages, letters) {
        (0, 0) => return None,
        (1, 0) => "One message was not sent yet. Sign out and throw it away?".to_owned(),
        (many, 0) => format!("{many} messages were not sent yet. Sign out and throw them away?"),
        (0, _) => "The server does not have all of your mailbox yet. Sign out and throw the rest away?".to_owned(),
        _ => "Messages were not sent yet, and the server does not have all of your mailbox. Sign out and throw all that away?"
            .to_owned(),
    })
}

/// Signing out forgets what is kept; before something that was not sent is lost, it asks.
fn ask_before_leaving(store: Store) {
    _ = window_event_listener(ev::submit, move |event| {
        let form = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::HtmlFormElement>().ok());
        let Some(form) = form.filter(|form| form.get_attribute("action").as_deref() == Some(SignOut::url())) else {
            return;
        };
        event.prevent_default();
        spawn_local(async move {
            let letters = store
                .mailbox
                .with_untracked(|mailbox| mailbox.as_ref().map(|mailbox| mailbox.state()));
            let letters = letters.map_or(0, |state| state.waiting.max(state.unsent));
            let question = question(store.unsent().await, letters);
            let leave = question.is_none_or(|question| window().confirm_with_message(&question).unwrap_or(true));
            if leave {
                store.wipe().await;
                crate::mail::forget_stash(store.my_id());
                _ = form.submit();
            }
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn memory(n: u128, count: usize, days_ago: i64) -> Memory {
        Memory {
            conversation: Uuid::from_u128(n).into(),
            rev: 0,
            count,
            at: -days_ago * 86_400_000,
        }
    }

    #[test]
    fn old_history_is_forgotten_and_of_too_much_the_oldest() {
        let recent = (1..=100).map(|n| memory(n, KEPT, 0)).collect();
        assert!(too_much(recent, 0).is_empty(), "as much as may be");
        let old = vec![memory(1, 1, 59), memory(2, 1, 61)];
        assert_eq!(too_much(old, 0), [memory(2, 1, 61)]);
        let many = vec![memory(3, 15_000, 3), memory(1, 4_000, 1), memory(2, 2_000, 2)];
        assert_eq!(too_much(many, 0), [memory(3, 15_000, 3)]);
    }

    #[test]
    fn of_what_was_kept_the_part_without_a_hole_is_used() {
        use crate::chat::rows::testing::message;
        let kept = |seqs: &[u64]| seqs.iter().map(|seq| message(*seq, 1, 1)).collect::<Vec<_>>();
        let used = |seqs: &[u64]| {
            without_hole(kept(seqs))
                .iter()
                .map(|message| message.seq)
                .collect::<Vec<_>>()
        };
        assert_eq!(used(&[1, 2, 3]), [1, 2, 3]);
        assert_eq!(used(&[1, 2, 4, 7, 8]), [7, 8]);
        assert_eq!(used(&[]), [0_u64; 0]);
    }

    #[test]
    fn changes_are_written_as_the_shelf_reads_them() {
        let text = |change: Change| serde_json::to_string(&change).expect("serializes");
        assert_eq!(
            text(Change::Put(LIST, json!(["a", 1]), json!({"b": 2}))),
            r#"{"put":["list",["a",1],{"b":2}]}"#
        );
        assert_eq!(text(Change::Cut(LOG, json!(["a"]))), r#"{"cut":["log",["a"]]}"#);
        assert_eq!(text(Change::Only(LOG, json!(["a"]))), r#"{"only":["log",["a"]]}"#);
        let hand = Change::Hand(OUTBOX, json!(["a"]), "x".into(), "y".into());
        assert_eq!(text(hand), r#"{"hand":["outbox",["a"],"x","y"]}"#);
    }
}
