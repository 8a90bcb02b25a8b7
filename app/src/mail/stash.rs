//! What could not wait for the disk. A window that is closed in the middle of a word has no time for a database; what is written
//! here is there at once, and is taken up by whichever window opens the mailbox next.

use super::post::Post;
use js_sys::{Object, Reflect};
use leptos::prelude::*;
use model::{AccountId, mailbox::Draft};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use wasm_bindgen::{JsCast, JsValue};

/// A draft, and the revision that it was made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Stashed {
    draft: Draft,
    seen: Option<String>,
}

/// The browser's small store; none where it is forbidden.
fn shelf() -> Option<Object> {
    Reflect::get(&window(), &JsValue::from_str("localStorage"))
        .ok()?
        .dyn_into()
        .ok()
}

fn prefix(account: AccountId) -> String {
    format!("roost-draft:{account}:")
}

/// The draft that a key is of.
fn draft_of(key: &str, account: AccountId) -> Option<Uuid> {
    key.strip_prefix(&prefix(account))?.parse().ok()
}

/// All that was left by one account.
fn left_by(account: AccountId) -> Vec<(Uuid, String)> {
    let Some(shelf) = shelf() else { return Vec::new() };
    let keys = Object::keys(&shelf)
        .iter()
        .filter_map(|key| key.as_string())
        .collect::<Vec<_>>();
    let found = keys.into_iter().filter_map(|key| {
        let text = Reflect::get(&shelf, &JsValue::from_str(&key)).ok()?.as_string()?;
        Some((draft_of(&key, account)?, text))
    });
    found.collect()
}

/// Forgets all that was left by one account.
pub fn forget_all(account: AccountId) {
    for (id, _) in left_by(account) {
        forget(account, id);
    }
}

fn forget(account: AccountId, id: Uuid) {
    if let Some(shelf) = shelf() {
        _ = Reflect::delete_property(&shelf, &JsValue::from_str(&format!("{}{id}", prefix(account))));
    }
}

impl Post {
    /// Leaves a draft for the next window, before anything else can happen.
    pub fn stash(self, id: Uuid, draft: &Draft) {
        let stashed = Stashed {
            draft: draft.clone(),
            seen: self.seen(id),
        };
        if let (Some(shelf), Ok(text)) = (shelf(), serde_json::to_string(&stashed)) {
            let key = format!("{}{id}", prefix(self.my_id()));
            _ = Reflect::set(&shelf, &JsValue::from_str(&key), &JsValue::from_str(&text));
        }
    }

    /// It is on the disk.
    pub fn unstash(self, id: Uuid) {
        forget(self.my_id(), id);
    }

    /// Keeps what the last window had no time for.
    pub fn take_up(self) {
        for (id, text) in left_by(self.my_id()) {
            if let Ok(Stashed { draft, seen }) = serde_json::from_str(&text) {
                self.saw(id, seen);
                self.keep(id, draft);
            } else {
                self.unstash(id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_account_left_is_not_anothers() {
        let [ada, grace] = [1, 2].map(|n| AccountId(Uuid::from_u128(n)));
        let id = Uuid::from_u128(7);
        let key = format!("{}{id}", prefix(ada));
        assert_eq!(draft_of(&key, ada), Some(id));
        assert_eq!(draft_of(&key, grace), None);
        assert_eq!(draft_of("roost-draft:", ada), None);
    }
}
