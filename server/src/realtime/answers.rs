//! What a client says, and what it is answered. Each frame is a short door to one verb.

use super::hub::{Hub, Seat};
use crate::http::problem::Problem;
use domain::{Actor, Error, conversations};
use model::{
    ClientId, Code, Rejection,
    command::{MarkRead, SendMessage},
    realtime::{ClientFrame, ServerFrame, VERSION, Versioned},
};
use std::sync::Arc;

/// Reads a frame.
///
/// # Errors
/// `malformed_body`.
pub fn parse(text: &str) -> Result<ClientFrame, Rejection> {
    let frame: Versioned<ClientFrame> = serde_json::from_str(text).map_err(|error| malformed(&error.to_string()))?;
    if frame.v != VERSION {
        return Err(malformed("This server speaks version 1."));
    }
    Ok(frame.frame)
}

/// A frame that can't be read, and why.
pub fn malformed(why: &str) -> Rejection {
    Rejection::new(Code::MalformedBody).because(format!("The frame could not be read: {why}"))
}

/// What a client may hear of an error.
pub fn rejection(error: Error) -> Rejection {
    Problem::from(error).into_rejection()
}

/// The frame that refuses one.
pub fn reject(id: Option<ClientId>, rejection: Rejection) -> ServerFrame {
    let about = rejection.errors.values().flatten().next().cloned();
    ServerFrame::Reject {
        id,
        code: rejection.code,
        detail: about.unwrap_or(rejection.detail),
    }
}

/// Does what a frame asks for.
pub async fn answer(hub: &Hub, seat: &Arc<Seat>, actor: &Actor, text: &str) -> Option<ServerFrame> {
    let env = hub.env();
    let done = match parse(text) {
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
            return Some(
                match conversations::send_message(env, actor, conversation, command).await {
                    Ok(sent) => ServerFrame::Ack {
                        id,
                        message: sent.message,
                    },
                    Err(error) => reject(Some(id), rejection(error)),
                },
            );
        }
        Ok(ClientFrame::Read { conversation, seq }) => {
            conversations::mark_read(env, actor, conversation, MarkRead { seq })
                .await
                .map(|_| ())
        }
        Ok(ClientFrame::Typing { conversation }) => hub.presence().typing(hub, actor.id(), conversation).await,
        Ok(ClientFrame::Watch { conversations }) => hub.presence().watch(hub, seat, conversations).await,
        Ok(ClientFrame::Ping) => return Some(ServerFrame::Pong),
        Ok(ClientFrame::Auth { .. }) => Err(malformed("This socket is signed in already.").into()),
        Err(rejection) => Err(rejection.into()),
    };
    done.err().map(|error| reject(None, rejection(error)))
}
