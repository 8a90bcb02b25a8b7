//! The documents of the REST door: whether they are whole, and whether they are true.

use crate::support::TestApp;
use axum::http::{Method, StatusCode};
use model::samples::ADA;
use roost::{
    api::{
        examples::UNKNOWN,
        openapi::{document, operations},
        postman,
    },
    router::{PUBLIC_API, SIGNS_IN_BY_ITSELF},
};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// What an operation lacks.
fn lacks(document: &Value, operation: &Value) -> Vec<String> {
    let mut lacks = Vec::new();
    let mut want = |there: bool, what: &str| {
        if !there {
            lacks.push(what.to_owned());
        }
    };
    let words = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    let tags = document["tags"].as_array().expect("tags");
    want(words(&operation["summary"]), "a summary");
    want(
        tags.iter()
            .any(|tag| tag["name"] == operation["tags"][0] && words(&tag["description"])),
        "a tag that is described",
    );
    want(operation["security"].is_array(), "who may call it");
    let mut errors = vec!["401", "429", "500", "503"];
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let name = &parameter["name"];
        want(words(&parameter["description"]), &format!("a description of {name}"));
        want(!parameter["example"].is_null(), &format!("an example of {name}"));
        errors.push(if parameter["in"] == "path" { "404" } else { "422" });
    }
    if operation["requestBody"].is_object() {
        errors.extend(["413", "415", "422"]);
        want(is_exemplified(&operation["requestBody"]), "an example of its body");
    }
    let answers = operation["responses"].as_object().expect("responses");
    want(
        answers.keys().any(|status| status.starts_with('2')),
        "an answer when all is well",
    );
    for error in errors {
        want(answers.contains_key(error), &format!("the answer {error}"));
    }
    for (status, answer) in answers {
        if status.starts_with('2') {
            want(words(&answer["description"]), &format!("a description of {status}"));
            want(is_exemplified(answer), &format!("an example of {status}"));
        } else {
            // Their codes are known then, and each has its example.
            want(
                answer["$ref"].is_string(),
                &format!("the codes of {status} (server/src/api/codes.rs)"),
            );
        }
    }
    lacks
}

/// Whether each content has an example that says something of every field. Without any content there is nothing to show.
fn is_exemplified(holder: &Value) -> bool {
    let contents = holder["content"].as_object().into_iter().flat_map(Map::values);
    contents.into_iter().all(|content| {
        let example = if content["examples"].is_object() {
            &content["examples"]
        } else {
            &content["example"]
        };
        !example.is_null() && !example.to_string().contains(UNKNOWN)
    })
}

#[test]
fn every_operation_is_told_completely() {
    let document = document();
    let mut broken = Vec::new();
    let mut names = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        let lacks = lacks(&document, operation);
        if !lacks.is_empty() {
            broken.push(format!("{method} {path} lacks {}", lacks.join(", ")));
        }
        assert!(
            names.insert(operation["operationId"].to_string()),
            "{} twice",
            operation["operationId"]
        );
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn an_operation_that_lacks_anything_is_noticed() {
    let document = document();
    let whole = &document["paths"]["/api/v1/conversations/{id}/messages"]["post"];
    assert!(lacks(&document, whole).is_empty());
    let content = "/requestBody/content/application~1json";
    for lost in [
        "/summary",
        "/tags",
        "/security",
        "/responses/404",
        "/responses/409/$ref",
        &format!("{content}/example"),
    ] {
        let mut broken = whole.clone();
        let (holder, key) = lost.rsplit_once('/').expect("a path");
        let holder = broken
            .pointer_mut(holder)
            .and_then(Value::as_object_mut)
            .expect("an object");
        assert!(holder.remove(key).is_some(), "{lost}");
        assert!(!lacks(&document, &broken).is_empty(), "{lost}");
    }
    let mut broken = whole.clone();
    *broken.pointer_mut(&format!("{content}/example/body")).expect("a field") = UNKNOWN.into();
    assert!(!lacks(&document, &broken).is_empty(), "a field without an example");
}

#[test]
fn every_field_that_is_text_says_what_it_looks_like() {
    let document = document();
    let schemas = document["components"]["schemas"].as_object().expect("schemas");
    let mut broken = Vec::new();
    for (name, schema) in schemas.iter().filter(|(name, _)| *name != "ProblemDocument") {
        for (field, schema) in schema["properties"].as_object().into_iter().flatten() {
            let text = schema["type"] == "string" || schema["type"][0] == "string";
            if text && schema["examples"].is_null() && schema["enum"].is_null() {
                broken.push(format!("{name}.{field}"));
            }
        }
    }
    assert!(
        broken.is_empty(),
        "server/src/api/fields.rs does not know {}",
        broken.join(", ")
    );
}

#[test]
fn limits_are_those_of_the_rules() {
    let document = document();
    let field = |name: &str, field: &str| &document["components"]["schemas"][name]["properties"][field];
    assert_eq!(field("Register", "username")["minLength"], model::limits::USERNAME_MIN);
    assert_eq!(
        field("SetPassword", "password")["minLength"],
        model::limits::PASSWORD_MIN
    );
    assert!(
        field("SignIn", "password")["minLength"].is_null(),
        "an old password may be shorter"
    );
    assert_eq!(field("SendMessage", "body")["maxLength"], model::limits::MESSAGE_MAX);
    let list = &document["paths"]["/api/v1/conversations/{id}/messages"]["get"]["parameters"];
    let limit = list
        .as_array()
        .expect("parameters")
        .iter()
        .find(|one| one["name"] == "limit");
    assert_eq!(limit.expect("a limit")["schema"]["maximum"], model::limits::PAGE_MAX);
}

#[test]
fn the_public_operations_are_the_public_routes() {
    let document = document();
    let told: BTreeSet<(String, &str)> = operations(&document)
        .filter(|(.., operation)| {
            let ways = operation["security"].as_array().expect("ways");
            ways.iter().all(|way| way["token"].is_null())
        })
        .map(|(method, path, _)| (method, path))
        .collect();
    assert_eq!(
        told,
        PUBLIC_API
            .iter()
            .chain([&SIGNS_IN_BY_ITSELF])
            .map(|(method, path)| ((*method).to_owned(), *path))
            .collect()
    );
}

#[tokio::test]
async fn every_example_of_a_request_is_understood() {
    let document = document();
    let example = |parameter: &Value| match &parameter["example"] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    for (method, path, operation) in operations(&document) {
        // Anew each time: some end the session, or the account.
        let app = TestApp::start().await;
        let signed_up = app.token(ADA).await;
        let (mut url, mut query) = (path.to_owned(), Vec::new());
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().expect("a name");
            if parameter["in"] == "path" {
                url = url.replace(&format!("{{{name}}}"), &example(parameter));
            } else if name != "before" {
                query.push(format!("{name}={}", example(parameter).replace(' ', "%20")));
            }
        }
        let body = &operation["requestBody"]["content"]["application/json"]["example"];
        if !query.is_empty() {
            url = format!("{url}?{}", query.join("&"));
        }
        let verb = Method::from_bytes(method.as_bytes()).expect("a method");
        let body = (!body.is_null()).then(|| body.clone());
        let answer = app.call(verb, &url, Some(&signed_up), body).await;
        assert!(
            answer.status != StatusCode::UNPROCESSABLE_ENTITY || answer.code() != "malformed_body",
            "{method} {url}: {}",
            answer.text
        );
    }
}

#[test]
fn the_postman_collection_has_every_operation_ready_to_send() {
    let document = document();
    let collection = postman::collection(&document, "http://127.0.0.1:3000");
    assert!(
        collection["info"]["schema"]
            .as_str()
            .is_some_and(|schema| schema.contains("/v2.1.0/"))
    );
    let variables: Vec<_> = collection["variable"]
        .as_array()
        .expect("variables")
        .iter()
        .map(|one| &one["key"])
        .collect();
    assert_eq!(variables, ["base_url", "token", "refresh_token", "login", "password"]);
    assert_eq!(collection["auth"]["bearer"][0]["value"], "{{token}}");
    let mut requests = BTreeSet::new();
    for item in collection["item"]
        .as_array()
        .expect("folders")
        .iter()
        .flat_map(|folder| folder["item"].as_array().expect("requests"))
    {
        let request = &item["request"];
        let (method, raw) = (
            request["method"].as_str().expect("a method"),
            request["url"]["raw"].as_str().expect("a URL"),
        );
        assert!(
            item["name"].is_string() && request["url"]["host"][0] == "{{base_url}}",
            "{item}"
        );
        let path: Vec<_> = request["url"]["path"]
            .as_array()
            .expect("a path")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        assert_eq!(raw, format!("{{{{base_url}}}}/{}", path.join("/")));
        for part in path.iter().filter_map(|part| part.strip_prefix(':')) {
            assert!(
                request["url"]["variable"]
                    .as_array()
                    .expect("values")
                    .iter()
                    .any(|one| one["key"] == part),
                "{item}"
            );
        }
        if let Some(body) = request["body"]["raw"].as_str() {
            assert!(
                !body.is_empty() && request["header"][0]["key"] == "Content-Type",
                "{item}"
            );
        }
        requests.insert((method.to_owned(), format!("/{}", path.join("/"))));
    }
    let as_postman = |path: &str| path.replace('{', ":").replace('}', "");
    let all: BTreeSet<_> = operations(&document)
        .map(|(method, path, _)| (method, as_postman(path)))
        .collect();
    assert_eq!(requests, all);
    let sign_in = collection.to_string();
    assert!(
        sign_in.contains("pm.collectionVariables.set('token', access_token)"),
        "signing in fills the token in"
    );
}
