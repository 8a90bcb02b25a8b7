//! Looks after all sockets at once: one clock instead of several for each of ten thousand.

use super::{
    hub::{End, Hub},
    wire::Ending,
};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// How often a socket is asked for a sign of life, in seconds. Each second asks those whose turn it is.
const PING_EVERY: u64 = 12;
/// Nothing at all, not even a pong, for so many seconds: the peer is gone.
const SILENT_FOR: u32 = 27;
/// How often to ask whether a session still lives, should the wake-up that says so be lost, in seconds.
const RECHECK_EVERY: u64 = 60;

/// Looks after the sockets of a hub, for ever.
pub async fn keep(hub: &Hub) {
    let mut seconds = interval(Duration::from_secs(1));
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        seconds.tick().await;
        let now = hub.pass_second();
        let turn = u64::from(now);
        let mut due = Vec::new();
        for seat in hub.all() {
            if let Some(wire) = seat.wire() {
                if now.saturating_sub(wire.last_heard()) > SILENT_FOR {
                    wire.end(Ending::Gone);
                } else if wire.is_stalled() {
                    wire.end(Ending::Told(End::Behind));
                } else if (seat.number + turn).is_multiple_of(PING_EVERY) {
                    seat.ping();
                }
            }
            if (seat.number + turn).is_multiple_of(RECHECK_EVERY) {
                due.push(seat.session);
            }
        }
        hub.recheck(due).await;
    }
}
