//! Whom a text names.

use super::who::{blocked_either_way, find_account};
use crate::{Env, Result, db::vars};
use model::{AccountId, ConversationId, limits};
use std::collections::BTreeSet;
use uuid::Uuid;

const IN_IT: &str = "
    SELECT VALUE account FROM $ids.map(|$id| type::record('membership', [$conversation, $id])) WHERE account != NONE";

/// The members of a conversation that a text names with `@username`, less oneself and those with whom there is a block.
pub async fn mentioned(env: &Env, me: AccountId, conversation: ConversationId, text: &str) -> Result<Vec<Uuid>> {
    let names = names(text);
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let mut ids = Vec::new();
    for name in names {
        ids.extend(find_account(env, &name).await?.filter(|id| *id != me.uuid()));
    }
    let blocked = blocked_either_way(env, me.uuid()).await?;
    ids.retain(|id| !blocked.contains(id));
    ids.sort_unstable();
    ids.dedup();
    env.db
        .list(IN_IT, vars! { conversation: conversation.uuid(), ids: ids })
        .await
}

/// What follows an `@` that begins a word, outside of code.
fn names(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    // Every second piece between backticks is code; that is near enough for a notice.
    for prose in text.split('`').step_by(2) {
        let mut before = ' ';
        for (at, c) in prose.char_indices() {
            if c == '@' && !before.is_alphanumeric() && names.len() < limits::MENTIONS_MAX {
                let rest = &prose[at + 1..];
                let end = rest
                    .find(|c: char| !c.is_alphanumeric() && !matches!(c, '.' | '-' | '_'))
                    .unwrap_or(rest.len());
                let name = rest[..end].trim_end_matches(['.', '-', '_']);
                if !name.is_empty() {
                    names.insert(name.to_owned());
                }
            }
            before = c;
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_begin_a_word_end_without_punctuation_and_are_not_code_or_addresses() {
        let text = "@ada, see (@grace.) and mail@hedy.example, not `@mallory` but @ada-2.";
        let expected = ["ada", "ada-2", "grace"].map(str::to_owned);
        assert_eq!(names(text).into_iter().collect::<Vec<_>>(), expected);
    }
}
