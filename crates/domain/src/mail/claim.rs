//! Take the next mail in hand, when the pace allows one.

use crate::{
    Env, Result,
    db::vars,
    mail::{MailKind, message_id::message_id},
};
use chrono::{DateTime, TimeDelta, Utc};
use model::{MailId, Timestamp};
use surrealdb::types::SurrealValue;
use uuid::Uuid;

/// How long a claim holds. What is not settled by then belongs to a worker that died, and is claimed again; a worker
/// must be done, or have given up, well before.
pub const LEASE: TimeDelta = TimeDelta::minutes(2);

/// The longest that a pace or a pause reaches into the future. What lies farther off was written by a clock that has
/// been set back since, and would hold the queue for as long.
const PAUSE_MAX: TimeDelta = TimeDelta::minutes(10);

/// All in one transaction: workers that ask at the same moment all write `mail_pace:global`, so one is first and the
/// others ask again and read its pace. A claim that lapsed has the older place, so it goes before those that wait.
const CLAIM: &str = "
    LET $next_at = (SELECT VALUE next_at FROM ONLY mail_pace:global);
    LET $wait = $next_at != NONE AND $next_at > $now AND $next_at <= $latest;
    LET $next = IF $wait { NONE } ELSE {
        (SELECT VALUE id FROM ONLY mail WHERE state = 'sending' AND lane = 0 AND lease_until <= $now LIMIT 1)
        ?? (SELECT VALUE id FROM ONLY mail WHERE state = 'queued' AND lane = 0 AND due_at <= $now ORDER BY due_at, id LIMIT 1)
        ?? (SELECT VALUE id FROM ONLY mail WHERE state = 'sending' AND lane = 1 AND lease_until <= $now LIMIT 1)
        ?? (SELECT VALUE id FROM ONLY mail WHERE state = 'queued' AND lane = 1 AND due_at <= $now ORDER BY due_at, id LIMIT 1)
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
    UPDATE type::record('mail', $id) SET state = 'failed', last_error = $error, lease = NONE, lease_until = NONE
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

/// The time between two mails, at least a millisecond, at most the longest pause.
fn interval(per_second: f64) -> TimeDelta {
    let millis = (1000.0 / per_second).ceil().clamp(1.0, 600_000.0);
    // `as` saturates; the clamp has made it exact. NaN and negative rates end at the slow side or the fast side of it.
    #[expect(clippy::cast_possible_truncation, reason = "clamped to a small whole number above")]
    TimeDelta::milliseconds(millis as i64)
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
