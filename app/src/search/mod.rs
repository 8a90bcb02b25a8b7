//! Finding what was said.
//!
//! | file | holds |
//! |---|---|
//! | [`page`] | `/search`: the field, and what was found |
//! | [`excerpt`] | the part of a message that is shown, with what matched marked |
//! | [`doors`] | the server function |

mod doors;
mod excerpt;
mod page;

pub use page::SearchPage;
