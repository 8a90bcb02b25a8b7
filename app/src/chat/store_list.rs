//! The list of conversations: what is in it, in which order, and how much of it is unread.
//!
//! It is read whole, and kept by what the server tells. An answer may be older than what was told while it was under way;
//! so that is noted, and told again on top of the answer.

use super::{
    doors::conversations,
    fetch::{LATER, leave_to_sign_in},
    log_doors::blocked,
    store::{Connection, Store},
};
use leptos::{prelude::*, task::spawn_local};
use model::{AccountId, Code, Conversation, ConversationId, Message, realtime::ServerFrame};

/// A question for the list that has no answer yet.
#[derive(Clone, Default)]
pub struct Asking {
    /// What the server told meanwhile.
    told: Vec<ServerFrame>,
    /// Somebody wanted it anew meanwhile.
    again: bool,
}

impl Store {
    /// Asks for the list, and for what every opened conversation misses. Whoever is not signed in any more is led to the
    /// sign-in and back. While it is asked for, it is not asked for twice: it is asked for once more afterwards.
    pub fn refresh(self) {
        let is_first = self.asking.try_update_value(|asking| match asking {
            Some(asking) => {
                asking.again = true;
                false
            }
            None => {
                *asking = Some(Asking::default());
                true
            }
        });
        if is_first == Some(true) {
            spawn_local(self.ask_for_list());
        }
    }

    async fn ask_for_list(self) {
        let list = conversations().await;
        let blocks = if list.is_ok() { blocked().await.ok() } else { None };
        let asked = self.asking.try_update_value(Option::take).flatten().unwrap_or_default();
        match list {
            Ok(list) => {
                self.absorb_conversations(list);
                if let Some(people) = blocks {
                    self.absorb_blocks(people.into_iter().map(|person| person.id).collect());
                }
                let mut is_whole = true;
                for frame in asked.told {
                    is_whole &= self.tell_again(frame);
                }
                let ids: Vec<_> = self.logs.with_value(|logs| logs.keys().copied().collect());
                ids.into_iter().for_each(|id| self.catch_up(id));
                if asked.again || !is_whole {
                    self.refresh();
                }
            }
            Err(refused) if refused.0.code == Code::NotSignedIn => leave_to_sign_in(),
            Err(_) if self.connection.get_untracked() == Connection::Open => set_timeout(move || self.refresh(), LATER),
            Err(_) => {}
        }
    }

    /// Notes what the server tells while the list is under way.
    pub(super) fn note_while_asking(self, frame: &ServerFrame) {
        self.asking.update_value(|asking| {
            if let Some(asking) = asking {
                asking.told.push(frame.clone());
            }
        });
    }

    /// What was told while the list was under way, as far as the list goes. Says whether the list is right by it.
    fn tell_again(self, frame: ServerFrame) -> bool {
        match frame {
            ServerFrame::Ack { message, .. } | ServerFrame::Message { message } => {
                let is_whole = self.count(&message);
                self.recount(message.conversation);
                is_whole
            }
            ServerFrame::MessageChanged { message } => {
                let held = self.log(message.conversation);
                let is_counted = self.renew(&message) || held.with_untracked(|log| log.get(message.seq).is_some());
                self.recount(message.conversation);
                is_counted
            }
            frame @ (ServerFrame::Read { .. }
            | ServerFrame::Conversation { .. }
            | ServerFrame::ConversationGone { .. }
            | ServerFrame::Blocks { .. }) => {
                self.receive(frame);
                true
            }
            _ => true,
        }
    }

    /// Changes a conversation of the list, and says whether it is there. Nothing follows when nothing changes.
    pub(super) fn change_conversation(
        self,
        id: ConversationId,
        change: impl FnOnce(&mut Conversation) -> bool,
    ) -> bool {
        let mut found = false;
        self.conversations.maybe_update(|all| {
            let place = all.iter_mut().find(|known| known.id == id);
            found = place.is_some();
            let changed = place.is_some_and(change);
            if changed {
                sort(all);
            }
            changed
        });
        self.keep_list();
        found
    }

    /// Takes the list as the server has it.
    pub(super) fn absorb_conversations(self, mut list: Vec<Conversation>) {
        self.conversations.update(|known| {
            for fresh in &mut list {
                let old = known.iter().find(|old| old.id == fresh.id);
                if let Some(old) = old.filter(|old| old.read_seq > fresh.read_seq) {
                    fresh.read_seq = old.read_seq;
                    fresh.unread = old.unread;
                    fresh.mentions = old.mentions;
                }
            }
            *known = list;
            sort(known);
        });
        let heard = |known: &Conversation| (known.id, known.last_seq, known.rev, known.floor);
        let all: Vec<_> = self.conversations.with_untracked(|all| all.iter().map(heard).collect());
        for (id, last_seq, rev, floor) in all {
            if self.logs.with_value(|logs| logs.contains_key(&id)) {
                self.change_log(id, |log| log.hear_of(last_seq, rev, floor));
            }
        }
        self.loaded.set(true);
        self.keep_list();
        self.watch_presence();
        self.notify_late();
    }

    /// Takes a conversation in its present state. One that is older than what was heard since says nothing of now.
    pub fn absorb_conversation(self, conversation: Conversation) {
        let is_old = |known: &Conversation| known.last_seq > conversation.last_seq || known.rev > conversation.rev;
        if self.peek(conversation.id, is_old).unwrap_or(false) {
            self.refresh();
            return;
        }
        let (id, heard) = (
            conversation.id,
            (conversation.last_seq, conversation.rev, conversation.floor),
        );
        self.conversations.update(|all| {
            all.retain(|known| known.id != id);
            all.push(conversation);
            sort(all);
        });
        if self.logs.with_value(|logs| logs.contains_key(&id)) {
            self.change_log(id, |log| log.hear_of(heard.0, heard.1, heard.2));
        }
        self.keep_list();
        self.watch_presence();
        self.notify_late();
    }

    /// A conversation is no longer in my list.
    pub fn forget_conversation(self, id: ConversationId) {
        self.conversations.update(|all| all.retain(|known| known.id != id));
        self.logs.update_value(|logs| _ = logs.remove(&id));
        self.forget_log(id);
        self.keep_list();
    }

    /// Counts a new message. Says whether the list is right by it: not when others before it were missed, or when its
    /// conversation is not in the list.
    pub(super) fn count(self, message: &Message) -> bool {
        let me = self.my_id();
        let counts = self.counts(message);
        let mut gap = false;
        let known = self.change_conversation(message.conversation, |place| {
            if message.seq <= place.last_seq {
                return false;
            }
            gap = message.seq > place.last_seq + 1;
            let unread = u64::from(counts && message.seq > place.read_seq);
            place.unread += unread;
            place.mentions += unread * u64::from(message.mentions.contains(&me));
            place.last_seq = message.seq;
            place.updated_at = message.sent_at;
            place.last_message = Some(message.clone());
            place.archived &= place.muted;
            place.take_event(message, me);
            true
        });
        known && !gap
    }

    /// Whether a message, once it is new, is unread for me.
    pub(super) fn counts(self, message: &Message) -> bool {
        let is_blocked = |blocks: &std::collections::HashSet<AccountId>| blocks.contains(&message.author.id);
        message.counts_for(self.my_id()) && !self.blocks.with_untracked(is_blocked)
    }

    /// Takes the present state of a message that was edited, deleted or reacted to. Says whether the list is right by it:
    /// whether one that was deleted had counted as unread, only the server may know.
    pub(super) fn renew(self, message: &Message) -> bool {
        let (id, seq) = (message.conversation, message.seq);
        self.change_conversation(id, |place| {
            place.rev = place.rev.max(message.rev);
            let newer = |last: &&mut Message| last.seq == seq && last.rev < message.rev;
            let last = place.last_message.as_mut().filter(newer);
            last.is_some_and(|last| {
                *last = message.clone();
                true
            })
        });
        message.deleted_at.is_none() || !self.peek(id, |place| seq > place.read_seq).unwrap_or(false)
    }

    /// Somebody has read up to `seq`, here or elsewhere.
    pub(super) fn absorb_read(self, id: ConversationId, user: AccountId, seq: u64) {
        if user == self.my_id() {
            self.have_read(id, seq);
        } else {
            self.has_read(id, user, seq);
        }
    }

    /// Counts what is unread by its definition, where the log holds all of it. Says whether it does.
    pub(super) fn recount(self, id: ConversationId) -> bool {
        let Some(read) = self.peek(id, |place| place.read_seq) else {
            return false;
        };
        let log = self.log(id);
        let unread = self
            .blocks
            .with_untracked(|blocks| log.with_untracked(|log| log.unread(read, blocks)));
        let Some(unread) = unread else { return false };
        if self.peek(id, |place| (place.unread, place.mentions)) != Some((unread.messages, unread.mentions)) {
            self.change_conversation(id, |place| {
                (place.unread, place.mentions) = (unread.messages, unread.mentions);
                true
            });
        }
        true
    }

    /// Everything up to `seq` is read, here or on another device.
    pub(super) fn have_read(self, id: ConversationId, seq: u64) {
        let me = self.my_id();
        let mut moved = false;
        self.change_conversation(id, |place| {
            moved = place.read_seq < seq;
            if moved {
                place.read_seq = seq;
                if seq >= place.last_seq {
                    (place.unread, place.mentions) = (0, 0);
                }
                let mine = place.members.iter_mut().find(|member| member.person.id == me);
                if let Some(marker) = mine.and_then(|member| member.read_seq.as_mut()) {
                    *marker = seq;
                }
            }
            moved
        });
        if moved {
            let is_counted = self.recount(id) || self.peek(id, |place| place.unread) == Some(0);
            self.unnotify(id, seq);
            if !is_counted {
                self.refresh();
            }
        }
    }

    /// Somebody else has read up to `seq`.
    fn has_read(self, id: ConversationId, user: AccountId, seq: u64) {
        self.change_conversation(id, |place| {
            let member = place.members.iter_mut().find(|member| member.person.id == user);
            member.is_some_and(|member| {
                let moved = member.read_seq.unwrap_or(0) < seq;
                member.read_seq = member.read_seq.max(Some(seq));
                moved
            })
        });
    }
}

fn sort(conversations: &mut [Conversation]) {
    conversations.sort_by(|a, b| b.updated_at.cmp(&a.updated_at).then_with(|| b.id.cmp(&a.id)));
}
