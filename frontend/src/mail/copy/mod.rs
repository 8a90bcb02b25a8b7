//! The copy, and all that is done with it, without a screen.
//!
//! | file | holds |
//! |---|---|
//! | `glue` | what `public/mail-shelf.js` (the database) and `public/mail-net.js` (the network, the other windows) do |
//! | `batch`, `store` | the copy: a [`Store`](sync::mailbox::replica::Store) that keeps what is shown beside the documents |
//! | `hub` | all that this window knows: the copy, the clock, how it stands |
//! | `driver`, `bell` | replication |
//! | `desk`, `read` | what the owner does, and what the screens read |
//! | `browser` | the browser's time and chance, and bytes of files from the server |

mod batch;
mod bell;
mod browser;
pub mod desk;
mod driver;
mod glue;
pub mod hub;
pub mod read;
pub mod store;

pub use driver::drive;
pub use glue::{Net, Shelf};
