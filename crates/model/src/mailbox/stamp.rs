//! When a field was set, so that all devices agree on what came later.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::{fmt, str::FromStr};

/// A moment of a hybrid logical clock: milliseconds since the Unix epoch, and a counter for what happens within one.
///
/// Written as twelve and four lower-case hex digits with a hyphen between, `019a4d3f2c80-0001`: texts sort as moments do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Stamp {
    millis: u64,
    count: u16,
}

impl Stamp {
    /// The last millisecond that can be written (in the year 10889).
    pub const MILLIS_MAX: u64 = (1 << 48) - 1;

    /// A moment; milliseconds beyond [`Stamp::MILLIS_MAX`] are that.
    #[must_use]
    pub const fn new(millis: u64, count: u16) -> Self {
        Self {
            millis: if millis > Self::MILLIS_MAX {
                Self::MILLIS_MAX
            } else {
                millis
            },
            count,
        }
    }

    /// Milliseconds since the Unix epoch, as the writing device believed, or later.
    #[must_use]
    pub const fn millis(self) -> u64 {
        self.millis
    }

    /// The next moment after this one. At the very end of time it is the same one.
    #[must_use]
    pub const fn next(self) -> Self {
        match self.count.checked_add(1) {
            Some(count) => Self {
                millis: self.millis,
                count,
            },
            None if self.millis < Self::MILLIS_MAX => Self::new(self.millis + 1, 0),
            None => self,
        }
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012x}-{:04x}", self.millis, self.count)
    }
}

/// This is no moment of a hybrid logical clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a moment of the form 019a4d3f2c80-0001")]
pub struct StampError;

impl FromStr for Stamp {
    type Err = StampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (millis, count) = text.split_once('-').ok_or(StampError)?;
        let shape = millis.len() == 12
            && count.len() == 4
            && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f' | b'-'));
        if !shape {
            return Err(StampError);
        }
        let millis = u64::from_str_radix(millis, 16).map_err(|_| StampError)?;
        let count = u16::from_str_radix(count, 16).map_err(|_| StampError)?;
        Ok(Self::new(millis, count))
    }
}

impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Stamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn moments_survive_being_written_and_sort_as_their_texts(a in 0..=Stamp::MILLIS_MAX, b in any::<u16>(), c in 0..=Stamp::MILLIS_MAX, d in any::<u16>()) {
            let (one, other) = (Stamp::new(a, b), Stamp::new(c, d));
            prop_assert_eq!(one.to_string().parse(), Ok(one));
            prop_assert_eq!(one.cmp(&other), one.to_string().cmp(&other.to_string()));
            prop_assert!(one.next() > one || one == Stamp::new(u64::MAX, u16::MAX));
        }
    }

    #[test]
    fn other_texts_are_no_moments() {
        for bad in [
            "",
            "-",
            "019A4D3F2C80-0001",
            "19a4d3f2c80-0001",
            "019a4d3f2c80-001",
            "019a4d3f2c8-00001",
            "+19a4d3f2c80-0001",
        ] {
            assert_eq!(bad.parse::<Stamp>(), Err(StampError), "{bad}");
        }
    }
}
