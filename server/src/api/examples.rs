//! An example of anything that has a schema, made of the examples of its fields.

use serde_json::{Map, Value, json};

/// What stands for a text that nobody gave an example of; a test looks for it.
pub const UNKNOWN: &str = "(no example)";
/// Deeper than any schema goes; one that holds itself ends here.
const DEPTH: usize = 12;

/// An example of what a schema describes.
pub(super) fn of(schema: &Value, schemas: &Map<String, Value>) -> Value {
    example(schema, schemas, DEPTH)
}

fn example(schema: &Value, schemas: &Map<String, Value>, depth: usize) -> Value {
    let Some(depth) = depth.checked_sub(1) else {
        return Value::Null;
    };
    let inside = |schema: &Value| example(schema, schemas, depth);
    let given = schema["examples"].get(0).or_else(|| schema.get("example"));
    if let Some(given) = given.or_else(|| schema.get("const")).or_else(|| schema["enum"].get(0)) {
        return given.clone();
    }
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap_or_default();
        return schemas.get(name).map_or(Value::Null, inside);
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let mut whole = Map::new();
        for part in parts {
            if let Value::Object(fields) = inside(part) {
                whole.extend(fields);
            }
        }
        return Value::Object(whole);
    }
    for choice in ["oneOf", "anyOf"] {
        let mut choices = schema[choice].as_array().into_iter().flatten();
        if let Some(chosen) = choices.find(|one| one["type"] != "null") {
            return inside(chosen);
        }
    }
    plain(schema, inside)
}

fn plain(schema: &Value, inside: impl Fn(&Value) -> Value) -> Value {
    let kinds = schema["type"].as_array();
    let kind = kinds.map_or(&schema["type"], |kinds| {
        kinds.iter().find(|kind| *kind != "null").unwrap_or(&Value::Null)
    });
    match kind.as_str() {
        Some("array") => json!([inside(&schema["items"])]),
        Some("boolean") => json!(false),
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(1)),
        Some("string") => json!(UNKNOWN),
        _ => {
            let fields = schema["properties"].as_object().into_iter().flatten();
            Value::Object(fields.map(|(name, schema)| (name.clone(), inside(schema))).collect())
        }
    }
}
