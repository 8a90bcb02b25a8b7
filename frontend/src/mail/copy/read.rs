//! What the screens read of the copy.

use super::{
    desk::{Done, made_key},
    hub::{Hub, pushed},
    store::Copy,
};
use model::mailbox::{
    Attachment, Counts, DocId, Draft, FileLine, Folder, Kind, Letter, LetterLine, LetterPage, LetterView, Order,
    Receipt, Shelf,
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use sync::{
    mailbox::{
        Known, Resolution, Rev, Sending,
        replica::{Batch, BodyRow, Denied, DocRow, Read, Rows, Store, to_send},
        replicator::tried_key,
        resolve, sending,
        view::{UNREAD, answers, searched, shelf_key, thread_key},
    },
    words::{wanted, words},
};
use uuid::Uuid;

/// Letters of a thread, at most.
const THREAD_MAX: u64 = 500;
/// Blocks of letters that are noted for the search at once.
const BLOCKS: u32 = 8;
/// So many of the newest hits are looked at, when the index alone does not say for certain.
const LOOKED_AT: u64 = 1_000;
/// Longer words are cut in the index.
const CUT: usize = 32;

/// One version of a draft: its revision, its words, its files.
pub type Version = (String, Draft, Vec<FileLine>);

/// An order that is not done with.
pub struct Going {
    /// Its UUID.
    pub id: Uuid,
    /// What it says.
    pub order: Order,
    /// Its files.
    pub files: Vec<FileLine>,
    /// When it was made here.
    pub made_at: Option<i64>,
    /// How it stands.
    pub sending: Sending,
    /// The receipt.
    pub receipt: Option<Receipt>,
}

impl Hub {
    /// A part of a list.
    pub async fn list(&self, shelf: &Shelf, skip: u64, limit: u64) -> Done<LetterPage> {
        let Some(list) = shelf_key(shelf) else {
            return Ok(LetterPage {
                lines: Vec::new(),
                total: 0,
            });
        };
        Ok(self.copy().await?.list(&list, skip, limit).await?)
    }

    /// How many lie where.
    pub async fn counts(&self) -> Done<Counts> {
        let shelves = [Folder::Inbox, Folder::Sent, Folder::Archive, Folder::Trash].map(Shelf::Folder);
        let keys: Vec<String> = shelves.iter().chain([&Shelf::Starred]).filter_map(shelf_key).collect();
        let lists: Vec<&str> = keys.iter().map(String::as_str).chain([UNREAD]).collect();
        let (lengths, labels, drafts, outbox, _) = self.copy().await?.counts(&lists).await?;
        let length = |at: usize| lengths.get(at).copied().unwrap_or_default();
        Ok(Counts {
            inbox: length(0),
            sent: length(1),
            archive: length(2),
            trash: length(3),
            starred: length(4),
            inbox_unread: length(5),
            drafts,
            outbox,
            labels,
        })
    }

    /// A letter, and those of its thread outside of the trash, oldest first.
    pub async fn thread(&self, letter: Uuid) -> Done<Vec<LetterView>> {
        let copy = self.copy().await?;
        let Some(line) = copy.lines(&[letter]).await?.pop() else {
            return Ok(Vec::new());
        };
        let mut lines = copy.list(&thread_key(&line.thread), 0, THREAD_MAX).await?.lines;
        if lines.iter().all(|known| known.id != letter) {
            lines.push(line);
        }
        lines.sort_by_key(|line| (line.sent_at, line.id));
        let bodies = letters(&copy, lines.iter().map(|line| line.id)).await?;
        let attachments: Vec<DocId> = bodies.values().flat_map(|letter| letter.attachments.clone()).collect();
        let known = files(&copy, &attachments).await?;
        let view = |line: LetterLine| {
            let letter = bodies.get(&line.id)?.clone();
            let files = letter.attachments.iter();
            let files = files.filter_map(|id| known.iter().find(|file| file.id == *id)).cloned();
            Some(LetterView {
                files: files.collect(),
                line,
                body: letter.body,
                in_reply_to: letter.in_reply_to,
            })
        };
        Ok(lines.into_iter().filter_map(view).collect())
    }

    /// Letters with these words, newest first.
    pub async fn search(&self, question: &str, skip: u64, limit: u64) -> Done<LetterPage> {
        self.note_words().await?;
        let wanted = wanted(question);
        let ranges: Vec<Vec<(String, String)>> = wanted.iter().map(|word| word.ranges(false)).collect();
        // In scripts without spaces, and of long words, the index has parts; whether they stand together is to be looked at.
        let certain = ranges
            .iter()
            .all(|parts| parts.len() == 1 && parts.iter().all(|(from, _)| from.chars().count() < CUT));
        let words: Vec<(String, bool)> = ranges
            .into_iter()
            .flatten()
            .map(|(from, to)| {
                let whole = to == format!("{from}\0");
                (from, whole)
            })
            .collect();
        let copy = self.copy().await?;
        if words.is_empty() {
            return Ok(LetterPage {
                lines: Vec::new(),
                total: 0,
            });
        }
        if certain {
            return Ok(copy.search(&words, skip, limit).await?);
        }
        let mut page = copy.search(&words, 0, LOOKED_AT).await?;
        let bodies = letters(&copy, page.lines.iter().map(|line| line.id)).await?;
        page.lines
            .retain(|line| bodies.get(&line.id).is_some_and(|letter| answers(letter, &wanted)));
        page.total = page.lines.len() as u64;
        let skip = usize::try_from(skip).unwrap_or(usize::MAX);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        page.lines = page.lines.into_iter().skip(skip).take(limit).collect();
        Ok(page)
    }

    /// Notes the words of all letters for which that was not done yet.
    pub async fn note_words(&self) -> Done<()> {
        let copy = self.copy().await?;
        while let Some((place, found)) = copy.unindexed(BLOCKS).await? {
            let letters = letters(&copy, found.iter().map(|(id, _)| *id)).await?;
            let rows: Vec<_> = found
                .iter()
                .map(|(id, block)| {
                    let letter = letters.get(id);
                    let time = letter.map_or(0, |letter| letter.sent_at.millis());
                    (
                        id,
                        block,
                        time,
                        letter.map(|letter| words(&searched(letter))).unwrap_or_default(),
                    )
                })
                .collect();
            // What moved meanwhile is in the next place, or has another block.
            copy.index(&place, &super::batch::json(&rows)).await?;
        }
        Ok(())
    }

    /// All drafts, newest first; of each the version that is shown, and the others.
    pub async fn drafts(&self) -> Done<Vec<(Uuid, Version, Vec<Version>)>> {
        let copy = self.copy().await?;
        let ids = copy.desk("d:").await?;
        let mut drafts = self.drafts_of(&ids).await?;
        drafts.sort_by_key(|(id, (_, draft, _), _)| std::cmp::Reverse((draft.updated_at, *id)));
        Ok(drafts)
    }

    /// These drafts.
    pub async fn drafts_of(&self, ids: &[String]) -> Done<Vec<(Uuid, Version, Vec<Version>)>> {
        let copy = self.copy().await?;
        let (_, docs) = copy.docs(ids).await?;
        let wanted: Vec<(String, Rev)> = docs.iter().flat_map(live).collect();
        let (_, rows) = copy.plain_bodies(&wanted).await?;
        let attachments: Vec<DocId> = rows
            .iter()
            .filter_map(parse::<Draft>)
            .flat_map(|draft| draft.attachments)
            .collect();
        let known = files(&copy, &attachments).await?;
        Ok(docs.iter().filter_map(|row| versions(row, &rows, &known)).collect())
    }

    /// Orders that are not done with, newest first.
    pub async fn outbox(&self) -> Done<Vec<Going>> {
        let copy = self.copy().await?;
        let ids = copy.desk("o:").await?;
        let receipts = ids.iter().map(|id| id.replacen("o:", "r:", 1));
        let asked: Vec<String> = ids.iter().cloned().chain(receipts).collect();
        let found = winners(&copy, &asked).await?;
        let denied = copy.locals("denied/o:").await?.into_iter();
        let denied: Vec<Denied> = denied
            .filter_map(|(_, denied)| serde_json::from_value(denied).ok())
            .collect();
        let tried = copy.locals(&tried_key("o:")).await?;
        let made = copy.locals(&made_key("o:")).await?;
        let mut going: Vec<Going> = Vec::new();
        let alive = ids.iter().filter_map(|id| Some((id.as_str(), found.get(id)?, None)));
        let refused = denied
            .iter()
            .map(|denied| (denied.id.as_str(), &denied.body, Some(denied.reason.as_str())));
        for (id, body, denied) in alive.chain(refused) {
            let receipt = found.get(&id.replacen("o:", "r:", 1)).and_then(read_as::<Receipt>);
            let uuid = DocId::parse(id).and_then(|id| id.uuid());
            let (Some(uuid), Some(order)) = (uuid, read_as::<Order>(body)) else {
                continue;
            };
            let known = Known {
                deleted: false,
                tried: tried.iter().any(|(key, _)| *key == tried_key(id)),
                receipt: receipt.as_ref(),
                denied,
            };
            let moment = made.iter().find(|(key, _)| *key == made_key(id));
            going.push(Going {
                id: uuid,
                files: files(&copy, &order.attachments).await?,
                made_at: moment.and_then(|(_, moment)| moment.as_i64()),
                sending: sending(known),
                order,
                receipt,
            });
        }
        let stale = made
            .iter()
            .filter(|(key, _)| going.iter().all(|going| *key != made_key(&format!("o:{}", going.id))));
        forget(&copy, stale.map(|(key, _)| key.clone()).collect()).await?;
        going.sort_by_key(|going| std::cmp::Reverse((going.made_at, going.id)));
        Ok(going)
    }

    /// The bytes of a file: from here, or else from the server.
    pub async fn file(&self, id: &str) -> Done<Vec<u8>> {
        let copy = self.copy().await?;
        if let Some(bytes) = copy.file(id).await? {
            return Ok(bytes);
        }
        let bytes = super::browser::download(self, id).await?;
        // The next time it is here; when there is no room for it, it was at least shown.
        _ = copy.keep_file(id, &bytes).await;
        Ok(bytes)
    }

    /// All that the server does not have, as JSON.
    pub async fn export_waiting(&self) -> Done<String> {
        let copy = self.copy().await?;
        let mut since = pushed(&copy).await?;
        let mut waiting: Vec<Value> = Vec::new();
        loop {
            let found = copy.read(&Read::Changes { since, limit: 500 }).await?;
            let Rows::Docs(rows) = found.rows else { break };
            let Some(last) = rows.last() else { break };
            since = last.seq;
            let mine: Vec<&DocRow> = rows.iter().filter(|row| row.known.is_none()).collect();
            let keys = mine.iter().flat_map(|row| live(row)).collect();
            let Rows::Bodies(bodies) = copy.read(&Read::Bodies(keys)).await?.rows else {
                break;
            };
            for body in &bodies {
                let row = mine.iter().find(|row| row.id == body.id);
                waiting.extend(row.map(|row| Value::Object(to_send(row, body))));
            }
        }
        let denied = copy.locals("denied/").await?.into_iter().map(|(_, denied)| denied);
        waiting.extend(denied);
        Ok(super::batch::json(&waiting))
    }
}

async fn forget(copy: &Copy, names: Vec<String>) -> Done<()> {
    if !names.is_empty() {
        let batch = Batch {
            locals: names.into_iter().map(|name| (name, None)).collect(),
            ..Batch::default()
        };
        copy.commit(&batch).await?;
    }
    Ok(())
}

/// The leaves of a document that are no tombstones.
fn live(row: &DocRow) -> Vec<(String, Rev)> {
    let alive = row.tree.leaves().into_iter().filter(|rev| !row.tree.is_tombstone(rev));
    alive.map(|rev| (row.id.clone(), rev.clone())).collect()
}

/// What is shown of these documents, by id; what is not there or deleted is left out.
pub async fn winners(copy: &Copy, ids: &[String]) -> Done<BTreeMap<String, Map<String, Value>>> {
    let (_, docs) = copy.docs(ids).await?;
    let alive = docs.iter().filter(|row| !row.tree.is_deleted());
    let keys: Vec<(String, Rev)> = alive
        .filter_map(|row| Some((row.id.clone(), row.tree.winner()?.clone())))
        .collect();
    let (_, bodies) = copy.plain_bodies(&keys).await?;
    Ok(bodies.into_iter().map(|row| (row.id, row.body)).collect())
}

async fn letters(copy: &Copy, ids: impl Iterator<Item = Uuid>) -> Done<BTreeMap<Uuid, Letter>> {
    let ids: Vec<String> = ids.map(|id| format!("l:{id}")).collect();
    let found = winners(copy, &ids).await?;
    let letters = found
        .iter()
        .filter_map(|(id, body)| Some((DocId::parse(id)?.uuid()?, read_as(body)?)));
    Ok(letters.collect())
}

/// Those of these files that are here.
pub async fn files(copy: &Copy, ids: &[DocId]) -> Done<Vec<FileLine>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let found = winners(copy, &names).await?;
    let line = |id: &DocId| {
        let file: Attachment = read_as(found.get(id.as_str())?)?;
        Some(FileLine {
            id: id.clone(),
            name: file.name,
            media_type: file.media_type,
            size: file.size,
        })
    };
    Ok(ids
        .iter()
        .filter(|id| id.kind() == Kind::Attachment)
        .filter_map(line)
        .collect())
}

fn read_as<T: DeserializeOwned>(body: &Map<String, Value>) -> Option<T> {
    serde_json::from_value(Value::Object(body.clone())).ok()
}

fn parse<T: DeserializeOwned>(row: &BodyRow) -> Option<T> {
    read_as(&row.body)
}

fn versions(row: &DocRow, rows: &[BodyRow], known: &[FileLine]) -> Option<(Uuid, Version, Vec<Version>)> {
    let id = DocId::parse(&row.id)?.uuid()?;
    let bodies: BTreeMap<Rev, Map<String, Value>> = rows
        .iter()
        .filter(|body| body.id == row.id)
        .map(|body| (body.rev.clone(), body.body.clone()))
        .collect();
    let (shown, others) = match resolve(&row.id, &row.tree, &bodies) {
        Resolution::Ask { shown, others } => (shown, others),
        _ => (row.tree.winner()?.clone(), Vec::new()),
    };
    let version = |rev: &Rev| {
        let draft: Draft = read_as(bodies.get(rev)?)?;
        let files = draft.attachments.iter();
        let files = files
            .filter_map(|id| known.iter().find(|file| file.id == *id))
            .cloned()
            .collect();
        Some((rev.to_string(), draft, files))
    };
    Some((id, version(&shown)?, others.iter().filter_map(version).collect()))
}
