//! Chance that can be played again.

use rand::{Rng, SeedableRng, rngs::StdRng};
use std::time::Duration;
use uuid::Uuid;

/// All chance of somebody, from a seed.
pub struct Chance(StdRng);

impl Chance {
    /// The chance of the `which`-th of a run with this seed.
    #[must_use]
    pub fn new(seed: u64, which: u64) -> Self {
        Self(StdRng::seed_from_u64(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ which))
    }

    /// Below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        self.0.random_range(0..end.max(1))
    }

    /// Yes, so often in a hundred times.
    pub fn percent(&mut self, percent: u32) -> bool {
        self.0.random_ratio(percent.min(100), 100)
    }

    /// One of these.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        (!of.is_empty()).then(|| &of[self.below(of.len())])
    }

    /// From 0 up to 1.
    pub fn toss(&mut self) -> f64 {
        self.0.random()
    }

    /// So many milliseconds.
    pub fn millis(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(self.0.random_range(from..=to))
    }

    /// An id for a message.
    pub fn id(&mut self) -> Uuid {
        uuid::Builder::from_random_bytes(self.0.random()).into_uuid()
    }
}
