//! What revisions are called.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::{fmt, str::FromStr};

/// The name of a revision: how many edits led to it, and a hash that tells it from others of that generation.
///
/// The hash is **opaque**. Each implementation makes it in its own way (CouchDB from Erlang terms, PouchDB from JSON or
/// from chance), so nobody may ever compute the hash of a revision that somebody else made. What all agree on is the order:
/// first by generation, then by the hash as text. That order decides who wins, so it has to be the same everywhere.
///
/// A hash of 32 hex digits is written in lower case, as CouchDB does; any other text that is not empty stands as it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Rev {
    generation: u64,
    hash: Box<str>,
}

impl Rev {
    /// A revision by its two parts. `None` when the generation is 0 (those are of `_local` documents) or the hash is
    /// empty.
    #[must_use]
    pub fn new(generation: u64, hash: &str) -> Option<Self> {
        if generation == 0 || hash.is_empty() {
            return None;
        }
        let upper = hash.len() == 32
            && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
            && hash.bytes().any(|byte| byte.is_ascii_uppercase());
        Some(Self {
            generation,
            hash: if upper {
                hash.to_ascii_lowercase().into()
            } else {
                hash.into()
            },
        })
    }

    /// How many edits led to it; the first is 1.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.generation
    }

    /// What tells it from others of its generation.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }
}

impl fmt::Display for Rev {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.generation, self.hash)
    }
}

/// This is no name of a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Invalid rev format")]
pub struct NotARev;

impl FromStr for Rev {
    type Err = NotARev;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (generation, hash) = text.split_once('-').ok_or(NotARev)?;
        if !generation.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NotARev);
        }
        Self::new(generation.parse().map_err(|_| NotARev)?, hash).ok_or(NotARev)
    }
}

impl Serialize for Rev {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rev {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rev(text: &str) -> Rev {
        text.parse().unwrap_or_else(|_| panic!("{text}"))
    }

    #[test]
    fn a_name_is_a_generation_and_any_text_that_is_not_empty() {
        for good in ["1-a", "12-0123456789abcdef0123456789abcdef", "3-with-hyphen", "2-Ä"] {
            assert_eq!(rev(good).to_string(), good);
        }
        for bad in [
            "",
            "1",
            "1-",
            "-a",
            "0-1",
            "a-1",
            "+1-a",
            "1.0-a",
            "99999999999999999999-a",
        ] {
            assert_eq!(bad.parse::<Rev>(), Err(NotARev), "{bad}");
        }
    }

    #[test]
    fn generations_are_compared_as_numbers_and_hashes_as_text() {
        assert!(rev("10-a") > rev("9-z"));
        assert!(rev("2-b") > rev("2-a"));
        assert!(rev("2-aa") > rev("2-a"));
    }

    #[test]
    fn only_hashes_of_32_hex_digits_are_written_in_lower_case() {
        assert_eq!(
            rev("1-0123456789ABCDEF0123456789ABCDEF"),
            rev("1-0123456789abcdef0123456789abcdef")
        );
        assert_ne!(rev("1-A"), rev("1-a"));
    }
}
