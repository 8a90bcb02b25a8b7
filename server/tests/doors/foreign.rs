//! What other sites' pages can make a member's browser do: nothing.

use crate::support::TestApp;
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use model::samples::ADA;
use serde_json::json;

#[tokio::test]
async fn a_state_change_from_a_foreign_page_is_refused_on_every_door() {
    let app = TestApp::start().await;
    app.token(ADA).await;
    let body = json!({"login": "ada", "password": ADA.password}).to_string();
    let request = |path: &str, name: &str, value: &str| {
        Request::post(path)
            .header(header::HOST, "127.0.0.1:3000")
            .header(header::CONTENT_TYPE, "application/json")
            .header(name, value)
            .body(Body::from(body.clone()))
            .expect("a request")
    };
    for path in ["/api/v1/session", "/form/sign-in", "/form/sign-out"] {
        for (name, value) in [
            ("origin", "https://evil.example"),
            ("sec-fetch-site", "cross-site"),
            ("origin", "null"),
        ] {
            let answer = app.send(request(path, name, value)).await;
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (StatusCode::FORBIDDEN, "foreign_origin"),
                "{path} {name}"
            );
        }
    }
    for (name, value) in [("origin", "http://127.0.0.1:3000"), ("sec-fetch-site", "same-origin")] {
        let answer = app.send(request("/api/v1/session", name, value)).await;
        assert_eq!(answer.status, StatusCode::OK, "{name}: {}", answer.text);
    }
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_keep_a_page_its_own() {
    let app = TestApp::start().await;
    let mut nonces = Vec::new();
    for path in ["/sign-in", "/sign-in", "/healthz", "/api/v1/me", "/nowhere"] {
        let answer = app
            .send(Request::get(path).body(Body::empty()).expect("a request"))
            .await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), value, "{path}");
        }
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert!(
            !policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"),
            "{path}: {policy}"
        );
        if path == "/sign-in" {
            let nonce = policy
                .split("'nonce-")
                .nth(1)
                .and_then(|rest| rest.split('\'').next())
                .expect("a nonce");
            let scripts = answer.text.matches("<script").count();
            assert!(
                scripts > 0 && answer.text.matches(&format!("nonce=\"{nonce}\"")).count() >= scripts,
                "{}",
                answer.text
            );
            assert!(!answer.text.contains(" style=\"") && !answer.text.contains(" onclick="));
            nonces.push(nonce.to_owned());
        }
    }
    assert_ne!(nonces[0], nonces[1], "a nonce is made anew for each answer");
}
