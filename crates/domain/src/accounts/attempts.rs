//! Wrong passwords: each costs the next try more time, up to a limit, and every lock ends by itself.
//!
//! Counted are the account (or the name nobody has) and the network that asks. On a device that the account has signed
//! in from before, its owner is counted apart, so that a stranger's guesses can't lock them out (OWASP, Authentication
//! Cheat Sheet: device cookies). A try is counted before the password is looked at, so many at once gain nothing.

use crate::{
    Caller, Env, Result,
    accounts::{known_device, lifetimes, secret},
    db::vars,
    throttle,
};
use chrono::{DateTime, Utc};
use model::{Code, Rejection};
use std::time::Duration;
use surrealdb::types::SurrealValue;
use uuid::Uuid;

/// Tries that cost nothing: people mistype.
const FREE: i64 = 5;
/// Tries from one network that cost nothing: a school sits behind one address, and comes in all at once in the morning. Who
/// is right gets the try back.
const FREE_OF_NETWORK: i64 = 300;
/// What each further try costs, in seconds; the last holds for all that follow.
const DELAYS_S: [u64; 10] = [1, 2, 4, 8, 16, 32, 64, 128, 300, 900];

/// A try that was counted; whoever turns out to be right [forgives](forgive) it.
pub struct Attempt {
    row: String,
    network: String,
}

#[derive(SurrealValue)]
struct Counted {
    row: String,
    locked_until: Option<DateTime<Utc>>,
}

/// Both are looked at before either is counted: a try that is refused is no try.
const COUNT: &str = "
    LET $known = $account != NONE AND type::record('known_device', [$account, $device]).exists();
    LET $mine = type::record('failure', IF $known { $whose_here } ELSE { $whose });
    LET $theirs = type::record('failure', $network);
    LET $a = (SELECT count, last_at, locked_until FROM ONLY $mine);
    LET $b = (SELECT count, last_at, locked_until FROM ONLY $theirs);
    LET $until = array::max([$a.locked_until ?? $now, $b.locked_until ?? $now]);
    LET $tries = 1 + (IF $a != NONE AND $a.last_at > $quiet { $a.count } ELSE { 0 });
    LET $their_tries = 1 + (IF $b != NONE AND $b.last_at > $quiet { $b.count } ELSE { 0 });
    LET $last = array::len($delays) - 1;
    IF $until <= $now {
        UPSERT $mine SET count = $tries, last_at = $now, locked_until =
            IF $tries >= $free { $now + $delays[math::min([$tries - $free, $last])] };
        UPSERT $theirs SET count = $their_tries, last_at = $now, locked_until =
            IF $their_tries >= $free_of_network { $now + $delays[math::min([$their_tries - $free_of_network, $last])] };
    };
    RETURN { row: record::id($mine), locked_until: IF $until > $now { $until } };";

/// Counts a try at an account (`None` when nobody has the name) before its password is looked at.
///
/// # Errors
/// `rate_limited`, with the time to wait.
pub async fn count(env: &Env, caller: &Caller, account: Option<Uuid>, login: &str) -> Result<Attempt> {
    let now = env.now();
    let device = known_device::hash_of(caller);
    let name = account.map_or_else(|| login.trim().to_lowercase(), |id| id.to_string());
    let whose = secret::hash(format!("account|{name}").as_bytes());
    let whose_here = secret::hash(format!("account|{name}|{device}").as_bytes());
    let network = secret::hash(format!("network|{}", throttle::network(caller.address)).as_bytes());
    let delays: Vec<Duration> = DELAYS_S.iter().map(|seconds| Duration::from_secs(*seconds)).collect();
    let binds = vars! {
        account: account,
        device: device,
        whose: whose,
        whose_here: whose_here,
        network: network.clone(),
        free: FREE,
        free_of_network: FREE_OF_NETWORK,
        delays: delays,
        now: now.datetime(),
        quiet: now.plus(-lifetimes::FAILURES).datetime(),
    };
    let counted: Counted = env.db.transact(COUNT, binds).await?;
    match counted.locked_until {
        None => Ok(Attempt {
            row: counted.row,
            network,
        }),
        Some(until) => {
            let wait = (until - now.datetime()).num_seconds().try_into().unwrap_or(0_u64) + 1;
            let detail = format!(
                "Too many wrong passwords. Please try again in {}.",
                throttle::in_words(wait)
            );
            Err(Rejection::new(Code::RateLimited)
                .because(detail)
                .retry_after(wait)
                .into())
        }
    }
}

const FORGIVE: &str = "
    DELETE type::record('failure', $row);
    UPDATE type::record('failure', $network) SET count -= 1, locked_until = NONE WHERE count > 0;
    RETURN true;";

impl Attempt {
    /// The password was right: what was counted is taken back.
    pub async fn forgive(self, env: &Env) -> Result<()> {
        env.db
            .transact::<bool>(FORGIVE, vars! { row: self.row, network: self.network })
            .await?;
        Ok(())
    }
}
