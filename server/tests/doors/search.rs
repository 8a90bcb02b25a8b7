//! Finding what was said, over REST and as a page.

use crate::support::TestApp;
use axum::http::{Method, StatusCode};
use domain::search::Indexer;
use model::samples::{ADA, GRACE, MALLORY};
use serde_json::json;

#[tokio::test]
async fn a_member_finds_messages_page_by_page_and_a_stranger_finds_none() {
    let app = TestApp::start().await;
    let ada = app.token(ADA).await;
    let grace = app.token(GRACE).await;
    let mallory = app.token(MALLORY).await;
    let id = app.open(&ada, "grace").await;
    for body in ["Good morning, Grace", "Meet me at the Café", "A good day"] {
        let message = json!({"client_id": app.env.new_id(), "body": body});
        let path = format!("/api/v1/conversations/{id}/messages");
        assert_eq!(app.post(&path, Some(&ada), message).await.status, StatusCode::CREATED);
    }
    for _ in 0..2 {
        let first = app.get("/api/v1/search?q=good&limit=1", &grace).await.json();
        let hit = &first["items"][0];
        assert_eq!(
            (&hit["message"]["seq"], &hit["title"]),
            (&json!(3), &json!(ADA.display_name))
        );
        assert_eq!(hit["highlights"], json!([[2, 6]]));
        let next = first["next"].as_str().expect("there is more");
        let second = app
            .get(&format!("/api/v1/search?q=good&limit=1&after={next}"), &grace)
            .await
            .json();
        assert_eq!(
            (&second["items"][0]["message"]["seq"], &second["next"]),
            (&json!(1), &json!(null))
        );
        let here = app
            .get(&format!("/api/v1/search?q=cafe&conversation={id}&in=messages"), &ada)
            .await
            .json();
        assert_eq!(here["items"].as_array().map(Vec::len), Some(1));
        let nothing = app.get("/api/v1/search?q=good", &mallory).await.json();
        assert_eq!(nothing, json!({"items": [], "next": null}));
        Indexer::new(app.env.clone()).catch_up().await.expect("indexes");
    }
    let stranger = app
        .get(&format!("/api/v1/search?q=good&conversation={id}"), &mallory)
        .await;
    assert_eq!(
        (stranger.status, stranger.code().as_str()),
        (StatusCode::NOT_FOUND, "not_found")
    );
    for bad in [
        "q=a&in=posts",
        "q=a&in=letters",
        "q=a&limit=0",
        "q=a&after=there",
        "query=a",
    ] {
        let refused = app.get(&format!("/api/v1/search?{bad}"), &grace).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
    }
}

#[tokio::test]
async fn what_others_see_of_me_is_mine_to_change_and_to_know() {
    let app = TestApp::start().await;
    let ada = app.token(ADA).await;
    let me = app.get("/api/v1/me", &ada).await.json();
    assert_eq!(me["preferences"], json!({"read_receipts": true, "presence": true}));
    let body = json!({"presence": false});
    let changed = app
        .call(Method::PATCH, "/api/v1/me", Some(&ada), Some(body))
        .await
        .json();
    assert_eq!(
        changed["preferences"],
        json!({"read_receipts": true, "presence": false})
    );
    assert_eq!(app.get("/api/v1/me", &ada).await.json(), changed);
}
