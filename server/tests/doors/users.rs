//! The accounts of others over REST, as an administrator and as a server.

use crate::support::{Answer, TestApp};
use axum::http::{Method, StatusCode};
use domain::{fixtures, mail::MailKind};
use model::{
    Scope,
    samples::{ADA, GRACE, HEDY},
};
use serde_json::{Value, json};

fn refused(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.code())
}

fn id(account: &Value) -> String {
    account["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn an_administrator_makes_changes_shuts_out_and_deletes_an_account_and_the_log_tells_it() {
    let app = TestApp::start().await;
    let hedy = app.admin_token(HEDY).await;
    let person = json!({"email": ADA.email, "username": "ada", "password": ADA.password});
    let made = app.post("/api/v1/users", Some(&hedy), person).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let twin = json!({"email": "twin@example.org", "username": "Ada"});
    assert_eq!(
        refused(&app.post("/api/v1/users", Some(&hedy), twin).await),
        (409, "username_taken".into())
    );
    let path = format!("/api/v1/users/{}", id(&made.json()));
    let sign_in = async || {
        let body = json!({"login": "ada", "password": ADA.password, "session": "token"});
        app.post("/api/v1/session", None, body).await
    };
    let ada = sign_in().await.json()["access_token"]
        .as_str()
        .expect("a token")
        .to_owned();
    let patch = async |body: Value| app.call(Method::PATCH, &path, Some(&hedy), Some(body)).await;
    let changed = patch(json!({"display_name": "Ada King", "email": "countess@example.org"})).await;
    assert_eq!(
        (&changed.json()["display_name"], &changed.json()["email"]),
        (&json!("Ada King"), &json!("countess@example.org"))
    );
    assert_eq!(
        app.get("/api/v1/me", &ada).await.json()["display_name"],
        "Ada King",
        "she is still signed in"
    );
    assert!(patch(json!({"disabled": true})).await.json()["disabled_at"].is_string());
    assert_eq!(
        refused(&app.get("/api/v1/me", &ada).await),
        (401, "token_invalid".into())
    );
    assert_eq!(refused(&sign_in().await), (403, "account_disabled".into()));
    assert!(patch(json!({"disabled": false})).await.json()["disabled_at"].is_null());
    let again = sign_in().await.json()["access_token"]
        .as_str()
        .expect("a token")
        .to_owned();
    let out = app.post(&format!("{path}/sign_out"), Some(&hedy), json!({})).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert_eq!(
        refused(&app.get("/api/v1/me", &again).await),
        (401, "token_invalid".into())
    );
    let reset = app.post(&format!("{path}/reset"), Some(&hedy), json!({})).await;
    assert_eq!(reset.status, StatusCode::ACCEPTED);
    let mail = fixtures::newest_mail(&app.env, "countess@example.org").await;
    assert!(matches!(mail, MailKind::ResetCode { .. }));
    assert_eq!(
        app.call(Method::DELETE, &path, Some(&hedy), None).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(refused(&app.get(&path, &hedy).await), (404, "not_found".into()));

    let mut actions: Vec<String> = Vec::new();
    let mut next = "/api/v1/audit?limit=2".to_owned();
    for _ in 0..7 {
        let page = app.get(&next, &hedy).await.json();
        for entry in page["items"].as_array().expect("items") {
            assert_eq!(
                (&entry["by"], &entry["by_name"], &entry["target"]),
                (&json!("admin"), &json!("hedy"), &Value::Null)
            );
            actions.push(entry["action"].as_str().expect("an action").to_owned());
        }
        match page["next"].as_str() {
            Some(cursor) => next = format!("/api/v1/audit?limit=2&before={cursor}"),
            None => break,
        }
    }
    let expected = [
        "delete",
        "send_reset",
        "sign_out",
        "enable",
        "disable",
        "update",
        "create",
    ];
    assert_eq!(actions, expected.map(|action| format!("user.{action}")));
}

#[tokio::test]
async fn the_last_administrator_can_neither_go_nor_be_sent() {
    let app = TestApp::start().await;
    let hedy = app.admin_token(HEDY).await;
    let me = app.get("/api/v1/me", &hedy).await.json();
    let path = format!("/api/v1/users/{}", id(&me));
    for body in [json!({"role": "user"}), json!({"disabled": true})] {
        let answer = app.call(Method::PATCH, &path, Some(&hedy), Some(body)).await;
        assert_eq!(refused(&answer), (409, "last_admin".into()));
    }
    let answer = app.call(Method::DELETE, &path, Some(&hedy), None).await;
    assert_eq!(refused(&answer), (409, "admin_protected".into()));
}

#[tokio::test]
async fn a_server_registers_its_users_as_often_as_it_likes_and_touches_no_administrator() {
    let app = TestApp::start().await;
    let hedy = app.admin_token(HEDY).await;
    let shop = app.api_key(&[Scope::UsersRead, Scope::UsersWrite]).await;
    let person = json!({"email": ADA.email, "username": "ada", "display_name": ADA.display_name});
    let first = app.post("/api/v1/users/register", Some(&shop), person.clone()).await;
    let second = app.post("/api/v1/users/register", Some(&shop), person).await;
    assert_eq!((first.status, second.status), (StatusCode::CREATED, StatusCode::OK));
    assert_eq!(first.json(), second.json());
    let other = json!({"email": ADA.email, "username": "lovelace"});
    let clash = app.post("/api/v1/users/register", Some(&shop), other).await;
    assert_eq!(refused(&clash), (409, "email_taken".into()));
    assert!(clash.json()["errors"]["email"][0].is_string());

    let found = app.get("/api/v1/users?q=ada@exa", &shop).await.json();
    assert_eq!(
        (&found["items"][0]["username"], &found["next"]),
        (&json!("ada"), &Value::Null)
    );
    let ruler = json!({"email": GRACE.email, "username": "grace", "role": "admin"});
    assert_eq!(
        refused(&app.post("/api/v1/users", Some(&shop), ruler).await),
        (403, "scope_missing".into())
    );
    let me = app.get("/api/v1/me", &hedy).await.json();
    let path = format!("/api/v1/users/{}", id(&me));
    let taken = app
        .call(
            Method::PATCH,
            &path,
            Some(&shop),
            Some(json!({"email": "shop@example.org"})),
        )
        .await;
    assert_eq!(refused(&taken), (403, "scope_missing".into()));
    assert_eq!(
        refused(&app.call(Method::DELETE, &path, Some(&shop), None).await),
        (403, "scope_missing".into())
    );
}

#[tokio::test]
async fn a_list_has_pages_and_says_what_is_wrong_with_a_query() {
    let app = TestApp::start().await;
    let hedy = app.admin_token(HEDY).await;
    app.token(ADA).await;
    app.token(GRACE).await;
    let (mut names, mut next) = (Vec::new(), "/api/v1/users?limit=1".to_owned());
    for _ in 0..5 {
        let page = app.get(&next, &hedy).await.json();
        names.push(page["items"][0]["username"].as_str().expect("a name").to_owned());
        match page["next"].as_str() {
            Some(cursor) => next = format!("/api/v1/users?limit=1&after={cursor}"),
            None => break,
        }
    }
    assert_eq!(names, ["ada", "grace", "hedy"]);
    for bad in [
        "users?limit=0",
        "users?limit=101",
        "users?after=*",
        "users?page=2",
        "audit?before=x",
        "audit?limit=0",
    ] {
        let answer = app.get(&format!("/api/v1/{bad}"), &hedy).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{bad}: {}",
            answer.text
        );
        answer.code();
    }
}
