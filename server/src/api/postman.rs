//! A Postman collection (v2.1) of the REST door, made from its OpenAPI document.

use super::codes;
use serde_json::{Map, Value, json};

/// Which format it is, as Postman recognizes it.
const FORMAT: &str = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";
/// Keeps the tokens of an answer that has any, so that the next request is signed in.
const KEEP: &str = "const { access_token, refresh_token } = pm.response.code < 300 ? pm.response.json() : {};\n\
                    if (access_token) pm.collectionVariables.set('token', access_token);\n\
                    if (refresh_token) pm.collectionVariables.set('refresh_token', refresh_token);";

/// The collection: a folder for each tag, a request for each operation, with its examples.
#[must_use]
pub fn collection(document: &Value, base_url: &str) -> Value {
    let tags = document["tags"].as_array().into_iter().flatten();
    let folders: Vec<Value> = tags
        .map(|tag| {
            let requests: Vec<Value> = super::openapi::operations(document)
                .filter(|(.., operation)| operation["tags"][0] == tag["name"])
                .map(|(method, path, operation)| request(&method, path, operation))
                .collect();
            json!({"name": tag["name"], "description": tag["description"], "item": requests})
        })
        .collect();
    let variables = [
        ("base_url", base_url),
        ("token", ""),
        ("refresh_token", ""),
        ("login", ""),
        ("password", ""),
    ];
    json!({
        "info": {
            "name": document["info"]["title"],
            "description": document["info"]["description"],
            "schema": FORMAT,
        },
        "variable": variables.map(|(key, value)| variable(key, value)),
        "auth": {"type": "bearer", "bearer": [variable("token", "{{token}}")]},
        "item": folders,
    })
}

fn variable(key: &str, value: &str) -> Value {
    json!({"key": key, "value": value, "type": "string"})
}

fn request(method: &str, path: &str, operation: &Value) -> Value {
    let mut headers = Vec::new();
    let mut request = json!({
        "method": method,
        "url": url(path, operation),
        "description": operation["description"],
    });
    let with = |scheme: &str| {
        let ways = operation["security"].as_array();
        ways.is_some_and(|ways| ways.iter().any(|way| way.get(scheme).is_some()))
    };
    if with("basic") {
        let fields = [variable("username", "{{login}}"), variable("password", "{{password}}")];
        request["auth"] = json!({"type": "basic", "basic": fields});
    } else if codes::is_public(operation) {
        request["auth"] = json!({"type": "noauth"});
    }
    if let Some((media, content)) = first(&operation["requestBody"]["content"]) {
        headers.push(json!({"key": "Content-Type", "value": media}));
        request["body"] =
            json!({"mode": "raw", "raw": text(&content["example"]), "options": {"raw": {"language": "json"}}});
    }
    request["header"] = Value::Array(headers);
    let answers = operation["responses"].as_object().into_iter().flatten();
    let answers: Vec<Value> = answers
        .filter(|(status, _)| status.starts_with('2'))
        .map(|(status, answer)| answered(status, answer, &request))
        .collect();
    let tokens = answers.iter().any(|answer| {
        answer["body"]
            .as_str()
            .is_some_and(|body| body.contains("\"access_token\""))
    });
    let mut item = json!({"name": operation["summary"], "request": request, "response": answers});
    if tokens {
        let lines: Vec<&str> = KEEP.lines().collect();
        item["event"] = json!([{"listen": "test", "script": {"type": "text/javascript", "exec": lines}}]);
    }
    item
}

/// `/a/{id}?limit=10` as Postman has it: `:id`, and each part by itself.
fn url(path: &str, operation: &Value) -> Value {
    let parts: Vec<String> = path
        .trim_start_matches('/')
        .split('/')
        .map(|part| part.replace('{', ":").replace('}', ""))
        .collect();
    let of = |place: &'static str| {
        let all = operation["parameters"].as_array().into_iter().flatten();
        all.filter(move |one| one["in"] == place)
    };
    let value = |one: &Value| match &one["example"] {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let filled: Vec<Value> = of("path")
        .map(|one| json!({"key": one["name"], "value": value(one), "description": one["description"]}))
        .collect();
    // Switched off, so that a request works as it is.
    let query: Vec<Value> = of("query")
        .map(
            |one| json!({"key": one["name"], "value": value(one), "description": one["description"], "disabled": true}),
        )
        .collect();
    json!({
        "raw": format!("{{{{base_url}}}}/{}", parts.join("/")),
        "host": ["{{base_url}}"],
        "path": parts,
        "variable": filled,
        "query": query,
    })
}

fn answered(status: &str, answer: &Value, request: &Value) -> Value {
    let body = first(&answer["content"]).map(|(_, content)| text(&content["example"]));
    json!({
        "name": answer["description"],
        "originalRequest": request,
        "code": status.parse::<u16>().unwrap_or_default(),
        "header": [],
        "body": body.unwrap_or_default(),
    })
}

fn first(content: &Value) -> Option<(&String, &Value)> {
    content
        .as_object()
        .and_then(|all: &Map<String, Value>| all.iter().next())
}

/// A text, such as JSON Lines, is itself.
fn text(example: &Value) -> String {
    match example {
        Value::String(text) => text.clone(),
        other => format!("{other:#}"),
    }
}
