//! What sockets hear of groups, changes and blocks.

use crate::{client::Client, support::TestApp};
use domain::{Actor, accounts, conversations};
use model::{
    ConversationId,
    command::{EditMessage, MarkRead, OpenConversation, SendMessage, SetMember, UpdateConversation},
    samples::{ADA, GRACE, HEDY, MALLORY, Player},
};
use serde_json::{Value, json};
use std::net::SocketAddr;

/// Somebody with a socket.
struct Person {
    actor: Actor,
    socket: Client,
}

async fn person(app: &TestApp, addr: SocketAddr, player: Player) -> Person {
    let token = app.token(player).await;
    let actor = accounts::authenticate_bearer(&app.env, &token).await.expect("asks");
    Person {
        actor: actor.expect("an actor"),
        socket: Client::signed_in(addr, &token).await,
    }
}

async fn say(app: &TestApp, actor: &Actor, id: ConversationId, body: &str) -> model::Message {
    let command = SendMessage {
        client_id: app.env.new_id().into(),
        body: body.into(),
        reply_to: None,
    };
    let sent = conversations::send_message(&app.env, actor, id, command).await;
    sent.expect("sends").message
}

async fn open(app: &TestApp, actor: &Actor, command: OpenConversation) -> ConversationId {
    let opened = conversations::open_conversation(&app.env, actor, command).await;
    opened.expect("opens").conversation.id
}

/// The next message, whatever comes before it.
async fn message(socket: &mut Client) -> Value {
    socket.frame_of("message").await["message"].clone()
}

#[tokio::test]
async fn a_newcomer_is_shown_the_group_and_hears_what_comes_after_and_who_is_taken_out_hears_no_more() {
    let app = TestApp::start().await;
    let (addr, _stop) = app.listen().await;
    let mut ada = person(&app, addr, ADA).await;
    let mut grace = person(&app, addr, GRACE).await;
    let mut hedy = person(&app, addr, HEDY).await;
    let id = open(&app, &ada.actor, OpenConversation::group("The engine", ["grace"])).await;
    for socket in [&mut ada.socket, &mut grace.socket] {
        assert_eq!(message(socket).await["event"]["type"], "created");
    }
    say(&app, &ada.actor, id, "Before Hedy").await;
    assert_eq!(message(&mut grace.socket).await["event"]["type"], "added");
    assert_eq!(message(&mut grace.socket).await["body"], "Before Hedy");

    let as_is = || SetMember { role: None };
    conversations::set_member(&app.env, &ada.actor, id, "hedy", as_is())
        .await
        .expect("adds");
    let heard = [hedy.socket.frame().await, hedy.socket.frame().await];
    let shown = heard
        .iter()
        .find(|frame| frame["type"] == "conversation")
        .expect("is shown");
    assert_eq!(
        (&shown["conversation"]["title"], &shown["conversation"]["floor"]),
        (&json!("The engine"), &json!(3))
    );
    let first = heard.iter().find(|frame| frame["type"] == "message").expect("hears");
    assert_eq!(
        (&first["message"]["seq"], &first["message"]["event"]["type"]),
        (&json!(4), &json!("added"))
    );

    conversations::remove_member(&app.env, &ada.actor, id, "hedy")
        .await
        .expect("removes");
    let gone = hedy.socket.frame_of("conversation_gone").await;
    assert_eq!(gone["conversation"], json!(id));
    say(&app, &ada.actor, id, "After Hedy").await;
    while message(&mut grace.socket).await["body"] != "After Hedy" {}
    hedy.socket.hears_nothing().await;
}

#[tokio::test]
async fn a_change_is_told_by_its_number_and_each_sees_their_own_reactions() {
    let app = TestApp::start().await;
    let (addr, _stop) = app.listen().await;
    let mut ada = person(&app, addr, ADA).await;
    let mut grace = person(&app, addr, GRACE).await;
    let id = open(&app, &ada.actor, OpenConversation::direct("grace")).await;
    let said = say(&app, &ada.actor, id, "Good mroning").await;
    let edit = EditMessage {
        body: "Good morning".into(),
    };
    conversations::edit_message(&app.env, &ada.actor, said.id, edit)
        .await
        .expect("edits");
    for socket in [&mut ada.socket, &mut grace.socket] {
        let changed = socket.frame_of("message_changed").await["message"].clone();
        assert_eq!(
            (&changed["body"], &changed["rev"], &changed["seq"]),
            (&json!("Good morning"), &json!(1), &json!(1))
        );
    }
    conversations::react(&app.env, &grace.actor, said.id, "🎉")
        .await
        .expect("reacts");
    for (socket, mine) in [(&mut ada.socket, false), (&mut grace.socket, true)] {
        let changed = socket.frame_of("message_changed").await["message"].clone();
        assert_eq!(changed["rev"], 2);
        assert_eq!(changed["reactions"], json!([{"emoji": "🎉", "count": 1, "mine": mine}]));
    }
    conversations::delete_message(&app.env, &ada.actor, said.id)
        .await
        .expect("deletes");
    let changed = grace.socket.frame_of("message_changed").await["message"].clone();
    assert_eq!((&changed["body"], &changed["rev"]), (&json!(""), &json!(3)));
}

#[tokio::test]
async fn how_i_keep_a_conversation_is_told_to_my_devices_alone() {
    let app = TestApp::start().await;
    let (addr, _stop) = app.listen().await;
    let mut ada = person(&app, addr, ADA).await;
    let mut grace = person(&app, addr, GRACE).await;
    let id = open(&app, &ada.actor, OpenConversation::direct("grace")).await;
    say(&app, &ada.actor, id, "Good morning").await;
    message(&mut ada.socket).await;
    message(&mut grace.socket).await;
    let mute = UpdateConversation {
        muted: Some(true),
        title: None,
        history: None,
        archived: None,
    };
    conversations::update_conversation(&app.env, &grace.actor, id, mute)
        .await
        .expect("mutes");
    let shown = grace.socket.frame_of("conversation").await;
    assert_eq!(shown["conversation"]["muted"], true);
    conversations::clear_conversation(&app.env, &grace.actor, id)
        .await
        .expect("clears");
    grace.socket.frame_of("conversation_gone").await;
    // The mark that says what is deleted for her is read, too.
    while let Some(frame) = ada.socket.frame_within(std::time::Duration::from_millis(300)).await {
        assert_eq!(frame["type"], "read", "{frame}");
    }
}

#[tokio::test]
async fn a_block_is_told_to_whoever_blocks_and_parts_the_two() {
    let app = TestApp::start().await;
    let (addr, _stop) = app.listen().await;
    let mut ada = person(&app, addr, ADA).await;
    let mut grace = person(&app, addr, GRACE).await;
    let mut mallory = person(&app, addr, MALLORY).await;
    let id = open(&app, &mallory.actor, OpenConversation::direct("grace")).await;
    say(&app, &mallory.actor, id, "Buy my engine").await;
    message(&mut grace.socket).await;
    message(&mut mallory.socket).await;
    conversations::block(&app.env, &grace.actor, "mallory")
        .await
        .expect("blocks");
    let blocks = grace.socket.frame_of("blocks").await;
    assert_eq!(blocks["users"], json!([mallory.actor.id()]));
    for socket in [&mut grace.socket, &mut mallory.socket] {
        assert_eq!(socket.frame_of("conversation").await["conversation"]["writable"], false);
    }
    let mark = MarkRead { seq: 1 };
    conversations::mark_read(&app.env, &grace.actor, id, mark)
        .await
        .expect("marks");
    assert_eq!(
        grace.socket.frame_of("read").await["seq"],
        1,
        "one's own devices hear it"
    );
    grace
        .socket
        .say(json!({"v": 1, "type": "typing", "conversation": id}))
        .await;
    grace.socket.hears_nothing().await;
    mallory.socket.hears_nothing().await;
    ada.socket.hears_nothing().await;
}
