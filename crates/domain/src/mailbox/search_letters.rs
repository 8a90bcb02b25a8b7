//! Find letters by their words.

use super::{
    catalogue::Entry,
    catalogue_rows, keys,
    letter_lines::{catalogue, letters, lines},
};
use crate::{Actor, Env, Result, db::vars, paging, throttle::Action};
use model::{limits, mailbox::LetterPage};
use std::collections::HashSet;
use surrealdb::types::RecordId;
use sync::{
    mailbox::view::searched,
    words::{Wanted, has_all, wanted},
};
use uuid::Uuid;

/// Sheets whose letters are looked at together.
const SHEETS: usize = 16;
/// So much of a word is in a letter's row; what is longer, and signs without spaces, are looked at in the letter itself.
const KEPT: usize = 32;

/// Letters whose words have all of these in them. A word stands between two line feeds.
pub(super) const LOOK: &str = "
    SELECT VALUE record::id(id)[1] FROM $ids WHERE id != NONE AND words CONTAINSALL $needles";

/// Letters of the actor's mailbox in which each word of a question begins a word of the subject, of the text, or of a name of
/// whom it is from or to; newest first, `limit` from the one numbered `skip`. Letters in the trash are found, too. A question without a word finds nothing.
///
/// # Errors
/// `invalid` on `limit`, which is 1–100; `rate_limited`.
pub async fn search_letters(env: &Env, actor: &Actor, question: &str, skip: u64, limit: u64) -> Result<LetterPage> {
    env.throttle.count(Action::Search, &actor.id().to_string())?;
    paging::rows_for(usize::try_from(limit).unwrap_or(usize::MAX))?;
    let question: String = question.chars().take(limits::QUERY_MAX).collect();
    let question = Question::new(&question);
    if question.wanted.is_empty() {
        return Ok(LetterPage {
            lines: Vec::new(),
            total: 0,
        });
    }
    let mailbox = actor.id().uuid();
    let catalogue = catalogue(env, mailbox).await?;
    let numbers: Vec<u64> = catalogue.sheets.iter().rev().map(|sheet| sheet.n).collect();
    let [skip, limit] = [skip, limit].map(|count| usize::try_from(count).unwrap_or(usize::MAX));
    let (mut total, mut shown) = (0, Vec::new());
    for some in numbers.chunks(SHEETS) {
        let found = question.look(env, mailbox, some).await?;
        let here = skip.saturating_sub(total).min(found.len());
        total += found.len();
        let room = limit - shown.len();
        shown.extend(found.into_iter().skip(here).take(room));
    }
    Ok(LetterPage {
        lines: lines(env, mailbox, shown).await?,
        total: total as u64,
    })
}

/// What is looked for.
struct Question {
    wanted: Vec<Wanted>,
    /// What the words of a letter must contain.
    needles: Vec<String>,
    /// Whether the letter itself has to be looked at.
    is_rough: bool,
}

impl Question {
    fn new(text: &str) -> Self {
        let wanted = wanted(text);
        let ranges: Vec<Vec<(String, String)>> = wanted.iter().map(|word| word.ranges(false)).collect();
        let is_rough = |ranges: &Vec<(String, String)>| {
            ranges.len() > 1 || ranges.iter().any(|(word, _)| word.chars().count() >= KEPT)
        };
        let needle = |(word, after): &(String, String)| match after.strip_prefix(word.as_str()) {
            Some("\0") => format!("\n{word}\n"),
            _ => format!("\n{word}"),
        };
        Self {
            needles: ranges.iter().flatten().map(needle).collect(),
            is_rough: ranges.iter().any(is_rough),
            wanted,
        }
    }

    /// What answers it on these sheets, newest first.
    async fn look(&self, env: &Env, mailbox: Uuid, numbers: &[u64]) -> Result<Vec<Entry>> {
        let wanted = numbers.iter().map(|n| (mailbox, *n)).collect();
        let mut sheets = catalogue_rows::sheets(env, wanted)
            .await?
            .remove(&mailbox)
            .unwrap_or_default();
        let entries = numbers
            .iter()
            .filter_map(|n| sheets.remove(n))
            .flat_map(|entries| entries.into_iter().rev());
        let mut entries: Vec<Entry> = entries.collect();
        let ids: Vec<RecordId> = entries
            .iter()
            .map(|entry| keys::letter(mailbox, entry.place.1))
            .collect();
        let found: Vec<Uuid> = env
            .db
            .list(LOOK, vars! { ids: ids, needles: self.needles.clone() })
            .await?;
        let found: HashSet<Uuid> = found.into_iter().collect();
        entries.retain(|entry| found.contains(&entry.place.1));
        if self.is_rough {
            let read = letters(env, mailbox, entries).await?;
            let fits = |(entry, letter)| has_all(&searched(&letter), &self.wanted, false).then_some(entry);
            entries = read.into_iter().filter_map(fits).collect();
        }
        Ok(entries)
    }
}

#[cfg(test)]
#[path = "search_letters_tests.rs"]
mod tests;
