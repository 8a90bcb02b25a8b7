//! What was written on this device and the server does not have for certain. A message is on the disk before it is sent, and
//! leaves the disk when the server has confirmed it; so neither a reload nor a crash loses one, and its id keeps it from
//! being there twice. Each window sends what was written in it. When one is gone, another takes over what it left.

use super::{
    device::{Change, Hint, OUTBOX, Waiting},
    store::{Connection, Store},
};
use leptos::{prelude::*, task::spawn_local};
use model::{ClientId, Code, ConversationId, MessageId, realtime::ClientFrame};
use serde_json::json;
use std::{collections::HashSet, time::Duration};
use sync::{Pending, PendingState};

/// How long a message may stay without an answer.
const PATIENCE: Duration = Duration::from_secs(15);
/// When the server is too busy, a message waits for this long.
const BUSY: Duration = Duration::from_secs(2);

impl Store {
    /// Writes a message: it is in the log at once, and waits there for the server's word.
    pub fn send(self, conversation: ConversationId, body: String, reply_to: Option<MessageId>) {
        let Some(outlet) = self.outlet.get_value() else { return };
        let client_id = outlet.new_client_id();
        let pending = Pending {
            client_id,
            body: body.clone(),
            reply_to,
            state: PendingState::Keeping,
        };
        self.log(conversation).update(|log| log.queue(pending));
        let waiting = Waiting {
            client_id,
            conversation,
            body,
            reply_to,
            made_at: now(),
            failed: None,
            tab: self.tab(),
        };
        if self.connection.get_untracked() != Connection::Open
            && let Some(device) = self.device.get_value()
        {
            device.persist();
        }
        spawn_local(async move {
            self.keep_waiting(&waiting).await;
            self.log(conversation)
                .update(|log| _ = log.queue.set(client_id, PendingState::Waiting));
            self.push(conversation);
        });
    }

    /// Tries a failed message again.
    pub fn retry(self, conversation: ConversationId, client_id: ClientId) {
        let pending = self
            .log(conversation)
            .with_untracked(|log| log.queue.find(client_id).cloned());
        let Some(pending) = pending else { return };
        self.log(conversation)
            .update(|log| _ = log.queue.set(client_id, PendingState::Keeping));
        let waiting = self.as_kept(conversation, &pending, None);
        spawn_local(async move {
            self.keep_waiting(&waiting).await;
            self.log(conversation)
                .update(|log| _ = log.queue.set(client_id, PendingState::Waiting));
            self.push(conversation);
        });
    }

    /// Gives a message up. Should it have reached the server after all, it comes back as sent.
    pub fn cancel(self, conversation: ConversationId, client_id: ClientId) {
        self.change_log(conversation, |log| log.queue.remove(client_id));
        self.push(conversation);
    }

    /// These have left the queue of a conversation: confirmed, or given up.
    pub(super) fn settled(self, conversation: ConversationId, gone: Vec<ClientId>) {
        if gone.is_empty() {
            return;
        }
        let me = self.my_id();
        let cuts = gone.iter().map(|id| Change::Cut(OUTBOX, json!([me, id]))).collect();
        self.kept
            .update_value(|kept| gone.iter().for_each(|id| _ = kept.waiting.remove(id)));
        spawn_local(async move {
            self.write(cuts, true).await;
            self.tell(&Hint::Outbox);
        });
        self.push(conversation);
    }

    /// Sends the message whose turn it is, if any.
    fn push(self, conversation: ConversationId) {
        if self.connection.get_untracked() != Connection::Open {
            return;
        }
        let log = self.log(conversation);
        let Some(next) = log.with_untracked(|log| log.queue.next().cloned()) else {
            return;
        };
        let id = next.client_id;
        let sent = self.transmit(&ClientFrame::Send {
            id,
            conversation,
            body: next.body,
            reply_to: next.reply_to,
        });
        if !sent {
            return;
        }
        log.update(|log| _ = log.queue.set(id, PendingState::Sending));
        // Without a connection a message waits as long as it takes; with one, silence is a failure.
        set_timeout(
            move || {
                let stands = self.connection.get_untracked() == Connection::Open;
                let sending = log.with_untracked(|log| {
                    let found = log.queue.find(id);
                    found.is_some_and(|pending| pending.state == PendingState::Sending)
                });
                if stands && sending {
                    self.fail(conversation, id, "Roost did not answer.");
                }
            },
            PATIENCE,
        );
    }

    /// The connection stands: everything that waits goes out, as far as it was not given up in another window.
    pub(super) fn send_what_waits(self) {
        spawn_local(async move {
            self.read_outbox().await;
            let ids: Vec<_> = self.logs.with_value(|logs| logs.keys().copied().collect());
            ids.into_iter().for_each(|id| self.push(id));
        });
    }

    /// The server refused a message.
    pub(super) fn refused(self, client_id: ClientId, code: Code, why: &str) {
        let holds = |log: &ArcRwSignal<sync::Log>| log.with_untracked(|log| log.queue.find(client_id).is_some());
        let found = self.logs.with_value(|logs| {
            logs.iter()
                .find(|(_, log)| holds(log))
                .map(|(id, log)| (*id, log.clone()))
        });
        let Some((conversation, log)) = found else { return };
        if code.status() >= 500 || code == Code::RateLimited {
            log.update(|log| _ = log.queue.set(client_id, PendingState::Keeping));
            set_timeout(
                move || {
                    log.update(|log| _ = log.queue.set(client_id, PendingState::Waiting));
                    self.push(conversation);
                },
                BUSY,
            );
        } else {
            self.fail(conversation, client_id, why);
        }
    }

    fn fail(self, conversation: ConversationId, client_id: ClientId, why: &str) {
        let failed = self.log(conversation).try_update(|log| {
            let failed = PendingState::Failed(why.to_owned().into());
            log.queue.set(client_id, failed).cloned()
        });
        self.said.set(format!("Your message was not sent: {why}"));
        if let Some(Some(pending)) = failed {
            let waiting = self.as_kept(conversation, &pending, Some(why.to_owned()));
            spawn_local(async move { self.keep_waiting(&waiting).await });
        }
        self.push(conversation);
    }

    fn as_kept(self, conversation: ConversationId, pending: &Pending, failed: Option<String>) -> Waiting {
        Waiting {
            client_id: pending.client_id,
            conversation,
            body: pending.body.clone(),
            reply_to: pending.reply_to,
            made_at: now(),
            failed,
            tab: self.tab(),
        }
    }

    async fn keep_waiting(self, waiting: &Waiting) {
        self.kept
            .update_value(|kept| _ = kept.waiting.insert(waiting.client_id));
        let put = Change::Put(OUTBOX, json!([self.my_id(), waiting.client_id]), json!(waiting));
        self.write(vec![put], true).await;
        self.tell(&Hint::Outbox);
    }

    /// Makes the queues agree with the outbox on the disk, which all windows share.
    pub(super) async fn read_outbox(self) {
        let me = self.my_id();
        let Some(rows) = self.read::<Waiting>(OUTBOX, &json!([me])).await else {
            return;
        };
        let on_disk: HashSet<ClientId> = rows.iter().map(|row| row.client_id).collect();
        for row in rows {
            self.take_back(row);
        }
        // What was on the disk and is not any more was given up, or confirmed, in another window.
        let gone = self.kept.try_update_value(|kept| {
            let gone: Vec<_> = kept.waiting.difference(&on_disk).copied().collect();
            kept.waiting.clone_from(&on_disk);
            gone
        });
        for client_id in gone.unwrap_or_default() {
            for log in self.logs.get_value().into_values() {
                let idle = log.with_untracked(|log| {
                    let found = log.queue.find(client_id);
                    found.is_some_and(|one| !matches!(one.state, PendingState::Sending | PendingState::Keeping))
                });
                if idle {
                    log.update(|log| _ = log.queue.remove(client_id));
                }
            }
        }
    }

    /// Takes a message of the outbox into its conversation.
    fn take_back(self, row: Waiting) {
        let (mine, id) = (row.tab == self.tab(), row.client_id);
        let state = match row.failed {
            Some(why) => PendingState::Failed(why.into()),
            None if mine => PendingState::Waiting,
            None => PendingState::Elsewhere,
        };
        if !mine {
            self.wait_for_end_of(row.tab);
        }
        let log = self.log(row.conversation);
        if log.with_untracked(|log| log.is_confirmed(id)) {
            return self.settled(row.conversation, vec![id]);
        }
        let known = log.with_untracked(|log| log.queue.find(id).map(|pending| pending.state.clone()));
        match known {
            None => log.update(|log| {
                log.queue(Pending {
                    client_id: id,
                    body: row.body,
                    reply_to: row.reply_to,
                    state,
                });
            }),
            // What this window is doing with it right now is newer than what it read.
            Some(PendingState::Sending | PendingState::Keeping) => {}
            Some(known) if known == state => {}
            Some(_) => log.update(|log| _ = log.queue.set(id, state)),
        }
    }

    /// When that window is gone, what it left is this one's, unless yet another one was quicker.
    fn wait_for_end_of(self, tab: String) {
        let new = self.kept.try_update_value(|kept| kept.others.insert(tab.clone())) == Some(true);
        let Some(device) = self.device.get_value().filter(|_| new) else {
            return;
        };
        let gone = tab.clone();
        device.when_gone(
            &tab,
            Box::new(move || {
                spawn_local(async move {
                    self.kept.update_value(|kept| _ = kept.others.remove(&gone));
                    let hand = Change::Hand(OUTBOX, json!([self.my_id()]), gone, self.tab());
                    self.write(vec![hand], true).await;
                    self.tell(&Hint::Outbox);
                    self.send_what_waits();
                });
            }),
        );
    }
}

/// Now, in milliseconds since the epoch.
pub(super) fn now() -> i64 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a date is a whole number far below the limits"
    )]
    let now = js_sys::Date::now() as i64;
    now
}
