//! Who is there, and who types, as sockets hear it.

use crate::{client::Client, support::TestApp};
use domain::{accounts, conversations};
use model::samples::{ADA, GRACE, MALLORY};
use roost::realtime::Hub;
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn who_watches_a_conversation_hears_who_comes_and_a_moment_later_who_went() {
    let app = TestApp::start().await;
    let (addr, _stop) = app.listen().await;
    let (ada, grace) = (app.token(ADA).await, app.token(GRACE).await);
    let id = app.open(&ada, "grace").await;
    let mut hers = Client::signed_in(addr, &ada).await;
    hers.say(json!({"v": 1, "type": "watch", "conversations": [id]})).await;
    let first = hers.frame().await;
    assert_eq!(
        (&first["type"], &first["state"]),
        (&json!("presence"), &json!("offline"))
    );
    let graces = Client::signed_in(addr, &grace).await;
    let came = hers.frame().await;
    assert_eq!((&came["user"], &came["state"]), (&first["user"], &json!("online")));
    drop(graces);
    let left = Instant::now();
    // Loading a page anew is no absence.
    let again = Client::signed_in(addr, &grace).await;
    assert_eq!(hers.frame_within(Duration::from_secs(1)).await, None);
    drop(again);
    let went = hers.frame().await;
    assert_eq!((&went["user"], &went["state"]), (&first["user"], &json!("offline")));
    assert!(left.elapsed() >= Duration::from_secs(4));
    hers.say(json!({"v": 1, "type": "watch", "conversations": []})).await;
    let _graces = Client::signed_in(addr, &grace).await;
    hers.hears_nothing().await;
}

#[tokio::test]
async fn presence_ends_at_a_block_and_begins_where_it_is_taken_back_and_strangers_hear_nothing() {
    let app = TestApp::start().await;
    let (addr, _stop) = app.listen().await;
    let (ada, grace, mallory) = (app.token(ADA).await, app.token(GRACE).await, app.token(MALLORY).await);
    let id = app.open(&ada, "grace").await;
    let actor = accounts::authenticate_bearer(&app.env, &grace)
        .await
        .expect("asks")
        .expect("an actor");
    let _graces = Client::signed_in(addr, &grace).await;
    let mut stranger = Client::signed_in(addr, &mallory).await;
    stranger
        .say(json!({"v": 1, "type": "watch", "conversations": [id]}))
        .await;
    stranger.hears_nothing().await;
    let mut hers = Client::signed_in(addr, &ada).await;
    hers.say(json!({"v": 1, "type": "watch", "conversations": [id]})).await;
    assert_eq!(hers.frame_of("presence").await["state"], "online");
    conversations::block(&app.env, &actor, "ada").await.expect("blocks");
    assert_eq!(hers.frame_of("presence").await["state"], "offline");
    conversations::unblock(&app.env, &actor, "ada").await.expect("unblocks");
    assert_eq!(hers.frame_of("presence").await["state"], "online");
    stranger.hears_nothing().await;
}

#[tokio::test]
async fn too_many_watched_conversations_are_refused_and_switched_off_presence_tells_nothing() {
    let mut app = TestApp::start().await;
    app = TestApp::with_hub(app.env.clone(), Hub::without_presence(app.env));
    let (addr, _stop) = app.listen().await;
    let (ada, grace) = (app.token(ADA).await, app.token(GRACE).await);
    let id = app.open(&ada, "grace").await;
    let mut hers = Client::signed_in(addr, &ada).await;
    let mut graces = Client::signed_in(addr, &grace).await;
    let many: Vec<_> = (0..101).map(|_| app.env.new_id()).collect();
    hers.say(json!({"v": 1, "type": "watch", "conversations": many})).await;
    assert_eq!(hers.frame().await["code"], "invalid");
    hers.say(json!({"v": 1, "type": "watch", "conversations": [id]})).await;
    hers.hears_nothing().await;
    graces.say(json!({"v": 1, "type": "typing", "conversation": id})).await;
    graces.hears_nothing().await;
    hers.hears_nothing().await;
}

#[tokio::test]
async fn who_no_longer_lets_it_be_seen_is_gone_for_all_and_sees_nobody() {
    let app = TestApp::start().await;
    let (addr, _stop) = app.listen().await;
    let (ada, grace) = (app.token(ADA).await, app.token(GRACE).await);
    let id = app.open(&ada, "grace").await;
    let mut hers = Client::signed_in(addr, &ada).await;
    let mut graces = Client::signed_in(addr, &grace).await;
    for socket in [&mut hers, &mut graces] {
        socket
            .say(json!({"v": 1, "type": "watch", "conversations": [id]}))
            .await;
        assert_eq!(socket.frame_of("presence").await["state"], "online");
    }
    let hide = json!({"presence": false});
    let answer = app
        .call(axum::http::Method::PATCH, "/api/v1/me", Some(&grace), Some(hide))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    for socket in [&mut hers, &mut graces] {
        assert_eq!(socket.frame_of("presence").await["state"], "offline");
    }
    graces.say(json!({"v": 1, "type": "typing", "conversation": id})).await;
    graces.hears_nothing().await;
    hers.hears_nothing().await;
}
