//! `filter=_selector`: which documents a changes feed tells of, said as a JSON object (a part of what CouchDB calls
//! Mango). Nothing of it is a program, so nothing of it can run away.

use super::fault::Fault;
use serde_json::{Map, Value};
use std::cmp::Ordering;

/// How deep selectors may be nested.
const DEPTH_MAX: usize = 16;

/// A condition on a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Selector {
    /// All of these.
    And(Vec<Selector>),
    /// At least one of these.
    Or(Vec<Selector>),
    /// None of these.
    Nor(Vec<Selector>),
    /// The field at this path is so.
    Field(Vec<String>, Test),
}

/// A condition on one field.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// All of these.
    All(Vec<Test>),
    /// Not this.
    Not(Box<Test>),
    /// Whether the field is there.
    Exists(bool),
    /// It is one of these.
    In(Vec<Value>),
    /// It is none of these.
    NotIn(Vec<Value>),
    /// It compares with the value in one of these ways.
    Compare(Value, &'static [Ordering]),
    /// It is not this value.
    Differs(Value),
}

impl Selector {
    /// Reads a selector.
    ///
    /// # Errors
    /// [`Fault::BadRequest`], naming what is not understood.
    pub fn parse(value: &Value) -> Result<Self, Fault> {
        object(value, &[], DEPTH_MAX)
    }

    /// Whether a document, with its `_id`, is told of.
    #[must_use]
    pub fn matches(&self, document: &Map<String, Value>) -> bool {
        match self {
            Self::And(all) => all.iter().all(|one| one.matches(document)),
            Self::Or(any) => any.iter().any(|one| one.matches(document)),
            Self::Nor(none) => !none.iter().any(|one| one.matches(document)),
            Self::Field(path, test) => test.holds(at(document, path)),
        }
    }
}

impl Test {
    fn holds(&self, value: Option<&Value>) -> bool {
        match (self, value) {
            (Self::All(all), _) => all.iter().all(|one| one.holds(value)),
            (Self::Not(test), _) => !test.holds(value),
            (Self::Exists(wanted), _) => value.is_some() == *wanted,
            // What is not there is neither like nor unlike anything.
            (_, None) => false,
            (Self::In(any), Some(value)) => any.iter().any(|one| compare(value, one) == Ordering::Equal),
            (Self::NotIn(none), Some(value)) => none.iter().all(|one| compare(value, one) != Ordering::Equal),
            (Self::Compare(with, ways), Some(value)) => ways.contains(&compare(value, with)),
            (Self::Differs(with), Some(value)) => compare(value, with) != Ordering::Equal,
        }
    }
}

fn at<'a>(document: &'a Map<String, Value>, path: &[String]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    rest.iter()
        .try_fold(document.get(first)?, |value, part| value.as_object()?.get(part))
}

fn refuse(what: impl std::fmt::Display) -> Fault {
    Fault::BadRequest(format!("Invalid selector: {what}").into())
}

/// Reads an object of conditions below a path.
fn object(value: &Value, path: &[String], depth: usize) -> Result<Selector, Fault> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(refuse("it is nested too deeply"));
    };
    let Value::Object(fields) = value else {
        return Err(refuse("it is not an object"));
    };
    let mut all = Vec::new();
    for (name, value) in fields {
        all.push(match name.as_str() {
            "$and" => Selector::And(several(value, path, depth)?),
            "$or" => Selector::Or(several(value, path, depth)?),
            "$nor" => Selector::Nor(several(value, path, depth)?),
            operator if operator.starts_with('$') => return Err(refuse(format!("{operator} is not known"))),
            field => {
                let mut path = path.to_vec();
                path.extend(field.split('.').map(str::to_owned));
                of_field(value, path, depth)?
            }
        });
    }
    Ok(Selector::And(all))
}

fn several(value: &Value, path: &[String], depth: usize) -> Result<Vec<Selector>, Fault> {
    let Value::Array(items) = value else {
        return Err(refuse("$and, $or and $nor take a list"));
    };
    items.iter().map(|item| object(item, path, depth)).collect()
}

/// A value to be equal to, an object of operators, or an object of fields further in.
fn of_field(value: &Value, path: Vec<String>, depth: usize) -> Result<Selector, Fault> {
    match value {
        Value::Object(fields) if fields.keys().any(|name| name.starts_with('$')) => {
            Ok(Selector::Field(path, tests(value, depth)?))
        }
        Value::Object(fields) if !fields.is_empty() => object(value, &path, depth),
        value => Ok(Selector::Field(path, equal(value))),
    }
}

fn equal(value: &Value) -> Test {
    Test::Compare(value.clone(), &[Ordering::Equal])
}

fn tests(value: &Value, depth: usize) -> Result<Test, Fault> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(refuse("it is nested too deeply"));
    };
    let Value::Object(operators) = value else {
        return Ok(equal(value));
    };
    let list = |value: &Value| match value {
        Value::Array(items) => Ok(items.clone()),
        _ => Err(refuse("$in and $nin take a list")),
    };
    let mut all = Vec::new();
    for (name, value) in operators {
        all.push(match name.as_str() {
            "$eq" => equal(value),
            "$ne" => Test::Differs(value.clone()),
            "$lt" => Test::Compare(value.clone(), &[Ordering::Less]),
            "$lte" => Test::Compare(value.clone(), &[Ordering::Less, Ordering::Equal]),
            "$gt" => Test::Compare(value.clone(), &[Ordering::Greater]),
            "$gte" => Test::Compare(value.clone(), &[Ordering::Greater, Ordering::Equal]),
            "$in" => Test::In(list(value)?),
            "$nin" => Test::NotIn(list(value)?),
            "$not" => Test::Not(Box::new(tests(value, depth)?)),
            "$exists" => Test::Exists(value.as_bool().ok_or_else(|| refuse("$exists takes true or false"))?),
            other => return Err(refuse(format!("{other} is not known"))),
        });
    }
    Ok(Test::All(all))
}

/// The order of JSON values: null, booleans, numbers, texts, lists, objects; within each as one expects.
fn compare(a: &Value, b: &Value) -> Ordering {
    let rank = |value: &Value| match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) => 4,
        Value::Object(_) => 5,
    };
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(Ordering::Equal),
        },
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Array(a), Value::Array(b)) => {
            let first = a.iter().zip(b).map(|(a, b)| compare(a, b)).find(|order| order.is_ne());
            first.unwrap_or_else(|| a.len().cmp(&b.len()))
        }
        (Value::Object(a), Value::Object(b)) => {
            let first = a
                .iter()
                .zip(b)
                .map(|((a, x), (b, y))| a.cmp(b).then_with(|| compare(x, y)));
            first
                .into_iter()
                .find(|order| order.is_ne())
                .unwrap_or_else(|| a.len().cmp(&b.len()))
        }
        _ => rank(a).cmp(&rank(b)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(selector: &Value, document: &Value) -> bool {
        let selector = Selector::parse(selector).unwrap_or_else(|why| panic!("{selector}: {why:?}"));
        selector.matches(document.as_object().expect("an object"))
    }

    #[test]
    fn each_operator_tells_of_what_it_says_and_of_nothing_else() {
        let letter = json!({"_id": "l:1", "type": "letter", "size": 7, "from": {"username": "ada"}, "labels": ["a", "b"], "read": null});
        for (selector, is_told) in [
            (json!({}), true),
            (json!({"type": "letter"}), true),
            (json!({"type": "draft"}), false),
            (json!({"_id": {"$gt": "l:", "$lt": "l:2"}}), true),
            (json!({"size": {"$gte": 7, "$lte": 7}}), true),
            (json!({"size": {"$gt": 7}}), false),
            (json!({"size": {"$lt": 7.5}}), true),
            (json!({"size": {"$lt": "a text is more than any number"}}), true),
            (json!({"size": 7.0}), true),
            (json!({"type": {"$in": ["letter", "draft"]}}), true),
            (json!({"type": {"$nin": ["letter", "draft"]}}), false),
            (json!({"from.username": "ada"}), true),
            (json!({"from": {"username": "ada"}}), true),
            (json!({"from": {"username": {"$ne": "ada"}}}), false),
            (json!({"subject": {"$exists": false}}), true),
            (json!({"read": {"$exists": true}}), true),
            (json!({"subject": {"$ne": "x"}}), false),
            (json!({"subject": null}), false),
            (json!({"read": null}), true),
            (json!({"labels": ["a", "b"]}), true),
            (json!({"labels": {"$gt": ["a"]}}), true),
            (json!({"$and": [{"type": "letter"}, {"size": 8}]}), false),
            (json!({"$or": [{"type": "draft"}, {"size": 7}]}), true),
            (json!({"$nor": [{"type": "draft"}, {"size": 7}]}), false),
            (json!({"size": {"$not": {"$gt": 7}}}), true),
        ] {
            assert_eq!(told(&selector, &letter), is_told, "{selector}");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused_and_not_guessed() {
        let mut deep = json!({"a": 1});
        for _ in 0..100 {
            deep = json!({"$and": [deep]});
        }
        for bad in [
            json!([]),
            json!("type"),
            json!({"$text": "x"}),
            json!({"a": {"$regex": "x"}}),
            json!({"$and": {"a": 1}}),
            json!({"a": {"$in": 1}}),
            json!({"a": {"$exists": "yes"}}),
            deep,
        ] {
            assert!(matches!(Selector::parse(&bad), Err(Fault::BadRequest(_))), "{bad}");
        }
    }
}
