//! Bodies of messages that prove what they are: who sent them when, and that nothing was changed on the way.

use std::time::{Duration, UNIX_EPOCH};

/// The length of every body, in bytes: the 200-byte messages of docs/measurements.md.
pub const LENGTH: usize = 200;

/// What a body says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// Which message of this run, over all senders.
    pub number: u64,
    /// By whom: a place in the list of people.
    pub by: usize,
    /// When it was meant to be sent, in microseconds of the machine's clock.
    pub at: u64,
}

/// Microseconds of the machine's clock, which all processes on it share.
#[expect(clippy::disallowed_methods, reason = "a load generator measures time")]
pub fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(UNIX_EPOCH);
    u64::try_from(since.unwrap_or(Duration::ZERO).as_micros()).unwrap_or(u64::MAX)
}

impl Said {
    /// The body: what it says, and then letters that follow from it, up to [`LENGTH`].
    pub fn body(&self) -> String {
        let mut text = format!("{} {} {} ", self.number, self.by, self.at);
        let mut state = self.number ^ self.at.rotate_left(17) ^ (self.by as u64).rotate_left(43);
        while text.len() < LENGTH {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            text.push(char::from(b'a' + u8::try_from((state >> 33) % 26).unwrap_or(0)));
        }
        text
    }

    /// What the message is called by its sender: a UUID that follows from what it says.
    pub fn client_id(&self) -> String {
        let at = self.at & 0xffff_ffff_ffff;
        format!("{:08x}-{:04x}-7000-8000-{:012x}", at >> 16, at & 0xffff, self.number)
    }

    /// Reads a body, and refuses one that is not exactly what somebody of this program wrote.
    pub fn read(body: &str) -> Option<Self> {
        let mut parts = body.splitn(4, ' ');
        let mut next = || parts.next()?.parse::<u64>().ok();
        let (number, by, at) = (next()?, usize::try_from(next()?).ok()?, next()?);
        let said = Self { number, by, at };
        (said.body() == body).then_some(said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_of_200_bytes_says_who_and_when_and_one_wrong_letter_is_seen() {
        let said = Said {
            number: 7,
            by: 3,
            at: now(),
        };
        let body = said.body();
        assert_eq!((body.len(), Said::read(&body)), (LENGTH, Some(said)));
        let mut wrong = body.clone();
        wrong.pop();
        wrong.push('!');
        assert_eq!(Said::read(&wrong), None);
        assert_eq!(Said::read(&body[..LENGTH - 1]), None);
    }
}
