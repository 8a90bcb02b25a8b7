//! Mailboxes: documents that devices replicate by CouchDB's protocol, and letters between them. docs/sync.md tells it from
//! outside; how copies agree is decided in `crates/sync`, and what may be written in `crates/model`.
//!
//! A mailbox is a list of numbered changes. Each write raises its head in the transaction that writes everything else, and
//! each writer names the head that it read: so whatever was decided by what was read is still right when it is written, also
//! with several processes on one database, and nobody sees a number before what it stands for.
//!
//! | file | holds |
//! |---|---|
//! | `open_mailbox` | whose it is, and the laboratory |
//! | `write_documents`, `attached`, `rules` | writes: what comes in, and whether it may |
//! | `pending`, `commit` | what one transaction does to several mailboxes |
//! | `deliver`, `post` | letters |
//! | `get_document`, `bulk_get`, `all_docs`, `list_changes`, `attachments`, `render` | reads |
//! | `list_letters`, `count_letters`, `read_thread`, `search_letters`, `letter_lines` | what the screens show |
//! | `catalogue`, `catalogue_rows`, `shelve`, `fill_catalogue` | the lists of letters, and how they follow the documents |
//! | `revs_diff`, `local_documents` | what replicators need besides |
//! | `compact`, `change_epochs`, `forget_person` | upkeep |
//! | `bell`, `turns`, `wake` | who waits for whom |
//! | `head`, `store`, `keys`, `site` | rows |
//! | `fault` | why not, in the protocol's words |

mod all_docs;
mod attached;
mod attachments;
mod bell;
mod bulk_get;
pub(crate) mod catalogue;
pub(crate) mod catalogue_rows;
mod change_epochs;
mod commit;
mod compact;
mod count_letters;
mod deliver;
mod fault;
pub(crate) mod fill_catalogue;
mod forget_person;
mod get_document;
mod head;
mod info;
pub(crate) mod keys;
mod letter_lines;
mod list_changes;
mod list_letters;
mod local_documents;
mod open_mailbox;
mod pending;
#[cfg(test)]
mod plans_tests;
mod post;
mod read_thread;
#[cfg(test)]
mod reading_tests;
mod render;
mod revs_diff;
mod rules;
mod search_letters;
mod selector;
mod shelve;
mod site;
pub(crate) mod store;
#[cfg(test)]
pub(crate) mod testing;
mod wake;
mod write_documents;

pub use all_docs::{AllDocs, AllDocsQuery, ListedDoc, all_docs, with_docs};
pub use attachments::{AttachmentFile, delete_attachment, get_attachment, put_attachment};
pub(crate) use bell::Bell;
pub use bell::Listening;
pub use bulk_get::{Got, Wanted, bulk_get};
pub use change_epochs::change_epochs;
pub use compact::compact;
pub use count_letters::count_letters;
pub use fault::{Failure, Fault, Outcome};
pub(crate) use forget_person::forget_person;
pub use get_document::{Leaf, Which, get_document, get_leaves};
pub use info::{Info, info, newest};
pub use list_changes::{ChangeRow, ChangesPage, ChangesQuery, Filter, Since, list_changes};
pub use list_letters::list_letters;
pub use local_documents::{LocalDocument, delete_local, get_local, put_local};
pub(crate) use open_mailbox::erase_mailbox;
pub use open_mailbox::{Mailbox, Rules, create_database, delete_database, open_database, open_mailbox};
pub use read_thread::read_thread;
pub use render::Reading;
pub use revs_diff::revs_diff;
pub use search_letters::search_letters;
pub use selector::Selector;
pub use site::Site;
pub(crate) use wake::HeadRow;
pub use wake::{Arrived, grown_since, listen, ring};
pub use write_documents::{Writing, Written, write_document, write_documents};
