//! Where a copy lives.

use super::{Batch, Commit, Found, Read};
use std::future::Future;

/// Why a store could not do it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The device has no room left. Trying again is of no use until its owner has made some.
    #[error("there is no room left on this device")]
    Full,
    /// The connection to the database went, as browsers do in the background. Open it again and try once more.
    #[error("the connection to this device's database was lost")]
    Lost,
    /// The copy was made by a newer Roost, which this one must not touch.
    #[error("this device's copy was written by a newer version")]
    Newer,
    /// Anything else, in the database's words.
    #[error("{0}")]
    Broken(String),
}

/// A place for rows. Everything that decides is outside of it.
///
/// Both calls are one transaction each, and never wait for anything but the database. After a failure nothing of a batch is there.
pub trait Store {
    /// Reads.
    fn read(&self, read: &Read) -> impl Future<Output = Result<Found, StoreError>>;

    /// Writes all of a batch, or nothing.
    fn commit(&self, batch: &Batch) -> impl Future<Output = Result<Commit, StoreError>>;
}

/// Carries out an edit of the owner: reads, decides and commits until it stands.
///
/// # Errors
/// Those of the store. Nothing is written then.
pub async fn apply<S: Store>(store: &S, mut writing: super::Writing) -> Result<super::Writing, StoreError> {
    loop {
        if let Some(read) = writing.wants() {
            writing.found(store.read(&read).await?);
        } else if let Some(batch) = writing.batch() {
            let commit = store.commit(&batch).await?;
            writing.committed(commit);
        } else {
            return Ok(writing);
        }
    }
}
