//! Write down what became of a mail.

use crate::{Env, Result, db::vars, mail::Claimed};
use chrono::{DateTime, TimeDelta, Utc};

/// Minutes until a mail is tried again that the other side put off, by the number of tries; RFC 5321 §4.5.4.1 wants
/// at least 30 after the first few.
const BACKOFF_MIN: [i64; 4] = [1, 5, 15, 60];
/// After those: so many minutes, and up to as many more, so that mails put off together do not come back together.
const BACKOFF_LATER_MIN: i64 = 120;
/// When to give up (RFC 5321 §4.5.4.1: 4 to 5 days).
const GIVE_UP: TimeDelta = TimeDelta::days(4);
/// Milliseconds of pause for the whole queue, by the number of times in a row that the server was not reached.
const PAUSES_MS: [i64; 7] = [5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000];

/// Only the holder of the claim may write; whoever lost it, because it lapsed, changes nothing.
const SETTLE: &str = "
    LET $mine = (UPDATE type::record('mail', $id) SET
            state = $state,
            due_at = $due_at ?? due_at,
            data = IF $wipe { '' } ELSE { data },
            attempts -= $uncounted,
            last_error = $error,
            sent_at = $sent_at,
            lease = NONE,
            lease_until = NONE
        WHERE state = 'sending' AND lease = $lease) != [];
    LET $failures = (SELECT VALUE failures FROM ONLY mail_pace:global) ?? 0;
    IF $mine AND $reached AND $failures > 0 { UPDATE mail_pace:global SET failures = 0 };
    IF $mine AND !$reached {
        LET $pause = duration::from_millis($pauses[math::min([$failures, array::len($pauses) - 1])]);
        UPSERT mail_pace:global SET failures = $failures + 1, next_at = time::max([next_at ?? $now, $now + $pause]);
    };
    RETURN $mine;";

/// What became of a try to deliver a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The server has accepted it.
    Sent,
    /// The server will never take it (5xx): it has failed, and is kept for a person to look at.
    Refused(String),
    /// The server does not take this one now (4xx): it is tried again later, others go on.
    Deferred(String),
    /// The server could not be spoken to: the try does not count, the mail keeps its place, and the whole queue pauses,
    /// longer each time.
    Unreachable(String),
}

/// Whether the outcome was written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It was.
    Done,
    /// The claim had lapsed, and somebody else has, or had, the mail in hand.
    Lost,
}

/// Writes down what became of a mail in hand.
///
/// # Errors
/// When the database can't be written; the claim lapses by itself then.
pub async fn settle(env: &Env, claimed: &Claimed, outcome: Outcome) -> Result<Settled> {
    let now = env.now().datetime();
    let reached = !matches!(outcome, Outcome::Unreachable(_));
    let sent = outcome == Outcome::Sent;
    let (state, due_at) = match outcome {
        Outcome::Sent => ("sent", None),
        Outcome::Refused(_) => ("failed", None),
        Outcome::Deferred(_) if now - claimed.created_at.datetime() >= GIVE_UP => ("failed", None),
        Outcome::Deferred(_) => ("queued", Some(now + backoff(env, claimed.attempts))),
        Outcome::Unreachable(_) => ("queued", None),
    };
    let error = match outcome {
        Outcome::Sent => None,
        Outcome::Refused(why) | Outcome::Deferred(why) | Outcome::Unreachable(why) => Some(why),
    };
    let binds = vars! {
        id: claimed.id.uuid(),
        lease: claimed.lease,
        now: now,
        state: state.to_owned(),
        due_at: due_at,
        wipe: sent && !env.site.keep_sent_mail,
        uncounted: i64::from(!reached),
        error: error,
        sent_at: sent.then_some(now) as Option<DateTime<Utc>>,
        reached: reached,
        pauses: PAUSES_MS.to_vec(),
    };
    let mine: bool = env.db.transact(SETTLE, binds).await?;
    Ok(if mine { Settled::Done } else { Settled::Lost })
}

/// How long a mail rests after so many tries.
fn backoff(env: &Env, attempts: i64) -> TimeDelta {
    let tries = usize::try_from(attempts - 1).unwrap_or_default();
    let minutes = BACKOFF_MIN.get(tries).copied().unwrap_or_else(|| {
        let chance = i64::from(u16::from_be_bytes(env.random_bytes()));
        BACKOFF_LATER_MIN + chance * BACKOFF_LATER_MIN / i64::from(u16::MAX)
    });
    TimeDelta::minutes(minutes)
}
