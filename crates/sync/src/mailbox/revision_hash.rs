//! How our own revisions get their hash.

use super::{Rev, canonical};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, fmt::Write};

/// An attachment (in the protocol's sense) without its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stub {
    /// Its media type.
    pub content_type: String,
    /// A hash of its bytes with the name of the method in front, such as `md5-…` in base64.
    pub digest: String,
    /// How many bytes.
    pub length: u64,
    /// The generation in which it came to the document.
    pub revpos: u64,
}

/// Attachments by name.
pub type Stubs = BTreeMap<String, Stub>;

/// The hash of a revision made here: 32 lower-case hex digits, half a SHA-256 over whether it deletes, what it follows, the body
/// in its [`canonical`] form, and its attachments by name, type and digest.
///
/// So two devices that make the same edit to the same revision make the same revision, and a repeated edit is no conflict.
#[must_use]
pub fn revision_hash(deleted: bool, parent: Option<&Rev>, body: &Map<String, Value>, stubs: &Stubs) -> String {
    let mut sum = Sum::new("edit");
    sum.add(if deleted { "deleted" } else { "alive" });
    sum.add(&parent.map(Rev::to_string).unwrap_or_default());
    sum.add(&canonical(body));
    for (name, stub) in stubs {
        sum.add(name);
        sum.add(&stub.content_type);
        sum.add(&stub.digest);
    }
    sum.hex()
}

/// A hash over a list of texts that can't be taken for another list.
pub(crate) struct Sum(Sha256);

impl Sum {
    /// Sums of different purposes are never equal.
    pub(crate) fn new(purpose: &str) -> Self {
        let mut sum = Self(Sha256::new());
        sum.add(purpose);
        sum
    }

    /// Adds a text. Its length goes first, so that `ab`, `c` is not `a`, `bc`.
    pub(crate) fn add(&mut self, text: &str) {
        self.0.update(text.len().to_string());
        self.0.update(":");
        self.0.update(text);
    }

    /// The first 16 bytes in hex, as long as CouchDB's.
    pub(crate) fn hex(self) -> String {
        let bytes = self.0.finalize();
        bytes.iter().take(16).fold(String::with_capacity(32), |mut text, byte| {
            // Writing to a string does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn body(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(body) => body,
            _ => panic!("an object"),
        }
    }

    #[test]
    fn everything_that_makes_an_edit_another_one_makes_its_hash_another_one() {
        let parent = "1-a".parse().expect("a rev");
        let stub = |digest: &str| Stub {
            content_type: "text/plain".to_owned(),
            digest: digest.to_owned(),
            length: 1,
            revpos: 1,
        };
        let with = |digest: &str| Stubs::from([("a".to_owned(), stub(digest))]);
        let hashes = [
            revision_hash(false, None, &body(json!({"a": 1})), &Stubs::new()),
            revision_hash(true, None, &body(json!({"a": 1})), &Stubs::new()),
            revision_hash(false, Some(&parent), &body(json!({"a": 1})), &Stubs::new()),
            revision_hash(false, None, &body(json!({"a": 2})), &Stubs::new()),
            revision_hash(false, None, &body(json!({"a": 1})), &with("x")),
            revision_hash(false, None, &body(json!({"a": 1})), &with("y")),
        ];
        let different: std::collections::BTreeSet<_> = hashes.iter().collect();
        assert_eq!(different.len(), hashes.len());
        assert!(hashes.iter().all(|hash| hash.len() == 32));
    }

    #[test]
    fn the_hash_of_an_edit_never_changes_because_devices_of_all_versions_have_to_agree() {
        let hash = revision_hash(false, None, &body(json!({"b": 1.0, "a": "ä"})), &Stubs::new());
        assert_eq!(hash, "9f5dae5db140f106dc14651a8ccb17e0");
        assert_eq!(
            hash,
            revision_hash(false, None, &body(json!({"a": "ä", "b": 1})), &Stubs::new())
        );
    }
}
