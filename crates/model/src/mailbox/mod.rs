//! The mailbox's documents: what they are called, what stands in them, and who may write them.
//!
//! A mailbox is a small database of JSON documents of which every device of its owner holds a copy. What a document is
//! for is told by the prefix of its id:
//!
//! | id | what | written by | may change |
//! |---|---|---|---|
//! | `o:{uuid}` | [`Order`]: a letter to be sent | the owner | never; deleting it takes it off the list |
//! | `r:{uuid}` | [`Receipt`]: what became of the order of the same uuid | the server | never |
//! | `l:{uuid}` | [`Letter`] | the server | never |
//! | `s:{uuid}` | [`State`] of the letter of the same uuid: folder, read, starred, labels | both | field by field |
//! | `d:{uuid}` | [`Draft`] | the owner | yes |
//! | `b:{sha256}` | [`Attachment`]: a file, named by its content | the owner | never |
//! | `p:{name}` | [`Settings`]: what the owner prefers, for all devices | the owner | field by field |
//!
//! A letter or a receipt that the server lost, because it was restored from a backup, may come back from a device that has it:
//! it carries the server's seal.
//!
//! [`check_write`] decides what an owner's write may be; the reasons that it gives are sent as the protocol's `forbidden`.

mod check_write;
mod documents;
mod ids;
mod stamp;
mod view;

pub use check_write::{ATTACHMENT_NAME, Before, Blob, Proposal, check_write};
pub use documents::{
    Attachment, Document, Draft, Field, Folder, Letter, Order, Receipt, ReceiptState, Refusal, Settings, State,
};
pub use ids::{DocId, Kind};
pub use stamp::{Stamp, StampError};
pub use view::{Counts, FileLine, LetterLine, LetterPage, LetterView, SNIPPET_MAX, Shelf};
