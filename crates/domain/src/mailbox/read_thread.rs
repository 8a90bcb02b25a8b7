//! A letter, and those that belong to it.

use super::{
    catalogue::Entry,
    catalogue_rows, keys,
    letter_lines::{catalogue, letters, views, winners},
    shelve,
};
use crate::{Actor, Env, Result, db::vars};
use model::{
    Code,
    mailbox::{Folder, Kind, LetterView},
};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Most letters of a thread that are shown: the newest.
const THREAD_MAX: usize = 200;

pub(super) const THREAD_OF: &str = "SELECT VALUE thread FROM ONLY $letter";
pub(super) const THREAD: &str = "
    SELECT VALUE record::id(id)[2] FROM letter_thread:[$mailbox, $thread]..[$mailbox, $thread, $last]";

/// A letter of the actor's mailbox, and those of its thread outside of the trash, oldest first; of a very long thread the newest
/// 200.
///
/// # Errors
/// `not_found` when there is no such letter in it.
pub async fn read_thread(env: &Env, actor: &Actor, letter: Uuid) -> Result<Vec<LetterView>> {
    let mailbox = actor.id().uuid();
    catalogue(env, mailbox).await?;
    let thread: Option<String> = env
        .db
        .find(THREAD_OF, vars! { letter: keys::letter(mailbox, letter) })
        .await?;
    let thread = thread.ok_or(Code::NotFound)?;
    let binds = vars! { mailbox: mailbox, thread: thread, last: keys::LAST };
    let ids: Vec<Uuid> = env.db.list(THREAD, binds).await?;
    let places = catalogue_rows::places(env, mailbox, &ids).await?;
    let states: BTreeSet<String> = ids.iter().map(|id| format!("{}:{id}", Kind::State.prefix())).collect();
    let said = winners(env, mailbox, states).await?;
    let entries = places
        .into_values()
        .map(|place| Entry::new(place, shelve::state(&said, place.1)));
    let mut entries: Vec<Entry> = entries
        .filter(|entry| entry.folder != Folder::Trash || entry.place.1 == letter)
        .collect();
    entries.sort_by_key(|entry| entry.place);
    let older = entries.len().saturating_sub(THREAD_MAX);
    let mut number = 0;
    entries.retain(|entry| {
        number += 1;
        number > older || entry.place.1 == letter
    });
    views(env, mailbox, letters(env, mailbox, entries).await?).await
}

#[cfg(test)]
#[path = "read_thread_tests.rs"]
mod tests;
