//! Lists, a page at a time.

use crate::Result;
use model::{Listing, Rejection, limits};

/// How many rows to ask for: one more than wanted tells whether there is more.
///
/// # Errors
/// Invalid, when `limit` is out of bounds.
pub(crate) fn rows_for(limit: usize) -> Result<i64> {
    if !(1..=limits::PAGE_MAX).contains(&limit) {
        return Err(Rejection::field("limit", format!("The limit is between 1 and {}.", limits::PAGE_MAX)).into());
    }
    Ok(i64::try_from(limit).unwrap_or(1) + 1)
}

/// The page of these rows, which [`rows_for`] asked for; `cursor` names the last item on it.
pub(crate) fn listing<R, T: From<R>>(rows: Vec<R>, limit: usize, cursor: impl Fn(&T) -> String) -> Listing<T> {
    let more = rows.len() > limit;
    let items: Vec<T> = rows.into_iter().take(limit).map(T::from).collect();
    let next = items.last().filter(|_| more).map(cursor);
    Listing { items, next }
}
