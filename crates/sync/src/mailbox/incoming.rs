//! A document as it comes in.

use super::{Rev, Revisions, Stubs};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// A document that somebody wants written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Incoming {
    /// `_id`; empty when there was none, and the server is to think of one.
    pub id: String,
    /// `_rev`: what it follows (an edit), or what it is (a replicated revision).
    pub rev: Option<Rev>,
    /// `_revisions`: the line of a replicated revision.
    pub revisions: Option<Revisions>,
    /// `_deleted`.
    pub deleted: bool,
    /// All fields without an underscore in front.
    pub body: Map<String, Value>,
    /// `_attachments` as they came, with their bytes, or as stubs.
    pub attachments: Map<String, Value>,
    /// The same without their bytes, once somebody has stored those. Empty after [`Incoming::parse`].
    pub stubs: Stubs,
}

/// Why something is no document, as the protocol says it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{error}: {reason}")]
pub struct Malformed {
    /// `bad_request`, `doc_validation` or `illegal_docid`; all are status 400.
    pub error: &'static str,
    /// A sentence.
    pub reason: Cow<'static, str>,
}

impl Malformed {
    fn new(error: &'static str, reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            error,
            reason: reason.into(),
        }
    }
}

/// Words with an underscore that clients send back as they got them, and that mean nothing in a write.
const PASSED_OVER: [&str; 4] = ["_conflicts", "_deleted_conflicts", "_local_seq", "_revs_info"];

impl Incoming {
    /// Reads a document (of a database, not a `_local` one) from JSON.
    ///
    /// # Errors
    /// What is wrong with it, in CouchDB's words.
    pub fn parse(value: Value) -> Result<Self, Malformed> {
        let Value::Object(fields) = value else {
            return Err(Malformed::new("bad_request", "Document must be a JSON object"));
        };
        let mut incoming = Self::default();
        for (key, value) in fields {
            if key.starts_with('_') {
                incoming.take(&key, value)?;
            } else {
                incoming.body.insert(key, value);
            }
        }
        if let (Some(revisions), Some(rev)) = (&incoming.revisions, &incoming.rev)
            && !revisions.is_of(rev)
        {
            return Err(Malformed::new("bad_request", "_revisions is not the line of _rev."));
        }
        Ok(incoming)
    }

    fn take(&mut self, key: &str, value: Value) -> Result<(), Malformed> {
        match (key, value) {
            ("_id", Value::String(id)) => {
                check_id(&id)?;
                self.id = id;
            }
            ("_id", _) => return Err(Malformed::new("illegal_docid", "Document id must be a string")),
            ("_rev", Value::Null) => {}
            ("_rev", Value::String(rev)) => {
                self.rev = Some(
                    rev.parse()
                        .map_err(|_| Malformed::new("bad_request", "Invalid rev format"))?,
                );
            }
            ("_rev", _) => return Err(Malformed::new("bad_request", "Invalid rev format")),
            ("_deleted", Value::Bool(deleted)) => self.deleted = deleted,
            ("_deleted", _) => return Err(Malformed::new("doc_validation", "_deleted must be true or false.")),
            ("_revisions", value) => {
                let line: Revisions = serde_json::from_value(value)
                    .map_err(|_| Malformed::new("doc_validation", "_revisions is malformed."))?;
                self.revisions = Some(line);
            }
            ("_attachments", Value::Object(attachments)) => self.attachments = attachments,
            ("_attachments", _) => {
                return Err(Malformed::new("doc_validation", "_attachments must be a JSON object."));
            }
            // CouchDB's replicator keeps its state in documents; they are fields like any other.
            (other, value) if other.starts_with("_replication_") => _ = self.body.insert(other.to_owned(), value),
            (other, _) if PASSED_OVER.contains(&other) => {}
            (other, _) => {
                return Err(Malformed::new(
                    "doc_validation",
                    format!("Bad special document member: {other}"),
                ));
            }
        }
        Ok(())
    }

    /// The line of a replicated revision: what it says, or the revision alone.
    #[must_use]
    pub fn line(&self) -> Option<Revisions> {
        let rev = self.rev.as_ref()?;
        Some(self.revisions.clone().unwrap_or_else(|| Revisions::only(rev)))
    }
}

/// Whether a document may have this id.
///
/// # Errors
/// `illegal_docid`, for an empty one and those with an underscore in front that mean nothing.
pub fn check_id(id: &str) -> Result<(), Malformed> {
    if id.is_empty() {
        return Err(Malformed::new("illegal_docid", "Document id must not be empty"));
    }
    if id.len() > model::limits::DOCUMENT_ID_MAX_BYTES {
        return Err(Malformed::new("illegal_docid", "Document id is too long"));
    }
    let reserved = ["_design/", "_local/"]
        .iter()
        .any(|prefix| id.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty()));
    if id.starts_with('_') && !reserved {
        return Err(Malformed::new(
            "illegal_docid",
            "Only reserved document ids may start with underscore.",
        ));
    }
    Ok(())
}

/// A document as it goes out: its body with `_id`, `_rev`, and `_deleted` and `_revisions` where they belong.
#[must_use]
pub fn outgoing(
    id: &str,
    rev: &Rev,
    deleted: bool,
    body: &Map<String, Value>,
    revisions: Option<&Revisions>,
) -> Map<String, Value> {
    let mut fields = body.clone();
    fields.insert("_id".to_owned(), id.into());
    fields.insert("_rev".to_owned(), rev.to_string().into());
    if deleted {
        fields.insert("_deleted".to_owned(), true.into());
    }
    if let Some(line) = revisions {
        let line = serde_json::json!({"start": line.start(), "ids": line.ids()});
        fields.insert("_revisions".to_owned(), line);
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_document_is_its_fields_and_the_protocols_words() {
        let json = json!({"_id": "d:1", "_rev": "2-b", "_revisions": {"start": 2, "ids": ["b", "a"]}, "_deleted": true, "a": 1});
        let incoming = Incoming::parse(json.clone()).expect("a document");
        assert_eq!((incoming.id.as_str(), incoming.deleted), ("d:1", true));
        assert_eq!(Value::from(incoming.body.clone()), json!({"a": 1}));
        let rev = incoming.rev.clone().expect("a rev");
        let back = outgoing(&incoming.id, &rev, true, &incoming.body, incoming.line().as_ref());
        assert_eq!(Value::from(back), json);
    }

    #[test]
    fn what_is_no_document_is_told_in_the_protocols_words() {
        for (json, error) in [
            (json!([]), "bad_request"),
            (json!({"_id": 1}), "illegal_docid"),
            (json!({"_id": ""}), "illegal_docid"),
            (json!({"_id": "_x"}), "illegal_docid"),
            (json!({"_id": "_design/"}), "illegal_docid"),
            (json!({"_id": "x".repeat(5_000)}), "illegal_docid"),
            (json!({"_id": "a", "_rev": "x"}), "bad_request"),
            (json!({"_id": "a", "_rev": 1}), "bad_request"),
            (json!({"_id": "a", "_zing": 1}), "doc_validation"),
            (json!({"_id": "a", "_deleted": "yes"}), "doc_validation"),
            (json!({"_id": "a", "_attachments": []}), "doc_validation"),
            (json!({"_id": "a", "_revisions": 1}), "doc_validation"),
            (
                json!({"_id": "a", "_rev": "1-a", "_revisions": {"start": 1, "ids": ["b"]}}),
                "bad_request",
            ),
            (
                json!({"_id": "a", "_rev": "1-a", "_revisions": {"start": 1, "ids": ["a", "b"]}}),
                "bad_request",
            ),
        ] {
            assert_eq!(
                Incoming::parse(json.clone()).map_err(|wrong| wrong.error),
                Err(error),
                "{json}"
            );
        }
        for id in ["a/b", "a+b c", "🚲", "_design/x", "a_b", "%2F"] {
            assert_eq!(check_id(id), Ok(()), "{id}");
        }
    }

    #[test]
    fn words_that_clients_send_back_are_passed_over() {
        let incoming =
            Incoming::parse(json!({"_id": "a", "_conflicts": ["1-b"], "_revs_info": []})).expect("a document");
        assert!(incoming.body.is_empty());
    }
}
