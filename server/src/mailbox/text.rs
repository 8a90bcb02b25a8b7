//! JSON as it is sent: the line of a document's revisions in CouchDB's order, `start` before `ids`. Clients have compared it as text.

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::Value;

struct Ordered<'a>(&'a Value);

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Array(items) => serializer.collect_seq(items.iter().map(Ordered)),
            Value::Object(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (name, value) in fields {
                    map.serialize_key(name)?;
                    match (name.as_str(), value.get("start"), value.get("ids")) {
                        ("_revisions", Some(start), Some(ids)) => map.serialize_value(&Line { start, ids })?,
                        _ => map.serialize_value(&Ordered(value))?,
                    }
                }
                map.end()
            }
            other => other.serialize(serializer),
        }
    }
}

/// A document's revisions, as they are told.
#[derive(Serialize)]
struct Line<'a> {
    start: &'a Value,
    ids: &'a Value,
}

/// A value as text.
#[must_use]
pub fn text_of(value: &Value) -> String {
    // JSON can always be written as text.
    serde_json::to_string(&Ordered(value)).unwrap_or_else(|_| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_line_of_revisions_begins_with_its_start_wherever_it_stands() {
        let document =
            json!({"_id": "a", "_revisions": {"ids": ["b", "a"], "start": 2}, "ids": {"ids": 1, "start": 2}});
        let expected = r#"{"_id":"a","_revisions":{"start":2,"ids":["b","a"]},"ids":{"ids":1,"start":2}}"#;
        assert_eq!(text_of(&document), expected);
        let rows = json!({"results": [{"docs": [{"ok": document}]}]});
        assert_eq!(
            text_of(&rows),
            format!(r#"{{"results":[{{"docs":[{{"ok":{expected}}}]}}]}}"#)
        );
        for value in [json!(null), json!(1.5), json!("\u{1f600}\n"), json!([]), json!({})] {
            assert_eq!(text_of(&value), value.to_string());
        }
    }
}
