//! A part of a list of letters.

use super::{
    catalogue::Entry,
    catalogue_rows,
    letter_lines::{catalogue, lines},
};
use crate::{Actor, Env, Result, paging};
use model::mailbox::{LetterPage, Shelf};

/// The letters on a shelf of the actor's mailbox, newest first: `limit` from the one numbered `skip`. The drafts and the outbox
/// have no letters.
///
/// # Errors
/// `invalid` on `limit`, which is 1–100.
pub async fn list_letters(env: &Env, actor: &Actor, shelf: &Shelf, skip: u64, limit: u64) -> Result<LetterPage> {
    paging::rows_for(usize::try_from(limit).unwrap_or(usize::MAX))?;
    let mailbox = actor.id().uuid();
    let catalogue = catalogue(env, mailbox).await?;
    let (numbers, before) = catalogue.sheets_with(shelf, skip, limit);
    let wanted = numbers.iter().map(|n| (mailbox, *n)).collect();
    let mut sheets = catalogue_rows::sheets(env, wanted)
        .await?
        .remove(&mailbox)
        .unwrap_or_default();
    let entries = numbers
        .iter()
        .filter_map(|n| sheets.remove(n))
        .flat_map(|entries| entries.into_iter().rev())
        .filter(|entry| entry.is_on(shelf));
    let [before, limit] = [before, limit].map(|count| usize::try_from(count).unwrap_or(usize::MAX));
    let entries: Vec<Entry> = entries.skip(before).take(limit).collect();
    Ok(LetterPage {
        lines: lines(env, mailbox, entries).await?,
        total: catalogue.total(shelf),
    })
}

#[cfg(test)]
#[path = "list_letters_tests.rs"]
mod tests;
