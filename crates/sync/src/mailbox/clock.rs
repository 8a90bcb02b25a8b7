//! A clock by which all devices agree on what came later, whatever their own clocks say.

use model::mailbox::Stamp;
use serde::{Deserialize, Serialize};

/// How far a stamp may lie ahead of this device's time before this device's clock is not moved to it, in milliseconds: a minute.
pub const DRIFT_MAX: u64 = 60_000;
/// How far this device's time may differ from the server's before it is corrected, in milliseconds.
pub const TOLERANCE: u64 = 5_000;

/// A hybrid logical clock (Kulkarni and others, 2014), with two bounds against clocks that are wrong:
///
/// 1. **What is changed after it was seen is later**, by construction: [`Clock::after`] gives a stamp beyond the one that the
///    field has. So a device whose clock is a year ahead wins against edits that nobody compared with its own, and loses
///    against the first one that did.
/// 2. A wrong clock does not spread. Stamps more than [`DRIFT_MAX`] ahead do not move this clock, and a device that has talked to
///    its server stamps with the server's time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    last: Stamp,
    correction: i64,
}

impl Clock {
    /// A clock that has seen nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Learns the server's time (milliseconds since the Unix epoch), which was told when this device's clock said `local`.
    pub fn learn(&mut self, server: u64, local: u64) {
        self.correction = if server.abs_diff(local) > TOLERANCE {
            server.cast_signed().saturating_sub(local.cast_signed())
        } else {
            0
        };
        // What this clock said while it was ahead does not hold it there.
        let now = self.corrected(local);
        if self.last.millis() > now.saturating_add(DRIFT_MAX) {
            self.last = Stamp::new(now, 0);
        }
    }

    /// This device's time as the server would say it, from what its clock says.
    #[must_use]
    pub fn corrected(&self, local: u64) -> u64 {
        local.saturating_add_signed(self.correction)
    }

    /// Takes in the stamp of another device, unless it lies too far ahead.
    pub fn observe(&mut self, stamp: Stamp, local: u64) {
        if stamp.millis() <= self.corrected(local).saturating_add(DRIFT_MAX) {
            self.last = self.last.max(stamp);
        }
    }

    /// A stamp for something new, later than all that this clock has given out.
    pub fn now(&mut self, local: u64) -> Stamp {
        self.last = Stamp::new(self.corrected(local), 0).max(self.last.next());
        self.last
    }

    /// A stamp for a change of what had the stamp `seen`: later than that in any case.
    pub fn after(&mut self, seen: Stamp, local: u64) -> Stamp {
        self.observe(seen, local);
        self.now(local).max(seen.next())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: u64 = 1_795_262_400_000;
    const YEAR: u64 = 365 * 24 * 3_600_000;

    #[test]
    fn stamps_of_one_device_ascend_even_when_its_clock_goes_back() {
        let mut clock = Clock::new();
        let stamps = [NOON, NOON, NOON - 1_000, NOON + 1].map(|local| clock.now(local));
        assert!(stamps.is_sorted_by(|one, other| one < other), "{stamps:?}");
    }

    #[test]
    fn a_clock_a_year_ahead_does_not_win_for_ever_and_moves_no_other() {
        let (mut wrong, mut right) = (Clock::new(), Clock::new());
        let theirs = wrong.now(NOON + YEAR);
        let answer = right.after(theirs, NOON);
        assert!(answer > theirs, "what was seen is overwritten");
        assert!(
            right.now(NOON + 1).millis() < NOON + 1_000,
            "the rest of the device stays in its time"
        );
        right.observe(theirs, NOON);
        assert!(right.now(NOON + 2).millis() < NOON + 1_000);
    }

    #[test]
    fn a_device_that_talked_to_its_server_stamps_with_the_servers_time() {
        let mut wrong = Clock::new();
        wrong.now(NOON + YEAR);
        wrong.learn(NOON, NOON + YEAR);
        assert!(wrong.now(NOON + YEAR + 10).millis().abs_diff(NOON) < 1_000);
        wrong.learn(NOON, NOON + 1_000);
        assert_eq!(wrong.corrected(NOON), NOON, "a second is nothing");
    }

    #[test]
    fn a_stamp_that_was_seen_shortly_ahead_is_followed() {
        let mut clock = Clock::new();
        let ahead = Stamp::new(NOON + 30_000, 3);
        clock.observe(ahead, NOON);
        assert!(clock.now(NOON) > ahead);
    }
}
