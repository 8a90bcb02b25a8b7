//! The two dialects: how a socket is opened and signed in, what is sent, and what arrives.

use crate::plan::{Dialect, Person, Plan};
use serde::Deserialize;

/// A message as both servers show it; what else they say of it is not looked at.
#[derive(Debug, Deserialize)]
pub struct Message {
    /// Where.
    pub conversation: String,
    /// Its place in the log.
    pub seq: u64,
    /// What its sender called it.
    pub client_id: String,
    /// By whom.
    pub author: Author,
    /// The text.
    pub body: String,
}

/// The author of a message.
#[derive(Debug, Deserialize)]
pub struct Author {
    /// Their id.
    pub id: String,
}

/// What arrived.
#[derive(Debug)]
pub enum Heard {
    /// The socket is signed in.
    Ready,
    /// A message of a room.
    Delivery(Message),
    /// An own message is durable.
    Ack(Message),
    /// This is to be answered at once, or the server hangs up.
    Answer(&'static str),
    /// The server refuses, or says goodbye.
    Refusal,
    /// Nothing that is of interest here.
    Other,
}

#[derive(Deserialize)]
struct Frame<'a> {
    r#type: &'a str,
    message: Option<Message>,
}

impl Dialect {
    /// Path and query of the WebSocket.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Roost => "/api/v1/socket",
            Self::SocketIo => "/socket.io/?EIO=4&transport=websocket",
        }
    }

    /// The first thing to say, where the header did not say it.
    pub fn introduction(self, person: &Person) -> Option<String> {
        match self {
            Self::Roost => None,
            Self::SocketIo => Some(format!(r#"40{{"token":"{}"}}"#, person.token)),
        }
    }

    /// The packet that sends a message.
    pub fn send(self, room: &str, client_id: &str, number: u64, body: &str) -> String {
        match self {
            Self::Roost => {
                format!(r#"{{"v":1,"type":"send","id":"{client_id}","conversation":"{room}","body":"{body}"}}"#)
            }
            Self::SocketIo => {
                format!(r#"42{number}["send",{{"client_id":"{client_id}","conversation":"{room}","body":"{body}"}}]"#)
            }
        }
    }

    /// Path and body of the request that sends a message by HTTP.
    pub fn post(self, room: &str, client_id: &str, body: &str) -> (String, String) {
        let prefix = match self {
            Self::Roost => "/api/v1",
            Self::SocketIo => "",
        };
        let path = format!("{prefix}/conversations/{room}/messages");
        (path, format!(r#"{{"client_id":"{client_id}","body":"{body}"}}"#))
    }

    /// Reads a packet.
    pub fn read(self, text: &str) -> Result<Heard, String> {
        match self {
            Self::Roost => read_roost(text),
            Self::SocketIo => read_socket_io(text),
        }
        .map_err(|error| format!("{error} in {text}"))
    }
}

fn read_roost(text: &str) -> Result<Heard, serde_json::Error> {
    let frame: Frame = serde_json::from_str(text)?;
    Ok(match (frame.r#type, frame.message) {
        ("message", Some(message)) => Heard::Delivery(message),
        ("ack", Some(message)) => Heard::Ack(message),
        ("ready", _) => Heard::Ready,
        ("reject" | "resync" | "bye", _) => Heard::Refusal,
        _ => Heard::Other,
    })
}

/// Engine.IO 4 (0 open, 2 ping, 3 pong, 4 message) with Socket.IO 5 in it (0 connect, 2 event, 3 ack, 4 error).
fn read_socket_io(text: &str) -> Result<Heard, serde_json::Error> {
    let Some((kind, rest)) = text.split_at_checked(2) else {
        return Ok(if text == "2" { Heard::Answer("3") } else { Heard::Other });
    };
    Ok(match kind {
        "40" => Heard::Ready,
        "42" => {
            let (_, message): (String, Message) = serde_json::from_str(rest)?;
            Heard::Delivery(message)
        }
        "43" => {
            let answer = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            let [answer]: [serde_json::Value; 1] = serde_json::from_str(answer)?;
            if answer["error"].is_null() {
                Heard::Ack(serde_json::from_value(answer)?)
            } else {
                Heard::Refusal
            }
        }
        "41" | "44" => Heard::Refusal,
        _ => Heard::Other,
    })
}

/// The URL of the WebSocket.
pub fn url(plan: &Plan) -> String {
    format!("ws://{}{}", plan.addr, plan.dialect.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_message_is_read_from_both_dialects() {
        let message = r#"{"id":"m","conversation":"c","seq":3,"client_id":"x","author":{"id":"a"},"body":"hello"}"#;
        for (dialect, packet) in [
            (
                Dialect::Roost,
                format!(r#"{{"v":1,"type":"message","message":{message}}}"#),
            ),
            (Dialect::SocketIo, format!(r#"42["message",{message}]"#)),
        ] {
            let Ok(Heard::Delivery(heard)) = dialect.read(&packet) else {
                panic!("{packet}");
            };
            assert_eq!(
                (heard.seq, heard.author.id.as_str(), heard.body.as_str()),
                (3, "a", "hello")
            );
        }
        for (dialect, packet) in [
            (
                Dialect::Roost,
                format!(r#"{{"v":1,"type":"ack","id":"x","message":{message}}}"#),
            ),
            (Dialect::SocketIo, format!("4312[{message}]")),
        ] {
            assert!(matches!(dialect.read(&packet), Ok(Heard::Ack(_))), "{packet}");
        }
        assert!(matches!(Dialect::SocketIo.read("2"), Ok(Heard::Answer("3"))));
        assert!(matches!(
            Dialect::SocketIo.read(r#"431[{"error":"x"}]"#),
            Ok(Heard::Refusal)
        ));
    }
}
