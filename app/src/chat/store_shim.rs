//! shim
use super::store::Store;
use leptos::prelude::*;
use model::*;
impl Store {
    pub(super) fn blocks_person(self, id: AccountId) -> bool { self.blocks.with(|all| all.contains(&id)) }
    pub(super) fn jump_to(self, conversation: ConversationId, seq: u64) { self.linked.set(Some((conversation, seq))); }
    pub(super) fn draft(self, id: ConversationId) -> String { self.drafts.with(|d| d.get(&id).cloned().unwrap_or_default()) }
    pub(super) fn set_draft(self, id: ConversationId, text: String) { self.drafts.update(|d| _ = d.insert(id, text)); }
    pub(super) fn replying(self, id: ConversationId) -> Option<Message> { self.answers.with(|d| d.get(&id).cloned()) }
    pub(super) fn set_replying(self, id: ConversationId, m: Option<Message>) { self.answers.update(|d| { d.remove(&id); if let Some(m) = m { d.insert(id, m); } }); }
    pub(super) fn cancel(self, id: ConversationId, c: ClientId) { self.log(id).update(|log| _ = log.cancel(c)); }
}
