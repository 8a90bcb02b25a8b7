//! The loop: claim, send, settle.

use crate::mailer::Transport;
use domain::{
    Env, Result,
    mail::{Claim, Claimed, Outcome, Settled, claim, settle},
};
use model::{MailId, Timestamp};
use std::time::Duration;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// How long the worker rests when nothing is due.
const POLL: Duration = Duration::from_millis(500);
/// How long it rests when the database can't be asked.
const TROUBLE: Duration = Duration::from_secs(5);
/// How often it tries to write down what became of a mail. What is not written down is sent again when its claim lapses.
const SETTLE_TRIES: u32 = 6;

/// What one turn of the loop did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A server has accepted this mail.
    Sent(MailId),
    /// This mail will never be accepted.
    Failed(MailId),
    /// This mail is tried again later; the next may go.
    Deferred(MailId),
    /// No server could be spoken to; this mail waits, and so do all others.
    Unreachable(MailId),
    /// The pace, or a pause, says: not before then.
    Waiting(Timestamp),
    /// Nothing is due.
    Empty,
}

/// Sends mails until `stop`, and finishes the one in hand then.
pub async fn run(env: Env, mut transport: Transport, stop: CancellationToken) {
    if matches!(transport, Transport::Held) {
        tracing::warn!("ROOST_SMTP_URL is not set: mails are kept in the queue, and people wait for their codes");
        return stop.cancelled().await;
    }
    while !stop.is_cancelled() {
        let rest = match step(&env, &mut transport).await {
            Ok(Step::Sent(_) | Step::Failed(_) | Step::Deferred(_) | Step::Unreachable(_)) => continue,
            Ok(Step::Waiting(until)) => until_then(&env, until),
            Ok(Step::Empty) => POLL,
            Err(error) => {
                tracing::error!(%error, "the queue of mails can't be worked on");
                TROUBLE
            }
        };
        stop.run_until_cancelled(sleep(rest)).await;
    }
    transport.rest().await;
}

/// One turn of the loop.
///
/// # Errors
/// When the database can't be asked.
pub async fn step(env: &Env, transport: &mut Transport) -> Result<Step> {
    let mail = match claim(env).await? {
        Claim::Mail(mail) => mail,
        Claim::NotBefore(then) => return Ok(Step::Waiting(then)),
        Claim::Empty => {
            transport.rest().await;
            return Ok(Step::Empty);
        }
    };
    let outcome = transport.deliver(&mail).await;
    let step = match &outcome {
        Outcome::Sent => Step::Sent(mail.id),
        Outcome::Refused(_) => Step::Failed(mail.id),
        Outcome::Deferred(_) => Step::Deferred(mail.id),
        Outcome::Unreachable(_) => Step::Unreachable(mail.id),
    };
    log(&mail, &outcome);
    write_down(env, &mail, outcome).await?;
    Ok(step)
}

async fn write_down(env: &Env, mail: &Claimed, outcome: Outcome) -> Result<()> {
    let mut tries = 0;
    loop {
        match settle(env, mail, outcome.clone()).await {
            Ok(Settled::Done) => return Ok(()),
            Ok(Settled::Lost) => {
                tracing::warn!(mail.id = %mail.id, ?outcome, "the claim had lapsed: another worker has, or had, this mail");
                return Ok(());
            }
            Err(error) if tries == SETTLE_TRIES => return Err(error),
            Err(_) => sleep(Duration::from_millis(50 << tries)).await,
        }
        tries += 1;
    }
}

/// Never the address: a log is read by more people than a mailbox.
fn log(mail: &Claimed, outcome: &Outcome) {
    let (id, kind, attempt) = (mail.id, mail.mail.name(), mail.attempts);
    match outcome {
        Outcome::Sent => tracing::info!(mail.id = %id, kind, attempt, "sent a mail"),
        Outcome::Refused(why) => tracing::warn!(mail.id = %id, kind, attempt, %why, "a mail was refused for good"),
        Outcome::Deferred(why) => tracing::info!(mail.id = %id, kind, attempt, %why, "a mail was put off"),
        Outcome::Unreachable(why) => tracing::warn!(mail.id = %id, kind, %why, "the mail server can't be reached"),
    }
}

/// The machine's sleep and the world's clock may disagree; asking again now and then costs nothing.
fn until_then(env: &Env, then: Timestamp) -> Duration {
    let millis = then.millis().saturating_sub(env.now().millis());
    Duration::from_millis(millis.clamp(1, 10_000).unsigned_abs())
}
