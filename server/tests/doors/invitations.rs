//! Who may sign up, over REST and on the page.

use crate::support::TestApp;
use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use domain::fixtures;
use model::samples::{ADA, GRACE, HEDY};
use serde_json::{Value, json};

async fn policy(app: &TestApp, hedy: &str, policy: &str) {
    let body = json!({"policy": policy});
    let set = app
        .call(
            Method::PUT,
            "/api/v1/registration_policy",
            Some(hedy),
            Some(body.clone()),
        )
        .await;
    assert_eq!((set.status, set.json()), (StatusCode::OK, body.clone()));
    assert_eq!(app.get("/api/v1/registration_policy", hedy).await.json(), body);
}

#[tokio::test]
async fn by_invitation_only_one_comes_with_each_use_and_nobody_without() {
    let app = TestApp::start().await;
    let hedy = app.admin_token(HEDY).await;
    policy(&app, &hedy, "invite").await;
    let made = app
        .post(
            "/api/v1/invitations",
            Some(&hedy),
            json!({"note": "Book club", "uses": 1}),
        )
        .await;
    assert_eq!(
        (made.status, made.header("cache-control")),
        (StatusCode::CREATED, "no-store"),
        "{}",
        made.text
    );
    let code = made.json()["code"].clone();
    let sign_up = async |email: &str, username: &str, code: &Value| {
        let body = json!({"email": email, "username": username, "invitation": code});
        app.post("/api/v1/registration", None, body).await
    };
    for bad in [Value::Null, json!("AAAAA-AAAAA")] {
        let refused = sign_up(ADA.email, "ada", &bad).await;
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (StatusCode::FORBIDDEN, "invitation_invalid")
        );
    }
    // Both may start; the invitation is counted when an account is made.
    let mut outcomes = Vec::new();
    for player in [ADA, GRACE] {
        assert_eq!(
            sign_up(player.email, player.username, &code).await.status,
            StatusCode::ACCEPTED
        );
    }
    for player in [ADA, GRACE] {
        let code = fixtures::newest_code(&app.env, player.email).await;
        let token = app
            .call(Method::GET, &format!("/api/v1/invitation_token/{code}"), None, None)
            .await;
        let body = json!({
            "token": token.json()["token"], "password": player.password, "password_confirmation": player.password,
        });
        outcomes.push(app.post("/api/v1/password", None, body).await);
    }
    assert_eq!(outcomes[0].status, StatusCode::CREATED);
    assert_eq!(
        (outcomes[1].status, outcomes[1].code().as_str()),
        (StatusCode::FORBIDDEN, "invitation_invalid")
    );
    let list = app.get("/api/v1/invitations", &hedy).await;
    assert_eq!(
        (&list.json()[0]["uses"], &list.json()[0]["code"]),
        (&json!(1), &Value::Null)
    );
    let path = format!("/api/v1/invitations/{}", list.json()[0]["id"].as_str().expect("an id"));
    assert_eq!(
        app.call(Method::DELETE, &path, Some(&hedy), None).await.status,
        StatusCode::NO_CONTENT
    );
    let gone = app.call(Method::DELETE, &path, Some(&hedy), None).await;
    assert_eq!(
        (gone.status, gone.code().as_str()),
        (StatusCode::NOT_FOUND, "not_found")
    );
}

#[tokio::test]
async fn the_page_shows_what_the_policy_asks_for() {
    let app = TestApp::start().await;
    let hedy = app.admin_token(HEDY).await;
    let page = async |path: &str| {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        app.send(request).await.text
    };
    let open = page("/sign-up").await;
    assert!(
        open.contains("name=\"email\"") && !open.contains("name=\"invitation\""),
        "{open}"
    );
    let open = page("/sign-up?invitation=K7QM2-X9PRT").await;
    assert!(
        open.contains("type=\"hidden\" name=\"invitation\" value=\"K7QM2-X9PRT\""),
        "{open}"
    );
    policy(&app, &hedy, "invite").await;
    let asks = page("/sign-up?invitation=K7QM2-X9PRT").await;
    assert!(
        asks.contains("The code of your invitation") && asks.contains("value=\"K7QM2-X9PRT\""),
        "{asks}"
    );
    policy(&app, &hedy, "closed").await;
    let closed = page("/sign-up").await;
    assert!(
        closed.contains("takes no sign-ups") && !closed.contains("name=\"email\""),
        "{closed}"
    );
    let refused = app
        .post(
            "/api/v1/registration",
            None,
            json!({"email": ADA.email, "username": "ada"}),
        )
        .await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (StatusCode::FORBIDDEN, "registration_closed")
    );
}

#[tokio::test]
async fn the_form_carries_the_invitation_also_through_a_mistake_and_without_javascript() {
    let app = TestApp::start().await;
    let hedy = app.admin_token(HEDY).await;
    policy(&app, &hedy, "invite").await;
    let made = app.post("/api/v1/invitations", Some(&hedy), json!({})).await.json();
    let code = made["code"].as_str().expect("a code");
    let post = async |fields: String| {
        let request = Request::post("/form/sign-up")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "text/html")
            .body(Body::from(fields))
            .expect("a request");
        app.send(request).await
    };
    let mistaken = post(format!("email=x&username=ada&invitation={code}")).await;
    assert_eq!(mistaken.header("location"), format!("/sign-up?invitation={code}"));
    let done = post(format!("email={}&username=ada&invitation={code}", ADA.email)).await;
    assert_eq!(done.header("location"), "/sign-up/sent", "{}", done.text);
}
