//! What documents are called.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::{fmt, str::FromStr};
use uuid::Uuid;

use crate::limits;

/// What a document is, as the prefix of its id tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// `b:`, a file.
    Attachment,
    /// `d:`, a letter that is being written.
    Draft,
    /// `l:`, a letter.
    Letter,
    /// `o:`, a letter to be sent.
    Order,
    /// `p:`, what the owner prefers.
    Settings,
    /// `r:`, what became of an order.
    Receipt,
    /// `s:`, the state of a letter.
    State,
}

impl Kind {
    /// All of them, in the order of their prefixes.
    pub const ALL: [Self; 7] = [
        Self::Attachment,
        Self::Draft,
        Self::Letter,
        Self::Order,
        Self::Settings,
        Self::Receipt,
        Self::State,
    ];

    /// The letter before the colon.
    #[must_use]
    pub const fn prefix(self) -> char {
        match self {
            Self::Attachment => 'b',
            Self::Draft => 'd',
            Self::Letter => 'l',
            Self::Order => 'o',
            Self::Settings => 'p',
            Self::Receipt => 'r',
            Self::State => 's',
        }
    }

    /// The `type` that stands in the document.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Attachment => "attachment",
            Self::Draft => "draft",
            Self::Letter => "letter",
            Self::Order => "order",
            Self::Settings => "preferences",
            Self::Receipt => "receipt",
            Self::State => "state",
        }
    }

    /// The kind that an id's prefix tells, whatever stands behind the colon.
    #[must_use]
    pub fn of(id: &str) -> Option<Self> {
        let (prefix, _) = id.split_once(':')?;
        let mut letters = prefix.chars();
        let letter = letters.next().filter(|_| letters.as_str().is_empty())?;
        Self::ALL.into_iter().find(|kind| kind.prefix() == letter)
    }
}

/// The id of a document of a mailbox. There is one way to write each: UUIDs in lower case with hyphens, hashes as 64
/// lower-case hex digits, names of preferences of `a`–`z`, `0`–`9`, `.`, `-` and `_`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DocId {
    kind: Kind,
    text: String,
}

impl DocId {
    /// The id of what has a UUID: an order, a receipt, a letter, a state or a draft. `None` for the other two kinds.
    #[must_use]
    pub fn of(kind: Kind, uuid: Uuid) -> Option<Self> {
        Self::parse(&format!("{}:{uuid}", kind.prefix()))
    }

    /// The id of a file, from the SHA-256 of its bytes as 64 lower-case hex digits. `None` when it is not that.
    #[must_use]
    pub fn of_attachment(sha256: &str) -> Option<Self> {
        Self::parse(&format!("b:{sha256}"))
    }

    /// Reads an id; `None` when it is none of a mailbox's.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let kind = Kind::of(text)?;
        let key = text.get(2..)?;
        let fits = match kind {
            Kind::Attachment => key.len() == 64 && key.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')),
            Kind::Settings => {
                (1..=limits::SETTINGS_NAME_MAX).contains(&key.len())
                    && key
                        .bytes()
                        .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'z' | b'.' | b'-' | b'_'))
            }
            // A UUID has several spellings; only one of them is an id.
            _ => key.parse::<Uuid>().is_ok_and(|uuid| uuid.to_string() == key),
        };
        fits.then(|| Self {
            kind,
            text: text.to_owned(),
        })
    }

    /// What the document is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The whole id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What stands behind the colon.
    #[must_use]
    pub fn key(&self) -> &str {
        self.text.get(2..).unwrap_or_default()
    }

    /// The UUID, for the kinds that have one.
    #[must_use]
    pub fn uuid(&self) -> Option<Uuid> {
        self.key()
            .parse()
            .ok()
            .filter(|_| !matches!(self.kind, Kind::Attachment | Kind::Settings))
    }

    /// The document of another kind with the same UUID: the state of a letter, the receipt of an order.
    #[must_use]
    pub fn twin(&self, kind: Kind) -> Option<Self> {
        Self::of(kind, self.uuid()?)
    }
}

impl fmt::Display for DocId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// This is no id of a document of a mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id of a document of a mailbox")]
pub struct NotADocId;

impl FromStr for DocId {
    type Err = NotADocId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text).ok_or(NotADocId)
    }
}

impl Serialize for DocId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for DocId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling_and_a_known_prefix() {
        let uuid = "0193f5e2-0000-7000-8000-000000000001";
        for good in [
            format!("o:{uuid}"),
            format!("d:{uuid}"),
            format!("b:{}", "0a".repeat(32)),
            "p:theme.dark-1_x".to_owned(),
        ] {
            let id = DocId::parse(&good).unwrap_or_else(|| panic!("{good}"));
            assert_eq!(id.as_str(), good);
            assert_eq!(
                serde_json::from_str::<DocId>(&serde_json::to_string(&id).expect("serializes")).expect("parses"),
                id
            );
        }
        for bad in [
            format!("o:{}", uuid.to_uppercase()),
            format!("o:{}", uuid.replace('-', "")),
            format!("x:{uuid}"),
            format!("oo:{uuid}"),
            format!("b:{}", "0A".repeat(32)),
            format!("b:{uuid}"),
            "p:".to_owned(),
            "p:ä".to_owned(),
            format!("p:{}", "x".repeat(65)),
            "o:".to_owned(),
            uuid.to_owned(),
            "é:x".to_owned(),
            String::new(),
        ] {
            assert_eq!(DocId::parse(&bad), None, "{bad}");
        }
    }

    #[test]
    fn a_letter_leads_to_its_state_and_an_order_to_its_receipt() {
        let letter = DocId::of(Kind::Letter, Uuid::from_u128(7)).expect("has a UUID");
        let state = letter.twin(Kind::State).expect("has a UUID");
        assert_eq!(state.as_str(), "s:00000000-0000-0000-0000-000000000007");
        assert_eq!(state.uuid(), letter.uuid());
        assert_eq!(letter.twin(Kind::Attachment), None);
    }
}
