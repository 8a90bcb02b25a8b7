//! One socket: who it is, what it says, what it is told. One task, without a clock of its own, and with little to remember:
//! there may be ten thousand of them.

use super::{
    answers::{answer, malformed, parse, reject, rejection},
    frames::{self, encode},
    hub::{End, Hub, Ticket},
    origin,
    upgrade::Upgrade,
    wire::{Ear, Ending, Wire},
};
use crate::{
    boot::App,
    http::{problem::Problem, visitor::Asking},
};
use axum::{
    body::Bytes,
    extract::{State, ws::close_code},
    http::HeaderMap,
    response::Response,
};
use domain::{Actor, accounts};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use model::{
    Code, Rejection, limits,
    realtime::{ByeReason, ClientFrame, ServerFrame},
};
use std::{io::ErrorKind, num::NonZeroU32, sync::Arc, time::Duration};
use tokio::{net::TcpStream, task::consume_budget, time::timeout};
use tungstenite::{
    Error, Message as Packet, WebSocket,
    protocol::{Role, WebSocketConfig},
};

/// How long a socket may stay unknown.
const AUTH_WITHIN: Duration = Duration::from_secs(10);
/// How long the peer may take to agree that the socket is closed.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);
/// How many seconds' worth of frames a client may say at once. Faster ones are read more slowly, not refused, so a queue
/// that was written offline goes out whole.
const BURST: NonZeroU32 = NonZeroU32::new(3).unwrap();
/// Read at once. It is kept for each socket, and frames are short.
const READ_BUFFER: usize = 1024;
/// What the system may keep for a peer that does not read; beyond, it waits with us, and is counted.
const SEND_BUFFER: usize = 64 * 1024;

/// Opens a socket for our own pages and for programs.
///
/// # Errors
/// `foreign_origin`.
pub async fn open(
    State(app): State<App>,
    Asking(visitor): Asking,
    headers: HeaderMap,
    upgrade: Upgrade,
) -> Result<Response, Problem> {
    if !origin::is_ours(&headers, &app.settings.public_url()) {
        return Err(Code::ForeignOrigin.into());
    }
    let pace = app.settings.frames_per_second;
    Ok(upgrade.into(move |tcp, early| serve(app.hub, visitor.actor, pace, tcp, early)))
}

type Listening = WebSocket<Ear>;

async fn serve(hub: Hub, known: Option<Actor>, pace: NonZeroU32, tcp: TcpStream, early: Bytes) {
    if let Err(error) = socket2::SockRef::from(&tcp).set_send_buffer_size(SEND_BUFFER) {
        tracing::debug!(%error, "could not bound what the system keeps for a socket");
    }
    let wire = Arc::new(Wire::new(tcp));
    wire.heard(hub.second());
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(2 * limits::FRAME_MAX_BYTES)
        .max_message_size(Some(limits::FRAME_MAX_BYTES))
        .max_frame_size(Some(limits::FRAME_MAX_BYTES));
    let mut ear = WebSocket::from_raw_socket(Ear(Arc::clone(&wire), early), Role::Server, Some(config));
    let actor = match known {
        Some(actor) => actor,
        None => match Box::pin(timeout(AUTH_WITHIN, introduce(&hub, &wire, &mut ear))).await {
            Ok(Ok(actor)) => actor,
            Ok(Err(rejection)) => return Box::pin(turn_away(&wire, ear, reject(None, rejection))).await,
            Err(_) => {
                let reason = ByeReason::AuthTimeout;
                return Box::pin(turn_away(&wire, ear, ServerFrame::Bye { reason })).await;
            }
        },
    };
    let ready = encode(&ServerFrame::Ready {
        account: actor.account.clone(),
        session: actor.session,
    });
    wire.send(&frames::packet(&ready));
    drop(ready);
    let ticket = hub.join_wire(actor.id(), actor.session, Arc::clone(&wire));
    let ending = tokio::select! {
        biased;
        ending = wire.pump() => ending,
        ending = hear(&hub, &ticket, &actor, pace, &wire, &mut ear) => ending,
    };
    // Nothing comes after the last words.
    drop(ticket);
    match ending {
        Ending::Told(end) => Box::pin(say_end(&wire, ear, end)).await,
        Ending::Gone => {}
    }
}

/// The next thing the peer says; nothing when it hung up, or broke the rules of the protocol.
async fn next(wire: &Wire, ear: &mut Listening) -> Result<Packet, Error> {
    loop {
        consume_budget().await;
        match ear.read() {
            Err(Error::Io(error)) if error.kind() == ErrorKind::WouldBlock => wire.tcp().readable().await?,
            other => return other,
        }
    }
}

/// The first frame of a client that could set neither cookie nor header.
async fn introduce(hub: &Hub, wire: &Wire, ear: &mut Listening) -> Result<Actor, Rejection> {
    while let Ok(packet) = next(wire, ear).await {
        let Packet::Text(text) = packet else { continue };
        let Ok(ClientFrame::Auth { token }) = parse(&text) else {
            return Err(Code::NotSignedIn.into());
        };
        let actor = accounts::authenticate_bearer(hub.env(), &token)
            .await
            .map_err(rejection)?;
        return actor.ok_or_else(|| Code::TokenInvalid.into());
    }
    Err(Code::NotSignedIn.into())
}

async fn turn_away(wire: &Wire, ear: Listening, frame: ServerFrame) {
    let close = frames::close(close_code::POLICY, "not signed in");
    hang_up(wire, ear, [frames::packet(&encode(&frame)), close]).await;
}

async fn say_end(wire: &Wire, ear: Listening, end: End) {
    let (frame, code, reason) = match end {
        End::Behind => (ServerFrame::Resync, close_code::AGAIN, "too far behind"),
        End::Bye(reason @ ByeReason::Shutdown) => (ServerFrame::Bye { reason }, close_code::RESTART, "restarting"),
        End::Bye(reason) => (ServerFrame::Bye { reason }, close_code::POLICY, "signed out"),
    };
    if end == End::Behind {
        wire.forget();
    }
    hang_up(
        wire,
        ear,
        [frames::packet(&encode(&frame)), frames::close(code, reason)],
    )
    .await;
}

/// Says the last words, and waits for the other's. Who hangs up without hearing the other out resets the connection, and
/// the reason is lost with it.
async fn hang_up(wire: &Wire, mut ear: Listening, words: impl IntoIterator<Item = Bytes>) {
    let heard_out = async {
        wire.last_words(words).await;
        while next(wire, &mut ear).await.is_ok() {}
    };
    let _ = timeout(CLOSE_WITHIN, heard_out).await;
}

/// Hears what the client says, one frame after the other, until it hangs up.
async fn hear(hub: &Hub, ticket: &Ticket, actor: &Actor, pace: NonZeroU32, wire: &Wire, ear: &mut Listening) -> Ending {
    let quota = Quota::per_second(pace).allow_burst(pace.saturating_mul(BURST));
    let pace: DefaultDirectRateLimiter = RateLimiter::direct(quota);
    loop {
        let packet = match next(wire, ear).await {
            Ok(packet) => packet,
            Err(Error::Capacity(_)) => {
                wire.send(&frames::close(close_code::SIZE, "the frame is too large"));
                return Ending::Gone;
            }
            Err(_) => return Ending::Gone,
        };
        wire.heard(hub.second());
        let answer = match packet {
            Packet::Text(text) => {
                // Verbs need much room, and seldom.
                Box::pin(async {
                    pace.until_ready().await;
                    answer(hub, &ticket.seat, actor, &text).await
                })
                .await
            }
            Packet::Binary(_) => Some(reject(None, malformed("Frames are text."))),
            Packet::Close(_) | Packet::Ping(_) | Packet::Pong(_) | Packet::Frame(_) => None,
        };
        if let Some(answer) = answer {
            wire.send(&frames::packet(&encode(&answer)));
        }
    }
}
