//! One way to write a JSON value, so that equal values have equal hashes.

use serde_json::{Map, Number, Value};
use std::fmt::Write;

/// Largest whole number that JavaScript can tell from its neighbours.
const SAFE: f64 = 9_007_199_254_740_991.0;

/// A JSON object as text: keys sorted by their UTF-8 bytes, no blanks, and whole numbers without a fraction, because a value
/// that went through JavaScript comes back so (`1.0` as `1`).
#[must_use]
pub fn canonical(object: &Map<String, Value>) -> String {
    let mut text = String::new();
    write_object(object, &mut text);
    text
}

fn write_object(object: &Map<String, Value>, text: &mut String) {
    let mut entries: Vec<(&String, &Value)> = object.iter().collect();
    entries.sort_unstable_by_key(|(key, _)| *key);
    text.push('{');
    for (index, (key, value)) in entries.into_iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        write_text(key, text);
        text.push(':');
        write_value(value, text);
    }
    text.push('}');
}

fn write_value(value: &Value, text: &mut String) {
    match value {
        Value::Object(object) => write_object(object, text),
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_value(item, text);
            }
            text.push(']');
        }
        Value::String(words) => write_text(words, text),
        Value::Number(number) => write_number(number, text),
        Value::Bool(_) | Value::Null => text.push_str(&value.to_string()),
    }
}

fn write_text(words: &str, text: &mut String) {
    text.push_str(&Value::from(words).to_string());
}

fn write_number(number: &Number, text: &mut String) {
    let whole = number
        .as_f64()
        .filter(|float| number.is_f64() && float.fract() == 0.0 && float.abs() <= SAFE);
    // Writing to a string does not fail.
    let _ = match whole {
        Some(float) => write!(text, "{}", float + 0.0),
        None => write!(text, "{number}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(json: &str) -> String {
        canonical(&serde_json::from_str(json).expect("an object"))
    }

    #[test]
    fn equal_values_are_written_equally_whoever_wrote_them_first() {
        assert_eq!(
            written(r#"{ "b": [1, {"d": null, "c": "\u00e4"}], "a": true }"#),
            r#"{"a":true,"b":[1,{"c":"ä","d":null}]}"#
        );
        assert_eq!(
            written(r#"{"n": [1.0, -0.0, 1.50, 1e2, 9007199254740993, 1e300]}"#),
            r#"{"n":[1,0,1.5,100,9007199254740993,1e+300]}"#
        );
    }
}
