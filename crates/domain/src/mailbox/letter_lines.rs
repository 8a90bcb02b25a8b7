//! Letters as their owner sees them, made of the documents and of how they stand.

use super::{
    catalogue::{Catalogue, Entry},
    catalogue_rows, fill_catalogue,
    head::find_head,
    store,
};
use crate::{Env, Result};
use model::mailbox::{Attachment, DocId, Document, FileLine, Kind, Letter, LetterLine, LetterView, SNIPPET_MAX};
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap};
use sync::mailbox::RevTree;
use uuid::Uuid;

/// The catalogue of somebody's mailbox; it is made when it was not yet.
pub async fn catalogue(env: &Env, mailbox: Uuid) -> Result<Catalogue> {
    if let Some(catalogue) = find(env, mailbox).await? {
        return Ok(catalogue);
    }
    let written = find_head(env, mailbox).await?.is_some_and(|head| head.seq > 0);
    if !written {
        return Ok(Catalogue::default());
    }
    let _turn = env.mailboxes.of(mailbox).await;
    match find(env, mailbox).await? {
        Some(catalogue) => Ok(catalogue),
        None => {
            fill_catalogue::fill(env, mailbox).await?;
            Ok(find(env, mailbox).await?.unwrap_or_default())
        }
    }
}

async fn find(env: &Env, mailbox: Uuid) -> Result<Option<Catalogue>> {
    Ok(catalogue_rows::catalogues(env, &[mailbox]).await?.remove(&mailbox))
}

/// What the winners of these documents say, those that are not deleted.
pub async fn winners(env: &Env, mailbox: Uuid, ids: BTreeSet<String>) -> Result<HashMap<String, Map<String, Value>>> {
    let stored = store::documents(env, mailbox, ids.iter().map(String::as_str).collect()).await?;
    let there = stored.iter().filter(|(_, stored)| !stored.tree.is_deleted());
    let winners = there.filter_map(|(id, stored)| Some((id.as_str(), RevTree::winner(&stored.tree)?)));
    let bodies = store::bodies(env, mailbox, winners.collect()).await?;
    Ok(bodies.into_iter().map(|((id, _), body)| (id, body.fields)).collect())
}

/// The letters of these entries, in their order, those that are there.
pub async fn letters(env: &Env, mailbox: Uuid, entries: Vec<Entry>) -> Result<Vec<(Entry, Letter)>> {
    let ids = entries
        .iter()
        .filter_map(|entry| DocId::of(Kind::Letter, entry.place.1));
    let mut said = winners(env, mailbox, ids.map(|id| id.to_string()).collect()).await?;
    let letter = |entry: Entry| {
        let id = DocId::of(Kind::Letter, entry.place.1)?;
        match Document::from_body(&said.remove(id.as_str())?) {
            Some(Document::Letter(letter)) => Some((entry, letter)),
            _ => None,
        }
    };
    Ok(entries.into_iter().filter_map(letter).collect())
}

/// The letters of these entries as lines of a list.
pub async fn lines(env: &Env, mailbox: Uuid, entries: Vec<Entry>) -> Result<Vec<LetterLine>> {
    let letters = letters(env, mailbox, entries).await?;
    Ok(letters
        .into_iter()
        .map(|(entry, letter)| line(entry, &letter))
        .collect())
}

fn line(entry: Entry, letter: &Letter) -> LetterLine {
    LetterLine {
        id: entry.place.1,
        thread: letter.thread.clone(),
        from: letter.from.clone(),
        to: letter.to.clone(),
        subject: letter.subject.clone(),
        snippet: snippet(&letter.body),
        sent_at: letter.sent_at,
        files: letter.attachments.len(),
        folder: entry.folder,
        read: entry.read,
        starred: entry.starred,
        labels: entry.labels,
    }
}

/// The beginning of a text, on one line.
fn snippet(body: &str) -> String {
    let mut snippet = String::new();
    let mut length = 0;
    for word in body.split_whitespace() {
        if length > 0 {
            snippet.push(' ');
            length += 1;
        }
        for letter in word.chars() {
            if length >= SNIPPET_MAX {
                return snippet.trim_end().to_owned();
            }
            snippet.push(letter);
            length += 1;
        }
    }
    snippet
}

/// Letters to be read, with their files as far as those are in the mailbox.
pub async fn views(env: &Env, mailbox: Uuid, letters: Vec<(Entry, Letter)>) -> Result<Vec<LetterView>> {
    let files = letters.iter().flat_map(|(_, letter)| &letter.attachments);
    let said = winners(env, mailbox, files.map(DocId::to_string).collect()).await?;
    let file = |id: &DocId| match Document::from_body(said.get(id.as_str())?) {
        Some(Document::Attachment(Attachment { name, media_type, size })) => Some(FileLine {
            id: id.clone(),
            name,
            media_type,
            size,
        }),
        _ => None,
    };
    let view = |(entry, letter): (Entry, Letter)| LetterView {
        line: line(entry, &letter),
        files: letter.attachments.iter().filter_map(file).collect(),
        body: letter.body,
        in_reply_to: letter.in_reply_to,
    };
    Ok(letters.into_iter().map(view).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snippet_is_the_beginning_on_one_line() {
        assert_eq!(
            snippet("  Dear Grace,\r\n\r\n\tall is well. "),
            "Dear Grace, all is well."
        );
        assert_eq!(snippet(&"é".repeat(500)).chars().count(), SNIPPET_MAX);
        assert_eq!(snippet(&"ab ".repeat(500)).chars().count(), SNIPPET_MAX);
        let long = format!("{} b", "a".repeat(SNIPPET_MAX - 1));
        assert_eq!(
            snippet(&long).chars().count(),
            SNIPPET_MAX - 1,
            "and has no space at its end"
        );
        assert_eq!(snippet(""), "");
    }
}
