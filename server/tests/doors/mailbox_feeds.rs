//! Feeds of changes, over real connections.

use crate::{
    client::Client,
    mailbox::{call, laboratory},
    support::TestApp,
};
use axum::http::{Method, StatusCode};
use futures::StreamExt;
use model::samples::{ADA, GRACE};
use serde_json::{Value, json};
use std::{net::SocketAddr, time::Duration};
use tokio::time::timeout;

async fn get(addr: SocketAddr, path: &str, token: Option<&str>) -> reqwest::Response {
    let mut request = reqwest::Client::new().get(format!("http://{addr}{path}"));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    request.send().await.expect("an answer")
}

/// What comes until it contains this; the time limit only ends a test that hangs.
async fn until(
    stream: &mut (impl StreamExt<Item = reqwest::Result<axum::body::Bytes>> + Unpin),
    wanted: &str,
) -> String {
    let mut read = String::new();
    while !read.contains(wanted) {
        let chunk = timeout(Duration::from_secs(20), stream.next())
            .await
            .expect("more in time");
        read += &String::from_utf8_lossy(&chunk.expect("no end").expect("a chunk"));
    }
    read
}

fn order(app: &TestApp, to: &str) -> Value {
    json!({"_id": format!("o:{}", app.env.new_id()), "type": "order", "to": [to], "subject": "Notes", "body": "On the engine."})
}

#[tokio::test]
async fn a_normal_feed_tells_everything_and_where_to_go_on() {
    let app = laboratory().await;
    for id in ["a", "b", "c"] {
        call(&app, Method::PUT, &format!("/lab/db/{id}"), Some(json!({"n": id}))).await;
    }
    let page = call(&app, Method::GET, "/lab/db/_changes?limit=2&include_docs=true", None)
        .await
        .json();
    assert_eq!(
        (page["results"].as_array().map(Vec::len), &page["pending"]),
        (Some(2), &json!(1))
    );
    assert_eq!(page["results"][0]["doc"]["n"], "a");
    let since = &page["last_seq"];
    let rest = call(&app, Method::GET, &format!("/lab/db/_changes?since={since}"), None)
        .await
        .json();
    assert_eq!(
        (rest["results"].as_array().map(Vec::len), &rest["pending"]),
        (Some(1), &json!(0))
    );
    let since = &rest["last_seq"];
    let none = call(&app, Method::GET, &format!("/lab/db/_changes?since={since}"), None)
        .await
        .json();
    assert_eq!((&none["results"], &none["last_seq"]), (&json!([]), since));
    let body = json!({"doc_ids": ["b"]});
    let named = call(&app, Method::POST, "/lab/db/_changes?filter=_doc_ids", Some(body))
        .await
        .json();
    assert_eq!(named["results"][0]["id"], "b");
    let body = json!({"selector": {"n": {"$in": ["a", "c"]}}});
    let selected = call(&app, Method::POST, "/lab/db/_changes?filter=_selector", Some(body))
        .await
        .json();
    assert_eq!(selected["results"].as_array().map(Vec::len), Some(2));
    for (query, status) in [
        ("filter=nothing", 400),
        ("filter=a/b", 404),
        ("filter=_view&view=a/b", 404),
        ("feed=odd", 400),
    ] {
        let answer = call(&app, Method::GET, &format!("/lab/db/_changes?{query}"), None).await;
        assert_eq!(answer.status.as_u16(), status, "{query}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_long_poll_answers_at_the_first_change_and_with_signs_of_life_before() {
    let app = laboratory().await;
    let (addr, _stop) = app.listen().await;
    let waiting = get(addr, "/lab/db/_changes?feed=longpoll&since=now&heartbeat=100", None).await;
    assert_eq!(waiting.headers()["x-accel-buffering"], "no");
    assert!(!waiting.headers().contains_key("content-encoding"));
    let mut stream = waiting.bytes_stream();
    let before = until(&mut stream, "\n\n\n").await;
    call(&app, Method::PUT, "/lab/db/a", Some(json!({}))).await;
    let whole = before + &until(&mut stream, "last_seq").await;
    let page: Value = serde_json::from_str(&whole).expect("JSON with blanks in it");
    assert_eq!(page["results"][0]["id"], "a");
    assert_eq!(page["last_seq"], 1);
    let ended = get(addr, "/lab/db/_changes?feed=longpoll&since=now&timeout=200", None).await;
    let nothing: Value = serde_json::from_str(&ended.text().await.expect("a body")).expect("JSON");
    assert_eq!(nothing["results"], json!([]));
    assert_eq!(nothing["last_seq"], 1);
}

#[tokio::test]
async fn continuous_feeds_and_event_sources_tell_line_by_line_and_go_on_where_they_were() {
    let app = laboratory().await;
    let (addr, _stop) = app.listen().await;
    call(&app, Method::PUT, "/lab/db/a", Some(json!({}))).await;
    let mut lines = get(addr, "/lab/db/_changes?feed=continuous&heartbeat=1000", None)
        .await
        .bytes_stream();
    let mut events = get(addr, "/lab/db/_changes?feed=eventsource", None)
        .await
        .bytes_stream();
    assert!(until(&mut lines, "}\n").await.contains("\"id\":\"a\""));
    let first = until(&mut events, "\n\n").await;
    let seq = first.split("id: ").nth(1).expect("an id").trim().to_owned();
    call(&app, Method::PUT, "/lab/db/b", Some(json!({}))).await;
    assert!(until(&mut lines, "\"id\":\"b\"").await.len() > 10);
    assert!(until(&mut events, "\n\n").await.starts_with("data: {"));
    let again = reqwest::Client::new().get(format!("http://{addr}/lab/db/_changes?feed=eventsource"));
    let again = again.header("last-event-id", seq).send().await.expect("an answer");
    assert_eq!(again.headers()["content-type"], "text/event-stream");
    let more = until(&mut again.bytes_stream(), "\n\n").await;
    assert!(
        more.contains("\"id\":\"b\"") && !more.contains("\"id\":\"a\""),
        "{more}"
    );
    let ended = get(addr, "/lab/db/_changes?feed=continuous&timeout=100", None)
        .await
        .text()
        .await
        .expect("an end");
    assert!(
        ended.trim().lines().last().expect("a line").contains("last_seq"),
        "{ended}"
    );
}

#[tokio::test]
async fn a_letter_wakes_the_recipients_feed_and_sockets_at_once() {
    let app = TestApp::start().await;
    let (addr, _stop) = app.listen().await;
    let (ada, grace) = (app.token(ADA).await, app.token(GRACE).await);
    let mut socket = Client::signed_in(addr, &grace).await;
    let mut feed = get(addr, "/mailbox/grace/_changes?feed=continuous&since=now", Some(&grace))
        .await
        .bytes_stream();
    let sent = app
        .post(
            "/mailbox/ada/_bulk_docs",
            Some(&ada),
            json!({"docs": [order(&app, "grace")]}),
        )
        .await;
    assert_eq!(sent.json()[0]["ok"], true);
    let told = until(&mut feed, "\"id\":\"s:").await;
    assert!(
        told.contains("\"seq\":\"1-"),
        "sequences of mailboxes have an epoch: {told}"
    );
    let frame = socket.frame_of("letter").await;
    let id = frame["id"].as_str().expect("an id");
    assert!(told.contains(&format!("\"id\":\"{id}\"")), "{told} {frame}");
}

#[tokio::test]
async fn a_feed_ends_with_its_session_and_with_the_server() {
    let app = TestApp::start().await;
    let (addr, _stop) = app.listen().await;
    let (ada, grace) = (app.token(ADA).await, app.token(GRACE).await);
    let mut hers = get(
        addr,
        "/mailbox/ada/_changes?feed=continuous&since=now&heartbeat=true",
        Some(&ada),
    )
    .await
    .bytes_stream();
    let mut others = get(addr, "/mailbox/grace/_changes?feed=longpoll&since=now", Some(&grace))
        .await
        .bytes_stream();
    app.call(Method::DELETE, "/api/v1/session", Some(&ada), None).await;
    assert!(until(&mut hers, "last_seq").await.ends_with("}\n"));
    app.hub.say_goodbye();
    assert!(until(&mut others, "last_seq").await.contains("\"results\":[\n\n]"));
}

#[tokio::test]
async fn one_account_has_a_bounded_number_of_feeds_open() {
    let app = TestApp::start().await;
    let (addr, _stop) = app.listen().await;
    let ada = app.token(ADA).await;
    let path = "/mailbox/ada/_changes?feed=longpoll&since=now&heartbeat=true";
    let mut open = Vec::new();
    for _ in 0..32 {
        let feed = get(addr, path, Some(&ada)).await;
        assert_eq!(feed.status(), StatusCode::OK);
        open.push(feed);
    }
    let refused = get(addr, path, Some(&ada)).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.headers().contains_key("retry-after"));
    open.pop();
    while get(addr, path, Some(&ada)).await.status() != StatusCode::OK {
        tokio::task::yield_now().await;
    }
}
