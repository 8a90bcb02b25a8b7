//! From a request to a connection that speaks WebSocket (RFC 6455 §4.2). The connection is taken out of what HTTP wraps
//! around it, because all that wrapping is memory for each socket, and because everybody may write to it.

use crate::http::problem::Problem;
use axum::{
    body::{Body, Bytes},
    extract::{FromRequestParts, WebSocketUpgrade},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use hyper::upgrade::OnUpgrade;
use hyper_util::{rt::TokioIo, server::conn::auto::upgrade::downcast};
use model::Code;
use tokio::net::TcpStream;
use tungstenite::handshake::derive_accept_key;

/// A request to speak WebSocket that is as it should be.
pub struct Upgrade {
    accept: HeaderValue,
    pending: OnUpgrade,
}

impl<S: Send + Sync> FromRequestParts<S> for Upgrade {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let pending = parts.extensions.get::<OnUpgrade>().cloned();
        let key = parts.headers.get(header::SEC_WEBSOCKET_KEY);
        let accept = key.map(|key| derive_accept_key(key.as_bytes()));
        // Whether all its headers say the right things, axum knows.
        let checked = <WebSocketUpgrade as FromRequestParts<S>>::from_request_parts(parts, state).await;
        drop(checked.map_err(IntoResponse::into_response)?);
        let accept = accept.and_then(|accept| HeaderValue::try_from(accept).ok());
        let (Some(accept), Some(pending)) = (accept, pending) else {
            return Err(Problem::from(Code::MalformedBody).into_response());
        };
        Ok(Self { accept, pending })
    }
}

impl Upgrade {
    /// Answers, and hands the connection on, with what the client sent before it heard the answer.
    pub fn into<F>(self, serve: impl FnOnce(TcpStream, Bytes) -> F + Send + 'static) -> Response
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let Self { accept, pending } = self;
        tokio::spawn(async move {
            match pending.await.map(downcast::<TokioIo<TcpStream>>) {
                // What serves for hours is a task of its own: this one is larger.
                Ok(Ok(parts)) => {
                    // Even with nothing in it, what HTTP read into would keep its 8 KiB for as long as the socket lives.
                    let early = Bytes::copy_from_slice(&parts.read_buf);
                    tokio::spawn(serve(parts.io.into_inner(), early));
                }
                Ok(Err(_)) => tracing::error!("a socket came over something that is no TCP connection"),
                Err(error) => tracing::debug!(%error, "a client left while its socket was opened"),
            }
        });
        let headers = [
            (header::CONNECTION, HeaderValue::from_static("upgrade")),
            (header::UPGRADE, HeaderValue::from_static("websocket")),
            (header::SEC_WEBSOCKET_ACCEPT, accept),
        ];
        (StatusCode::SWITCHING_PROTOCOLS, headers, Body::empty()).into_response()
    }
}
