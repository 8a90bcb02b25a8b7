//! What the screens ask the store for, besides what it tells by itself.

use super::store::Store;
use leptos::prelude::*;
use model::{Conversation, ConversationId, Message};
use sync::Item;

impl Store {
    /// The conversation as it is now, as far as it is in the list.
    pub(super) fn conversation_untracked(self, id: ConversationId) -> Option<Conversation> {
        untrack(|| self.conversation(id))
    }

    /// The newest message that I wrote there, of those that are held and not deleted.
    pub(super) fn last_of_mine(self, id: ConversationId) -> Option<Message> {
        let me = self.my_id();
        self.log(id).with_untracked(|log| {
            let mine = |item| match item {
                Item::Confirmed(message) => Some(message).filter(|message| {
                    message.author.id == me && message.event.is_none() && message.deleted_at.is_none()
                }),
                Item::Pending(_) => None,
            };
            log.items().filter_map(mine).last().cloned()
        })
    }
}
