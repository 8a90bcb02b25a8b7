//! The screens, as the server renders them for many at once.

use crate::support::TestApp;
use axum::http::{Method, StatusCode};
use model::samples::{ADA, GRACE, MALLORY};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pages_asked_for_at_the_same_time_are_all_whole() {
    let app = TestApp::start().await;
    let (ada, mallory) = (app.token(ADA).await, app.token(MALLORY).await);
    app.token(GRACE).await;
    let path = format!("/chat/{}", app.open(&ada, "grace").await);
    for _ in 0..10 {
        let asked = (0..20).map(|n| {
            let (app, path) = (app.clone(), path.clone());
            let (token, status) = match n % 2 {
                0 => (ada.clone(), StatusCode::OK),
                _ => (mallory.clone(), StatusCode::NOT_FOUND),
            };
            tokio::spawn(async move {
                let answer = app.call(Method::GET, &path, Some(&token), None).await;
                assert_eq!(answer.status, status, "{}", answer.text);
                assert_eq!(
                    answer.text.contains("<title>Grace Hopper"),
                    status == StatusCode::OK,
                    "{}",
                    answer.text
                );
            })
        });
        for page in futures::future::join_all(asked).await {
            page.expect("a whole page");
        }
    }
}
