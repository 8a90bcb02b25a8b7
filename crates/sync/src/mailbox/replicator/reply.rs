//! Answers out of HTTP's.

use super::{Failure, Question, Refused, Reply};
use crate::mailbox::Checkpoint;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Reads the answer to a question: its status, and its body when that was JSON.
///
/// # Errors
/// Why it is none. What a mailbox can't have said is [`Failure::Trouble`]: a proxy's error page must not count as an answer.
pub fn read_reply(question: &Question, status: u16, body: Value) -> Result<Reply, Failure> {
    match (question, status) {
        (Question::GetNote(_), 404) => return Ok(Reply::Note(None)),
        (Question::Leaves(_), 404) => return Ok(Reply::Documents(Vec::new())),
        (_, 200..=299) => {}
        (_, 401) => return Err(Failure::SignedOut),
        (_, 403 | 404) => return Err(Failure::Gone),
        (_, 409) => return Err(Failure::Conflict),
        (_, 413) => return Err(Failure::TooLarge),
        _ => return Err(Failure::Trouble),
    }
    match question {
        Question::Info => Ok(Reply::Info(seq(body.get("update_seq"))?)),
        Question::GetNote(_) if body.is_null() => Ok(Reply::Note(None)),
        Question::GetNote(_) => {
            let rev = text(&body, "_rev")?;
            // A note that nobody understands is as good as none, and is replaced.
            let note = body.as_object().cloned().and_then(note_of);
            Ok(Reply::Note(Some((rev, note.unwrap_or_else(unknown)))))
        }
        Question::PutNote { .. } => Ok(Reply::Noted(text(&body, "rev")?)),
        Question::Changes { .. } => Ok(Reply::Changes {
            last_seq: seq(body.get("last_seq"))?,
            rows: part(&body, "results")?,
        }),
        Question::BulkGet(_) => bulk(&body),
        Question::Leaves(_) => {
            let found: Vec<Map<String, Value>> = whole(body)?;
            Ok(Reply::Documents(found.into_iter().filter_map(ok).collect()))
        }
        Question::RevsDiff(_) => Ok(Reply::Missing(whole(body)?)),
        Question::BulkDocs(_) => {
            let rows: Vec<Map<String, Value>> = whole(body)?;
            Ok(Reply::Written(rows.iter().filter_map(refused).collect()))
        }
    }
}

fn note_of(mut fields: Map<String, Value>) -> Option<Checkpoint> {
    fields.retain(|name, _| !name.starts_with('_'));
    serde_json::from_value(Value::Object(fields)).ok()
}

fn unknown() -> Checkpoint {
    Checkpoint::advanced(None, "", Value::Null)
}

fn whole<T: DeserializeOwned>(body: Value) -> Result<T, Failure> {
    serde_json::from_value(body).map_err(|_| Failure::Trouble)
}

fn part<T: DeserializeOwned>(body: &Value, name: &str) -> Result<T, Failure> {
    let part = body.get(name).ok_or(Failure::Trouble)?;
    T::deserialize(part).map_err(|_| Failure::Trouble)
}

fn text(body: &Value, name: &str) -> Result<String, Failure> {
    part(body, name)
}

/// A place in the list, which some servers write as a number.
fn seq(value: Option<&Value>) -> Result<String, Failure> {
    match value {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(Value::Number(number)) => Ok(number.to_string()),
        _ => Err(Failure::Trouble),
    }
}

fn ok(mut entry: Map<String, Value>) -> Option<Map<String, Value>> {
    match entry.remove("ok") {
        Some(Value::Object(document)) => Some(document),
        _ => None,
    }
}

/// Documents that are not there any more are left out. Any other error makes the whole answer none, so that nothing is passed over.
fn bulk(body: &Value) -> Result<Reply, Failure> {
    let results: Vec<Map<String, Value>> = part(body, "results")?;
    let mut documents = Vec::new();
    for result in &results {
        let docs = result.get("docs").and_then(Value::as_array).ok_or(Failure::Trouble)?;
        for entry in docs.iter().filter_map(Value::as_object) {
            let error = entry
                .get("error")
                .map(|error| error.get("error").and_then(Value::as_str));
            match (ok(entry.clone()), error) {
                (Some(document), _) => documents.push(document),
                (None, Some(Some("not_found"))) => {}
                (None, _) => return Err(Failure::Trouble),
            }
        }
    }
    Ok(Reply::Documents(documents))
}

fn refused(row: &Map<String, Value>) -> Option<Refused> {
    let word = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    row.contains_key("error").then(|| Refused {
        id: word("id"),
        error: word("error"),
        reason: word("reason"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn changes() -> Question {
        Question::Changes {
            since: "0".to_owned(),
            limit: 1,
            wait: false,
        }
    }

    #[test]
    fn answers_are_read_in_the_shapes_of_the_protocol() {
        let info = read_reply(&Question::Info, 200, json!({"update_seq": "7-e"}));
        assert_eq!(info, Ok(Reply::Info("7-e".to_owned())));
        let rows = json!({"results": [{"seq": "1-e", "id": "d:1", "changes": [{"rev": "1-a"}], "deleted": true}], "last_seq": 1});
        let Ok(Reply::Changes { rows, last_seq }) = read_reply(&changes(), 200, rows) else {
            panic!("changes")
        };
        assert_eq!((rows.len(), rows[0].deleted, last_seq.as_str()), (1, true, "1"));
        let note = json!({"_id": "_local/x", "_rev": "0-1", "last_seq": 3, "session_id": "s"});
        let Ok(Reply::Note(Some((rev, note)))) = read_reply(&Question::GetNote("x".to_owned()), 200, note) else {
            panic!("a note")
        };
        assert_eq!(
            (rev.as_str(), note.session_id.as_str(), note.rest.len()),
            ("0-1", "s", 0)
        );
        let odd = read_reply(
            &Question::GetNote("x".to_owned()),
            200,
            json!({"_rev": "0-1", "last_seq": []}),
        );
        assert!(
            matches!(odd, Ok(Reply::Note(Some(_)))),
            "one that nobody understands can be replaced"
        );
        assert_eq!(
            read_reply(&Question::GetNote("x".to_owned()), 404, json!({})),
            Ok(Reply::Note(None))
        );
        assert_eq!(
            read_reply(&Question::GetNote("x".to_owned()), 200, Value::Null),
            Ok(Reply::Note(None))
        );
    }

    #[test]
    fn a_body_that_is_gone_is_left_out_and_any_other_error_is_an_error_of_all() {
        let bulk = |entry: Value| {
            let body = json!({"results": [{"id": "a", "docs": [{"ok": {"_id": "a"}}]}, {"id": "b", "docs": [entry]}]});
            read_reply(&Question::BulkGet(Vec::new()), 200, body)
        };
        let gone = bulk(json!({"error": {"id": "b", "rev": "1-a", "error": "not_found", "reason": "missing"}}));
        assert!(matches!(gone, Ok(Reply::Documents(found)) if found.len() == 1));
        let trouble = bulk(json!({"error": {"id": "b", "error": "internal"}}));
        assert_eq!(trouble, Err(Failure::Trouble));
    }

    #[test]
    fn only_forbidden_and_unauthorized_are_final() {
        let rows = json!([{"ok": true, "id": "a", "rev": "1-a"}, {"id": "b", "error": "forbidden", "reason": "No."}, {"id": "c", "error": "conflict"}]);
        let Ok(Reply::Written(refused)) = read_reply(&Question::BulkDocs(Vec::new()), 201, rows) else {
            panic!("rows")
        };
        let all: Vec<_> = refused.iter().map(|row| (row.id.as_str(), row.is_final())).collect();
        assert_eq!(all, [("b", true), ("c", false)]);
    }

    #[test]
    fn what_a_mailbox_can_not_have_said_is_no_answer() {
        for body in [json!(null), json!("<html>"), json!({}), json!({"results": []})] {
            assert_eq!(
                read_reply(&changes(), 200, body.clone()),
                Err(Failure::Trouble),
                "{body}"
            );
        }
        for (status, failure) in [
            (401, Failure::SignedOut),
            (404, Failure::Gone),
            (409, Failure::Conflict),
            (413, Failure::TooLarge),
            (503, Failure::Trouble),
            (302, Failure::Trouble),
        ] {
            assert_eq!(read_reply(&changes(), status, json!({})), Err(failure));
        }
    }
}
