//! What the screens ask the store for, besides what it tells by itself.

use super::store::Store;
use leptos::prelude::*;
use model::{Conversation, ConversationId, Message};

impl Store {
    /// A new id, once there is somebody to give it. They ascend.
    pub(crate) fn new_uuid(self) -> Option<uuid::Uuid> {
        let outlet = self.outlet.get_value()?;
        Some(outlet.new_client_id().uuid())
    }

    /// The conversation as it is now, as far as it is in the list.
    pub(super) fn conversation_untracked(self, id: ConversationId) -> Option<Conversation> {
        untrack(|| self.conversation(id))
    }

    /// The newest message that I wrote there, of those that are held and not deleted.
    pub(super) fn last_of_mine(self, id: ConversationId) -> Option<Message> {
        let me = self.my_id();
        let mine =
            |message: &&Message| message.author.id == me && message.event.is_none() && message.deleted_at.is_none();
        self.log(id)
            .with_untracked(|log| log.messages().rev().find(mine).cloned())
    }
}
