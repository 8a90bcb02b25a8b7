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
            open = $state = 'queued',
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        env::Site,
        fixtures::{self, TestClock},
        mail::{
            Claim, MailState, claim, list_outbox,
            testing::{code_mail, queue, welcome_mail},
        },
    };
    use model::samples::{ADA, GRACE};
    use std::sync::Arc;

    async fn claimed(env: &Env) -> Box<Claimed> {
        match claim(env).await.expect("claims") {
            Claim::Mail(mail) => mail,
            other => panic!("no mail but {other:?}"),
        }
    }

    async fn settled(env: &Env, outcome: Outcome) -> Box<Claimed> {
        let mail = claimed(env).await;
        assert_eq!(settle(env, &mail, outcome).await.expect("settles"), Settled::Done);
        mail
    }

    /// Milliseconds until the next claim gets a mail, by trying.
    async fn rest_s(env: &Env, clock: &TestClock) -> i64 {
        let start = env.now().millis();
        loop {
            match claim(env).await.expect("claims") {
                Claim::Mail(mail) => {
                    settle(env, &mail, Outcome::Unreachable("only looking".into()))
                        .await
                        .expect("settles");
                    return (env.now().millis() - start) / 1000;
                }
                Claim::NotBefore(then) => clock.advance_ms(then.millis() - env.now().millis()),
                Claim::Empty => clock.advance_s(1),
            }
        }
    }

    #[tokio::test]
    async fn a_sent_mail_is_wiped_unless_this_is_a_development_server() {
        for keep_sent_mail in [true, false] {
            let (mut env, clock) = fixtures::env().await;
            env.site = Arc::new(Site {
                keep_sent_mail,
                ..fixtures::site()
            });
            queue(&env, ADA, &code_mail(ADA)).await;
            settled(&env, Outcome::Sent).await;
            let outbox = list_outbox(&env, 10).await.expect("lists");
            assert_eq!(
                outbox.iter().map(|e| e.state).collect::<Vec<_>>(),
                vec![MailState::Sent; keep_sent_mail.into()]
            );
            let left: Vec<String> = env
                .db
                .list("SELECT VALUE data FROM mail", vars! {})
                .await
                .expect("reads");
            assert_eq!(left[0].contains("K7QM2"), keep_sent_mail);
            clock.advance_s(3600);
            assert!(matches!(claim(&env).await, Ok(Claim::Empty)));
        }
    }

    #[tokio::test]
    async fn a_refused_mail_has_failed_for_good_and_says_why() {
        let (env, clock) = fixtures::env().await;
        queue(&env, ADA, &code_mail(ADA)).await;
        settled(&env, Outcome::Refused("550 no such user".into())).await;
        clock.advance_s(1_000_000);
        assert!(matches!(claim(&env).await, Ok(Claim::Empty)));
        let failed = list_outbox(&env, 1).await.expect("lists").remove(0);
        assert_eq!(
            (failed.state, failed.last_error.as_deref()),
            (MailState::Failed, Some("550 no such user"))
        );
    }

    #[tokio::test]
    async fn a_mail_put_off_rests_longer_each_time_and_is_given_up_after_four_days() {
        let (env, clock) = fixtures::env().await;
        queue(&env, ADA, &code_mail(ADA)).await;
        let later = || Outcome::Deferred("451 greylisted".into());
        for minutes in [1, 5, 15, 60] {
            settled(&env, later()).await;
            clock.advance_ms(minutes * 60_000 - 1);
            assert!(
                matches!(claim(&env).await, Ok(Claim::Empty)),
                "it rests {minutes} minutes"
            );
            clock.advance_ms(1);
        }
        let mut tries = 4;
        while env.now().millis()
            < list_outbox(&env, 1).await.expect("lists")[0]
                .created_at
                .plus(GIVE_UP)
                .millis()
        {
            settled(&env, later()).await;
            tries += 1;
            clock.advance_ms(120 * 60_000 - 1);
            assert!(
                matches!(claim(&env).await, Ok(Claim::Empty)),
                "it rests at least two hours"
            );
            clock.advance_ms(120 * 60_000 + 1);
        }
        assert_eq!(tries, 4 + 24, "every four hours at the latest");
        settled(&env, later()).await;
        let given_up = list_outbox(&env, 1).await.expect("lists").remove(0);
        assert_eq!((given_up.state, given_up.attempts), (MailState::Failed, tries + 1));
    }

    #[tokio::test]
    async fn others_pass_a_mail_that_was_put_off() {
        let (env, clock) = fixtures::env().await;
        queue(&env, ADA, &code_mail(ADA)).await;
        settled(&env, Outcome::Deferred("451 not now".into())).await;
        queue(&env, GRACE, &welcome_mail(GRACE)).await;
        clock.advance_s(1);
        assert_eq!(settled(&env, Outcome::Sent).await.to, GRACE.email);
        clock.advance_s(60);
        let again = settled(&env, Outcome::Sent).await;
        assert_eq!((again.to.as_str(), again.attempts), (ADA.email, 2));
    }

    #[tokio::test]
    async fn while_the_server_is_away_the_queue_pauses_keeps_its_order_and_counts_no_try() {
        let (env, clock) = fixtures::env().await;
        let first = queue(&env, ADA, &code_mail(ADA)).await;
        queue(&env, GRACE, &code_mail(GRACE)).await;
        let away = || Outcome::Unreachable("connection refused".into());
        for pause in [5, 10, 20, 40, 80, 160, 300, 300] {
            let mail = settled(&env, away()).await;
            assert_eq!((mail.id, mail.attempts), (first, 1));
            clock.advance_ms(pause * 1000 - 1);
            assert!(
                matches!(claim(&env).await, Ok(Claim::NotBefore(_))),
                "it pauses {pause} s"
            );
            clock.advance_ms(1);
        }
        assert_eq!(settled(&env, Outcome::Sent).await.id, first);
        assert_eq!(
            rest_s(&env, &clock).await,
            1,
            "after a success the pace is the usual one"
        );
        assert_eq!(rest_s(&env, &clock).await, 5, "and the pauses begin anew");
    }
}
