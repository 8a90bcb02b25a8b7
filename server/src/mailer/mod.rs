//! The worker that sends e-mails: it takes them from the queue ([`domain::mail`]) one by one, at the pace that the
//! queue tells, makes letters of them, hands them to a mail server, and writes down what became of them.
//!
//! | file | holds |
//! |---|---|
//! | [`render`](mod@render) | a mail as text: subject, plain text, HTML (`templates/`) |
//! | `letter` | the text as a message (RFC 5322) |
//! | [`transport`] | where letters go |
//! | `smtp` | a conversation with a mail server (RFC 5321), and what its answers mean for the mail |
//! | [`worker`] | the loop |

mod letter;
pub mod render;
mod smtp;
pub mod transport;
pub mod worker;

pub use render::{Rendered, render};
pub use transport::Transport;
pub use worker::{Step, run, step};
