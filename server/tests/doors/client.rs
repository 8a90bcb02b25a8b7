//! Somebody at a socket.

use crate::support::assert_told;
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::{net::SocketAddr, time::Duration};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest, http::Response},
};

pub type Connected = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub struct Client(pub Connected);

impl Client {
    pub async fn connect(
        addr: SocketAddr,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, Box<Response<Option<Vec<u8>>>>> {
        let mut request = format!("ws://{addr}/api/v1/socket")
            .into_client_request()
            .expect("a request");
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().expect("a value"));
        }
        match connect_async(request).await {
            Ok((stream, _)) => Ok(Self(stream)),
            Err(Error::Http(response)) => Err(response),
            Err(other) => panic!("{other}"),
        }
    }

    pub async fn signed_in(addr: SocketAddr, token: &str) -> Self {
        let mut client = Self::connect(addr, &[("authorization", &format!("Bearer {token}"))])
            .await
            .expect("opens");
        assert_eq!(client.frame().await["type"], "ready");
        client
    }

    pub async fn say(&mut self, frame: Value) {
        self.0.send(Message::text(frame.to_string())).await.expect("sends");
    }

    /// The next frame; the time limit only ends a test that hangs.
    pub async fn frame(&mut self) -> Value {
        loop {
            let packet = tokio::time::timeout(Duration::from_secs(20), self.0.next())
                .await
                .expect("a frame in time");
            match packet.expect("an open socket").expect("a packet") {
                Message::Text(text) => {
                    let frame = serde_json::from_str(&text).expect("JSON");
                    assert_told("socket", &frame);
                    return frame;
                }
                Message::Close(frame) => return json!({"type": "closed", "code": frame.map(|f| u16::from(f.code))}),
                _ => {}
            }
        }
    }

    pub async fn frame_of(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.frame().await;
            if frame["type"] == kind {
                return frame;
            }
            assert_ne!(frame["type"], "closed", "closed while waiting for {kind}");
        }
    }

    /// The next frame, if it comes within this time.
    pub async fn frame_within(&mut self, time: Duration) -> Option<Value> {
        tokio::time::timeout(time, self.frame()).await.ok()
    }

    /// That nothing was on its way: the answer to a ping comes next.
    pub async fn hears_nothing(&mut self) {
        self.say(json!({"v": 1, "type": "ping"})).await;
        let frame = self.frame().await;
        assert_eq!(frame["type"], "pong", "{frame}");
    }
}
