//! The copy in the browser's database.

use super::{
    batch::{encode, has_bytes_apart, json, together},
    glue::{Mishap, Shelf, mishap},
};
use js_sys::{Array, Uint8Array};
use model::mailbox::{DocId, LetterLine, LetterPage};
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{cell::Cell, fmt::Write};
use sync::mailbox::{
    Rev,
    replica::{Batch, BodyRow, Commit, DocRow, Found, Read, Rows, Store, StoreError},
    view::{Drawn, Redraw},
};
use uuid::Uuid;
use wasm_bindgen::JsValue;

/// A copy, in one life of its database. When the site's data is deleted under it, it fails from then on, and another is to be opened.
pub struct Copy {
    shelf: Shelf,
    life: String,
    wiped: Cell<bool>,
}

type Answer<T> = Result<T, StoreError>;

impl Copy {
    /// Opens the database, or makes it.
    pub async fn open(shelf: Shelf) -> Answer<Self> {
        let mut copy = Self {
            shelf,
            life: String::new(),
            wiped: Cell::new(false),
        };
        copy.life = copy.text(copy.shelf.life().await)?;
        Ok(copy)
    }

    /// Whether the database was deleted under it.
    pub const fn is_wiped(&self) -> bool {
        self.wiped.get()
    }

    fn good(&self, result: Result<JsValue, JsValue>) -> Answer<JsValue> {
        result.map_err(|error| match mishap(&error) {
            Mishap::Wiped => {
                self.wiped.set(true);
                StoreError::Lost
            }
            Mishap::Failed(error) => error,
        })
    }

    fn text(&self, result: Result<JsValue, JsValue>) -> Answer<String> {
        self.good(result)?.as_string().ok_or_else(|| odd("an answer"))
    }

    /// Lines of letters and documents, of one moment.
    async fn look(&self, letters: &[Uuid], ids: &[String]) -> Answer<(u64, Vec<LetterLine>, Vec<DocRow>)> {
        let found = self.shelf.look(&self.life, &json(&letters), &json(&ids)).await;
        let text = self.text(found)?;
        let mut rows = text.split('\n');
        let head = number(rows.next())?;
        let count = usize::try_from(number(rows.next())?).unwrap_or(0);
        let lines = parsed(rows.by_ref().take(count))?;
        Ok((head, lines, parsed(rows)?))
    }

    /// What a batch changes of what is shown; nothing when somebody wrote since it was read.
    async fn redraw(&self, batch: &Batch) -> Answer<Option<Drawn>> {
        let mut redraw = Redraw::of(batch);
        if redraw.is_idle() {
            return Ok(Some(Drawn::default()));
        }
        let stale = |head| batch.expected.is_some_and(|expected| expected != head);
        let (letters, ids) = redraw.beside();
        let (head, lines, docs) = self.look(&letters, &ids).await?;
        if stale(head) {
            return Ok(None);
        }
        redraw.saw(lines, docs);
        let wanted = redraw.bodies();
        if !wanted.is_empty() {
            let (head, bodies) = self.plain_bodies(&wanted).await?;
            if stale(head) {
                return Ok(None);
            }
            bodies.iter().for_each(|row| redraw.lend(row));
        }
        Ok(Some(redraw.drawn()))
    }

    /// Bodies, without the bytes of files.
    pub async fn plain_bodies(&self, keys: &[(String, Rev)]) -> Answer<(u64, Vec<BodyRow>)> {
        with_head(&self.text(self.shelf.bodies(&self.life, &json(&keys)).await)?)
    }

    /// Documents.
    pub async fn docs(&self, ids: &[String]) -> Answer<(u64, Vec<DocRow>)> {
        with_head(&self.text(self.shelf.docs(&self.life, &json(&ids)).await)?)
    }

    /// The lines of these letters that are here.
    pub async fn lines(&self, letters: &[Uuid]) -> Answer<Vec<LetterLine>> {
        Ok(self.lines_at(letters).await?.1)
    }

    /// The same, and the head at which they stood so.
    pub async fn lines_at(&self, letters: &[Uuid]) -> Answer<(u64, Vec<LetterLine>)> {
        let (head, lines, _) = self.look(letters, &[]).await?;
        Ok((head, lines))
    }

    /// A part of a list.
    #[expect(clippy::cast_precision_loss, reason = "no list is so long")]
    pub async fn list(&self, list: &str, skip: u64, limit: u64) -> Answer<LetterPage> {
        page(&self.text(self.shelf.list(&self.life, list, skip as f64, limit as f64).await)?)
    }

    /// How long these lists are, the labels in use, and drafts, orders on the desk, orders without a receipt.
    pub async fn counts(&self, lists: &[&str]) -> Answer<Lengths> {
        let text = self.text(self.shelf.counts(&self.life, &json(&lists)).await)?;
        serde_json::from_str(&text).map_err(|_| odd("counts"))
    }

    /// The ids on the desk that begin so.
    pub async fn desk(&self, prefix: &str) -> Answer<Vec<String>> {
        let text = self.text(self.shelf.desk(&self.life, prefix).await)?;
        serde_json::from_str(&text).map_err(|_| odd("a desk"))
    }

    /// What is kept under names that begin so.
    pub async fn locals(&self, prefix: &str) -> Answer<Vec<(String, Value)>> {
        Ok(with_head(&self.text(self.shelf.locals(&self.life, prefix).await)?)?.1)
    }

    /// How many documents were changed here after this number.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count"
    )]
    pub async fn mine(&self, since: u64) -> Answer<u64> {
        let count = self.good(self.shelf.mine(&self.life, since as f64).await)?;
        Ok(count.as_f64().unwrap_or_default() as u64)
    }

    /// The bytes of a file, if they are here and are still what they were.
    pub async fn file(&self, id: &str) -> Answer<Option<Vec<u8>>> {
        let found = self.good(self.shelf.file(&self.life, id).await)?;
        let bytes = (!found.is_undefined()).then(|| Uint8Array::new(&found).to_vec());
        Ok(bytes.filter(|bytes| is_of(id, bytes)))
    }

    /// Keeps the bytes of a file that came from the server.
    pub async fn keep_file(&self, id: &str, bytes: &[u8]) -> Answer<()> {
        let kept = self.shelf.keep_file(&self.life, id, Uint8Array::from(bytes)).await;
        self.good(kept).map(|_| ())
    }

    /// Letters that are not noted for the search yet, of so many blocks: the place, and each with its block.
    pub async fn unindexed(&self, blocks: u32) -> Answer<Option<(String, Vec<(Uuid, f64)>)>> {
        let found = self.good(self.shelf.unindexed(&self.life, blocks).await)?;
        let Some(text) = found.as_string() else { return Ok(None) };
        let mut rows: Vec<Value> = serde_json::from_str(&text).map_err(|_| odd("a place"))?;
        let letters = rows.split_off(1);
        let letters = letters
            .into_iter()
            .map(serde_json::from_value)
            .collect::<Result<_, _>>();
        Ok(Some((json(&rows.first()), letters.map_err(|_| odd("letters"))?)))
    }

    /// Notes them; not, when something moved meanwhile.
    pub async fn index(&self, place: &str, letters: &str) -> Answer<bool> {
        let noted = self.good(self.shelf.index(&self.life, place, letters).await)?;
        Ok(noted.is_truthy())
    }

    /// The newest letters with these words, each whole or only begun.
    #[expect(clippy::cast_precision_loss, reason = "no list is so long")]
    pub async fn search(&self, words: &[(String, bool)], skip: u64, limit: u64) -> Answer<LetterPage> {
        let found = self
            .shelf
            .search(&self.life, &json(&words), skip as f64, limit as f64)
            .await;
        page(&self.text(found)?)
    }

    /// Throws the database away.
    pub async fn wipe(&self) -> Answer<()> {
        self.wiped.set(true);
        self.good(self.shelf.wipe().await).map(|_| ())
    }
}

/// What [`Copy::counts`] answers.
pub type Lengths = (Vec<u64>, Vec<(String, u64)>, u64, u64, u64);

impl Store for Copy {
    #[expect(clippy::cast_precision_loss, reason = "a number beyond all others stays one")]
    async fn read(&self, read: &Read) -> Result<Found, StoreError> {
        let (head, rows) = match read {
            Read::Docs(ids) => {
                let (head, rows) = self.docs(ids).await?;
                (head, Rows::Docs(rows))
            }
            Read::Changes { since, limit } => {
                let limit = u32::try_from(*limit).unwrap_or(u32::MAX);
                let found = self.shelf.changes(&self.life, *since as f64, limit).await;
                let (head, rows) = with_head(&self.text(found)?)?;
                (head, Rows::Docs(rows))
            }
            Read::Bodies(keys) => {
                let (head, rows) = self.plain_bodies(keys).await?;
                (head, Rows::Bodies(self.whole(rows).await?))
            }
            Read::Locals(prefix) => {
                let (head, rows) = with_head(&self.text(self.shelf.locals(&self.life, prefix).await)?)?;
                (head, Rows::Locals(rows))
            }
        };
        Ok(Found { head, rows })
    }

    async fn commit(&self, batch: &Batch) -> Result<Commit, StoreError> {
        let Some(drawn) = self.redraw(batch).await? else {
            return Ok(Commit::Stale);
        };
        let (text, files) = encode(batch, &drawn);
        let files: Array = files
            .into_iter()
            .map(|(id, bytes)| Array::of2(&id.into(), &Uint8Array::from(bytes.as_slice())))
            .collect();
        let done = self.shelf.commit(&self.life, &text, batch.strict, files).await;
        Ok(if self.good(done)?.is_truthy() {
            Commit::Done
        } else {
            Commit::Stale
        })
    }
}

impl Copy {
    /// With the bytes of files. A file that broke on this device's disk is left out, so that it is never handed on.
    async fn whole(&self, rows: Vec<BodyRow>) -> Answer<Vec<BodyRow>> {
        let mut whole = Vec::with_capacity(rows.len());
        for mut row in rows {
            if has_bytes_apart(&row) {
                let Some(bytes) = self.file(&row.id).await? else {
                    continue;
                };
                together(&mut row, &bytes);
            }
            whole.push(row);
        }
        Ok(whole)
    }
}

/// The id of a file with these bytes.
pub fn file_id(bytes: &[u8]) -> Option<DocId> {
    let hex = Sha256::digest(bytes).iter().fold(String::new(), |mut hex, byte| {
        _ = write!(hex, "{byte:02x}");
        hex
    });
    DocId::of_attachment(&hex)
}

/// Whether these are the bytes of the file with this id.
pub fn is_of(id: &str, bytes: &[u8]) -> bool {
    file_id(bytes).is_some_and(|known| known.as_str() == id)
}

fn odd(what: &str) -> StoreError {
    StoreError::Broken(format!("this device's database gave {what} that nobody understands"))
}

fn number(text: Option<&str>) -> Answer<u64> {
    text.and_then(|text| text.parse().ok()).ok_or_else(|| odd("a number"))
}

fn parsed<'a, T: DeserializeOwned>(rows: impl Iterator<Item = &'a str>) -> Answer<Vec<T>> {
    rows.map(serde_json::from_str)
        .collect::<Result<_, _>>()
        .map_err(|_| odd("a row"))
}

fn with_head<T: DeserializeOwned>(text: &str) -> Answer<(u64, Vec<T>)> {
    let mut rows = text.split('\n');
    Ok((number(rows.next())?, parsed(rows)?))
}

fn page(text: &str) -> Answer<LetterPage> {
    let (total, lines) = with_head(text)?;
    Ok(LetterPage { lines, total })
}
