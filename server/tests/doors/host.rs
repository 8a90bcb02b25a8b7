//! The doors of the site that Roost is embedded in.

use crate::support::{Answer, TestApp};
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
    response::Redirect,
    routing::get,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{
    Env,
    accounts::host_testing::{self, AUDIENCE, ISSUER, Keys, SECRET},
    fixtures,
};
use model::samples::ADA;
use roost::{
    config::Settings,
    host_keys::{self, Source},
};
use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

const ORIGIN: &str = "https://www.example.org";

fn settings(more: Value) -> Value {
    let mut settings = json!({"env": "development", "host_jwt_issuer": ISSUER, "host_jwt_audience": AUDIENCE});
    if let Value::Object(more) = more {
        for (name, value) in more {
            settings[name] = value;
        }
    }
    settings
}

async fn embedded() -> TestApp {
    let (mut env, _) = fixtures::env().await;
    env.host = Arc::new(host_testing::trust(Some(SECRET), false));
    TestApp::with(
        env,
        settings(json!({"host_jwt_secret": SECRET, "embed_origins": ORIGIN})),
    )
}

fn token(env: &Env, subject: &str) -> String {
    let mut claims = host_testing::claims(env, subject);
    claims["preferred_username"] = json!(ADA.username);
    claims["name"] = json!(ADA.display_name);
    host_testing::hs256(&claims)
}

async fn login(app: &TestApp, authorization: &str, body: &str) -> Answer {
    let request = Request::post("/api/v1/users/login")
        .header(header::AUTHORIZATION, authorization)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_owned()));
    app.send(request.expect("a request")).await
}

async fn post_form(app: &TestApp, origin: Option<&str>, body: String) -> Answer {
    let mut request = Request::post("/embed/sign-in")
        .header(header::HOST, "127.0.0.1:3000")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    if let Some(origin) = origin {
        request = request
            .header(header::ORIGIN, origin)
            .header("sec-fetch-site", "cross-site");
    }
    app.send(request.body(Body::from(body)).expect("a request")).await
}

#[tokio::test]
async fn a_program_signs_in_with_a_name_and_a_password_in_the_header() {
    let app = embedded().await;
    app.token(ADA).await;
    let basic = |login: &str, password: &str| format!("Basic {}", STANDARD.encode(format!("{login}:{password}")));
    for login_name in ["ada", ADA.email] {
        let answer = login(&app, &basic(login_name, ADA.password), "").await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let access = answer.json()["access_token"].as_str().expect("a token").to_owned();
        assert_eq!(app.get("/api/v1/me", &access).await.json()["username"], "ada");
        assert!(answer.header("set-cookie").is_empty());
    }
    let answer = login(&app, &basic("ada", ADA.password), r#"{"session": "cookie"}"#).await;
    assert!(answer.header("set-cookie").starts_with("roost=") && answer.json()["access_token"].is_null());
    for bad in [
        basic("ada", "wrong"),
        basic("nobody", "x"),
        "Basic ???".into(),
        "Basic".into(),
        "Digest x".into(),
    ] {
        let answer = login(&app, &bad, "").await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::UNAUTHORIZED, "credentials_invalid"),
            "{bad}"
        );
    }
    let answer = login(&app, &basic("ada", ADA.password), r#"{"sesion": "token"}"#).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let elsewhere = Request::get("/api/v1/me").header(header::AUTHORIZATION, basic("ada", ADA.password));
    let answer = app.send(elsewhere.body(Body::empty()).expect("a request")).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "only there");
}

#[tokio::test]
async fn a_program_signs_in_with_a_token_of_the_host_site() {
    let app = embedded().await;
    let bearer = format!("Bearer {}", token(&app.env, "7"));
    let first = login(&app, &bearer, "").await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.text);
    assert_eq!(first.json()["account"]["display_name"], ADA.display_name);
    assert!(first.json()["account"]["email"].is_null());
    let access = first.json()["access_token"].as_str().expect("a token").to_owned();
    assert_eq!(app.get("/api/v1/me", &access).await.status, StatusCode::OK);
    let again = login(&app, &bearer, r#"{"session": "token"}"#).await;
    assert_eq!(again.json()["account"]["id"], first.json()["account"]["id"]);
    // A token of the host site is for this one route, and ours is not for it.
    let elsewhere = app.get("/api/v1/me", &token(&app.env, "7")).await;
    assert_eq!(
        (elsewhere.status, elsewhere.code().as_str()),
        (StatusCode::UNAUTHORIZED, "token_invalid")
    );
    let ours = login(&app, &format!("Bearer {access}"), "").await;
    assert_eq!(
        (ours.status, ours.code().as_str()),
        (StatusCode::UNAUTHORIZED, "token_invalid")
    );
    let untrusting = TestApp::start().await;
    let answer = login(&untrusting, &bearer, "").await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::UNAUTHORIZED, "token_invalid")
    );
}

#[tokio::test]
async fn a_form_of_the_host_site_signs_a_browser_in_once_and_leads_to_a_page_of_ours() {
    let app = embedded().await;
    let form = format!("token={}&next=/settings", token(&app.env, "7"));
    let answer = post_form(&app, Some(ORIGIN), form.clone()).await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (StatusCode::SEE_OTHER, "/settings"),
        "{}",
        answer.text
    );
    let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
    assert_eq!(cookies.len(), 2, "the session's and the device's");
    let cookie = answer
        .header("set-cookie")
        .split(';')
        .next()
        .expect("a cookie")
        .to_owned();
    let me = |cookie: &str| {
        Request::get("/api/v1/me")
            .header(header::COOKIE, cookie)
            .body(Body::empty())
    };
    assert_eq!(
        app.send(me(&cookie).expect("a request")).await.json()["username"],
        "ada"
    );
    let again = post_form(&app, Some(ORIGIN), form).await;
    assert_eq!(again.status, StatusCode::UNAUTHORIZED);
    assert!(again.text.contains("used already") && again.header("content-type").starts_with("text/html"));
    // Coming again with another token ends the session before.
    let request = Request::post("/embed/sign-in")
        .header(header::ORIGIN, ORIGIN)
        .header(header::COOKIE, &cookie)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let form = format!("token={}", token(&app.env, "8"));
    let answer = app.send(request.body(Body::from(form)).expect("a request")).await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (StatusCode::SEE_OTHER, "/chat")
    );
    assert_eq!(
        app.send(me(&cookie).expect("a request")).await.status,
        StatusCode::UNAUTHORIZED
    );
    for elsewhere in ["https://evil.example", "//evil.example", "/form/sign-out"] {
        let form = format!("token={}&next={elsewhere}", token(&app.env, elsewhere));
        assert_eq!(
            post_form(&app, Some(ORIGIN), form).await.header("location"),
            "/chat",
            "{elsewhere}"
        );
    }
}

#[tokio::test]
async fn no_other_site_can_sign_a_browser_in() {
    let app = embedded().await;
    for origin in [
        "https://evil.example",
        "null",
        "https://www.example.org.evil.example",
        "http://www.example.org",
    ] {
        let answer = post_form(&app, Some(origin), format!("token={}", token(&app.env, "7"))).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{origin}");
        assert!(answer.text.contains("ROOST_EMBED_ORIGINS") && answer.header("set-cookie").is_empty());
    }
    let unnamed = TestApp::with(app.env.clone(), settings(json!({"host_jwt_secret": SECRET})));
    let answer = post_form(&unnamed, Some(ORIGIN), format!("token={}", token(&app.env, "7"))).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    for (form, status) in [("token=x", 401), ("", 422), ("tokn=x", 422)] {
        let answer = post_form(&app, Some(ORIGIN), form.into()).await;
        assert_eq!(answer.status.as_u16(), status, "{form}");
        assert!(answer.text.contains("You are not signed in"), "{}", answer.text);
    }
    // The host site may do this, and nothing else.
    let request = Request::post("/api/v1/session")
        .header(header::ORIGIN, ORIGIN)
        .header(header::HOST, "127.0.0.1:3000")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from("{}"));
    assert_eq!(app.send(request.expect("a request")).await.code(), "foreign_origin");
}

#[tokio::test]
async fn only_the_host_site_shows_pages_in_a_frame_and_none_where_a_click_could_do_harm() {
    let app = embedded().await;
    let ask = |app: &TestApp, path: &'static str| {
        let app = app.clone();
        async move {
            app.send(Request::get(path).body(Body::empty()).expect("a request"))
                .await
        }
    };
    for path in ["/sign-in", "/chat"] {
        let answer = ask(&app, path).await;
        if path == "/sign-in" {
            let policy = answer.header("content-security-policy");
            assert!(policy.contains(&format!("frame-ancestors 'self' {ORIGIN}")), "{policy}");
            assert!(answer.header("x-frame-options").is_empty());
        }
    }
    for path in ["/setup/AAAAA-AAAAA", "/dev/mail", "/api/v1/me", "/api/docs/"] {
        let answer = ask(&app, path).await;
        assert!(
            answer
                .header("content-security-policy")
                .contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
    }
}

/// A host site that publishes its keys, counts who asks, and sometimes misbehaves.
async fn key_server(asked: Arc<AtomicUsize>) -> String {
    let keys = {
        let asked = Arc::clone(&asked);
        move || async move {
            asked.fetch_add(1, Ordering::SeqCst);
            Keys::jwks().to_string()
        }
    };
    let router = Router::new()
        .route("/keys", get(keys))
        .route("/moved", get(|| async { Redirect::temporary("/keys") }))
        .route(
            "/elsewhere",
            get(|| async { Redirect::temporary("http://localhost:9/keys") }),
        )
        .route("/round", get(|| async { Redirect::temporary("/round") }))
        .route("/huge", get(|| async { "x".repeat(300 * 1024) }))
        .route("/page", get(|| async { "<html>" }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

fn of_url(url: &str) -> (Settings, Source) {
    let settings: Settings = serde_json::from_value(settings(json!({"host_jwks": url}))).expect("settings");
    let source = Source::of(&settings).expect("a source").expect("one");
    (settings, source)
}

#[tokio::test]
async fn keys_are_fetched_once_for_many_tokens_and_a_flood_of_unknown_ones_fetches_no_more() {
    let asked = Arc::new(AtomicUsize::new(0));
    for path in ["/keys", "/moved"] {
        asked.store(0, Ordering::SeqCst);
        let url = key_server(Arc::clone(&asked)).await;
        let (settings, source) = of_url(&format!("{url}{path}"));
        let (mut env, _) = fixtures::env().await;
        env.host = Arc::new(host_keys::trust(&settings));
        let kept = tokio::spawn(host_keys::keep(source, Arc::clone(&env.host)));
        let app = TestApp::with(env, json!({"env": "development"}));
        for algorithm in Keys::ALL {
            let claims = host_testing::claims(&app.env, "7");
            let token = Keys::sign(algorithm, Some(Keys::kid(algorithm)), &claims);
            let answer = login(&app, &format!("Bearer {token}"), "").await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
            for _ in 0..5 {
                let unknown = Keys::sign(algorithm, Some("unknown"), &claims);
                let answer = login(&app, &format!("Bearer {unknown}"), "").await;
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
            }
        }
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        kept.abort();
    }
}

#[tokio::test]
async fn what_is_no_key_set_or_comes_from_elsewhere_is_not_taken() {
    let url = key_server(Arc::default()).await;
    for path in ["/elsewhere", "/round", "/huge", "/page", "/missing"] {
        let (settings, source) = of_url(&format!("{url}{path}"));
        let host = host_keys::trust(&settings);
        assert!(host_keys::look(&source, &host).await.is_err(), "{path}");
    }
}

#[tokio::test]
async fn a_file_of_keys_has_to_be_there_at_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("keys.json");
    let (settings, source) = of_url(&path.display().to_string());
    let host = host_keys::trust(&settings);
    assert!(source.check(&host).await.is_err());
    std::fs::write(&path, "{\"keys\": []}").expect("writes");
    let why = source
        .check(&host)
        .await
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default();
    assert!(
        why.starts_with("ROOST_HOST_JWKS: ") && why.contains("keys.json"),
        "{why}"
    );
    std::fs::write(&path, Keys::jwks().to_string()).expect("writes");
    source.check(&host).await.expect("reads");
    let (mut env, _) = fixtures::env().await;
    env.host = Arc::new(host);
    let app = TestApp::with(env, json!({"env": "development"}));
    let claims = host_testing::claims(&app.env, "7");
    let token = Keys::sign(Keys::ALL[0], None, &claims);
    let answer = login(&app, &format!("Bearer {token}"), "").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let secret = login(&app, &format!("Bearer {}", host_testing::hs256(&claims)), "").await;
    assert_eq!(secret.status, StatusCode::UNAUTHORIZED);
}
