//! API keys at the doors.

use crate::support::TestApp;
use axum::http::{Method, StatusCode};
use domain::fixtures;
use model::{
    Scope,
    samples::{ADA, HEDY},
};
use serde_json::json;

#[tokio::test]
async fn a_key_is_shown_once_works_until_it_is_revoked_and_is_dead_at_once() {
    let app = TestApp::start().await;
    let hedy = app.admin_token(HEDY).await;
    let wanted = json!({"name": "The shop", "scopes": ["users:read"], "days": 30});
    let made = app.post("/api/v1/api-keys", Some(&hedy), wanted).await;
    assert_eq!(
        (made.status, made.header("cache-control")),
        (StatusCode::CREATED, "no-store"),
        "{}",
        made.text
    );
    let made = made.json();
    let secret = made["secret"].as_str().expect("a secret").to_owned();
    assert!(secret.starts_with("roost_"));
    assert_eq!(app.get("/api/v1/users", &secret).await.status, StatusCode::OK);
    let list = app.get("/api/v1/api-keys", &hedy).await;
    assert!(list.json()[0]["used_at"].is_string() && !list.text.contains(&secret[6..]));
    assert!(list.json()[0]["secret"].is_null());
    let path = format!("/api/v1/api-keys/{}", made["api_key"]["id"].as_str().expect("an id"));
    assert_eq!(
        app.call(Method::DELETE, &path, Some(&hedy), None).await.status,
        StatusCode::NO_CONTENT
    );
    let dead = app.get("/api/v1/users", &secret).await;
    assert_eq!(
        (dead.status, dead.code().as_str()),
        (StatusCode::UNAUTHORIZED, "token_invalid")
    );
}

#[tokio::test]
async fn a_bad_key_is_refused_everywhere_also_where_nobody_need_be_known() {
    let app = TestApp::start().await;
    for path in ["/api/v1/users", "/api/v1/me", "/sign-in"] {
        let answer = app.get(path, "roost_AAAA").await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::UNAUTHORIZED, "token_invalid"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_key_is_no_person() {
    let app = TestApp::start().await;
    let shop = app.api_key(Scope::ALL).await;
    for path in [
        "/api/v1/me",
        "/api/v1/conversations",
        "/api/v1/sessions",
        "/api/v1/directory?q=ada",
    ] {
        let answer = app.get(path, &shop).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::FORBIDDEN, "forbidden"),
            "{path}"
        );
    }
    let keys = app.get("/api/v1/api-keys", &shop).await;
    assert_eq!(
        (keys.status, keys.code().as_str()),
        (StatusCode::FORBIDDEN, "scope_missing")
    );
}

#[tokio::test]
async fn a_server_signs_somebody_up_with_its_own_mail() {
    let app = TestApp::start().await;
    let person = json!({"email": ADA.email, "username": "ada"});
    let without = app.api_key(&[Scope::UsersWrite]).await;
    let refused = app.post("/api/v1/registration", Some(&without), person.clone()).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (StatusCode::FORBIDDEN, "scope_missing")
    );
    let shop = app.api_key(&[Scope::Registration]).await;
    let waiting = app.post("/api/v1/registration", Some(&shop), person).await;
    assert_eq!(waiting.status, StatusCode::ACCEPTED, "{}", waiting.text);
    let code = waiting.json()["code"].as_str().expect("a code").to_owned();
    assert!(
        domain::mail::list_outbox(&app.env, 10)
            .await
            .expect("the outbox")
            .is_empty()
    );
    let token = app
        .call(Method::GET, &format!("/api/v1/invitation_token/{code}"), None, None)
        .await;
    let body = json!({"token": token.json()["token"], "password": ADA.password, "password_confirmation": ADA.password});
    assert_eq!(
        app.post("/api/v1/password", None, body).await.status,
        StatusCode::CREATED
    );
    assert!(matches!(
        fixtures::newest_mail(&app.env, ADA.email).await,
        domain::mail::MailKind::Welcome { .. }
    ));
}
