//! What is shown of a copy, made of its documents.
//!
//! A device keeps a line for each letter beside the documents, in the same transaction, so that a list is read as it is shown. Here
//! stands, without any database, what such a line says, in which lists it is, and what a [`Batch`](super::replica::Batch) changes
//! about it.
//!
//! | file | holds |
//! |---|---|
//! | `line` | a letter and its state as a line |
//! | `places` | the lists that a line is in, and where in them |
//! | `redraw` | which lines a batch changes |
//! | `search` | what a letter is found by |
//! | `mark` | changes of how a letter stands, and what undoes them |

mod line;
mod mark;
mod places;
mod redraw;
mod search;

pub use line::{line, restate, snippet};
pub use mark::{Marking, mark};
pub use places::{Place, UNREAD, places, shelf_key, thread_key};
pub use redraw::{Desk, Drawn, Redraw};
pub use search::{answers, searched};
