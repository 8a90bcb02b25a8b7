//! The pages of administration: nothing for everybody else, and tables and forms for administrators.

use crate::support::{Answer, TestApp};
use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use domain::accounts;
use model::{
    RegistrationPolicy, Scope,
    samples::{ADA, HEDY},
};
use roost::admin_pages;

/// Posts a form as a browser does.
async fn post(app: &TestApp, path: &str, token: Option<&str>, origin: &str, form: &str) -> Answer {
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::HOST, "roost.example")
        .header(header::ORIGIN, origin)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    app.send(request.body(Body::from(form.to_owned())).expect("a request"))
        .await
}

const OWN: &str = "http://roost.example";

#[tokio::test]
async fn for_everybody_but_administrators_there_is_nothing_at_any_of_these_addresses() {
    let app = TestApp::start().await;
    let ada = app.token(ADA).await;
    let hedy = app.admin_token(HEDY).await;
    let key = app.api_key(Scope::ALL).await;
    let account = accounts::authenticate_bearer(&app.env, &hedy)
        .await
        .expect("asks")
        .expect("is there")
        .account;
    let id = account.id.to_string();
    for path in admin_pages::paths() {
        let path = path.replace("{id}", &id);
        for who in [None, Some(ada.as_str()), Some(key.as_str())] {
            let got = app.call(Method::GET, &path, who, None).await;
            let posted = post(&app, &path, who, OWN, "").await;
            for answer in [got, posted] {
                assert_eq!(
                    answer.status,
                    StatusCode::NOT_FOUND,
                    "{path} as {who:?}: {}",
                    answer.text
                );
                assert!(
                    !answer.text.contains("Administration"),
                    "{path} as {who:?}: {}",
                    answer.text
                );
            }
        }
    }
    let admin = app.get("/admin/users", &hedy).await;
    assert!(
        admin.status.is_success() && admin.text.contains("Administration"),
        "{}",
        admin.text
    );
}

#[tokio::test]
async fn what_was_refused_stands_beside_what_was_typed_and_what_was_done_is_told_once() {
    let app = TestApp::start().await;
    app.token(ADA).await;
    let hedy = app.admin_token(HEDY).await;
    let form = "email=grace%40example.org&username=ada&display_name=%3Cb%3EGrace&role=user";
    let refused = post(&app, "/admin/users/new", Some(&hedy), OWN, form).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text);
    assert!(refused.text.contains("value=\"grace@example.org\"") && refused.text.contains("username-error"));
    assert!(
        !refused.text.contains("<b>Grace"),
        "what was typed is text: {}",
        refused.text
    );

    let made = post(
        &app,
        "/admin/users/new",
        Some(&hedy),
        OWN,
        &form.replace("=ada", "=grace"),
    )
    .await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    let path = made.header("location").to_owned();
    let cookie = made
        .header("set-cookie")
        .split(';')
        .next()
        .unwrap_or_default()
        .to_owned();
    let request = |cookie: &str| {
        let request = Request::get(&path).header(header::AUTHORIZATION, format!("Bearer {hedy}"));
        request
            .header(header::COOKIE, cookie)
            .body(Body::empty())
            .expect("a request")
    };
    let page = app.send(request(&cookie)).await;
    assert!(
        page.text.contains("The account is made.") && page.text.contains("@grace"),
        "{}",
        page.text
    );
    assert!(page.header("set-cookie").contains("Max-Age=0"), "the page forgets it");
    assert!(!app.send(request("roost-done=<script>")).await.text.contains("<script>"));
}

#[tokio::test]
async fn what_is_no_account_is_not_there_and_what_is_no_number_is_told() {
    let app = TestApp::start().await;
    let hedy = app.admin_token(HEDY).await;
    let other = app.env.new_id();
    for path in [
        "/admin/users/x".to_owned(),
        format!("/admin/users/{other}"),
        format!("/admin/users/{other}/delete"),
    ] {
        let answer = app.get(&path, &hedy).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}: {}", answer.text);
    }
    let answer = post(&app, "/admin/invitations", Some(&hedy), OWN, "note=&uses=many&days=7").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text);
    assert!(answer.text.contains("Type a whole number."), "{}", answer.text);
}

#[tokio::test]
async fn a_form_on_another_site_does_nothing_here() {
    let app = TestApp::start().await;
    let hedy = app.admin_token(HEDY).await;
    let answer = post(
        &app,
        "/admin/registration",
        Some(&hedy),
        "https://evil.example",
        "policy=closed",
    )
    .await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.text);
    let policy = domain::invitations::registration_policy(&app.env).await.expect("asks");
    assert_eq!(policy, RegistrationPolicy::Open);
}
