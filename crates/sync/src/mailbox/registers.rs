//! Documents whose fields each carry when they were set, and by which device: states of letters, and preferences.

use super::canonical;
use model::mailbox::Stamp;
use serde_json::{Map, Value, json};
use std::cmp::Ordering;

/// Merges what devices made of a document, field by field: of each the one with the later stamp stands, then the one of the
/// device with the greater name, then the greater value. Commutative, associative, idempotent; a field that only one of them
/// has stays, also one that this version does not know.
#[must_use]
pub fn merge_registers(one: &Map<String, Value>, other: &Map<String, Value>) -> Map<String, Value> {
    let mut merged = one.clone();
    for (name, theirs) in other {
        let winner = match one.get(name) {
            None => theirs.clone(),
            Some(mine) => merge_value(mine, theirs),
        };
        merged.insert(name.clone(), winner);
    }
    merged
}

fn merge_value(mine: &Value, theirs: &Value) -> Value {
    match (mine, theirs) {
        // The fields of preferences stand one level deeper.
        (Value::Object(mine), Value::Object(theirs)) if moment(mine).is_none() && moment(theirs).is_none() => {
            Value::Object(merge_registers(mine, theirs))
        }
        _ if order(mine, theirs) == Ordering::Less => theirs.clone(),
        _ => mine.clone(),
    }
}

/// When a field was set, and by whom; `None` for what is no field.
fn moment(field: &Map<String, Value>) -> Option<(Stamp, &str)> {
    let at = field.get("at")?.as_str()?.parse().ok()?;
    Some((at, field.get("by")?.as_str()?))
}

fn order(one: &Value, other: &Value) -> Ordering {
    let key = |value: &Value| {
        let moment = value.as_object().and_then(moment).map(|(at, by)| (at, by.to_owned()));
        (moment, canonical(&Map::from_iter([(String::new(), value.clone())])))
    };
    key(one).cmp(&key(other))
}

/// When a field of a document was set last; the beginning of time when it is not there.
#[must_use]
pub fn set_at(body: &Map<String, Value>, field: &str) -> Stamp {
    let field = body.get(field).and_then(Value::as_object);
    field.and_then(moment).map(|(at, _)| at).unwrap_or_default()
}

/// Sets a field of a document.
pub fn set_register(body: &mut Map<String, Value>, field: &str, value: impl Into<Value>, at: Stamp, by: &str) {
    let value: Value = value.into();
    body.insert(field.to_owned(), json!({"value": value, "at": at, "by": by}));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn field(value: &str, millis: u64, by: &str) -> Value {
        json!({"value": value, "at": Stamp::new(millis, 0), "by": by})
    }

    fn body(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(body) => body,
            _ => panic!("an object"),
        }
    }

    #[test]
    fn each_field_is_taken_from_whoever_set_it_last() {
        let phone =
            body(json!({"type": "state", "folder": field("archive", 5, "phone"), "read": field("yes", 1, "phone")}));
        let laptop = body(
            json!({"type": "state", "folder": field("trash", 3, "laptop"), "read": field("no", 2, "laptop"), "new": 1}),
        );
        let merged = merge_registers(&phone, &laptop);
        assert_eq!(merged["folder"]["value"], "archive");
        assert_eq!(merged["read"]["value"], "no");
        assert_eq!((&merged["type"], &merged["new"]), (&json!("state"), &json!(1)));
    }

    #[test]
    fn preferences_are_merged_one_level_deeper() {
        let one = body(json!({"fields": {"theme": field("dark", 5, "a"), "density": field("dense", 1, "a")}}));
        let other = body(json!({"fields": {"theme": field("light", 6, "b")}}));
        let merged = merge_registers(&one, &other);
        assert_eq!(merged["fields"]["theme"]["value"], "light");
        assert_eq!(merged["fields"]["density"]["value"], "dense");
    }

    fn any_body() -> impl Strategy<Value = Map<String, Value>> {
        let field = (0_u64..4, "[ab]", "[xy]").prop_map(|(millis, by, value)| field(&value, millis, &by));
        let wild = prop_oneof![Just(json!(1)), Just(json!("x")), Just(json!({"deep": {"x": 1}}))];
        let value = prop_oneof![4 => field, 1 => wild];
        proptest::collection::btree_map("[a-d]", value, 0..4).prop_map(Map::from_iter)
    }

    proptest! {
        #[test]
        fn it_does_not_matter_in_which_order_or_how_often_states_meet(a in any_body(), b in any_body(), c in any_body()) {
            prop_assert_eq!(merge_registers(&a, &b), merge_registers(&b, &a));
            prop_assert_eq!(merge_registers(&merge_registers(&a, &b), &c), merge_registers(&a, &merge_registers(&b, &c)));
            prop_assert_eq!(merge_registers(&a, &a), a);
        }
    }
}
