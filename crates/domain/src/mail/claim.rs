//! Take the next mail in hand, when the pace allows one.

use crate::{
    Env, Result,
    db::vars,
    mail::{MailKind, message_id::message_id},
};
use chrono::{DateTime, TimeDelta, Utc};
use model::{MailId, Timestamp};
use std::time::Duration;
use surrealdb::types::SurrealValue;
use uuid::Uuid;

/// How long a claim holds. What is not settled by then belongs to a worker that died, and is claimed again; a worker
/// must be done, or have given up, well before.
pub const LEASE: TimeDelta = TimeDelta::minutes(2);

/// The longest that a pace or a pause reaches into the future. What lies farther off was written by a clock that has
/// been set back since, and would hold the queue for as long.
const PAUSE_MAX: TimeDelta = TimeDelta::minutes(10);

/// All in one transaction: workers that ask at the same moment all write `mail_pace:global`, so one is first and the
/// others ask again and read its pace. A mail whose claim lapsed has
/// kept its place.
const CLAIM: &str = "
    LET $next_at = (SELECT VALUE next_at FROM ONLY mail_pace:global);
    LET $wait = $next_at != NONE AND $next_at > $now AND $next_at <= $latest;
    LET $next = IF $wait { NONE } ELSE {
        (SELECT VALUE id FROM ONLY mail WHERE open = true AND lane = 0 AND due_at <= $now
            AND (state = 'queued' OR lease_until <= $now) ORDER BY due_at, id LIMIT 1)
        ?? (SELECT VALUE id FROM ONLY mail WHERE open = true AND lane = 1 AND due_at <= $now
            AND (state = 'queued' OR lease_until <= $now) ORDER BY due_at, id LIMIT 1)
    };
    IF $next != NONE { UPSERT mail_pace:global SET next_at = $then };
    LET $mail = IF $next != NONE {
        UPDATE ONLY $next SET state = 'sending', attempts += 1, lease = $lease, lease_until = $lease_until
    };
    RETURN {
        not_before: IF $wait { $next_at },
        mail: IF $next != NONE {
            { id: record::id($next), to: $mail.to, data: $mail.data, attempts: $mail.attempts, created_at: $mail.created_at }
        },
    };";

/// A row that can't be read must not come back every time its lease lapses.
const FAIL: &str = "
    UPDATE type::record('mail', $id) SET state = 'failed', open = false, last_error = $error, lease = NONE, lease_until = NONE
        WHERE lease = $lease;
    RETURN true;";

/// What a worker may do now.
#[derive(Clone, Debug)]
pub enum Claim {
    /// Send this.
    Mail(Box<Claimed>),
    /// Nothing before then: the pace, or a pause because the mail server can't be reached.
    NotBefore(Timestamp),
    /// Nothing is due.
    Empty,
}

/// A mail in a worker's hand.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// Its id.
    pub id: MailId,
    /// The address it goes to.
    pub to: String,
    /// What it says.
    pub mail: MailKind,
    /// How often its delivery was tried, counting the one that begins now.
    pub attempts: i64,
    /// When it was written; the same at every try, and so the letter's date.
    pub created_at: Timestamp,
    /// The `Message-ID`, without angle brackets; the same at every try.
    pub message_id: String,
    pub(super) lease: Uuid,
}

#[derive(SurrealValue)]
struct Answer {
    not_before: Option<DateTime<Utc>>,
    mail: Option<Taken>,
}

#[derive(SurrealValue)]
struct Taken {
    id: Uuid,
    to: String,
    data: String,
    attempts: i64,
    created_at: DateTime<Utc>,
}

/// Takes the next mail in hand for [`LEASE`], and keeps the others back for as long as the pace says.
///
/// # Errors
/// When the database can't be asked, or a row can't be read; that mail is failed, the next claim gets another.
pub async fn claim(env: &Env) -> Result<Claim> {
    let now = env.now();
    let lease = env.new_id();
    let binds = vars! {
        now: now.datetime(),
        then: now.plus(interval(env.site.mails_per_second)).datetime(),
        latest: now.plus(PAUSE_MAX).datetime(),
        lease: lease,
        lease_until: now.plus(LEASE).datetime(),
    };
    let answer: Answer = env.db.transact(CLAIM, binds).await?;
    match (answer.mail, answer.not_before) {
        (Some(taken), _) => taken.open(env, lease).await,
        (None, Some(then)) => Ok(Claim::NotBefore(round_up(then))),
        (None, None) => Ok(Claim::Empty),
    }
}

impl Taken {
    async fn open(self, env: &Env, lease: Uuid) -> Result<Claim> {
        let id = MailId::from(self.id);
        let mail = match MailKind::from_json(&self.data) {
            Ok(mail) => mail,
            Err(error) => {
                env.db
                    .transact::<bool>(FAIL, vars! { id: self.id, lease: lease, error: error.to_string() })
                    .await?;
                return Err(error);
            }
        };
        Ok(Claim::Mail(Box::new(Claimed {
            id,
            mail,
            to: self.to,
            attempts: self.attempts,
            created_at: self.created_at.into(),
            message_id: message_id(&env.site, id),
            lease,
        })))
    }
}

/// The time between two mails: at least a millisecond, at most the longest pause, also for a rate that is none.
fn interval(per_second: f64) -> TimeDelta {
    if per_second.is_nan() || per_second <= 0.0 {
        return PAUSE_MAX;
    }
    let interval = Duration::try_from_secs_f64(1.0 / per_second)
        .ok()
        .and_then(|exact| TimeDelta::from_std(exact).ok());
    let up = |exact: TimeDelta| TimeDelta::milliseconds((exact + TimeDelta::nanoseconds(999_999)).num_milliseconds());
    interval
        .map_or(PAUSE_MAX, up)
        .clamp(TimeDelta::milliseconds(1), PAUSE_MAX)
}

/// A worker that sleeps until then must not wake a moment before.
fn round_up(moment: DateTime<Utc>) -> Timestamp {
    let rounded = Timestamp::from(moment);
    if rounded.datetime() < moment {
        rounded.plus(TimeDelta::milliseconds(1))
    } else {
        rounded
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures,
        mail::{
            Outcome, Settled, list_outbox, settle,
            testing::{code_mail, queue, welcome_mail},
        },
    };
    use model::samples::{ADA, GRACE, HEDY, MALLORY};
    use std::sync::Arc;

    async fn claimed(env: &Env) -> Box<Claimed> {
        match claim(env).await.expect("claims") {
            Claim::Mail(mail) => mail,
            other => {
                let everything = "RETURN [(SELECT * FROM mail), (SELECT * FROM mail_pace)];";
                let tables: Option<surrealdb::types::Value> = env.db.find(everything, vars! {}).await.expect("reads");
                let again = claim(env).await;
                panic!(
                    "no mail but {other:?} at {:?}; asked again: {again:?}; the tables: {tables:?}",
                    env.now()
                );
            }
        }
    }

    #[tokio::test]
    async fn codes_go_first_and_each_lane_keeps_the_order_of_writing() {
        let (env, clock) = fixtures::env().await;
        let mut written = Vec::new();
        for (player, mail) in [
            (ADA, welcome_mail(ADA)),
            (GRACE, welcome_mail(GRACE)),
            (HEDY, code_mail(HEDY)),
            (MALLORY, code_mail(MALLORY)),
        ] {
            written.push(queue(&env, player, &mail).await);
        }
        let mut left = Vec::new();
        for _ in &written {
            left.push(claimed(&env).await.id);
            clock.advance_s(1);
        }
        assert_eq!(left, [written[2], written[3], written[0], written[1]]);
        assert!(matches!(claim(&env).await, Ok(Claim::Empty)));
    }

    #[tokio::test]
    async fn however_many_ask_at_one_moment_one_mail_leaves_and_the_next_a_second_later() {
        let (env, clock) = fixtures::env().await;
        for _ in 0..3 {
            queue(&env, ADA, &code_mail(ADA)).await;
        }
        for _ in 0..3 {
            let claims = futures::future::try_join_all((0..6).map(|_| claim(&env)))
                .await
                .expect("all ask");
            let then = env.now().plus(TimeDelta::seconds(1));
            let mails = claims.iter().filter(|claim| matches!(claim, Claim::Mail(_))).count();
            let waits = claims
                .iter()
                .filter(|claim| matches!(claim, Claim::NotBefore(t) if *t == then))
                .count();
            assert_eq!((mails, waits), (1, 5));
            clock.advance_ms(999);
            assert!(matches!(claim(&env).await, Ok(Claim::NotBefore(t)) if t == then));
            clock.advance_ms(1);
        }
    }

    #[tokio::test]
    async fn what_a_dead_worker_had_in_hand_is_claimed_again_and_the_dead_one_cannot_settle_it() {
        let (env, clock) = fixtures::env().await;
        let id = queue(&env, ADA, &code_mail(ADA)).await;
        let younger = queue(&env, GRACE, &code_mail(GRACE)).await;
        let first = claimed(&env).await;
        clock.advance_ms(LEASE.num_milliseconds() - 1);
        assert_eq!(claimed(&env).await.id, younger, "the claim of the first still holds");
        clock.advance_s(1);
        let second = claimed(&env).await;
        assert_eq!((second.id, second.attempts), (id, 2));
        assert_eq!(second.message_id, first.message_id);
        assert_eq!(
            settle(&env, &first, Outcome::Refused("late".into()))
                .await
                .expect("settles"),
            Settled::Lost
        );
        assert_eq!(
            settle(&env, &second, Outcome::Sent).await.expect("settles"),
            Settled::Done
        );
        assert_eq!(
            settle(&env, &second, Outcome::Sent).await.expect("settles"),
            Settled::Lost,
            "settled once"
        );
    }

    #[tokio::test]
    async fn a_clock_that_was_set_back_does_not_hold_the_queue() {
        let (env, clock) = fixtures::env().await;
        queue(&env, ADA, &code_mail(ADA)).await;
        claimed(&env).await;
        clock.advance_s(-3600);
        queue(&env, GRACE, &code_mail(GRACE)).await;
        assert_eq!(claimed(&env).await.to, GRACE.email);
    }

    #[tokio::test]
    async fn a_row_that_cannot_be_read_fails_alone() {
        let (env, clock) = fixtures::env().await;
        queue(&env, ADA, &code_mail(ADA)).await;
        env.db
            .read("UPDATE mail SET data = '{\"kind\":\"of_a_newer_roost\"}'", vars! {})
            .await
            .expect("spoils it");
        queue(&env, GRACE, &code_mail(GRACE)).await;
        assert!(claim(&env).await.is_err());
        clock.advance_s(1);
        assert_eq!(claimed(&env).await.to, GRACE.email);
        clock.advance_s(LEASE.num_seconds());
        assert_eq!(claimed(&env).await.to, GRACE.email, "the spoilt one does not come back");
        assert!(list_outbox(&env, 10).await.is_ok(), "and does not spoil the outbox");
    }

    #[tokio::test]
    async fn looking_for_the_next_mail_reads_along_an_index_and_stops_at_the_first() {
        let (env, _) = fixtures::env().await;
        for lane in [0, 1] {
            let query = CLAIM
                .split(['(', '?'])
                .map(str::trim)
                .find(|part| part.starts_with("SELECT VALUE id") && part.contains(&format!("lane = {lane}")));
            let head = query.expect("the query of this lane");
            let rest = CLAIM
                .split(head)
                .nth(1)
                .and_then(|rest| rest.split("LIMIT 1").next())
                .expect("its end");
            let explain = format!("{} {rest} LIMIT 1 EXPLAIN", head.replace("FROM ONLY", "FROM"));
            let mut answer = env
                .db
                .surreal()
                .query(&explain)
                .bind(vars! { now: env.now().datetime() })
                .await
                .expect("asks");
            let plan: surrealdb::types::Value = answer.take(0).expect("a plan");
            let plan = plan.into_json_value().to_string();
            assert!(
                plan.contains("\"index\":\"mail_turn\"") && plan.contains(&format!("[true, {lane}]")),
                "{plan}"
            );
            assert!(!plan.contains("TableScan") && !plan.contains("Sort"), "{plan}");
        }
    }

    #[tokio::test]
    async fn a_faster_pace_is_kept_to_the_millisecond() {
        let (mut env, clock) = fixtures::env().await;
        env.site = Arc::new(crate::env::Site {
            mails_per_second: 3.0,
            ..fixtures::site()
        });
        for _ in 0..2 {
            queue(&env, ADA, &code_mail(ADA)).await;
        }
        claimed(&env).await;
        clock.advance_ms(333);
        assert!(matches!(claim(&env).await, Ok(Claim::NotBefore(_))));
        clock.advance_ms(1);
        claimed(&env).await;
    }

    #[test]
    fn no_rate_makes_the_queue_run_wild_or_stand_for_ever() {
        for (per_second, millis) in [
            (1.0, 1000),
            (0.5, 2000),
            (1e9, 1),
            (f64::INFINITY, 1),
            (0.0, 600_000),
            (-1.0, 600_000),
            (f64::NAN, 600_000),
        ] {
            assert_eq!(interval(per_second), TimeDelta::milliseconds(millis), "{per_second}");
        }
    }
}
