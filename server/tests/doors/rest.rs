//! REST, as another program uses it.

use crate::support::TestApp;
use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use domain::fixtures;
use model::{
    limits,
    samples::{ADA, GRACE},
};
use serde_json::{Value, json};

#[tokio::test]
async fn a_program_signs_up_two_people_who_write_to_each_other() {
    let app = TestApp::start().await;
    let mut tokens = Vec::new();
    for player in [ADA, GRACE] {
        let body = json!({"email": player.email, "username": player.username, "display_name": player.display_name});
        let registered = app.post("/api/v1/registration", None, body).await;
        assert_eq!(registered.status, StatusCode::ACCEPTED, "{}", registered.text);
        assert!(registered.json()["registration_id"].is_string() && registered.json()["code"].is_null());
        let code = fixtures::newest_code(&app.env, player.email).await;
        let exchanged = app
            .call(Method::GET, &format!("/api/v1/invitation_token/{code}"), None, None)
            .await;
        assert_eq!(exchanged.status, StatusCode::OK);
        let again = app
            .call(Method::GET, &format!("/api/v1/invitation_token/{code}"), None, None)
            .await;
        assert_eq!(
            (again.status, again.code().as_str()),
            (StatusCode::FORBIDDEN, "code_invalid")
        );
        let body = json!({
            "token": exchanged.json()["token"], "password": player.password,
            "password_confirmation": player.password, "session": "token",
        });
        let set = app.post("/api/v1/password", None, body).await;
        assert_eq!(set.status, StatusCode::CREATED, "{}", set.text);
        assert_eq!(set.json()["account"]["email"], player.email);
        tokens.push(set.json()["access_token"].as_str().expect("a token").to_owned());
    }
    let found = app.get("/api/v1/directory?q=gra", &tokens[0]).await.json();
    assert_eq!(found[0]["display_name"], GRACE.display_name);
    assert!(found[0]["email"].is_null(), "others do not see the address");
    let open = json!({"kind": "direct", "with": "grace"});
    let opened = app.post("/api/v1/conversations", Some(&tokens[0]), open.clone()).await;
    assert_eq!(opened.status, StatusCode::CREATED);
    assert_eq!(
        app.post("/api/v1/conversations", Some(&tokens[0]), open).await.status,
        StatusCode::OK
    );
    let path = format!("/api/v1/conversations/{}", opened.json()["id"].as_str().expect("an id"));
    let message = json!({"client_id": app.env.new_id(), "body": "Good morning"});
    let messages = format!("{path}/messages");
    let sent = app.post(&messages, Some(&tokens[0]), message.clone()).await;
    assert_eq!((sent.status, &sent.json()["seq"]), (StatusCode::CREATED, &json!(1)));
    let twice = app.post(&messages, Some(&tokens[0]), message).await;
    assert_eq!((twice.status, twice.json()), (StatusCode::OK, sent.json()));
    let list = app.get("/api/v1/conversations", &tokens[1]).await.json();
    assert_eq!(
        (&list[0]["unread"], &list[0]["title"]),
        (&json!(1), &json!(ADA.display_name))
    );
    let read = app
        .call(
            Method::PUT,
            &format!("{path}/read"),
            Some(&tokens[1]),
            Some(json!({"seq": 1})),
        )
        .await;
    assert_eq!(read.json(), json!({"seq": 1}));
    let log = app.get(&messages, &tokens[1]).await.json();
    assert_eq!(
        (&log["items"][0]["body"], &log["has_more"]),
        (&json!("Good morning"), &json!(false))
    );
}

#[tokio::test]
async fn bad_input_is_answered_with_a_specific_problem() {
    let app = TestApp::start().await;
    let cases: [(Value, StatusCode, &str, &str); 6] = [
        (
            json!(["ada", ADA.password, null]),
            StatusCode::UNPROCESSABLE_ENTITY,
            "malformed_body",
            "not a JSON object",
        ),
        (
            json!({"login": "ada"}),
            StatusCode::UNPROCESSABLE_ENTITY,
            "malformed_body",
            "missing field `password`",
        ),
        (
            json!({"login": "ada", "password": "x", "pasword": 1}),
            StatusCode::UNPROCESSABLE_ENTITY,
            "malformed_body",
            "unknown field `pasword`",
        ),
        (
            json!({"login": 7, "password": "x"}),
            StatusCode::UNPROCESSABLE_ENTITY,
            "malformed_body",
            "invalid type",
        ),
        (
            json!({"login": "ada", "password": "x", "session": "disk"}),
            StatusCode::UNPROCESSABLE_ENTITY,
            "malformed_body",
            "unknown variant `disk`",
        ),
        (
            json!({"login": "ada", "password": "wrong"}),
            StatusCode::UNAUTHORIZED,
            "credentials_invalid",
            "not right",
        ),
    ];
    for (body, status, code, says) in cases {
        let answer = app.post("/api/v1/session", None, body.clone()).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{body}");
        assert!(
            answer.json()["detail"].as_str().expect("a detail").contains(says),
            "{}",
            answer.text
        );
    }
    let form = Request::post("/api/v1/session")
        .header(header::CONTENT_TYPE, "text/plain")
        .body(Body::from("{}"));
    let answer = app.send(form.expect("a request")).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type_unsupported")
    );
    let huge = json!({"login": "x".repeat(limits::BODY_MAX_BYTES), "password": ""});
    let answer = app.post("/api/v1/session", None, huge).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::PAYLOAD_TOO_LARGE, "too_large")
    );
    let answer = app.call(Method::GET, "/api/v1/nothing", None, None).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::NOT_FOUND, "not_found")
    );
    let ada = app.token(ADA).await;
    let answer = app.call(Method::DELETE, "/api/v1/registration", Some(&ada), None).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed")
    );
}

#[tokio::test]
async fn fields_that_are_wrong_are_all_named() {
    let app = TestApp::start().await;
    let answer = app
        .post("/api/v1/registration", None, json!({"email": "x", "username": "?"}))
        .await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, "invalid")
    );
    let errors = answer.json()["errors"].clone();
    assert!(
        errors["email"][0].is_string() && errors["username"][0].is_string(),
        "{errors}"
    );
}

#[tokio::test]
async fn pages_of_a_log_and_ids_are_checked() {
    let app = TestApp::start().await;
    let ada = app.token(ADA).await;
    app.token(GRACE).await;
    let id = app.open(&ada, "grace").await;
    for bad in [
        "limit=0",
        "limit=101",
        "limit=x",
        "limit=-1",
        "before=1&after=1",
        "befor=1",
    ] {
        let answer = app
            .get(&format!("/api/v1/conversations/{id}/messages?{bad}"), &ada)
            .await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{bad}: {}",
            answer.text
        );
        answer.code();
    }
    let answer = app.get("/api/v1/conversations/not-an-id/messages", &ada).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::NOT_FOUND, "not_found")
    );
}

#[tokio::test]
async fn too_many_tries_are_told_when_to_come_back() {
    let app = TestApp::start().await;
    let wrong = json!({"login": "ada", "password": "wrong"});
    for _ in 0..20 {
        app.post("/api/v1/session", None, wrong.clone()).await;
    }
    let answer = app.post("/api/v1/session", None, wrong).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::TOO_MANY_REQUESTS, "rate_limited")
    );
    assert!(
        answer
            .header("retry-after")
            .parse::<u64>()
            .is_ok_and(|seconds| seconds > 0)
    );
}

#[tokio::test]
async fn signing_out_and_refreshing_work_as_the_contract_says() {
    let app = TestApp::start().await;
    app.token(ADA).await;
    let sign_in = json!({"login": "ada", "password": ADA.password, "session": "token"});
    let signed_in = app.post("/api/v1/session", None, sign_in).await.json();
    assert_eq!(signed_in["expires_in"], 900);
    let refresh = json!({"refresh_token": signed_in["refresh_token"]});
    let pair = app.post("/api/v1/session/refresh", None, refresh).await.json();
    let token = pair["access_token"].as_str().expect("a token");
    assert_eq!(app.get("/api/v1/me", token).await.json()["username"], "ada");
    let out = app.call(Method::DELETE, "/api/v1/session", Some(token), None).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    let after = app.get("/api/v1/me", token).await;
    assert_eq!(
        (after.status, after.code().as_str()),
        (StatusCode::UNAUTHORIZED, "token_invalid")
    );
}

#[tokio::test]
async fn a_browser_gets_a_cookie_that_scripts_cannot_read() {
    let app = TestApp::start().await;
    app.token(ADA).await;
    let answer = app
        .post(
            "/api/v1/session",
            None,
            json!({"login": "ada", "password": ADA.password}),
        )
        .await;
    let cookie = answer.header("set-cookie").to_owned();
    assert!(
        cookie.starts_with("roost=") && cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );
    assert!(answer.json()["access_token"].is_null());
    let value = cookie.split(';').next().expect("a value");
    let me = Request::get("/api/v1/me")
        .header(header::COOKIE, value)
        .body(Body::empty())
        .expect("a request");
    assert_eq!(app.send(me).await.json()["username"], "ada");
}

#[tokio::test]
async fn under_https_the_cookie_is_secure_and_browsers_are_told_to_stay_there() {
    let (env, _) = fixtures::env().await;
    let app = TestApp::with(env, json!({"public_url": "https://chat.example.org"}));
    app.token(ADA).await;
    let answer = app
        .post(
            "/api/v1/session",
            None,
            json!({"login": "ada", "password": ADA.password}),
        )
        .await;
    let cookie = answer.header("set-cookie");
    assert!(
        cookie.starts_with("__Host-roost=") && cookie.ends_with("; Secure"),
        "{cookie}"
    );
    assert!(
        answer
            .header("strict-transport-security")
            .starts_with("max-age=31536000")
    );
    let dev = app.call(Method::GET, "/dev/mail.json", None, None).await;
    assert_eq!(dev.status, StatusCode::NOT_FOUND, "there is no /dev in production");
}

#[tokio::test]
async fn the_documents_describe_themselves_and_load_nothing_from_elsewhere() {
    let app = TestApp::start().await;
    let document = app.call(Method::GET, "/api/openapi.json", None, None).await.json();
    assert!(document["openapi"].as_str().expect("a version").starts_with("3.1"));
    assert!(document["paths"]["/api/v1/registration"]["post"]["responses"]["202"].is_object());
    let page = app.call(Method::GET, "/api/docs/", None, None).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        !page.text.contains("http://") && !page.text.contains("https://"),
        "{}",
        page.text
    );
    assert!(page.header("content-security-policy").contains("script-src 'self'"));
}

#[tokio::test]
async fn health_is_told_to_anybody() {
    let app = TestApp::start().await;
    for path in ["/healthz", "/readyz"] {
        assert_eq!(
            app.call(Method::GET, path, None, None).await.status,
            StatusCode::OK,
            "{path}"
        );
    }
}
