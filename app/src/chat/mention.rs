//! Naming somebody while one writes: after an `@`, the people of the conversation are offered.

use super::{
    choices::Choices,
    doors::members,
    store::{Store, use_store},
};
use crate::ui::Pause;
use leptos::{prelude::*, task::spawn_local};
use model::{ConversationId, Person, limits};
use std::time::Duration;

/// Most people offered at once.
const OFFERED: usize = 6;

/// What is being named, where in the text.
#[derive(Clone, Copy)]
pub struct Naming {
    /// Who is offered.
    pub choices: Choices,
    conversation: ConversationId,
    store: Store,
    /// The text before the `@`, as its length in bytes.
    begin: StoredValue<usize>,
    asked: StoredValue<String>,
    pause: Pause,
}

impl Naming {
    /// For a conversation.
    pub fn new(conversation: ConversationId) -> Self {
        Self {
            choices: Choices::new("mention-list"),
            conversation,
            store: use_store(),
            begin: StoredValue::new(0),
            asked: StoredValue::default(),
            pause: Pause::new(Duration::from_millis(150)),
        }
    }

    /// Looks at what stands before the caret.
    pub fn look(self, before: &str) {
        let Some(begin) = begun(before) else {
            self.choices.offer(Vec::new());
            return;
        };
        self.begin.set_value(begin);
        let q = before.get(begin + 1..).unwrap_or_default().to_owned();
        self.asked.set_value(q.clone());
        let store = self.store;
        let Some(place) = store.conversation_untracked(self.conversation) else {
            return;
        };
        let me = store.my_id();
        let fits = |person: &Person| person.id != me && !store.blocks.with_untracked(|all| all.contains(&person.id));
        let people = place.members.iter().map(|member| &member.person);
        let near: Vec<Person> = people
            .filter(|person| fits(person) && named(person, &q))
            .take(OFFERED)
            .cloned()
            .collect();
        let all_known = place.member_count <= place.members.len() as u64;
        self.choices.offer(near);
        if all_known {
            return;
        }
        self.pause.then(move || {
            spawn_local(async move {
                if let Ok(page) = members(self.conversation, Some(q.clone()).filter(|q| !q.is_empty()), None).await
                    && self.asked.get_value() == q
                {
                    let found = page.items.into_iter().map(|member| member.person);
                    self.choices
                        .offer(found.filter(|person| person.id != me).take(OFFERED).collect());
                }
            });
        });
    }

    /// The text with a name put in where it was begun, and where the caret then is, in bytes.
    pub fn complete(self, text: &str, caret: usize, person: &Person) -> (String, usize) {
        self.choices.offer(Vec::new());
        let before = text.get(..self.begin.get_value()).unwrap_or_default();
        let after = text.get(caret..).unwrap_or_default();
        let head = format!("{before}@{} ", person.username);
        (format!("{head}{}", after.trim_start_matches(' ')), head.len())
    }
}

/// Where a name was begun that ends at the end of this text.
fn begun(before: &str) -> Option<usize> {
    let begin = before.rfind('@')?;
    let name = before.get(begin + 1..)?;
    let in_name = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    let own_word = before
        .get(..begin)?
        .chars()
        .next_back()
        .is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '@' | '/'));
    (own_word && name.chars().all(in_name) && name.chars().count() <= limits::USERNAME_MAX).then_some(begin)
}

/// Whether somebody may be meant: by the username, or by a word of the name.
fn named(person: &Person, q: &str) -> bool {
    let q = q.to_lowercase();
    person.username.to_lowercase().starts_with(&q)
        || person
            .display_name
            .to_lowercase()
            .split_whitespace()
            .any(|word| word.starts_with(&q))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_begun_by_an_at_that_begins_a_word() {
        for (text, wanted) in [
            ("@", Some(0)),
            ("hello @gr", Some(6)),
            ("(@ada.l", Some(1)),
            ("ada@example", None),
            ("@grace hopper", None),
            ("é @g", Some(3)),
        ] {
            assert_eq!(begun(text), wanted, "{text}");
        }
    }

    #[test]
    fn people_are_found_by_username_and_by_each_word_of_their_name() {
        let grace = Person {
            id: uuid::Uuid::nil().into(),
            username: "amazing".into(),
            display_name: "Grace Hopper".into(),
        };
        for q in ["", "ama", "HOP", "gr"] {
            assert!(named(&grace, q), "{q}");
        }
        assert!(!named(&grace, "ace"));
    }
}
