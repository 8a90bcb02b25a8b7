//! Realtime: `GET /api/v1/socket`, `GET /api/v1/events`, and the hub that knows who listens.
//!
//! A message reaches its readers in four steps. A transaction commits. A live query *wakes* the listener ([`listen`]),
//! here and in every other process on the database; what this process wrote itself, it also hears with its words. The
//! listener *reads* the log after the last message it passed on, which is the truth the wake-up only hinted at. The
//! [`Hub`] hands the frame, serialized once, to each member's sockets. A client that sees a hole in `seq` fills it by
//! itself, so even a lost frame is no lost message.

mod answers;
mod audiences;
mod events;
mod feed;
mod frames;
mod hub;
mod keeper;
mod origin;
mod presence;
mod socket;
mod upgrade;
mod usher;
mod whispering;
mod wire;

pub use hub::Hub;
pub(crate) use origin::is_ours;

use crate::boot::App;
use axum::{Router, routing::get};
use tokio_util::sync::CancellationToken;

/// Where the socket is.
pub const PATH: &str = "/api/v1/socket";

/// Where the server-sent events are.
pub const EVENTS_PATH: &str = "/api/v1/events";

/// The routes of both doors.
pub fn routes(app: App) -> Router {
    Router::new()
        .route(PATH, get(socket::open))
        .route(EVENTS_PATH, get(events::open))
        .with_state(app)
}

/// Feeds a hub and looks after it, until told to stop.
pub async fn listen(hub: Hub, stop: CancellationToken) {
    let presence = hub.presence();
    tokio::join!(
        feed::follow(hub.clone(), stop.clone()),
        stop.run_until_cancelled(keeper::keep(&hub)),
        stop.run_until_cancelled(presence.keep(&hub)),
        stop.run_until_cancelled(presence.whispering().keep(&hub)),
    );
    presence.whispering().say_goodbye(hub.env()).await;
}
