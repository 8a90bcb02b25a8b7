//! A block over REST: enforced either way, told to nobody.

use crate::support::TestApp;
use axum::http::{Method, StatusCode};
use model::samples::{ADA, GRACE, HEDY, MALLORY};
use serde_json::{Value, json};

async fn block(app: &TestApp, token: &str, user: &str) -> Value {
    let answer = app
        .call(Method::PUT, &format!("/api/v1/blocks/{user}"), Some(token), None)
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()
}

#[tokio::test]
async fn between_two_of_whom_one_blocks_the_other_nothing_can_be_written_either_way() {
    let app = TestApp::start().await;
    let (ada, grace, mallory) = (app.token(ADA).await, app.token(GRACE).await, app.token(MALLORY).await);
    let id = app.open(&ada, "mallory").await;
    let messages = format!("/api/v1/conversations/{id}/messages");
    let his = app.say(&mallory, &id, "You will hear from me").await;
    let hers = app.say(&ada, &id, "I will not").await;
    assert_eq!(block(&app, &ada, "mallory").await["username"], "mallory");
    for (who, message) in [(&ada, &hers), (&mallory, &his)] {
        let body = json!({"client_id": app.env.new_id(), "body": "And again"});
        let path = format!("/api/v1/messages/{}", message["id"].as_str().expect("an id"));
        for (method, path, body) in [
            (Method::POST, messages.clone(), Some(body)),
            (Method::PATCH, path.clone(), Some(json!({"body": "And again"}))),
            (Method::PUT, format!("{path}/reactions/👍"), None),
        ] {
            let answer = app.call(method.clone(), &path, Some(who), body).await;
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (StatusCode::FORBIDDEN, "blocked"),
                "{method} {path}"
            );
        }
        let seen = app.get(&format!("/api/v1/conversations/{id}"), who).await.json();
        assert_eq!(seen["writable"], false);
    }
    // Who has no conversation yet can't begin one, from either side.
    block(&app, &grace, "mallory").await;
    for (who, with) in [(&grace, "mallory"), (&mallory, "grace")] {
        let open = json!({"kind": "direct", "with": with});
        let answer = app.post("/api/v1/conversations", Some(who), open).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::FORBIDDEN, "blocked"),
            "with {with}"
        );
        let group = json!({"kind": "group", "title": "Together", "members": [with]});
        let answer = app.post("/api/v1/conversations", Some(who), group).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::FORBIDDEN, "blocked"),
            "a group with {with}"
        );
    }
    let undone = app
        .call(Method::DELETE, "/api/v1/blocks/mallory", Some(&ada), None)
        .await;
    assert_eq!(undone.status, StatusCode::NO_CONTENT);
    app.say(&mallory, &id, "Thank you").await;
}

#[tokio::test]
async fn in_a_group_what_blocked_people_write_is_there_and_counts_for_nothing() {
    let app = TestApp::start().await;
    let (ada, mallory) = (app.token(ADA).await, app.token(MALLORY).await);
    let hedy = app.token(HEDY).await;
    let group = app.group(&hedy, "Nanoseconds", &["ada", "mallory"]).await;
    block(&app, &ada, "mallory").await;
    app.say(&mallory, &group, "Hear me, @ada").await;
    let seen = app.get(&format!("/api/v1/conversations/{group}"), &ada).await.json();
    assert_eq!(
        (&seen["unread"], &seen["mentions"], &seen["last_seq"]),
        (&json!(0), &json!(0), &json!(3))
    );
    let log = app
        .get(&format!("/api/v1/conversations/{group}/messages"), &ada)
        .await
        .json();
    assert_eq!(
        (&log["items"][2]["body"], &log["items"][2]["mentions"]),
        (&json!("Hear me, @ada"), &json!(null))
    );
    let others = app.get(&format!("/api/v1/conversations/{group}"), &hedy).await.json();
    assert_eq!(others["unread"], 1);
    // Nor can either add the other where they are owners.
    let own = app.group(&mallory, "Mine", &["hedy"]).await;
    let added = app
        .call(
            Method::PUT,
            &format!("/api/v1/conversations/{own}/members/ada"),
            Some(&mallory),
            None,
        )
        .await;
    assert_eq!(
        (added.status, added.code().as_str()),
        (StatusCode::FORBIDDEN, "blocked")
    );
}

#[tokio::test]
async fn blocks_are_mine_to_see_and_setting_or_lifting_one_twice_changes_nothing() {
    let app = TestApp::start().await;
    let (ada, mallory) = (app.token(ADA).await, app.token(MALLORY).await);
    let person = block(&app, &ada, "mallory").await;
    assert!(person["email"].is_null());
    let by_id = block(&app, &ada, person["id"].as_str().expect("an id")).await;
    assert_eq!(by_id, person);
    assert_eq!(
        app.get("/api/v1/blocks", &ada).await.json(),
        json!({"items": [person], "next": null})
    );
    assert_eq!(
        app.get("/api/v1/blocks", &mallory).await.json()["items"],
        json!([]),
        "the other is not told"
    );
    for (method, user, status, code) in [
        (Method::PUT, "nobody", StatusCode::NOT_FOUND, "not_found"),
        (Method::DELETE, "nobody", StatusCode::NOT_FOUND, "not_found"),
        (Method::PUT, "ada", StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
    ] {
        let answer = app
            .call(method.clone(), &format!("/api/v1/blocks/{user}"), Some(&ada), None)
            .await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (status, code),
            "{method} {user}"
        );
    }
    for _ in 0..2 {
        let lifted = app
            .call(Method::DELETE, "/api/v1/blocks/mallory", Some(&ada), None)
            .await;
        assert_eq!(lifted.status, StatusCode::NO_CONTENT);
    }
    assert_eq!(app.get("/api/v1/blocks", &ada).await.json()["items"], json!([]));
}
