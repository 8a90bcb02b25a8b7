//! The numbers of changes.

use std::{fmt, str::FromStr};

/// The place of a change in a mailbox's list, written as `"{n}-{epoch}"`, such as `42-9f3c`. For clients it is opaque.
///
/// The epoch names one history of the mailbox. A backup that is restored begins another one, because the numbers after it were
/// given once already, for other changes: who has read up to number 50 of the old history has not read number 48 of the new one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Seq {
    /// How many changes there were. 0 is before the first.
    pub number: u64,
    /// The history that it belongs to: letters and digits.
    pub epoch: String,
}

impl Seq {
    /// A place in a history.
    #[must_use]
    pub fn new(number: u64, epoch: &str) -> Self {
        Self {
            number,
            epoch: epoch.to_owned(),
        }
    }

    /// After which number a reader goes on who says `since`: their number when it is of this `epoch`, and 0 when it is of another
    /// history, or is nothing that was ever given out. A bare number, as people write it, counts as of this one.
    ///
    /// The protocol's `now` is for the caller to understand.
    #[must_use]
    pub fn since(text: &str, epoch: &str) -> u64 {
        let text = text.trim().trim_matches('"');
        match text.parse::<Self>() {
            Ok(seq) if seq.epoch == epoch => seq.number,
            Ok(_) => 0,
            Err(_) => text.parse().unwrap_or(0),
        }
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.number, self.epoch)
    }
}

/// This is no place in a list of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a place in a list of changes")]
pub struct NotASeq;

impl FromStr for Seq {
    type Err = NotASeq;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (number, epoch) = text.split_once('-').ok_or(NotASeq)?;
        if epoch.is_empty() || !epoch.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(NotASeq);
        }
        Ok(Self::new(number.parse().map_err(|_| NotASeq)?, epoch))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_of_another_history_is_the_beginning_of_this_one() {
        assert_eq!(Seq::new(42, "9f3c").to_string(), "42-9f3c");
        assert_eq!(Seq::since("42-9f3c", "9f3c"), 42);
        assert_eq!(Seq::since("\"42-9f3c\"", "9f3c"), 42, "as JSON");
        assert_eq!(Seq::since("42-0000", "9f3c"), 0);
        for (text, number) in [
            ("0", 0),
            ("7", 7),
            ("", 0),
            ("-1", 0),
            ("x-9f3c", 0),
            ("42-", 0),
            ("42-é", 0),
        ] {
            assert_eq!(Seq::since(text, "9f3c"), number, "{text}");
        }
    }
}
