//! Every route, called as nobody, a stranger, a member, an administrator and a server whose API key may do nothing. A
//! route that is missing from the table below fails the sweep, and so does one that answers somebody it should not.

use crate::support::TestApp;
use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use model::samples::{ADA, GRACE, HEDY, MALLORY};
use roost::router::{PUBLIC_API, SIGNS_IN_BY_ITSELF};
use serde_json::{Value, json};

/// What a route answers (nobody, stranger, member, administrator, server) when the conversation `{id}` is Ada and Grace's,
/// the message `{id}` is Ada's in it, and nothing else has these ids; `{user}` is Grace. Public routes get an empty body and complain of it, not of who asks.
const TABLE: &[(&str, &str, [u16; 5])] = &[
    ("POST", "/api/v1/registration", [422, 422, 422, 422, 422]),
    ("GET", "/api/v1/invitation_token/{code}", [403, 403, 403, 403, 403]),
    ("POST", "/api/v1/password", [422, 422, 422, 422, 422]),
    ("POST", "/api/v1/password/forgot", [422, 422, 422, 422, 422]),
    ("POST", "/api/v1/session", [422, 422, 422, 422, 422]),
    ("POST", "/api/v1/session/refresh", [422, 422, 422, 422, 422]),
    ("POST", "/api/v1/me/email", [422, 422, 422, 422, 422]),
    ("GET", "/api/v1/me", [401, 200, 200, 200, 403]),
    ("PATCH", "/api/v1/me", [401, 200, 200, 200, 403]),
    ("DELETE", "/api/v1/me", [401, 422, 422, 422, 403]),
    ("PUT", "/api/v1/me/password", [401, 422, 422, 422, 403]),
    ("GET", "/api/v1/sessions", [401, 200, 200, 200, 403]),
    ("DELETE", "/api/v1/sessions", [401, 204, 204, 204, 403]),
    ("DELETE", "/api/v1/sessions/{id}", [401, 404, 404, 404, 403]),
    ("GET", "/api/v1/directory", [401, 200, 200, 200, 403]),
    ("GET", "/api/v1/conversations", [401, 200, 200, 200, 403]),
    ("POST", "/api/v1/conversations", [401, 422, 422, 422, 403]),
    ("GET", "/api/v1/conversations/{id}", [401, 404, 200, 404, 403]),
    ("PUT", "/api/v1/conversations/{id}/read", [401, 404, 200, 404, 403]),
    ("GET", "/api/v1/conversations/{id}/messages", [401, 404, 200, 404, 403]),
    ("POST", "/api/v1/conversations/{id}/messages", [401, 404, 201, 404, 403]),
    ("PATCH", "/api/v1/conversations/{id}", [401, 404, 200, 404, 403]),
    ("GET", "/api/v1/conversations/{id}/changes", [401, 404, 200, 404, 403]),
    ("GET", "/api/v1/conversations/{id}/members", [401, 404, 200, 404, 403]),
    // The conversation is of two, whom nobody can add to or take out of.
    (
        "PUT",
        "/api/v1/conversations/{id}/members/{user}",
        [401, 404, 403, 404, 403],
    ),
    (
        "DELETE",
        "/api/v1/conversations/{id}/members/{user}",
        [401, 404, 403, 404, 403],
    ),
    ("GET", "/api/v1/messages/{id}", [401, 404, 200, 404, 403]),
    ("PATCH", "/api/v1/messages/{id}", [401, 404, 200, 404, 403]),
    ("GET", "/api/v1/messages/{id}/versions", [401, 404, 200, 404, 403]),
    (
        "PUT",
        "/api/v1/messages/{id}/reactions/{emoji}",
        [401, 404, 200, 404, 403],
    ),
    (
        "DELETE",
        "/api/v1/messages/{id}/reactions/{emoji}",
        [401, 404, 200, 404, 403],
    ),
    ("DELETE", "/api/v1/messages/{id}", [401, 404, 200, 404, 403]),
    ("DELETE", "/api/v1/conversations/{id}", [401, 404, 204, 404, 403]),
    ("GET", "/api/v1/blocks", [401, 200, 200, 200, 403]),
    ("PUT", "/api/v1/blocks/{user}", [401, 200, 200, 200, 403]),
    ("DELETE", "/api/v1/blocks/{user}", [401, 204, 204, 204, 403]),
    ("GET", "/api/v1/search", [401, 200, 200, 200, 403]),
    ("GET", "/api/v1/letters", [401, 200, 200, 200, 403]),
    ("GET", "/api/v1/letters/counts", [401, 200, 200, 200, 403]),
    ("GET", "/api/v1/letters/{id}", [401, 404, 404, 404, 403]),
    ("GET", "/api/v1/users", [401, 403, 403, 200, 403]),
    ("POST", "/api/v1/users", [401, 403, 403, 201, 403]),
    ("POST", "/api/v1/users/register", [401, 403, 403, 200, 403]),
    ("POST", "/api/v1/users/login", [401, 401, 401, 401, 401]),
    ("POST", "/api/v1/users/import", [401, 403, 403, 200, 403]),
    ("GET", "/api/v1/users/{id}", [401, 403, 403, 404, 403]),
    ("PATCH", "/api/v1/users/{id}", [401, 403, 403, 404, 403]),
    ("DELETE", "/api/v1/users/{id}", [401, 403, 403, 404, 403]),
    ("POST", "/api/v1/users/{id}/sign_out", [401, 403, 403, 404, 403]),
    ("POST", "/api/v1/users/{id}/reset", [401, 403, 403, 404, 403]),
    ("GET", "/api/v1/api-keys", [401, 403, 403, 200, 403]),
    ("POST", "/api/v1/api-keys", [401, 403, 403, 201, 403]),
    ("DELETE", "/api/v1/api-keys/{id}", [401, 403, 403, 404, 403]),
    ("GET", "/api/v1/invitations", [401, 403, 403, 200, 403]),
    ("POST", "/api/v1/invitations", [401, 403, 403, 201, 403]),
    ("DELETE", "/api/v1/invitations/{id}", [401, 403, 403, 404, 403]),
    ("GET", "/api/v1/registration_policy", [401, 403, 403, 200, 200]),
    ("PUT", "/api/v1/registration_policy", [401, 403, 403, 200, 403]),
    ("GET", "/api/v1/audit", [401, 403, 403, 200, 403]),
    // Last, since it ends the session it is called with.
    ("DELETE", "/api/v1/session", [401, 204, 204, 204, 403]),
];

fn body(app: &TestApp, method: &str, path: &str) -> Option<Value> {
    match (method, path) {
        ("PUT", "/api/v1/conversations/{id}/read") => Some(json!({"seq": 0})),
        ("POST", "/api/v1/conversations/{id}/messages") => {
            Some(json!({"client_id": app.env.new_id(), "body": "Hello"}))
        }
        // Good ones, so that what is complained of is who asks.
        ("POST", "/api/v1/users" | "/api/v1/users/register") => {
            Some(json!({"email": "ida@example.org", "username": "ida"}))
        }
        ("POST", "/api/v1/api-keys") => Some(json!({"name": "The shop", "scopes": []})),
        ("PUT", "/api/v1/registration_policy") => Some(json!({"policy": "open"})),
        ("PATCH", "/api/v1/messages/{id}") => Some(json!({"body": "Hello, Grace"})),
        ("PUT", "/api/v1/conversations/{id}/members/{user}" | "/api/v1/blocks/{user}") => None,
        ("POST" | "PATCH" | "PUT", _) | ("DELETE", "/api/v1/me") => Some(json!({})),
        _ => None,
    }
}

#[tokio::test]
async fn every_rest_route_answers_each_kind_of_caller_as_the_table_says() {
    let app = TestApp::start().await;
    let ada = app.token(ADA).await;
    app.token(GRACE).await;
    let mallory = app.token(MALLORY).await;
    let hedy = app.admin_token(HEDY).await;
    let shop = app.api_key(&[]).await;
    let id = app.open(&ada, "grace").await;
    let message = app.say(&ada, &id, "Hello").await;
    for (method, path, expected) in TABLE {
        let of = if path.starts_with("/api/v1/messages/") {
            message["id"].as_str().expect("an id")
        } else {
            &id
        };
        let url = path.replace("{id}", of).replace("{code}", "AAAAA-AAAAA");
        let url = url.replace("{user}", "grace").replace("{emoji}", "👍");
        for (who, expected) in [None, Some(&mallory), Some(&ada), Some(&hedy), Some(&shop)]
            .into_iter()
            .zip(expected)
        {
            let verb = Method::from_bytes(method.as_bytes()).expect("a method");
            let who = who.map(String::as_str);
            let answer = match *path {
                "/api/v1/users/import" => app.import(who, "", "").await,
                _ => app.call(verb, &url, who, body(&app, method, path)).await,
            };
            assert_eq!(
                answer.status.as_u16(),
                *expected,
                "{method} {path} as {who:?}: {}",
                answer.text
            );
        }
    }
}

#[tokio::test]
async fn the_table_has_every_documented_route_and_the_public_ones_are_those_that_let_nobody_in() {
    let document = serde_json::to_value(roost::api::openapi::document()).expect("a document");
    let mut documented: Vec<(String, String)> = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for method in ["get", "post", "put", "patch", "delete"]
            .iter()
            .filter(|method| item[**method].is_object())
        {
            documented.push((method.to_uppercase(), path.clone()));
        }
    }
    let mut swept: Vec<_> = TABLE
        .iter()
        .map(|(method, path, _)| (method.to_string(), path.to_string()))
        .collect();
    documented.sort();
    swept.sort();
    assert_eq!(documented, swept);
    let mut open: Vec<_> = TABLE
        .iter()
        .filter(|(method, path, _)| (*method, *path) != SIGNS_IN_BY_ITSELF)
        .filter(|(.., [nobody, ..])| *nobody != 401)
        .map(|(m, p, _)| (*m, *p))
        .collect();
    let mut public = PUBLIC_API.to_vec();
    open.sort_unstable();
    public.sort_unstable();
    assert_eq!(open, public);
}

#[test]
fn no_rest_route_goes_past_its_document() {
    let routes = include_str!("../../src/api/v1/mod.rs");
    assert!(routes.contains(".routes(routes!("), "the test looks in the wrong place");
    assert!(!routes.contains(".route("), "a route without a document is not swept");
}

/// Server functions that nobody has to be signed in for.
const PUBLIC_FORMS: &[&str] = &[
    "/form/claim-admin",
    "/form/confirm-email",
    "/form/forgot-password",
    "/form/inspect-code",
    "/form/measure-password",
    "/form/set-password",
    "/form/set-theme",
    "/form/sign-in",
    "/form/sign-out",
    "/form/sign-up",
];

#[tokio::test]
async fn every_server_function_that_is_not_public_turns_nobody_away() {
    let app = TestApp::start().await;
    let paths: Vec<_> = server_fn::axum::server_fn_paths().collect();
    assert!(paths.len() > PUBLIC_FORMS.len(), "{paths:?}");
    let id = app.env.new_id();
    let arguments = format!("conversation={id}&client_id={id}&message={id}&body=Hello&with=grace&q=gra");
    let changes = format!("conversation={id}&after=0");
    let list = "list=inbox&skip=0&limit=10";
    let letter = format!("id={id}");
    let deed = json!({"deed": {"clear": id}}).to_string();
    for (path, method) in paths {
        let (query, kind, body) = match path {
            "/form/chat-deed" => ("", "application/json", deed.as_str()),
            "/form/changes" => (changes.as_str(), "application/x-www-form-urlencoded", ""),
            "/form/letters" => (list, "application/x-www-form-urlencoded", ""),
            "/form/letter" => (letter.as_str(), "application/x-www-form-urlencoded", ""),
            _ if method == Method::GET => (arguments.as_str(), "application/x-www-form-urlencoded", ""),
            _ => ("", "application/x-www-form-urlencoded", arguments.as_str()),
        };
        let request = Request::builder()
            .method(method.clone())
            .uri(format!("{path}?{query}"))
            .header(header::CONTENT_TYPE, kind)
            .header(header::ACCEPT, "application/json")
            .body(Body::from(body.to_owned()))
            .expect("a request");
        let answer = app.send(request).await;
        let turned_away = answer.status == StatusCode::UNAUTHORIZED && answer.text.contains("not_signed_in");
        assert_eq!(
            turned_away,
            !PUBLIC_FORMS.contains(&path),
            "{method} {path}: {} {}",
            answer.status,
            answer.text
        );
    }
}

#[tokio::test]
async fn a_server_function_with_bad_arguments_says_so_and_is_no_fault_of_ours() {
    let app = TestApp::start().await;
    let request = Request::get("/form/messages?conversation=x")
        .body(Body::empty())
        .expect("a request");
    let answer = app.send(request).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text);
    assert!(answer.text.contains("malformed_body"), "{}", answer.text);
}
