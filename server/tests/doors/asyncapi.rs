//! The document of the realtime doors: whether it is whole, and whether it is true. That no frame on the wire goes past it
//! is seen by every test that listens ([`crate::support::assert_told`]).

use crate::{schema::fault, support::TestApp};
use axum::http::{Method, StatusCode};
use domain::fixtures;
use model::{
    ClientId, Code, Conversation, Message,
    command::{OpenConversation, SendMessage},
    realtime::{ByeReason, ClientFrame, PresenceState, ServerFrame, Versioned},
    samples::{ADA, GRACE},
};
use roost::api::{asyncapi::document, examples::UNKNOWN};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// One frame of each kind that a client says.
fn said(message: &Message) -> Vec<ClientFrame> {
    let (conversation, id) = (message.conversation, message.client_id);
    let token = "token".into();
    let body = "Good morning".into();
    let all = vec![
        ClientFrame::Auth { token },
        ClientFrame::Send {
            id,
            conversation,
            body,
            reply_to: Some(message.id),
        },
        ClientFrame::Read { conversation, seq: 1 },
        ClientFrame::Typing { conversation },
        ClientFrame::Watch {
            conversations: vec![conversation],
        },
        ClientFrame::Ping,
    ];
    // A new variant does not compile until it is named here; then it belongs into the list above.
    for frame in &all {
        match frame {
            ClientFrame::Auth { .. } | ClientFrame::Send { .. } | ClientFrame::Read { .. } => {}
            ClientFrame::Typing { .. } | ClientFrame::Watch { .. } | ClientFrame::Ping => {}
        }
    }
    all
}

/// One frame of each kind that a client hears.
fn heard(account: model::Account, conversation: Conversation, message: Message) -> Vec<ServerFrame> {
    let (id, place, user) = (message.client_id, conversation.id, account.id);
    let session = model::SessionId(message.id.uuid());
    let (code, detail) = (Code::NotFound, Code::NotFound.detail().into());
    let all = vec![
        ServerFrame::Ready { account, session },
        ServerFrame::Ack {
            id,
            message: message.clone(),
        },
        ServerFrame::Reject {
            id: Some(id),
            code,
            detail,
        },
        ServerFrame::Message {
            message: message.clone(),
        },
        ServerFrame::MessageChanged { message },
        ServerFrame::Read {
            conversation: place,
            user,
            seq: 1,
        },
        ServerFrame::Typing {
            conversation: place,
            user,
        },
        ServerFrame::Presence {
            user,
            state: PresenceState::Online,
        },
        ServerFrame::Conversation { conversation },
        ServerFrame::ConversationGone { conversation: place },
        ServerFrame::Blocks { users: vec![user] },
        ServerFrame::Letter {
            id: format!("l:{user}"),
        },
        ServerFrame::Pong,
        ServerFrame::Resync,
        ServerFrame::Bye {
            reason: ByeReason::Shutdown,
        },
    ];
    // As above.
    for frame in &all {
        match frame {
            ServerFrame::Ready { .. } | ServerFrame::Ack { .. } | ServerFrame::Reject { .. } => {}
            ServerFrame::Message { .. } | ServerFrame::MessageChanged { .. } | ServerFrame::Read { .. } => {}
            ServerFrame::Typing { .. } | ServerFrame::Presence { .. } | ServerFrame::Conversation { .. } => {}
            ServerFrame::ConversationGone { .. } | ServerFrame::Blocks { .. } | ServerFrame::Pong => {}
            ServerFrame::Letter { .. } | ServerFrame::Resync | ServerFrame::Bye { .. } => {}
        }
    }
    all
}

/// The names of the messages that are said or heard.
fn names(document: &Value, way: &str) -> BTreeSet<String> {
    let messages = document["components"]["messages"].as_object().expect("messages");
    let names = messages.keys().filter_map(|key| key.strip_prefix(way));
    names.map(str::to_owned).collect()
}

/// Checks frames against the messages they are, and gives their names.
fn told<F: Serialize>(document: &Value, way: &str, frames: Vec<F>) -> BTreeSet<String> {
    let frames = frames
        .into_iter()
        .map(|frame| serde_json::to_value(Versioned::from(frame)).expect("serializes"));
    frames
        .map(|frame| {
            let name = frame["type"].as_str().expect("a type").to_owned();
            let payload = &document["components"]["messages"][format!("{way}{name}")]["payload"];
            assert!(payload.is_object(), "{name} is not told");
            assert_eq!(fault(document, payload, &frame), None, "{name}");
            name
        })
        .collect()
}

#[tokio::test]
async fn every_frame_there_is_is_told_as_it_is_written() {
    let (env, _) = fixtures::env().await;
    let (ada, _) = (fixtures::actor(&env, ADA).await, fixtures::actor(&env, GRACE).await);
    let group = OpenConversation::group("Nanoseconds", ["grace"]);
    let opened = domain::conversations::open_conversation(&env, &ada, group)
        .await
        .expect("opens");
    let command = SendMessage {
        client_id: ClientId(env.new_id()),
        body: "Good morning, @grace".into(),
        reply_to: opened.conversation.last_message.as_ref().map(|message| message.id),
    };
    let sent = domain::conversations::send_message(&env, &ada, opened.conversation.id, command)
        .await
        .expect("sends");
    let document = document();
    assert_eq!(told(&document, "say_", said(&sent.message)), names(&document, "say_"));
    let heard = heard(ada.account.clone(), opened.conversation, sent.message);
    assert_eq!(told(&document, "hear_", heard), names(&document, "hear_"));
}

#[test]
fn a_frame_that_is_not_as_told_is_noticed() {
    let document = document();
    let payload = &document["components"]["messages"]["hear_message"]["payload"];
    let good = document["components"]["messages"]["hear_message"]["examples"][0]["payload"].clone();
    assert_eq!(fault(&document, payload, &good), None);
    for (pointer, wrong) in [
        ("/v", json!(2)),
        ("/type", json!("massage")),
        ("/message/seq", json!("1")),
        ("/message/reactions", json!([{"emoji": "👍", "count": 1}])),
        (
            "/message/author",
            json!({"id": "x", "username": "ada", "display_name": "Ada", "email": "ada@example.org"}),
        ),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).expect("a field") = wrong;
        assert!(fault(&document, payload, &bad).is_some(), "{pointer}");
    }
    let mut more = good;
    more["message"]["colour"] = json!("green");
    assert!(
        fault(&document, payload, &more).is_some(),
        "a field that nobody tells of"
    );
}

/// An example that the code reads, and writes in the same way.
fn is_real<F: Serialize + DeserializeOwned>(example: &Value) -> bool {
    let read = serde_json::from_value::<Versioned<F>>(example.clone());
    read.is_ok_and(|frame| serde_json::to_value(frame).is_ok_and(|written| written == *example))
}

#[test]
fn every_example_is_a_real_frame() {
    let document = document();
    for (key, message) in document["components"]["messages"].as_object().expect("messages") {
        let example = &message["examples"][0]["payload"];
        let real = match key.strip_prefix("say_") {
            Some(_) => is_real::<ClientFrame>(example),
            None => is_real::<ServerFrame>(example),
        };
        assert!(real && !example.to_string().contains(UNKNOWN), "{key}: {example}");
        assert!(
            message["summary"].as_str().is_some_and(|words| !words.is_empty()),
            "{key} has no sentence"
        );
    }
}

/// Every reference below a value.
fn references(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(fields) => {
            let own = fields.get("$ref").and_then(Value::as_str);
            own.into_iter().chain(fields.values().flat_map(references)).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn references_lead_somewhere_and_both_doors_tell_all_that_goes_through_them() {
    let document = document();
    for reference in references(&document) {
        let pointer = reference.strip_prefix('#').expect("within the document");
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
    let channel = |name: &str| -> BTreeSet<String> {
        let messages = document["channels"][name]["messages"].as_object().expect("messages");
        messages.keys().cloned().collect()
    };
    let all: BTreeSet<String> = document["components"]["messages"]
        .as_object()
        .expect("messages")
        .keys()
        .cloned()
        .collect();
    assert_eq!(channel("socket"), all);
    let unheard: Vec<String> = all
        .difference(&channel("events"))
        .filter(|key| key.starts_with("hear_"))
        .cloned()
        .collect();
    assert_eq!(
        unheard,
        ["hear_ack", "hear_pong", "hear_presence", "hear_reject"],
        "answers to what is said"
    );
    assert!(
        channel("events").iter().all(|key| key.starts_with("hear_")),
        "nothing is said there"
    );
    // Each is in an operation, or is the answer of one.
    let used: BTreeSet<&str> = references(&document["operations"]).into_iter().collect();
    for key in all {
        assert!(
            used.contains(format!("#/channels/socket/messages/{key}").as_str()),
            "{key} is in no operation"
        );
    }
}

#[tokio::test]
async fn the_document_is_served_to_anybody() {
    let app = TestApp::start().await;
    let answer = app.call(Method::GET, "/api/asyncapi.json", None, None).await;
    assert_eq!((answer.status, answer.json()), (StatusCode::OK, document()));
    assert_eq!(answer.json()["channels"]["events"]["address"], "/api/v1/events");
}
