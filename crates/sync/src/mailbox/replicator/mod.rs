//! Bringing a copy together with the server, as a machine that does nothing by itself.
//!
//! There are two lanes that run beside each other: [`Lane::Pull`] takes what is new on the server, and waits there for more;
//! [`Lane::Push`] hands over what is new here, and sleeps until something is. Whoever drives them asks [`Replicator::next`] what to
//! do, does it, and tells [`Replicator::done`] what came of it:
//!
//! ```text
//! pull   Info ─ notes ─▶ changes since N ─▶ which do I lack? ─▶ bodies ─▶ commit rows + note ─▶ … ─▶ longpoll
//! push   Info ─ notes ─▶ my changes since M ─▶ which does it lack? ─▶ hand over ─▶ note there, note here ─▶ … ─▶ sleep
//! ```
//!
//! | what may break | why nothing breaks |
//! |---|---|
//! | a crash anywhere | rows and the note of how far are one batch; the note is never ahead of the rows |
//! | an answer is lost | the same revision twice is once, on both sides |
//! | a tab writes meanwhile | a batch that was read before is stale, and decided again |
//! | the server is restored from a backup | its note went back with it, and the lesser note counts |
//! | one document is refused | it is taken out here, its words kept apart, and the rest goes on |
//! | anything else fails | the lane waits, longer each time, and begins a new session |

mod pull;
mod push;
mod question;
mod reply;
mod request;
mod session;

pub use push::tried_key;
pub use question::{Deadline, Failure, Question, Refused, Reply};
pub use reply::read_reply;
pub use request::{Method, Request};
pub use session::{Answer, Config, Lane, Replicator, Step, Stopped};
