//! One socket: who it is, what it says, what it is told.

use super::{
    frames::encode,
    hub::{End, Hub, Place},
    origin,
};
use crate::{
    boot::App,
    http::{problem::Problem, visitor::Asking},
};
use axum::{
    extract::{
        State, WebSocketUpgrade,
        ws::{CloseFrame, Message as Packet, Utf8Bytes, WebSocket, close_code},
    },
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use domain::{Actor, Error, accounts, conversations};
use futures::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use model::{
    ClientId, Code, Rejection,
    command::{MarkRead, SendMessage},
    limits,
    realtime::{ByeReason, ClientFrame, ServerFrame, Versioned},
};
use std::{num::NonZeroU32, time::Duration};
use tokio::{
    sync::mpsc,
    time::{MissedTickBehavior, interval, timeout},
};

/// How long a socket may stay unknown.
const AUTH_WITHIN: Duration = Duration::from_secs(10);
/// How often to ping; a peer that does not take it within [`WRITE_WITHIN`] is gone.
const PING_EVERY: Duration = Duration::from_secs(20);
const WRITE_WITHIN: Duration = Duration::from_secs(20);
/// How long the peer may take to agree that the socket is closed.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);
/// How often to ask whether the session still lives, should the wake-up that says so be lost.
const RECHECK_EVERY: Duration = Duration::from_secs(60);
/// Nothing at all, not even a pong, for this long: the peer is gone.
const SILENT_FOR: Duration = Duration::from_secs(65);
/// Frames a client may say at once, and per second after that. Faster ones are read more slowly, not refused, so a
/// queue that was written offline goes out whole.
const BURST: NonZeroU32 = NonZeroU32::new(60).unwrap();
const PER_SECOND: NonZeroU32 = NonZeroU32::new(20).unwrap();

/// Opens a socket for our own pages and for programs.
///
/// # Errors
/// `foreign_origin`.
pub async fn open(
    State(app): State<App>,
    Asking(visitor): Asking,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    if !origin::is_ours(&headers, &app.settings.public_url()) {
        return Err(Code::ForeignOrigin.into());
    }
    let upgrade = upgrade
        .read_buffer_size(4 * 1024)
        .write_buffer_size(0)
        .max_write_buffer_size(2 * limits::FRAME_MAX_BYTES)
        .max_message_size(limits::FRAME_MAX_BYTES)
        .max_frame_size(limits::FRAME_MAX_BYTES);
    Ok(upgrade
        .on_upgrade(move |socket| serve(app.hub, visitor.actor, socket))
        .into_response())
}

async fn serve(hub: Hub, known: Option<Actor>, socket: WebSocket) {
    let (mut sink, mut stream) = socket.split();
    let actor = match known {
        Some(actor) => actor,
        None => match timeout(AUTH_WITHIN, introduce(&hub, &mut stream)).await {
            Ok(Ok(actor)) => actor,
            Ok(Err(rejection)) => return turn_away(sink, stream, reject(None, rejection)).await,
            Err(_) => {
                return turn_away(
                    sink,
                    stream,
                    ServerFrame::Bye {
                        reason: ByeReason::AuthTimeout,
                    },
                )
                .await;
            }
        },
    };
    let place = hub.join(actor.id(), actor.session);
    let ready = encode(&ServerFrame::Ready {
        account: actor.account.clone(),
        session: actor.session,
    });
    if place.answers.send(ready).await.is_err() {
        return;
    }
    let answers = place.answers.clone();
    let hung_up = tokio::select! {
        () = talk(&hub, place, &actor, &mut sink) => false,
        () = hear(&hub, &actor, &mut stream, &answers) => true,
    };
    if !hung_up {
        await_close(&mut stream).await;
    }
}

/// Who hangs up without hearing the other out resets the connection, and the reason is lost with it.
async fn await_close(stream: &mut SplitStream<WebSocket>) {
    let _ = timeout(CLOSE_WITHIN, async { while let Some(Ok(_)) = stream.next().await {} }).await;
}

/// The first frame of a client that could set neither cookie nor header.
async fn introduce(hub: &Hub, stream: &mut SplitStream<WebSocket>) -> Result<Actor, Rejection> {
    while let Some(Ok(packet)) = stream.next().await {
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

async fn turn_away(mut sink: SplitSink<WebSocket, Packet>, mut stream: SplitStream<WebSocket>, frame: ServerFrame) {
    let _ = timeout(WRITE_WITHIN, sink.send(Packet::Text(encode(&frame)))).await;
    close(&mut sink, close_code::POLICY, "not signed in").await;
    await_close(&mut stream).await;
}

async fn close(sink: &mut SplitSink<WebSocket, Packet>, code: u16, reason: &'static str) {
    let frame = CloseFrame {
        code,
        reason: Utf8Bytes::from_static(reason),
    };
    let _ = timeout(WRITE_WITHIN, sink.send(Packet::Close(Some(frame)))).await;
}

/// Says what there is to say, until the socket breaks or is ended.
async fn talk(hub: &Hub, mut place: Place, actor: &Actor, sink: &mut SplitSink<WebSocket, Packet>) {
    let mut pings = interval(PING_EVERY);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut rechecks = interval(RECHECK_EVERY);
    rechecks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    rechecks.reset();
    loop {
        let packet = tokio::select! {
            biased;
            end = &mut place.end => return say_end(sink, end.unwrap_or(End::Behind)).await,
            frame = place.frames.recv() => match frame {
                Some(text) => Packet::Text(text),
                None => return,
            },
            _ = pings.tick() => Packet::Ping(Default::default()),
            _ = rechecks.tick() => match accounts::session_lives(hub.env(), actor.session).await {
                Ok(false) => return say_end(sink, End::Bye(ByeReason::SignedOut)).await,
                _ => continue,
            },
        };
        if !matches!(timeout(WRITE_WITHIN, sink.send(packet)).await, Ok(Ok(()))) {
            return;
        }
    }
}

async fn say_end(sink: &mut SplitSink<WebSocket, Packet>, end: End) {
    let (frame, code, reason) = match end {
        End::Behind => (ServerFrame::Resync, close_code::AGAIN, "too far behind"),
        End::Bye(reason @ ByeReason::Shutdown) => (ServerFrame::Bye { reason }, close_code::RESTART, "restarting"),
        End::Bye(reason) => (ServerFrame::Bye { reason }, close_code::POLICY, "signed out"),
    };
    let _ = timeout(WRITE_WITHIN, sink.send(Packet::Text(encode(&frame)))).await;
    close(sink, code, reason).await;
}

/// Hears what the client says, one frame after the other, until it hangs up or falls silent.
async fn hear(hub: &Hub, actor: &Actor, stream: &mut SplitStream<WebSocket>, answers: &mpsc::Sender<Utf8Bytes>) {
    let pace: DefaultDirectRateLimiter = RateLimiter::direct(Quota::per_second(PER_SECOND).allow_burst(BURST));
    while let Ok(Some(Ok(packet))) = timeout(SILENT_FOR, stream.next()).await {
        let answer = match packet {
            Packet::Text(text) => {
                pace.until_ready().await;
                answer(hub, actor, &text).await
            }
            Packet::Binary(_) => Some(reject(None, malformed("Frames are text."))),
            Packet::Close(_) => return,
            Packet::Ping(_) | Packet::Pong(_) => None,
        };
        if let Some(answer) = answer
            && answers.send(encode(&answer)).await.is_err()
        {
            return;
        }
    }
}

fn parse(text: &str) -> Result<ClientFrame, Rejection> {
    let frame: Versioned<ClientFrame> = serde_json::from_str(text).map_err(|error| malformed(&error.to_string()))?;
    if frame.v != model::realtime::VERSION {
        return Err(malformed("This server speaks version 1."));
    }
    Ok(frame.frame)
}

fn malformed(why: &str) -> Rejection {
    Rejection::new(Code::MalformedBody).because(format!("The frame could not be read: {why}"))
}

fn rejection(error: Error) -> Rejection {
    Problem::from(error).into_rejection()
}

fn reject(id: Option<ClientId>, rejection: Rejection) -> ServerFrame {
    let about = rejection.errors.values().flatten().next().cloned();
    ServerFrame::Reject {
        id,
        code: rejection.code,
        detail: about.unwrap_or(rejection.detail),
    }
}

/// Each frame is a short door to one verb.
async fn answer(hub: &Hub, actor: &Actor, text: &str) -> Option<ServerFrame> {
    let env = hub.env();
    match parse(text) {
        Ok(ClientFrame::Send {
            id,
            conversation,
            body,
            reply_to,
        }) => {
            let command = SendMessage {
                client_id: id,
                body,
                reply_to,
            };
            Some(
                match conversations::send_message(env, actor, conversation, command).await {
                    Ok(sent) => ServerFrame::Ack {
                        id,
                        message: sent.message,
                    },
                    Err(error) => reject(Some(id), rejection(error)),
                },
            )
        }
        Ok(ClientFrame::Read { conversation, seq }) => {
            let marked = conversations::mark_read(env, actor, conversation, MarkRead { seq }).await;
            marked.err().map(|error| reject(None, rejection(error)))
        }
        Ok(ClientFrame::Typing { conversation }) => match conversations::members_of(env, conversation).await {
            Ok(members) if members.contains(&actor.id()) => {
                let others: Vec<_> = members.into_iter().filter(|member| *member != actor.id()).collect();
                hub.send(
                    &others,
                    &ServerFrame::Typing {
                        conversation,
                        user: actor.id(),
                    },
                );
                None
            }
            Ok(_) => Some(reject(None, Code::NotFound.into())),
            Err(error) => Some(reject(None, rejection(error))),
        },
        Ok(ClientFrame::Watch { .. }) => None,
        Ok(ClientFrame::Ping) => Some(ServerFrame::Pong),
        Ok(ClientFrame::Auth { .. }) => Some(reject(None, malformed("This socket is signed in already."))),
        Err(rejection) => Some(reject(None, rejection)),
    }
}
