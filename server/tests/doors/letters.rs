//! Letters over REST, for programs that keep no copy of the mailbox.

use crate::support::TestApp;
use axum::http::{Method, StatusCode};
use model::samples::{ADA, GRACE};
use serde_json::json;

#[tokio::test]
async fn a_program_lists_counts_finds_and_reads_letters() {
    let app = TestApp::start().await;
    let ada = app.token(ADA).await;
    let grace = app.token(GRACE).await;
    let order = json!({"type": "order", "to": ["grace"], "subject": "Notes", "body": "On the analytical engine."});
    let path = format!("/mailbox/ada/o%3A{}", app.env.new_id());
    let sent = app.call(Method::PUT, &path, Some(&ada), Some(order)).await;
    assert_eq!(sent.status, StatusCode::CREATED);
    let page = app.get("/api/v1/letters", &grace).await.json();
    assert_eq!(
        (&page["total"], &page["lines"][0]["subject"]),
        (&json!(1), &json!("Notes"))
    );
    let counts = app.get("/api/v1/letters/counts", &grace).await.json();
    assert_eq!(
        (&counts["inbox"], &counts["inbox_unread"], &counts["sent"]),
        (&json!(1), &json!(1), &json!(0))
    );
    let id = page["lines"][0]["id"].as_str().expect("an id");
    for who in [&ada, &grace] {
        let thread = app.get(&format!("/api/v1/letters/{id}"), who).await.json();
        assert_eq!(thread[0]["body"], "On the analytical engine.");
    }
    for (query, total) in [
        ("q=engin", 1),
        ("q=steam", 0),
        ("shelf=sent", 0),
        ("label=work", 0),
        ("skip=1", 1),
    ] {
        let page = app.get(&format!("/api/v1/letters?{query}"), &grace).await.json();
        assert_eq!(page["total"], total, "{query}");
    }
    for query in ["shelf=drawer", "limit=0", "skip=-1", "folder=inbox"] {
        let answer = app.get(&format!("/api/v1/letters?{query}"), &grace).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
    }
}
