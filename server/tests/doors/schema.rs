//! Whether a value is as a schema says, strictly: a field that no schema tells of is a fault, too.

use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Why a value is not as the schema says, or nothing. References lead into `document`.
pub fn fault(document: &Value, schema: &Value, value: &Value) -> Option<String> {
    let told = fields(document, schema);
    let unknown = value.as_object().into_iter().flat_map(Map::keys);
    let unknown: Vec<&String> = unknown.filter(|name| !told.contains(name.as_str())).collect();
    // Schemas without fields are maps, or no objects.
    if !told.is_empty() && !unknown.is_empty() {
        return Some(format!("{unknown:?} is not told of"));
    }
    broken(document, schema, value)
}

fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"]
        .as_str()
        .and_then(|reference| reference.strip_prefix('#'))
    {
        Some(pointer) => document
            .pointer(pointer)
            .unwrap_or_else(|| panic!("{pointer} leads nowhere")),
        None => schema,
    }
}

fn parts<'a>(schema: &'a Value, how: &str) -> impl Iterator<Item = &'a Value> {
    schema[how].as_array().into_iter().flatten()
}

/// The fields that a schema tells of, in whichever of its parts.
fn fields<'a>(document: &'a Value, schema: &'a Value) -> BTreeSet<&'a str> {
    let schema = resolved(document, schema);
    let own = schema["properties"]
        .as_object()
        .into_iter()
        .flat_map(Map::keys)
        .map(String::as_str);
    let of_parts = ["allOf", "oneOf", "anyOf"]
        .into_iter()
        .flat_map(|how| parts(schema, how));
    own.chain(of_parts.flat_map(|part| fields(document, part))).collect()
}

fn broken(document: &Value, schema: &Value, value: &Value) -> Option<String> {
    let schema = resolved(document, schema);
    if !schema["const"].is_null() && schema["const"] != *value {
        return Some(format!("{value} is not {}", schema["const"]));
    }
    if schema["enum"].as_array().is_some_and(|all| !all.contains(value)) {
        return Some(format!("{value} is none of {}", schema["enum"]));
    }
    if !is_of_type(&schema["type"], value) {
        return Some(format!("{value} is not of type {}", schema["type"]));
    }
    if let Some(why) = parts(schema, "allOf").find_map(|part| broken(document, part, value)) {
        return Some(why);
    }
    for how in ["oneOf", "anyOf"] {
        let mut faults = parts(schema, how).map(|part| fault(document, part, value)).peekable();
        if faults.peek().is_some() {
            let faults: Vec<_> = faults.collect();
            if faults.iter().all(Option::is_some) {
                return Some(format!("{value} is none of these: {faults:?}"));
            }
        }
    }
    if let Some(missing) = parts(schema, "required").find(|name| value[name.as_str().unwrap_or_default()].is_null())
        // A null counts where it may be one.
        && !value.as_object().is_some_and(|fields| fields.contains_key(missing.as_str().unwrap_or_default()))
    {
        return Some(format!("{missing} is missing in {value}"));
    }
    let inside = schema["properties"].as_object().into_iter().flatten();
    let inside = inside.filter_map(|(name, schema)| value.get(name).map(|value| (name, schema, value)));
    for (name, schema, value) in inside {
        if let Some(why) = fault(document, schema, value) {
            return Some(format!("{name}: {why}"));
        }
    }
    let items = value
        .as_array()
        .filter(|_| schema["items"].is_object())
        .into_iter()
        .flatten();
    items
        .into_iter()
        .find_map(|item| fault(document, &schema["items"], item))
}

fn is_of_type(types: &Value, value: &Value) -> bool {
    let is = |name: &Value| match name.as_str() {
        Some("null") => value.is_null(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_u64() || value.is_i64(),
        Some("number") => value.is_number(),
        Some("string") => value.is_string(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        _ => false,
    };
    match types {
        Value::Null => true,
        Value::Array(several) => several.iter().any(is),
        one => is(one),
    }
}
