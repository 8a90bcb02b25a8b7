//! What somebody has begun to write. It is on the disk within 300 ms of the last key, and when the page is left; the other
//! windows show it, too.

use super::{
    device::{Change, DRAFTS, Draft, Hint},
    store::Store,
};
use leptos::{prelude::*, task::spawn_local};
use model::{ConversationId, Message};
use serde_json::json;
use std::time::Duration;

/// How long after a key a draft is written.
const AFTER_A_KEY: Duration = Duration::from_millis(250);

impl Store {
    /// What is begun in a conversation.
    #[must_use]
    pub fn draft(self, id: ConversationId) -> String {
        self.drafts
            .with(|drafts| drafts.get(&id).map(|draft| draft.text.clone()).unwrap_or_default())
    }

    /// Keeps what is begun; nothing at all is no draft.
    pub fn set_draft(self, id: ConversationId, text: impl Into<String>) {
        let text = text.into();
        self.change_draft(id, |draft| draft.text = text);
    }

    /// The message that what is begun answers.
    #[must_use]
    pub fn replying(self, id: ConversationId) -> Option<Message> {
        self.drafts.with(|drafts| drafts.get(&id)?.replying.clone())
    }

    /// Says which message is answered.
    pub fn set_replying(self, id: ConversationId, message: Option<Message>) {
        self.change_draft(id, |draft| draft.replying = message);
    }

    fn change_draft(self, id: ConversationId, change: impl FnOnce(&mut Draft)) {
        self.drafts.maybe_update(|drafts| {
            let before = drafts.get(&id).cloned().unwrap_or_default();
            let mut draft = before.clone();
            change(&mut draft);
            let changed = draft != before;
            if draft == Draft::default() {
                drafts.remove(&id);
            } else if changed {
                drafts.insert(id, draft);
            }
            changed
        });
        // What was sent, or thrown away, must not come back as a draft after a crash.
        let gone = self.drafts.with_untracked(|drafts| !drafts.contains_key(&id));
        let waits = self.kept.try_update_value(|kept| {
            kept.drafts.insert(id);
            std::mem::replace(&mut kept.drafts_due, true)
        });
        if gone {
            self.keep_drafts();
        } else if waits == Some(false) {
            set_timeout(move || self.keep_drafts(), AFTER_A_KEY);
        }
    }

    /// Writes the drafts that changed.
    pub fn keep_drafts(self) {
        let changed = self.kept.try_update_value(|kept| {
            kept.drafts_due = false;
            std::mem::take(&mut kept.drafts)
        });
        let changed = changed.unwrap_or_default();
        if changed.is_empty() || self.device.with_value(Option::is_none) {
            return;
        }
        let me = self.my_id();
        let changes = self.drafts.with_untracked(|drafts| {
            let change = |id: &ConversationId| match drafts.get(id) {
                Some(draft) => Change::Put(DRAFTS, json!([me, id]), json!((id, draft))),
                None => Change::Cut(DRAFTS, json!([me, id])),
            };
            changed.iter().map(change).collect()
        });
        spawn_local(async move {
            self.write(changes, true).await;
            changed.into_iter().for_each(|id| self.tell(&Hint::Draft(id)));
        });
    }

    /// Reads all drafts, or the one that another window changed.
    pub(super) async fn read_drafts(self, only: Option<ConversationId>) {
        let key = only.map_or_else(|| json!([self.my_id()]), |id| json!([self.my_id(), id]));
        let Some(rows) = self.read::<(ConversationId, Draft)>(DRAFTS, &key).await else {
            return;
        };
        // What was typed here meanwhile is newer.
        let newer = self.kept.with_value(|kept| kept.drafts.clone());
        self.drafts.update(|drafts| {
            if let Some(id) = only.filter(|id| !newer.contains(id)) {
                drafts.remove(&id);
            }
            drafts.extend(rows.into_iter().filter(|(id, _)| !newer.contains(id)));
        });
    }
}
