//! Who gets into a mailbox, and from which page.

use crate::support::{Answer, TestApp};
use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header, request::Builder},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::fixtures;
use model::samples::{ADA, GRACE};
use serde_json::json;

async fn send(app: &TestApp, request: Builder) -> Answer {
    let body = Body::from(json!({"docs": []}).to_string());
    let request = request
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::HOST, "127.0.0.1:3000");
    app.send(request.body(body).expect("a request")).await
}

fn basic(login: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{login}:{password}")))
}

async fn cookie(app: &TestApp) -> String {
    let sign_in = json!({"login": "ada", "password": ADA.password});
    let answer = app.post("/api/v1/session", None, sign_in).await;
    answer
        .header("set-cookie")
        .split(';')
        .next()
        .expect("a cookie")
        .to_owned()
}

#[tokio::test]
async fn owners_come_by_token_cookie_or_password_and_others_do_not() {
    let app = TestApp::start().await;
    let (ada, grace) = (app.token(ADA).await, app.token(GRACE).await);
    let key = app.api_key(&[]).await;
    for (name, value, status) in [
        ("authorization", format!("Bearer {ada}"), 200),
        ("cookie", cookie(&app).await, 200),
        ("authorization", basic("ada", ADA.password), 200),
        ("authorization", basic(ADA.email, ADA.password), 200),
        ("x-nothing", "x".into(), 401),
        ("authorization", basic("ada", "wrong"), 401),
        ("authorization", "Basic nonsense".into(), 401),
        ("authorization", "Bearer nonsense".into(), 401),
        ("authorization", format!("Bearer {key}"), 403),
        ("authorization", format!("Bearer {grace}"), 404),
    ] {
        let answer = send(&app, Request::get("/mailbox/ada").header(name, &value)).await;
        assert_eq!(answer.status.as_u16(), status, "{name} {value}: {}", answer.text);
        assert!(status == 200 || answer.json()["reason"].is_string(), "{}", answer.text);
    }
    assert!(
        !send(&app, Request::get("/mailbox/ada"))
            .await
            .header("www-authenticate")
            .contains("Basic")
    );
    for path in [
        "/mailbox/",
        "/mailbox/ada/x",
        "/mailbox/ada/_changes",
        "/mailbox/nobody",
    ] {
        assert_eq!(
            send(&app, Request::get(path)).await.status,
            StatusCode::UNAUTHORIZED,
            "{path}"
        );
    }
}

#[tokio::test]
async fn wrong_passwords_by_basic_cost_as_much_as_on_the_sign_in_page() {
    let app = TestApp::start().await;
    app.token(ADA).await;
    let mut last = StatusCode::OK;
    for _ in 0..8 {
        let answer = send(
            &app,
            Request::get("/mailbox/ada").header("authorization", basic("ada", "wrong")),
        )
        .await;
        last = answer.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_page_of_another_site_may_read_and_write_only_when_the_operator_named_it() {
    let (env, _) = fixtures::env().await;
    let app = TestApp::with(
        env,
        json!({"env": "development", "mailbox_origins": "https://app.example.org"}),
    );
    app.token(ADA).await;
    let cookie = cookie(&app).await;
    let write = async |headers: &[(&str, &str)]| {
        let mut request = Request::post("/mailbox/ada/_bulk_docs").header("cookie", &cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        send(&app, request).await
    };
    for foreign in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
    ] {
        let answer = write(&[foreign]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{foreign:?}: {}", answer.text);
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
    assert_eq!(
        write(&[("origin", "http://127.0.0.1:3000")]).await.status,
        StatusCode::CREATED
    );
    let named = write(&[("origin", "https://app.example.org"), ("sec-fetch-site", "cross-site")]).await;
    assert_eq!(named.status, StatusCode::CREATED);
    assert_eq!(named.header("access-control-allow-origin"), "https://app.example.org");
    assert_eq!(named.header("access-control-allow-credentials"), "true");
    let asked = Request::builder()
        .method(Method::OPTIONS)
        .uri("/mailbox/ada/_bulk_docs");
    let asked = send(&app, asked.header("origin", "https://app.example.org")).await;
    assert_eq!(asked.status, StatusCode::NO_CONTENT);
    assert!(asked.header("access-control-allow-methods").contains("PUT"));
    let asked = Request::builder()
        .method(Method::OPTIONS)
        .uri("/mailbox/ada/_bulk_docs");
    let asked = send(&app, asked.header("origin", "https://evil.example")).await;
    assert_eq!(asked.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn there_is_no_laboratory_unless_it_is_asked_for() {
    let app = TestApp::start().await;
    let answer = app.call(Method::PUT, "/lab/db", None, None).await;
    assert!(!answer.status.is_success(), "{}", answer.text);
    let (env, _) = fixtures::env().await;
    let app = TestApp::with(env, json!({"env": "development", "mailbox_lab": "without_bulk_get"}));
    assert_eq!(
        app.call(Method::PUT, "/lab/db", None, None).await.status,
        StatusCode::CREATED
    );
    let answer = app.post("/lab/db/_bulk_get", None, json!({"docs": []})).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}
