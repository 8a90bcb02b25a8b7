//! When a message was sent, in the message itself.

use std::time::{Duration, UNIX_EPOCH};

#[expect(clippy::disallowed_methods, reason = "what is measured is time")]
fn now() -> Duration {
    std::time::SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

/// A text that begins with the time.
#[must_use]
pub fn stamped(text: &str) -> String {
    format!("{} {text}", now().as_millis())
}

/// Milliseconds since the time that a text begins with, if it does.
#[must_use]
pub fn since(text: &str) -> Option<u64> {
    let at: u128 = text.split(' ').next()?.parse().ok()?;
    u64::try_from(now().as_millis().checked_sub(at)?).ok()
}

/// The value below which so many of a hundred are.
#[must_use]
pub fn percentile(values: &mut [u64], percent: usize) -> u64 {
    values.sort_unstable();
    let at = (values.len() * percent / 100).min(values.len().saturating_sub(1));
    values.get(at).copied().unwrap_or(0)
}
