//! Questions as HTTP requests.

use super::{Question, question::HEARTBEAT};
use serde_json::{Value, json};

/// What is done with an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Replaces.
    Put,
    /// Asks with a body.
    Post,
}

/// A request below the address of the mailbox.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// What is done.
    pub method: Method,
    /// The path below the mailbox and the query: empty, or beginning with a slash.
    pub path: String,
    /// The JSON body.
    pub body: Option<Value>,
}

impl Question {
    /// The request that asks it (CouchDB's replication protocol).
    #[must_use]
    pub fn request(&self) -> Request {
        match self {
            Self::Info => get(String::new()),
            // A browser complains of every 404, and a device without a note is nothing to complain of. Other servers pass the word over.
            Self::GetNote(id) => get(format!("/_local/{}?or_null=true", encoded(id))),
            Self::PutNote { id, rev, note } => {
                let mut body = json!(note);
                if let (Value::Object(fields), Some(rev)) = (&mut body, rev) {
                    fields.insert("_rev".to_owned(), rev.as_str().into());
                }
                Request {
                    method: Method::Put,
                    path: format!("/_local/{}", encoded(id)),
                    body: Some(body),
                }
            }
            Self::Changes { since, limit, wait } => {
                let feed = if *wait {
                    format!("&feed=longpoll&heartbeat={}", HEARTBEAT.as_millis())
                } else {
                    String::new()
                };
                let since = encoded(since);
                get(format!("/_changes?style=all_docs&since={since}&limit={limit}{feed}"))
            }
            Self::BulkGet(wanted) => {
                let docs: Vec<Value> = wanted.iter().map(|(id, rev)| json!({"id": id, "rev": rev})).collect();
                post("/_bulk_get?revs=true&latest=true", json!({"docs": docs}))
            }
            Self::Leaves(id) => get(format!("/{}?open_revs=all&revs=true", encoded(id))),
            Self::RevsDiff(offered) => post("/_revs_diff", json!(offered)),
            Self::BulkDocs(docs) => post("/_bulk_docs", json!({"new_edits": false, "docs": docs})),
        }
    }
}

const fn get(path: String) -> Request {
    Request {
        method: Method::Get,
        path,
        body: None,
    }
}

fn post(path: &str, body: Value) -> Request {
    Request {
        method: Method::Post,
        path: path.to_owned(),
        body: Some(body),
    }
}

/// A part of an address (RFC 3986 §2.1): all but the unreserved characters as `%` and two hex digits.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut part, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            part.push(char::from(byte));
        } else {
            part.push_str(&format!("%{byte:02X}"));
        }
        part
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mailbox::Checkpoint;

    #[test]
    fn questions_are_asked_as_the_protocol_says() {
        let paths = [
            (Question::Info, ""),
            (Question::GetNote("a b".to_owned()), "/_local/a%20b?or_null=true"),
            (
                Question::Leaves("d:1/ä".to_owned()),
                "/d%3A1%2F%C3%A4?open_revs=all&revs=true",
            ),
        ];
        for (question, path) in paths {
            assert_eq!(question.request(), get(path.to_owned()));
        }
        let changes = |wait| Question::Changes {
            since: "42-e".to_owned(),
            limit: 7,
            wait,
        };
        assert_eq!(
            changes(false).request().path,
            "/_changes?style=all_docs&since=42-e&limit=7"
        );
        assert!(
            changes(true)
                .request()
                .path
                .ends_with("&limit=7&feed=longpoll&heartbeat=25000")
        );
        assert!(changes(true).deadline().silence > HEARTBEAT * 2);
    }

    #[test]
    fn a_note_is_put_on_the_revision_of_the_one_before_it() {
        let put = Question::PutNote {
            id: "x".to_owned(),
            rev: Some("0-3".to_owned()),
            note: Checkpoint::advanced(None, "s", "5-e".into()),
        };
        let body = put.request().body.expect("a body");
        assert_eq!((&body["_rev"], &body["last_seq"]), (&json!("0-3"), &json!("5-e")));
    }

    #[test]
    fn revisions_are_asked_for_and_handed_over_with_their_names() {
        let rev = "2-b".parse().expect("a rev");
        let bulk = Question::BulkGet(vec![("d:1".to_owned(), rev)]).request();
        assert_eq!(bulk.body, Some(json!({"docs": [{"id": "d:1", "rev": "2-b"}]})));
        let docs = Question::BulkDocs(Vec::new()).request();
        assert_eq!(docs.body, Some(json!({"new_edits": false, "docs": []})));
    }
}
