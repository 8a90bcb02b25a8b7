//! People who come from another system, over REST.

use crate::support::TestApp;
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use model::{
    Scope, limits,
    samples::{ADA, GRACE},
};
use serde_json::json;

fn file() -> String {
    let lines = [
        json!({"email": ADA.email, "username": ADA.username, "display_name": ADA.display_name,
            "password_hash": {"algorithm": "sha1", "hash": "55f84f1ad9f2ce8ae7ec5f96a2b54e7af5bd6b31", "salt": "x"}}),
        json!({"email": "nowhere", "username": "x"}),
        json!({"email": GRACE.email, "username": GRACE.username}),
    ];
    lines.map(|line| format!("{line}\n")).concat()
}

#[tokio::test]
async fn a_server_with_the_scope_imports_a_file_and_once_more_without_a_change() {
    let app = TestApp::start().await;
    let key = app.api_key(&[Scope::UsersWrite]).await;
    let dry = app.import(Some(&key), "?dry_run=true", &file()).await;
    assert_eq!(
        (dry.status, &dry.json()["created"], &dry.json()["dry_run"]),
        (StatusCode::OK, &json!(2), &json!(true))
    );
    for (created, unchanged) in [(2, 0), (0, 2)] {
        let report = app.import(Some(&key), "", &file()).await.json();
        assert_eq!(
            (&report["created"], &report["unchanged"]),
            (&json!(created), &json!(unchanged))
        );
        assert_eq!(
            (&report["rejected"][0]["line"], &report["rejected"][0]["code"]),
            (&json!(2), &json!("invalid"))
        );
        assert_eq!(report["rejected"].as_array().map(Vec::len), Some(1));
    }
    for (key, expected) in [
        (
            app.api_key(&[Scope::UsersRead]).await,
            (StatusCode::FORBIDDEN, "scope_missing"),
        ),
        ("roost_made-up".into(), (StatusCode::UNAUTHORIZED, "token_invalid")),
    ] {
        let answer = app.import(Some(&key), "", &file()).await;
        assert_eq!((answer.status, answer.code().as_str()), expected);
    }
}

#[tokio::test]
async fn the_body_of_an_import_may_be_larger_than_others_but_not_without_end_and_is_lines_of_text() {
    let app = TestApp::start().await;
    let key = app.api_key(&[Scope::UsersWrite]).await;
    let more_than_others = "\n".repeat(limits::BODY_MAX_BYTES + 1);
    assert_eq!(
        app.import(Some(&key), "", &more_than_others).await.status,
        StatusCode::OK
    );
    let too_much = "\n".repeat(limits::IMPORT_MAX_BYTES + 1);
    let answer = app.import(Some(&key), "", &too_much).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::PAYLOAD_TOO_LARGE, "too_large")
    );
    let too_many = "{}\n".repeat(limits::IMPORT_MAX_LINES + 1);
    let answer = app.import(Some(&key), "", &too_many).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::PAYLOAD_TOO_LARGE, "too_large")
    );
    for (kind, body, status) in [
        ("application/json", b"{}".as_slice(), StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("application/x-ndjson", b"\xff\xfe", StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let request = Request::post("/api/v1/users/import")
            .header(header::AUTHORIZATION, format!("Bearer {key}"))
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(body))
            .expect("a request");
        assert_eq!(app.send(request).await.status, status, "{kind}");
    }
    let answer = app.import(Some(&key), "?dry_run=maybe", "").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text);
}
