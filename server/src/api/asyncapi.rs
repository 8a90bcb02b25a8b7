//! The realtime doors' document (AsyncAPI 3), made of the frames' own types: each variant of [`ClientFrame`] and
//! [`ServerFrame`] is a message, so none can be missing, and each example is a frame that the code itself has read and
//! written again.

use super::{examples, fields};
use crate::realtime;
use axum::{Json, Router, routing::get};
use model::realtime::{ClientFrame, ServerFrame, VERSION, Versioned};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(components(schemas(ClientFrame, ServerFrame)))]
struct Frames;

/// What the server says only to answer a frame of the client. Who can't say anything does not hear it.
const ANSWERS: [&str; 4] = ["ack", "reject", "pong", "presence"];
/// What each frame of the client is answered with, if with anything.
const REPLIES: [(&str, &[&str]); 6] = [
    ("auth", &["ready", "reject", "bye"]),
    ("send", &["ack", "reject"]),
    ("read", &["reject"]),
    ("typing", &["reject"]),
    ("watch", &["presence", "reject"]),
    ("ping", &["pong"]),
];
const ABOUT: &str = "What happens, as it happens. A frame is a JSON object with the version `v` and a `type`. Ignore types and \
                     fields that you do not know. After `ready` nothing is missed; fetch what came before over REST. \
                     Messages of a conversation are counted by `seq`, later changes of them by `rev`, both without a hole: \
                     who sees one asks for `messages?after=` or `changes?after=`.";

/// The document.
#[must_use]
pub fn document() -> Value {
    static DOCUMENT: LazyLock<Value> = LazyLock::new(make);
    DOCUMENT.clone()
}

/// `/api/asyncapi.json`.
pub fn routes() -> Router {
    Router::new().route("/api/asyncapi.json", get(|| async { Json(document()) }))
}

/// One kind of frame: its name on the wire, and its message.
type Frame = (String, Value);

fn make() -> Value {
    // Texts and numbers always become JSON; the tests would see it if they did not.
    let mut frames = serde_json::to_value(Frames::openapi()).unwrap_or_default();
    let mut schemas = match frames["components"]["schemas"].take() {
        Value::Object(schemas) => schemas,
        _ => Map::new(),
    };
    fields::describe_schemas(&mut schemas);
    let said = variants(&mut schemas, "ClientFrame");
    let heard = variants(&mut schemas, "ServerFrame");
    let said: Vec<Frame> = said
        .into_iter()
        .map(|one| message::<ClientFrame>(one, &schemas))
        .collect();
    let heard: Vec<Frame> = heard
        .into_iter()
        .map(|one| message::<ServerFrame>(one, &schemas))
        .collect();
    let is_told = |(name, _): &&Frame| !ANSWERS.contains(&name.as_str());
    let told: Vec<Frame> = heard.iter().filter(is_told).cloned().collect();
    let all = said
        .iter()
        .map(|one| ("say", one))
        .chain(heard.iter().map(|one| ("hear", one)));
    let messages: Map<String, Value> = all
        .map(|(way, (name, message))| (key(way, name), message.clone()))
        .collect();
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Roost, as it happens",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": {"name": "MIT OR Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "socket": server("ws", "wss"),
            "events": server("http", "https"),
        },
        "channels": {
            "socket": socket(&said, &heard),
            "events": events(&told),
        },
        "operations": operations(&said, &told),
        "components": {
            "messages": messages,
            "schemas": schemas,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "The access token of a session."},
                "cookie": {"type": "httpApiKey", "in": "cookie", "name": "roost", "description": "What signing in sets; under https it is called `__Host-roost`."},
            },
        },
    })
}

/// The variants of an enum of frames, each a schema.
fn variants(schemas: &mut Map<String, Value>, name: &str) -> Vec<Value> {
    let mut frame = schemas.remove(name).unwrap_or_default();
    match frame["oneOf"].take() {
        Value::Array(variants) => variants,
        _ => Vec::new(),
    }
}

/// A variant with its version, its sentence and a real example.
fn message<F: Serialize + DeserializeOwned>(mut payload: Value, schemas: &Map<String, Value>) -> Frame {
    let kind = &mut payload["properties"]["type"];
    let name = kind["enum"][0].as_str().unwrap_or_default().to_owned();
    *kind = json!({"const": name});
    payload["properties"]["v"] = json!({"const": VERSION, "description": "The version."});
    if let Some(required) = payload["required"].as_array_mut() {
        required.insert(0, json!("v"));
    }
    let summary = payload
        .as_object_mut()
        .and_then(|payload| payload.remove("description"));
    fields::describe_frame(&name, &mut payload);
    // As the code writes it, and not only as the schema has it.
    let made = examples::of(&payload, schemas);
    let read = serde_json::from_value::<Versioned<F>>(made.clone()).and_then(serde_json::to_value);
    let example = read.unwrap_or(made);
    let message = json!({
        "name": name,
        "title": name,
        "summary": summary,
        "contentType": "application/json",
        "payload": payload,
        "examples": [{"payload": example}],
    });
    (name, message)
}

/// Some frames are said in both directions, under one name.
fn key(way: &str, name: &str) -> String {
    format!("{way}_{name}")
}

fn server(protocol: &str, secure: &str) -> Value {
    json!({
        "host": "{host}",
        "protocol": protocol,
        "description": format!("Where Roost is; {secure} where it is reached by https."),
        "variables": {"host": {"default": "127.0.0.1:3000", "description": "The host, and the port if it is not the usual one."}},
        "security": [{"$ref": "#/components/securitySchemes/token"}, {"$ref": "#/components/securitySchemes/cookie"}],
    })
}

fn listed<'a>(frames: impl Iterator<Item = (&'static str, &'a Frame)>) -> Map<String, Value> {
    frames
        .map(|(way, (name, _))| {
            let key = key(way, name);
            let reference = json!({"$ref": format!("#/components/messages/{key}")});
            (key, reference)
        })
        .collect()
}

fn socket(said: &[Frame], heard: &[Frame]) -> Value {
    let both = said
        .iter()
        .map(|one| ("say", one))
        .chain(heard.iter().map(|one| ("hear", one)));
    json!({
        "address": realtime::PATH,
        "title": "Socket",
        "description": "A WebSocket; each frame is one text message. It is signed in by the header `Authorization`, by the \
                        cookie, or by `auth` as its first frame. It is closed after `resync` and `bye`.",
        "servers": [{"$ref": "#/servers/socket"}],
        "messages": listed(both),
        "bindings": {"ws": {"method": "GET", "bindingVersion": "0.1.0"}},
    })
}

fn events(told: &[Frame]) -> Value {
    json!({
        "address": realtime::EVENTS_PATH,
        "title": "Events",
        "description": "The same frames as server-sent events (`text/event-stream`), to listen only; say it over REST. Each \
                        event has the frame's type as `event` and the frame as `data`. Comments come in between, so that \
                        the connection is not taken for dead. It ends after `resync` and `bye`.",
        "servers": [{"$ref": "#/servers/events"}],
        "messages": listed(told.iter().map(|one| ("hear", one))),
        "bindings": {"http": {}},
    })
}

/// From the server's side, as AsyncAPI has it: it receives what a client says, and sends what a client hears.
fn operations(said: &[Frame], told: &[Frame]) -> Value {
    let of = |channel: &str, key: String| json!({"$ref": format!("#/channels/{channel}/messages/{key}")});
    let mut operations: Map<String, Value> = said
        .iter()
        .map(|(name, message)| {
            let mut operation = json!({
                "action": "receive",
                "channel": {"$ref": "#/channels/socket"},
                "summary": message["summary"],
                "messages": [of("socket", key("say", name))],
            });
            if let Some((_, replies)) = REPLIES.iter().find(|(said, _)| said == name) {
                let replies: Vec<Value> = replies.iter().map(|reply| of("socket", key("hear", reply))).collect();
                operation["reply"] = json!({"channel": {"$ref": "#/channels/socket"}, "messages": replies});
            }
            (key("say", name), operation)
        })
        .collect();
    for channel in ["socket", "events"] {
        let messages: Vec<Value> = told.iter().map(|(name, _)| of(channel, key("hear", name))).collect();
        let operation = json!({
            "action": "send",
            "channel": {"$ref": format!("#/channels/{channel}")},
            "summary": "What happens in my conversations.",
            "messages": messages,
        });
        operations.insert(format!("{channel}_tells"), operation);
    }
    Value::Object(operations)
}
