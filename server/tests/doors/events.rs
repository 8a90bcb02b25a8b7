//! Server-sent events on loopback.

use crate::support::{TestApp, assert_told};
use axum::http::{Method, StatusCode, header};
use model::{
    AccountId,
    realtime::ServerFrame,
    samples::{ADA, GRACE, MALLORY},
};
use serde_json::{Value, json};
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Somebody who listens.
struct Listener {
    answer: reqwest::Response,
    read: String,
}

impl Listener {
    async fn connect(addr: SocketAddr, headers: &[(&str, &str)]) -> reqwest::Response {
        // As the server does at its start.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut request = reqwest::Client::new().get(format!("http://{addr}/api/v1/events"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.expect("answers")
    }

    async fn signed_in(addr: SocketAddr, token: &str) -> Self {
        let answer = Self::connect(addr, &[("authorization", &format!("Bearer {token}"))]).await;
        Self::of(answer).await
    }

    async fn of(answer: reqwest::Response) -> Self {
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/event-stream");
        let read = String::new();
        let mut listener = Self { answer, read };
        assert_eq!(listener.frame().await["type"], "ready");
        listener
    }

    /// The next frame, or nothing at the end; the time limit only ends a test that hangs.
    async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.read = rest;
                let line = |name: &str| event.lines().find_map(|line| line.strip_prefix(name).map(str::trim));
                let Some(data) = line("data:") else { continue };
                let frame: Value = serde_json::from_str(data).expect("JSON");
                assert_eq!(line("event:"), frame["type"].as_str(), "{event}");
                assert_told("events", &frame);
                return Some(frame);
            }
            let chunk = timeout(Duration::from_secs(20), self.answer.chunk()).await;
            let chunk = chunk.expect("more in time").ok().flatten()?;
            self.read += &String::from_utf8_lossy(&chunk);
        }
    }

    async fn frame(&mut self) -> Value {
        self.next().await.expect("a frame")
    }

    async fn frame_of(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.frame().await;
            if frame["type"] == kind {
                return frame;
            }
        }
    }
}

#[tokio::test]
async fn who_listens_hears_of_what_concerns_them_and_of_nothing_else() {
    let app = TestApp::start().await;
    let (addr, _stop) = app.listen().await;
    let (ada, grace, mallory) = (app.token(ADA).await, app.token(GRACE).await, app.token(MALLORY).await);
    let id = app.open(&ada, "grace").await;
    let mut hers = Listener::signed_in(addr, &grace).await;
    let mut his = Listener::signed_in(addr, &ada).await;
    let mut stranger = Listener::signed_in(addr, &mallory).await;
    let sent = app.say(&ada, &id, "Good morning").await;
    let introduced = hers.frame_of("conversation").await;
    assert_eq!(introduced["conversation"]["title"], ADA.display_name);
    for listener in [&mut hers, &mut his] {
        assert_eq!(listener.frame_of("message").await["message"], sent);
    }
    let path = format!("/api/v1/conversations/{id}/read");
    app.call(Method::PUT, &path, Some(&grace), Some(json!({"seq": 1})))
        .await;
    assert_eq!(his.frame_of("read").await["seq"], 1);
    app.call(Method::DELETE, "/api/v1/session", Some(&mallory), None).await;
    assert_eq!(stranger.frame().await["type"], "bye", "and nothing came before it");
}

#[tokio::test]
async fn events_are_for_members_by_token_or_cookie_and_not_for_other_sites() {
    let app = TestApp::start().await;
    let (addr, _stop) = app.listen().await;
    let ada = app.token(ADA).await;
    assert_eq!(Listener::connect(addr, &[]).await.status(), StatusCode::UNAUTHORIZED);
    let key = format!("Bearer {}", app.api_key(&[]).await);
    for authorization in ["Bearer dead", &key] {
        let answer = Listener::connect(addr, &[("authorization", authorization)]).await;
        assert!(answer.status().is_client_error(), "{authorization}");
    }
    let token = format!("Bearer {ada}");
    let foreign = [("authorization", token.as_str()), ("origin", "https://evil.example")];
    let refused = Listener::connect(addr, &foreign).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    assert!(refused.text().await.expect("a body").contains("foreign_origin"));
    let own = format!("http://{addr}");
    Listener::of(Listener::connect(addr, &[("authorization", &token), ("origin", &own)]).await).await;

    let sign_in = json!({"login": "ada", "password": ADA.password});
    let answer = app.post("/api/v1/session", None, sign_in).await;
    let cookie = answer
        .header("set-cookie")
        .split(';')
        .next()
        .expect("a value")
        .to_owned();
    Listener::of(Listener::connect(addr, &[("cookie", &cookie)]).await).await;
}

#[tokio::test]
async fn the_end_of_the_session_and_of_the_server_ends_the_events_with_the_reason() {
    let app = TestApp::start().await;
    let (addr, _stop) = app.listen().await;
    let (ada, grace) = (app.token(ADA).await, app.token(GRACE).await);
    let mut ended = Listener::signed_in(addr, &ada).await;
    let mut lives = Listener::signed_in(addr, &grace).await;
    app.call(Method::DELETE, "/api/v1/session", Some(&ada), None).await;
    let bye = timeout(Duration::from_secs(1), ended.frame())
        .await
        .expect("within a second");
    assert_eq!(bye, json!({"v": 1, "type": "bye", "reason": "signed_out"}));
    assert_eq!(ended.next().await, None);
    app.hub.say_goodbye();
    assert_eq!(lives.frame().await["reason"], "shutdown");
    assert_eq!(lives.next().await, None);
}

async fn id_of(app: &TestApp, token: &str) -> AccountId {
    let me = app.get("/api/v1/me", token).await.json()["id"].clone();
    serde_json::from_value(me).expect("an id")
}

#[tokio::test]
async fn a_listener_who_does_not_read_is_let_go_and_told_to_fetch_anew() {
    let app = TestApp::start().await;
    let (addr, _stop) = app.listen().await;
    let grace = app.token(GRACE).await;
    let me = id_of(&app, &grace).await;
    let mut stalled = TcpStream::connect(addr).await.expect("connects");
    let request = format!("GET /api/v1/events HTTP/1.0\r\nauthorization: Bearer {grace}\r\n\r\n");
    stalled.write_all(request.as_bytes()).await.expect("asks");
    while !app.hub.anybody(&[me]) {
        tokio::task::yield_now().await;
    }
    let ada = app.token(ADA).await;
    let mut quick = Listener::signed_in(addr, &ada).await;
    let both = [me, id_of(&app, &ada).await];
    let frame = ServerFrame::Blocks { users: vec![me; 1_500] };
    let mut told = 0;
    while app.hub.anybody(&[me]) {
        app.hub.send(&both, &frame);
        told += 1;
        assert!(told < 5_000, "the stalled one is still waited for");
        quick.frame_of("blocks").await;
    }
    let mut read = Vec::new();
    let _ = timeout(Duration::from_secs(20), stalled.read_to_end(&mut read)).await;
    let read = String::from_utf8_lossy(&read);
    assert!(
        read.trim_end().ends_with(r#"data: {"v":1,"type":"resync"}"#),
        "the last it hears"
    );
    assert!(read.matches("event: blocks").count() < told, "it missed some");
}
