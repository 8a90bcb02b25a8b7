//! How often is too often. Token buckets (GCRA, by `governor`) per network address and per account or e-mail
//! address, on the account verbs. They live in memory: a restart forgives, a second process counts for itself.

use crate::{Caller, Result, env::Clock};
use governor::{
    Quota, RateLimiter,
    clock::{Clock as GovernorClock, Reference},
    middleware::NoOpMiddleware,
    nanos::Nanos,
    state::keyed::DashMapStateStore,
};
use model::{Code, Rejection};
use std::{net::IpAddr, num::NonZeroU32, sync::Arc, time::Duration};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Signing up, from one network address.
    Register,
    /// Signing up with one e-mail address.
    RegisterEmail,
    /// Trying a code or a token.
    TryCode,
    /// Signing in, from one network address.
    SignIn,
    /// Asking for a reset, from one network address.
    Forgot,
    /// Asking for a reset of one account.
    ForgotLogin,
    /// Refreshing tokens, from one network address.
    Refresh,
    /// Searching people, by one account.
    FindPeople,
    /// Searching messages, by one account.
    Search,
    /// Sending letters, by one account.
    SendLetter,
}

/// (how many at once, seconds until one more). Generous to a club behind one address, dull for a guesser.
const QUOTAS: [(Action, u32, u64); 10] = [
    (Action::Register, 100, 3),
    (Action::RegisterEmail, 5, 300),
    (Action::TryCode, 60, 5),
    (Action::SignIn, 200, 1),
    (Action::Forgot, 60, 10),
    (Action::ForgotLogin, 5, 300),
    (Action::Refresh, 200, 1),
    (Action::FindPeople, 60, 1),
    (Action::Search, 60, 1),
    (Action::SendLetter, 200, 2),
];

type Limiter = RateLimiter<String, DashMapStateStore<String>, Ticks, NoOpMiddleware<Tick>>;

/// All the buckets.
pub(crate) struct Throttle {
    limiters: [(Action, Limiter); QUOTAS.len()],
}

impl Throttle {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        let ticks = Ticks(clock);
        let limiters = QUOTAS.map(|(action, burst, seconds)| {
            let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
            let quota = Quota::with_period(Duration::from_secs(seconds)).unwrap_or(Quota::per_second(burst));
            (
                action,
                RateLimiter::dashmap_with_clock(quota.allow_burst(burst), ticks.clone()),
            )
        });
        Self { limiters }
    }

    /// Counts one more, by network address.
    pub(crate) fn by_address(&self, action: Action, caller: &Caller) -> Result<()> {
        self.count(action, &network(caller.address))
    }

    /// Counts one more, by any key.
    pub(crate) fn count(&self, action: Action, key: &str) -> Result<()> {
        let Some((_, limiter)) = self.limiters.iter().find(|(a, _)| *a == action) else {
            return Ok(());
        };
        limiter.check_key(&key.to_owned()).map_err(|not_until| {
            let wait_s = not_until.wait_time_from(limiter.clock().now()).as_secs() + 1;
            let detail = format!("That was too often. Please try again in {}.", in_words(wait_s));
            Rejection::new(Code::RateLimited)
                .because(detail)
                .retry_after(wait_s)
                .into()
        })
    }

    /// Forgets the buckets that are full again; called now and then, so that memory stays bounded.
    pub(crate) fn sweep(&self) {
        for (_, limiter) in &self.limiters {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }
}

pub(crate) fn in_words(seconds: u64) -> String {
    match seconds {
        1 => "a second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

/// One household or one machine: an IPv4 address, or the /64 of an IPv6 address.
pub(crate) fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// [`Clock`] as governor wants it.
#[derive(Clone)]
struct Ticks(Arc<dyn Clock>);

impl std::fmt::Debug for Ticks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ticks")
    }
}

/// Nanoseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Tick(u64);

impl std::ops::Add<Nanos> for Tick {
    type Output = Self;

    fn add(self, other: Nanos) -> Self {
        Self(self.0.saturating_add(other.as_u64()))
    }
}

impl Reference for Tick {
    fn duration_since(&self, earlier: Self) -> Nanos {
        self.0.saturating_sub(earlier.0).into()
    }

    fn saturating_sub(&self, duration: Nanos) -> Self {
        Self(self.0.saturating_sub(duration.as_u64()))
    }
}

impl GovernorClock for Ticks {
    type Instant = Tick;

    fn now(&self) -> Tick {
        let millis: u64 = self.0.now().millis().try_into().unwrap_or_default();
        Tick(millis.saturating_mul(1_000_000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Error, fixtures::TestClock};

    #[test]
    fn a_bucket_empties_says_when_to_come_back_and_fills_again() {
        let clock = TestClock::new();
        let throttle = Throttle::new(clock.clone());
        for _ in 0..5 {
            throttle
                .count(Action::RegisterEmail, "ada@example.org")
                .expect("within the burst");
        }
        let refused = throttle.count(Action::RegisterEmail, "ada@example.org");
        let Err(Error::Rejected(rejection)) = refused else {
            panic!("refused")
        };
        assert_eq!(
            (rejection.code, rejection.retry_after_s),
            (Code::RateLimited, Some(301))
        );
        throttle
            .count(Action::RegisterEmail, "grace@example.org")
            .expect("another key is free");
        clock.advance_s(301);
        throttle
            .count(Action::RegisterEmail, "ada@example.org")
            .expect("free again");
    }

    #[test]
    fn an_ipv6_household_is_one_key() {
        let [a, b] = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9"].map(|text| network(text.parse().expect("an address")));
        assert_eq!(a, b);
        assert_eq!(network("::ffff:192.0.2.1".parse().expect("an address")), "192.0.2.1");
    }
}
