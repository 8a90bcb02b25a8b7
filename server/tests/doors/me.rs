//! Oneself and one's devices, over REST and the socket.

use crate::support::TestApp;
use axum::http::{Method, StatusCode};
use domain::fixtures;
use model::samples::{ADA, GRACE};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

async fn sign_in(app: &TestApp, password: &str) -> crate::support::Answer {
    let body = json!({"login": "ada", "password": password, "session": "token"});
    app.post("/api/v1/session", None, body).await
}

fn token(signed_in: &Value) -> String {
    signed_in["access_token"].as_str().expect("a token").to_owned()
}

#[tokio::test]
async fn a_member_sees_their_devices_signs_one_out_and_then_all_others() {
    let app = TestApp::start().await;
    let first = app.token(ADA).await;
    let grace = app.token(GRACE).await;
    let second = sign_in(&app, ADA.password).await.json();
    let third = token(&sign_in(&app, ADA.password).await.json());
    let list = app.get("/api/v1/sessions", &first).await.json();
    assert_eq!(list.as_array().map(Vec::len), Some(3), "{list}");
    assert_eq!(
        (&list[0]["current"], &list[1]["current"]),
        (&json!(true), &json!(false))
    );
    let path = format!("/api/v1/sessions/{}", second["session"]["id"].as_str().expect("an id"));
    let stranger = app.call(Method::DELETE, &path, Some(&grace), None).await;
    assert_eq!(
        (stranger.status, stranger.code().as_str()),
        (StatusCode::NOT_FOUND, "not_found")
    );
    assert_eq!(
        app.call(Method::DELETE, &path, Some(&first), None).await.status,
        StatusCode::NO_CONTENT
    );
    let dead = app.get("/api/v1/me", &token(&second)).await;
    assert_eq!(
        (dead.status, dead.code().as_str()),
        (StatusCode::UNAUTHORIZED, "token_invalid")
    );
    let others = app.call(Method::DELETE, "/api/v1/sessions", Some(&first), None).await;
    assert_eq!(others.status, StatusCode::NO_CONTENT);
    assert_eq!(app.get("/api/v1/me", &third).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(app.get("/api/v1/me", &first).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_member_changes_name_address_and_password_and_deletes_the_account() {
    let app = TestApp::start().await;
    let ada = app.token(ADA).await;
    let other = token(&sign_in(&app, ADA.password).await.json());
    let patch = |body: Value| app.call(Method::PATCH, "/api/v1/me", Some(&ada), Some(body));
    assert_eq!(
        patch(json!({"display_name": "Countess"})).await.json()["display_name"],
        "Countess"
    );
    let refused = patch(json!({"email": "countess@example.org"})).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.json()["errors"]["password"].is_array());
    let asked = patch(json!({"email": "countess@example.org", "password": ADA.password})).await;
    assert_eq!(
        (asked.status, &asked.json()["email"]),
        (StatusCode::OK, &json!(ADA.email)),
        "not yet"
    );
    let code = fixtures::newest_code(&app.env, "countess@example.org").await;
    let confirmed = app.post("/api/v1/me/email", None, json!({"code": code})).await;
    assert_eq!(confirmed.json()["email"], "countess@example.org");
    let again = app.post("/api/v1/me/email", None, json!({"code": code})).await;
    assert_eq!(
        (again.status, again.code().as_str()),
        (StatusCode::FORBIDDEN, "code_invalid")
    );

    let change =
        json!({"current_password": ADA.password, "password": GRACE.password, "password_confirmation": GRACE.password});
    let changed = app
        .call(Method::PUT, "/api/v1/me/password", Some(&ada), Some(change))
        .await;
    assert_eq!(changed.status, StatusCode::NO_CONTENT, "{}", changed.text);
    assert_eq!(app.get("/api/v1/me", &other).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(sign_in(&app, ADA.password).await.status, StatusCode::UNAUTHORIZED);

    let delete = |password: &str| {
        app.call(
            Method::DELETE,
            "/api/v1/me",
            Some(&ada),
            Some(json!({"password": password})),
        )
    };
    assert_eq!(delete(ADA.password).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(delete(GRACE.password).await.status, StatusCode::NO_CONTENT);
    assert_eq!(app.get("/api/v1/me", &ada).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(sign_in(&app, GRACE.password).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_published_keys_verify_an_access_token() {
    let app = TestApp::start().await;
    let ada = app.token(ADA).await;
    let keys = app.call(Method::GET, "/.well-known/jwks.json", None, None).await;
    assert_eq!(keys.status, StatusCode::OK);
    let set: jsonwebtoken::jwk::JwkSet = serde_json::from_str(&keys.text).expect("a key set");
    let kid = jsonwebtoken::decode_header(&ada).expect("a header").kid.expect("a kid");
    let key = jsonwebtoken::DecodingKey::from_jwk(set.find(&kid).expect("the key")).expect("a key");
    let mut rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::EdDSA);
    rules.set_audience(&["http://127.0.0.1:3000"]);
    let claims = jsonwebtoken::decode::<Value>(&ada, &key, &rules)
        .expect("genuine")
        .claims;
    assert!(claims["sid"].is_string() && claims["sub"].is_string());
}

#[tokio::test]
async fn an_open_socket_hears_that_its_session_was_revoked() {
    use futures::StreamExt;
    let app = TestApp::start().await;
    let (addr, _stop) = app.listen().await;
    tokio::spawn(app.hub.clone().follow_revocations());
    let laptop = app.token(ADA).await;
    let phone = token(&sign_in(&app, ADA.password).await.json());
    let mut request = format!("ws://{addr}/api/v1/socket")
        .into_client_request()
        .expect("a request");
    request
        .headers_mut()
        .insert("authorization", format!("Bearer {phone}").parse().expect("a value"));
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.expect("opens");
    let mut next = async || {
        loop {
            let packet = socket.next().await.expect("an open socket").expect("a packet");
            if packet.is_text() {
                return packet.to_string();
            }
        }
    };
    assert!(next().await.contains("\"ready\""));
    app.call(Method::DELETE, "/api/v1/sessions", Some(&laptop), None).await;
    let bye = next().await;
    assert!(bye.contains("\"bye\"") && bye.contains("signed_out"), "{bye}");
}
