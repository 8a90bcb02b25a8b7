//! What every store must do. The tests of a store call [`check`] with a way to make an empty one; it needs no runtime, so it runs
//! natively and in a browser alike.

use super::{Batch, BodyRow, Commit, DocRow, Read, Rows, Store};
use crate::mailbox::{Rev, RevTree, Revisions};
use serde_json::{Map, Value};
use std::future::Future;

/// Why a store does not pass: which promise, and what was found.
pub type Broken = String;

/// Goes through all promises, each with an empty store.
///
/// # Errors
/// The first promise that is broken.
pub async fn check<S: Store, F: Future<Output = S>>(empty: impl Fn() -> F) -> Result<(), Broken> {
    an_empty_store_has_nothing(&empty().await).await?;
    what_was_committed_is_read_as_it_was(&empty().await).await?;
    changes_come_by_number_and_in_pages(&empty().await).await?;
    a_document_stands_in_the_changes_once(&empty().await).await?;
    a_stale_batch_writes_nothing(&empty().await).await?;
    what_is_removed_or_forgotten_is_gone(&empty().await).await?;
    locals_are_found_by_the_beginning_of_their_names(&empty().await).await?;
    ids_and_hashes_may_be_any_text(&empty().await).await
}

fn same<T: PartialEq + std::fmt::Debug>(promise: &str, found: &T, expected: &T) -> Result<(), Broken> {
    if found == expected {
        return Ok(());
    }
    Err(format!("{promise}: found {found:?}, expected {expected:?}"))
}

fn rev(hash: &str) -> Result<Rev, Broken> {
    Rev::new(1, hash).ok_or_else(|| format!("{hash:?} is no hash"))
}

fn doc(id: &str, seq: u64, hash: &str) -> Result<DocRow, Broken> {
    let mut tree = RevTree::new();
    tree.insert(&Revisions::only(&rev(hash)?), false);
    Ok(DocRow {
        id: id.to_owned(),
        seq,
        tree,
        known: Some("e".to_owned()),
    })
}

fn body(id: &str, hash: &str) -> Result<BodyRow, Broken> {
    Ok(BodyRow {
        id: id.to_owned(),
        rev: rev(hash)?,
        body: Map::from_iter([
            ("text".to_owned(), Value::from("Ä 🚲 \0 \"")),
            ("n".to_owned(), Value::from(1.5)),
        ]),
        attachments: Map::new(),
    })
}

async fn read<S: Store>(store: &S, read: Read) -> Result<(u64, Rows), Broken> {
    let found = store.read(&read).await.map_err(|error| error.to_string())?;
    Ok((found.head, found.rows))
}

async fn commit<S: Store>(store: &S, batch: &Batch) -> Result<Commit, Broken> {
    store.commit(batch).await.map_err(|error| error.to_string())
}

/// Three documents with their bodies, numbered 1 to 3.
async fn three<S: Store>(store: &S) -> Result<(), Broken> {
    let mut batch = Batch {
        expected: Some(0),
        head: Some(3),
        strict: true,
        ..Batch::default()
    };
    for (seq, id) in (1..).zip(["d:c", "d:a", "d:b"]) {
        batch.docs.push(doc(id, seq, "x")?);
        batch.bodies.push(body(id, "x")?);
    }
    same("a batch is written", &commit(store, &batch).await?, &Commit::Done)
}

async fn an_empty_store_has_nothing<S: Store>(store: &S) -> Result<(), Broken> {
    let changes = Read::Changes { since: 0, limit: 10 };
    same("nothing", &read(store, changes).await?, &(0, Rows::Docs(Vec::new())))?;
    same(
        "nothing",
        &read(store, Read::Docs(vec!["d:a".to_owned()])).await?,
        &(0, Rows::Docs(Vec::new())),
    )?;
    let bodies = Read::Bodies(vec![("d:a".to_owned(), rev("x")?)]);
    same("nothing", &read(store, bodies).await?, &(0, Rows::Bodies(Vec::new())))?;
    same(
        "nothing",
        &read(store, Read::Locals(String::new())).await?,
        &(0, Rows::Locals(Vec::new())),
    )
}

async fn what_was_committed_is_read_as_it_was<S: Store>(store: &S) -> Result<(), Broken> {
    three(store).await?;
    let wanted = ["d:b", "d:none", "d:c"].map(str::to_owned).to_vec();
    let expected = Rows::Docs(vec![doc("d:b", 3, "x")?, doc("d:c", 1, "x")?]);
    same(
        "documents in the order asked for",
        &read(store, Read::Docs(wanted)).await?,
        &(3, expected),
    )?;
    let wanted = Read::Bodies(vec![("d:a".to_owned(), rev("x")?), ("d:a".to_owned(), rev("y")?)]);
    same(
        "bodies",
        &read(store, wanted).await?,
        &(3, Rows::Bodies(vec![body("d:a", "x")?])),
    )
}

async fn changes_come_by_number_and_in_pages<S: Store>(store: &S) -> Result<(), Broken> {
    three(store).await?;
    for (since, limit, expected) in [
        (0, 2, vec![doc("d:c", 1, "x")?, doc("d:a", 2, "x")?]),
        (2, 2, vec![doc("d:b", 3, "x")?]),
        (3, 2, Vec::new()),
        (0, 0, Vec::new()),
        (u64::MAX, 2, Vec::new()),
    ] {
        let found = read(store, Read::Changes { since, limit }).await?;
        same("a page of changes", &found, &(3, Rows::Docs(expected)))?;
    }
    Ok(())
}

async fn a_document_stands_in_the_changes_once<S: Store>(store: &S) -> Result<(), Broken> {
    three(store).await?;
    let again = Batch {
        expected: Some(3),
        head: Some(4),
        docs: vec![doc("d:c", 4, "y")?],
        ..Batch::default()
    };
    same("a batch is written", &commit(store, &again).await?, &Commit::Done)?;
    let expected = Rows::Docs(vec![doc("d:a", 2, "x")?, doc("d:b", 3, "x")?, doc("d:c", 4, "y")?]);
    let found = read(store, Read::Changes { since: 0, limit: 10 }).await?;
    same("a changed document moves to its new number", &found, &(4, expected))
}

async fn a_stale_batch_writes_nothing<S: Store>(store: &S) -> Result<(), Broken> {
    three(store).await?;
    let stale = Batch {
        expected: Some(2),
        head: Some(9),
        docs: vec![doc("d:new", 9, "x")?],
        bodies: vec![body("d:new", "x")?],
        remove: vec!["d:a".to_owned()],
        locals: vec![("note".to_owned(), Some(Value::from(1)))],
        ..Batch::default()
    };
    same("a stale batch is told", &commit(store, &stale).await?, &Commit::Stale)?;
    let wanted = ["d:new", "d:a"].map(str::to_owned).to_vec();
    let expected = (3, Rows::Docs(vec![doc("d:a", 2, "x")?]));
    same(
        "and leaves all as it was",
        &read(store, Read::Docs(wanted)).await?,
        &expected,
    )?;
    same(
        "and no locals",
        &read(store, Read::Locals(String::new())).await?.1,
        &Rows::Locals(Vec::new()),
    )?;
    let unasked = Batch {
        locals: vec![("note".to_owned(), Some(Value::from(1)))],
        ..Batch::default()
    };
    same(
        "a batch that expects nothing is never stale",
        &commit(store, &unasked).await?,
        &Commit::Done,
    )?;
    same("and leaves the head", &read(store, Read::Docs(Vec::new())).await?.0, &3)
}

async fn what_is_removed_or_forgotten_is_gone<S: Store>(store: &S) -> Result<(), Broken> {
    three(store).await?;
    let batch = Batch {
        expected: Some(3),
        remove: vec!["d:a".to_owned(), "d:none".to_owned()],
        forget: vec![("d:a".to_owned(), rev("x")?), ("d:none".to_owned(), rev("x")?)],
        ..Batch::default()
    };
    same("a batch is written", &commit(store, &batch).await?, &Commit::Done)?;
    let left = Rows::Docs(vec![doc("d:c", 1, "x")?, doc("d:b", 3, "x")?]);
    same(
        "removed",
        &read(store, Read::Changes { since: 0, limit: 10 }).await?,
        &(3, left),
    )?;
    let bodies = ["d:a", "d:b"].map(|id| rev("x").map(|rev| (id.to_owned(), rev)));
    let bodies = Read::Bodies(bodies.into_iter().collect::<Result<_, _>>()?);
    same(
        "forgotten",
        &read(store, bodies).await?.1,
        &Rows::Bodies(vec![body("d:b", "x")?]),
    )
}

async fn locals_are_found_by_the_beginning_of_their_names<S: Store>(store: &S) -> Result<(), Broken> {
    let local = |name: &str| (name.to_owned(), Some(Value::from(name)));
    let batch = Batch {
        locals: vec![local("b/2"), local("a/1"), local("b/1"), local("b"), local("c")],
        ..Batch::default()
    };
    same("a batch is written", &commit(store, &batch).await?, &Commit::Done)?;
    let rows = |names: &[&str]| {
        Rows::Locals(
            names
                .iter()
                .map(|name| ((*name).to_owned(), Value::from(*name)))
                .collect(),
        )
    };
    same(
        "by beginning",
        &read(store, Read::Locals("b/".to_owned())).await?.1,
        &rows(&["b/1", "b/2"]),
    )?;
    let batch = Batch {
        locals: vec![("b/1".to_owned(), None)],
        ..Batch::default()
    };
    same("a batch is written", &commit(store, &batch).await?, &Commit::Done)?;
    same(
        "removed",
        &read(store, Read::Locals("b".to_owned())).await?.1,
        &rows(&["b", "b/2"]),
    )
}

async fn ids_and_hashes_may_be_any_text<S: Store>(store: &S) -> Result<(), Broken> {
    let odd = ["a/b", "a%2Fb", "a b+c", "🚲", "a\u{ffff}b", &"x".repeat(1_024)].map(str::to_owned);
    let mut batch = Batch {
        expected: Some(0),
        head: Some(odd.len() as u64),
        ..Batch::default()
    };
    for (seq, id) in (1..).zip(&odd) {
        batch.docs.push(doc(id, seq, "Ä;:,<!~%")?);
        batch.bodies.push(body(id, "Ä;:,<!~%")?);
    }
    same("a batch is written", &commit(store, &batch).await?, &Commit::Done)?;
    let expected = Rows::Docs(batch.docs.clone());
    same("any text", &read(store, Read::Docs(odd.to_vec())).await?.1, &expected)
}

#[cfg(test)]
mod tests {
    use super::super::MemoryStore;
    use super::*;
    use std::{
        pin::pin,
        task::{Context, Poll, Waker},
    };

    #[test]
    fn the_store_in_memory_keeps_all_promises() {
        let checked = check(|| async { MemoryStore::new() });
        let Poll::Ready(result) = pin!(checked).poll(&mut Context::from_waker(Waker::noop())) else {
            panic!("it waits")
        };
        assert_eq!(result, Ok(()));
    }
}
