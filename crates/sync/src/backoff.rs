//! How long to wait before the next attempt: exponential, with full jitter, so that a thousand clients that lost the
//! same server do not all come back in the same instant.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(500);
const CAP: Duration = Duration::from_secs(15);

/// Counts failures in a row and says how long to wait after each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// Nothing has failed yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { failures: 0 }
    }

    /// One more failure: the time to wait, given a toss `chance` from 0 up to 1.
    pub fn next(&mut self, chance: f64) -> Duration {
        let ceiling = FIRST.saturating_mul(1 << self.failures.min(10)).min(CAP);
        self.failures = self.failures.saturating_add(1);
        ceiling.mul_f64(if chance.is_finite() {
            chance.clamp(0.0, 1.0)
        } else {
            1.0
        })
    }

    /// It worked: the next failure is a first one again.
    pub const fn reset(&mut self) {
        self.failures = 0;
    }

    /// How often it has failed in a row.
    #[must_use]
    pub const fn failures(&self) -> u32 {
        self.failures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_wait_doubles_up_to_fifteen_seconds_and_starts_over_after_a_success() {
        let mut backoff = Backoff::new();
        let waits: Vec<_> = (0..7).map(|_| backoff.next(1.0).as_millis()).collect();
        assert_eq!(waits, [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
        backoff.reset();
        assert_eq!(backoff.next(1.0).as_millis(), 500);
    }

    #[test]
    fn chance_spreads_the_wait_over_the_whole_span_and_can_not_break_it() {
        assert_eq!(Backoff::new().next(0.0), Duration::ZERO);
        assert_eq!(Backoff::new().next(0.5).as_millis(), 250);
        for wild in [f64::NAN, f64::INFINITY, 7.0] {
            assert_eq!(Backoff::new().next(wild).as_millis(), 500);
        }
    }
}
