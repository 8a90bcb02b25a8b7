//! Frames as they leave: serialized once, shared by all who get them.

use axum::{
    body::Bytes,
    extract::ws::{CloseCode, Utf8Bytes},
};
use model::realtime::{ServerFrame, Versioned};
use std::sync::OnceLock;

/// Frames that go to a socket in one write, in bytes; one frame alone may be larger.
const PACKET: usize = 32 * 1024;

/// A frame's text.
pub fn encode(frame: &ServerFrame) -> Utf8Bytes {
    match serde_json::to_string(&Versioned::from(frame)) {
        Ok(text) => text.into(),
        // No frame holds what JSON can't say; should one ever, its readers fetch instead.
        Err(error) => {
            tracing::error!(%error, "a frame could not be written");
            Utf8Bytes::from_static(r#"{"v":1,"type":"resync"}"#)
        }
    }
}

/// Frames for several listeners, in order.
pub struct Batch {
    texts: Vec<Utf8Bytes>,
    packets: OnceLock<Vec<Bytes>>,
}

impl Batch {
    /// These frames.
    pub fn of<'a>(frames: impl IntoIterator<Item = &'a ServerFrame>) -> Self {
        Self {
            texts: frames.into_iter().map(encode).collect(),
            packets: OnceLock::new(),
        }
    }

    /// Each frame's text.
    pub fn texts(&self) -> &[Utf8Bytes] {
        &self.texts
    }

    /// The frames as they are on the wire of a WebSocket, several to a packet.
    pub fn packets(&self) -> &[Bytes] {
        self.packets.get_or_init(|| {
            let mut packets = Vec::new();
            let mut packet = Vec::new();
            for text in &self.texts {
                if !packet.is_empty() && packet.len() + text.len() > PACKET {
                    packets.push(Bytes::from(std::mem::take(&mut packet)));
                }
                write(&mut packet, TEXT, text.as_bytes());
            }
            if !packet.is_empty() {
                packets.push(packet.into());
            }
            packets
        })
    }
}

const TEXT: u8 = 0x1;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;

/// A whole frame of a server: unmasked, and not in pieces (RFC 6455 §5.2).
fn write(packet: &mut Vec<u8>, opcode: u8, payload: &[u8]) {
    packet.reserve(payload.len() + 10);
    packet.push(0x80 | opcode);
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(short @ 0..=125), _) => packet.push(short),
        (_, Ok(medium)) => {
            packet.push(126);
            packet.extend(medium.to_be_bytes());
        }
        _ => {
            packet.push(127);
            packet.extend((payload.len() as u64).to_be_bytes());
        }
    }
    packet.extend(payload);
}

/// A frame as it is on the wire of a WebSocket.
pub fn packet(text: &str) -> Bytes {
    let mut packet = Vec::new();
    write(&mut packet, TEXT, text.as_bytes());
    packet.into()
}

/// "Are you still there?", to which every WebSocket answers by itself.
pub const fn ping() -> Bytes {
    Bytes::from_static(&[0x80 | PING, 0])
}

/// The end of a WebSocket, and why. The reason is short.
pub fn close(code: CloseCode, reason: &str) -> Bytes {
    let mut payload = code.to_be_bytes().to_vec();
    payload.extend(reason.bytes().take(100));
    let mut packet = Vec::new();
    write(&mut packet, CLOSE, &payload);
    packet.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;
    use tungstenite::{
        Message, WebSocket,
        protocol::{Role, WebSocketConfig},
    };

    /// What a client reads out of these bytes.
    fn read(bytes: &[u8]) -> Vec<Message> {
        let config = WebSocketConfig::default();
        let mut client = WebSocket::from_raw_socket(Cursor::new(bytes.to_vec()), Role::Client, Some(config));
        std::iter::from_fn(|| client.read().ok()).collect()
    }

    #[test]
    fn a_client_reads_frames_of_every_length_out_of_a_packet() {
        for length in [0, 1, 125, 126, 127, 65_535, 65_536, 70_000] {
            let text = "x".repeat(length);
            let mut packet = packet(&text).to_vec();
            packet.extend(super::packet("after"));
            assert_eq!(read(&packet), [Message::text(text), Message::text("after")]);
        }
        assert_eq!(read(&ping()), [Message::Ping(Bytes::new())]);
        let [Message::Close(Some(frame))] = &read(&close(1008, "signed out"))[..] else {
            panic!("no close frame");
        };
        assert_eq!((u16::from(frame.code), frame.reason.as_str()), (1008, "signed out"));
    }

    #[test]
    fn many_frames_share_packets_and_keep_their_order() {
        let frames: Vec<ServerFrame> = (0..400)
            .map(|n| ServerFrame::Reject {
                id: None,
                code: model::Code::Invalid,
                detail: format!("{n} {}", "x".repeat(200)).into(),
            })
            .collect();
        let batch = Batch::of(&frames);
        let packets = batch.packets();
        assert!((2..20).contains(&packets.len()), "{}", packets.len());
        let all: Vec<u8> = packets.iter().flatten().copied().collect();
        let expected: Vec<_> = batch.texts().iter().map(|text| Message::text(text.as_str())).collect();
        assert_eq!(read(&all), expected);
    }
}
