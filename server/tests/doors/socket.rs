//! Real sockets on loopback.

use crate::{client::Client, support::TestApp};
use futures::{SinkExt, StreamExt};
use model::{
    limits,
    samples::{ADA, GRACE, MALLORY},
};
use serde_json::json;
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn a_message_reaches_both_people_on_all_their_sockets_and_a_stranger_on_none() {
    let app = TestApp::start().await;
    let (addr, _stop) = app.listen().await;
    let (ada, grace, mallory) = (app.token(ADA).await, app.token(GRACE).await, app.token(MALLORY).await);
    let id = app.open(&ada, "grace").await;
    let mut phone = Client::signed_in(addr, &ada).await;
    let mut laptop = Client::signed_in(addr, &ada).await;
    let mut hers = Client::signed_in(addr, &grace).await;
    let mut stranger = Client::signed_in(addr, &mallory).await;
    let client_id = app.env.new_id();
    phone
        .say(json!({"v": 1, "type": "send", "id": client_id, "conversation": id, "body": "Good morning"}))
        .await;
    let ack = phone.frame_of("ack").await;
    assert_eq!((&ack["id"], &ack["message"]["seq"]), (&json!(client_id), &json!(1)));
    let introduced = hers.frame_of("conversation").await;
    assert_eq!(
        (
            &introduced["conversation"]["title"],
            &introduced["conversation"]["unread"]
        ),
        (&json!(ADA.display_name), &json!(1))
    );
    for socket in [&mut laptop, &mut hers] {
        assert_eq!(socket.frame_of("message").await["message"], ack["message"]);
    }
    hers.say(json!({"v": 1, "type": "read", "conversation": id, "seq": 1}))
        .await;
    assert_eq!(phone.frame_of("read").await["seq"], 1);
    hers.say(json!({"v": 1, "type": "typing", "conversation": id})).await;
    assert_eq!(phone.frame_of("typing").await["conversation"], json!(id));
    stranger
        .say(json!({"v": 1, "type": "typing", "conversation": id}))
        .await;
    let first = stranger.frame().await;
    assert_eq!(
        (&first["type"], &first["code"]),
        (&json!("reject"), &json!("not_found")),
        "and nothing came before it"
    );
}

#[tokio::test]
async fn messages_arrive_in_order_and_without_a_hole_when_many_are_written_at_once() {
    let app = TestApp::start().await;
    let (addr, _stop) = app.listen().await;
    let (ada, grace) = (app.token(ADA).await, app.token(GRACE).await);
    let id = app.open(&ada, "grace").await;
    let mut hers = Client::signed_in(addr, &grace).await;
    let path = format!("/api/v1/conversations/{id}/messages");
    let sends = (0..60).map(|n| {
        let body = json!({"client_id": app.env.new_id(), "body": format!("number {n}")});
        app.post(&path, Some(&ada), body)
    });
    let sent = futures::future::join_all(sends).await;
    assert!(sent.iter().all(|answer| answer.status.as_u16() == 201));
    for seq in 1..=60 {
        assert_eq!(hers.frame_of("message").await["message"]["seq"], seq);
    }
}

#[tokio::test]
async fn bad_frames_are_rejected_with_a_reason_and_change_nothing() {
    let app = TestApp::start().await;
    let (addr, _stop) = app.listen().await;
    let (ada, _) = (app.token(ADA).await, app.token(GRACE).await);
    let id = app.open(&ada, "grace").await;
    let mut socket = Client::signed_in(addr, &ada).await;
    let client_id = app.env.new_id();
    for (frame, code) in [
        (json!({}), "malformed_body"),
        (json!({"v": 1, "type": "shout"}), "malformed_body"),
        (json!({"v": 2, "type": "ping"}), "malformed_body"),
        (
            json!({"v": 1, "type": "read", "conversation": "x", "seq": 1}),
            "malformed_body",
        ),
        (
            json!({"v": 1, "type": "send", "id": client_id, "conversation": id, "body": "   "}),
            "invalid",
        ),
        (
            json!({"v": 1, "type": "send", "id": client_id, "conversation": client_id, "body": "Hello"}),
            "not_found",
        ),
        (json!({"v": 1, "type": "auth", "token": "again"}), "malformed_body"),
    ] {
        socket.say(frame.clone()).await;
        let answer = socket.frame().await;
        assert_eq!(
            (&answer["type"], &answer["code"]),
            (&json!("reject"), &json!(code)),
            "{frame}"
        );
        assert!(answer["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
    }
    socket.say(json!({"v": 1, "type": "ping"})).await;
    assert_eq!(socket.frame().await["type"], "pong", "the socket lives on");
    let log = app
        .get(&format!("/api/v1/conversations/{id}/messages"), &ada)
        .await
        .json();
    assert_eq!(log["items"], json!([]));
}

#[tokio::test]
async fn a_socket_signs_in_by_its_first_frame_and_not_without_one() {
    let app = TestApp::start().await;
    let (addr, _stop) = app.listen().await;
    let ada = app.token(ADA).await;
    let mut socket = Client::connect(addr, &[]).await.expect("opens");
    socket.say(json!({"v": 1, "type": "auth", "token": ada})).await;
    assert_eq!(socket.frame().await["account"]["username"], "ada");
    for (frame, code) in [
        (json!({"v": 1, "type": "auth", "token": "x"}), "token_invalid"),
        (json!({"v": 1, "type": "ping"}), "not_signed_in"),
    ] {
        let mut socket = Client::connect(addr, &[]).await.expect("opens");
        socket.say(frame).await;
        assert_eq!(socket.frame().await["code"], code);
        assert_eq!(socket.frame().await["type"], "closed");
    }
}

#[tokio::test]
async fn a_foreign_page_cannot_open_a_socket_and_a_dead_token_cannot_either() {
    let app = TestApp::start().await;
    let (addr, _stop) = app.listen().await;
    let refused = Client::connect(addr, &[("origin", "https://evil.example")])
        .await
        .err()
        .expect("refused");
    assert_eq!(refused.status(), 403);
    let refused = Client::connect(addr, &[("authorization", "Bearer dead")])
        .await
        .err()
        .expect("refused");
    assert_eq!(refused.status(), 401);
    let own = format!("http://{addr}");
    assert!(Client::connect(addr, &[("origin", &own)]).await.is_ok());
}

#[tokio::test]
async fn signing_out_closes_the_sockets_of_that_session_and_of_no_other() {
    let app = TestApp::start().await;
    let (addr, _stop) = app.listen().await;
    let first = app.token(ADA).await;
    let sign_in = json!({"login": "ada", "password": ADA.password, "session": "token"});
    let second = app.post("/api/v1/session", None, sign_in).await.json()["access_token"]
        .as_str()
        .expect("a token")
        .to_owned();
    let mut ended = Client::signed_in(addr, &first).await;
    let mut lives = Client::signed_in(addr, &second).await;
    app.call(axum::http::Method::DELETE, "/api/v1/session", Some(&first), None)
        .await;
    assert_eq!(
        ended.frame().await,
        json!({"v": 1, "type": "bye", "reason": "signed_out"})
    );
    assert_eq!(ended.frame().await["code"], 1008);
    lives.say(json!({"v": 1, "type": "ping"})).await;
    assert_eq!(lives.frame().await["type"], "pong");
}

#[tokio::test]
async fn a_frame_that_is_too_large_ends_the_socket_and_not_the_server() {
    let app = TestApp::start().await;
    let (addr, _stop) = app.listen().await;
    let ada = app.token(ADA).await;
    let mut socket = Client::signed_in(addr, &ada).await;
    let _ = socket
        .0
        .send(Message::text("x".repeat(limits::FRAME_MAX_BYTES + 1)))
        .await;
    let ended = tokio::time::timeout(Duration::from_secs(20), async {
        while let Some(Ok(packet)) = socket.0.next().await {
            if packet.is_close() {
                break;
            }
        }
    });
    ended.await.expect("the socket ends");
    Client::signed_in(addr, &ada).await;
}
