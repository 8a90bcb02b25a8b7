//! A server for tests.

use crate::schema::fault;
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use domain::{Authority, Env, accounts, api_keys, fixtures};
use model::{
    Scope,
    admin::CreateApiKey,
    command::{SessionKind, SignIn},
    samples::Player,
};
use roost::{
    api::{
        asyncapi,
        openapi::{document, operations},
    },
    assets::Site,
    boot::App,
    config::Settings,
    realtime,
    realtime::Hub,
    router,
};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{Arc, LazyLock},
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// The whole server, without a network.
#[derive(Clone)]
pub struct TestApp {
    pub env: Env,
    pub router: Router,
    pub hub: Hub,
}

/// What it answered.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {}", self.text))
    }

    /// The stable code of a problem document.
    pub fn code(&self) -> String {
        assert_eq!(
            self.headers[header::CONTENT_TYPE],
            "application/problem+json",
            "{}",
            self.text
        );
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

/// An answer of the REST door that its document does not tell of is a fault of the document: of its status, or, for an
/// error, of its code (`server/src/api/codes.rs`).
fn assert_documented(method: &Method, path: &str, answer: &Answer) {
    static DOCUMENT: LazyLock<Value> = LazyLock::new(document);
    let fits = |template: &str| {
        template.split('/').count() == path.split('/').count()
            && template
                .split('/')
                .zip(path.split('/'))
                .all(|(part, is)| part == is || part.starts_with('{'))
    };
    let called = operations(&DOCUMENT).find(|(m, template, _)| m == method.as_str() && fits(template));
    let Some((.., operation)) = called else {
        return;
    };
    let told = &operation["responses"][answer.status.as_str()];
    assert!(
        told.is_object(),
        "{method} {path} may not answer {}: {}",
        answer.status,
        answer.text
    );
    if let Some((_, codes)) = told["$ref"].as_str().and_then(|reference| reference.rsplit_once('/')) {
        let code = answer.code();
        assert!(
            codes.split('.').any(|told| told == code),
            "{method} {path} may not answer {code}, but {codes}"
        );
    }
}

/// A frame that the document of the realtime doors does not tell of, or tells of otherwise, is a fault of the document.
pub fn assert_told(channel: &str, frame: &Value) {
    static DOCUMENT: LazyLock<Value> = LazyLock::new(asyncapi::document);
    let key = format!("hear_{}", frame["type"].as_str().unwrap_or_default());
    assert!(
        DOCUMENT["channels"][channel]["messages"][&key].is_object(),
        "{channel} does not tell {frame}"
    );
    let payload = &DOCUMENT["components"]["messages"][&key]["payload"];
    assert_eq!(fault(&DOCUMENT, payload, frame), None, "{frame}");
}

impl TestApp {
    pub async fn start() -> Self {
        let (env, _) = fixtures::env().await;
        Self::with(env, json!({"env": "development"}))
    }

    pub fn with(env: Env, settings: Value) -> Self {
        let hub = Hub::new(env.clone());
        Self::built(env, hub, settings)
    }

    pub fn with_hub(env: Env, hub: Hub) -> Self {
        Self::built(env, hub, json!({"env": "development"}))
    }

    fn built(env: Env, hub: Hub, settings: Value) -> Self {
        let settings: Settings = serde_json::from_value(settings).expect("settings");
        let app = App {
            env: env.clone(),
            settings: Arc::new(settings),
            hub: hub.clone(),
            site: Arc::new(Site::none()),
        };
        Self {
            env,
            router: router::router(app),
            hub,
        }
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response = self.router.clone().oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
        let answer = Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        };
        assert_documented(&method, &path, &answer);
        answer
    }

    pub async fn call(&self, method: Method, path: &str, token: Option<&str>, body: Option<Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let body = body.map_or(Body::empty(), |json| Body::from(json.to_string()));
        let request = request
            .header(header::CONTENT_TYPE, "application/json")
            .body(body)
            .expect("a request");
        self.send(request).await
    }

    pub async fn get(&self, path: &str, token: &str) -> Answer {
        self.call(Method::GET, path, Some(token), None).await
    }

    pub async fn post(&self, path: &str, token: Option<&str>, body: Value) -> Answer {
        self.call(Method::POST, path, token, Some(body)).await
    }

    /// Signs a player up, and gives their access token.
    pub async fn token(&self, player: Player) -> String {
        let opened = fixtures::sign_up(&self.env, player, SessionKind::Token).await;
        opened.signed_in.tokens.expect("tokens").access_token
    }

    /// Makes a player the first administrator, and gives their access token.
    pub async fn admin_token(&self, player: Player) -> String {
        fixtures::admin(&self.env, player).await;
        let command = SignIn {
            login: player.username.into(),
            password: player.password.into(),
            session: Some(SessionKind::Token),
        };
        let opened = accounts::sign_in(&self.env, &fixtures::caller(), command).await;
        let tokens = opened.expect("signs in").signed_in.tokens;
        tokens.expect("tokens").access_token
    }

    /// The secret of a new API key that may do this.
    pub async fn api_key(&self, scopes: &[Scope]) -> String {
        let command = CreateApiKey {
            name: "The shop".into(),
            scopes: scopes.to_vec(),
            days: None,
        };
        let made = api_keys::create_api_key(&self.env, &Authority::Machine, command).await;
        made.expect("makes a key").secret
    }

    /// Sends a file of people.
    pub async fn import(&self, token: Option<&str>, query: &str, file: &str) -> Answer {
        let mut request = Request::post(format!("/api/v1/users/import{query}"));
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request
            .header(header::CONTENT_TYPE, "application/x-ndjson")
            .body(Body::from(file.to_owned()))
            .expect("a request");
        self.send(request).await
    }

    /// Opens the direct conversation with somebody, and gives its id.
    pub async fn open(&self, token: &str, with: &str) -> String {
        let answer = self
            .post(
                "/api/v1/conversations",
                Some(token),
                json!({"kind": "direct", "with": with}),
            )
            .await;
        answer.json()["id"].as_str().expect("an id").to_owned()
    }

    /// Makes a group, and gives its id.
    pub async fn group(&self, token: &str, title: &str, members: &[&str]) -> String {
        let body = json!({"kind": "group", "title": title, "members": members});
        let answer = self.post("/api/v1/conversations", Some(token), body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        answer.json()["id"].as_str().expect("an id").to_owned()
    }

    /// Writes a message, and gives it.
    pub async fn say(&self, token: &str, conversation: &str, body: &str) -> Value {
        let path = format!("/api/v1/conversations/{conversation}/messages");
        let message = json!({"client_id": self.env.new_id(), "body": body});
        let answer = self.post(&path, Some(token), message).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        answer.json()
    }

    /// Listens on loopback until the token is cancelled.
    pub async fn listen(&self) -> (SocketAddr, CancellationToken) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let addr = listener.local_addr().expect("an address");
        let stop = CancellationToken::new();
        tokio::spawn(realtime::listen(self.hub.clone(), stop.clone()));
        let service = self.router.clone().into_make_service_with_connect_info::<SocketAddr>();
        let stopped = stop.clone().cancelled_owned();
        tokio::spawn(async move { axum::serve(listener, service).with_graceful_shutdown(stopped).await });
        (addr, stop)
    }
}
