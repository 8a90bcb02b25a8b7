//! When to connect, when to give a connection up, and when to come back.
//!
//! A browser does not show the pings of the WebSocket protocol, and a link can die without a word. So this side asks
//! every [`PING_EVERY`] whether the server is still there, and takes silence for a loss.

use crate::wire::Wire;
use app::{Connection, Outlet, Store};
use gloo_timers::callback::{Interval, Timeout};
use leptos::{ev, prelude::*};
use model::{
    ClientId,
    realtime::{ByeReason, ClientFrame, ServerFrame},
};
use std::{cell::RefCell, sync::Arc};
use sync::Backoff;
use web_sys::VisibilityState;

const PING_EVERY_MILLIS: u32 = 25_000;
const PONG_WITHIN_MILLIS: u32 = 10_000;
/// A connection that is not ready by then never will be.
const READY_WITHIN_MILLIS: u32 = 10_000;
/// How long a page that is being left may take to go.
const LEAVE_WITHIN_MILLIS: u32 = 3_000;

#[derive(Default)]
struct Link {
    wire: Option<Wire>,
    ready: bool,
    backoff: Backoff,
    /// Fires when the server has been silent for too long.
    silence: Option<Timeout>,
    pings: Option<Interval>,
    again: Option<Timeout>,
    /// The session is over: do not come back with it.
    over: bool,
    /// The browser is on its way to another page.
    leaving: bool,
}

thread_local! {
    static LINK: RefCell<Link> = RefCell::default();
}

fn with<T>(act: impl FnOnce(&mut Link) -> T) -> T {
    LINK.with_borrow_mut(act)
}

/// The way out of the browser, for the screens.
struct Out;

impl Outlet for Out {
    fn transmit(&self, frame: &ClientFrame) -> bool {
        with(|link| link.ready && link.wire.as_ref().is_some_and(|wire| wire.send(frame)))
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the browser's own clock and chance name its messages"
    )]
    fn new_client_id(&self) -> ClientId {
        uuid::Uuid::now_v7().into()
    }
}

/// Connects, and stays connected.
pub fn start(store: Store) {
    store.plug_in(Arc::new(Out));
    watch(store);
    connect(store);
}

fn connect(store: Store) {
    let busy = with(|link| {
        link.again = None;
        link.over || link.wire.is_some()
    });
    if busy {
        return;
    }
    // A callback must not drop the wire that calls it, so losing it is left for the next turn.
    let wire = Wire::open(move |frame| hear(store, frame), move || later(0, move || lost(store)));
    let opened = wire.is_some();
    with(|link| {
        link.wire = wire;
        link.silence = Some(Timeout::new(READY_WITHIN_MILLIS, move || lost(store)));
    });
    if !opened {
        lost(store);
    }
}

fn hear(store: Store, frame: ServerFrame) {
    match &frame {
        ServerFrame::Ready { .. } => with(|link| {
            link.ready = true;
            link.backoff.reset();
            link.silence = None;
            link.pings = Some(Interval::new(PING_EVERY_MILLIS, move || ping(store)));
        }),
        ServerFrame::Bye {
            reason: ByeReason::SignedOut,
        } => {
            // What ended the session may be a form of this very page: its answer says more than the sign-in would.
            let leaving = with(|link| {
                link.over = true;
                link.leaving
            });
            later(if leaving { LEAVE_WITHIN_MILLIS } else { 0 }, leave);
            return;
        }
        ServerFrame::Letter { .. } => crate::mail::nudge(),
        // Any word is a sign of life.
        _ => with(|link| link.silence = None),
    }
    store.receive(frame);
}

/// The session was ended from elsewhere: to the sign-in, which says so and comes back.
fn leave() {
    let location = window().location();
    let here = location.pathname().unwrap_or_default();
    _ = location.assign(&app::routes::sign_in_again(&here));
}

/// Asks whether the server is still there.
fn ping(store: Store) {
    with(|link| {
        let sent = link.wire.as_ref().is_some_and(|wire| wire.send(&ClientFrame::Ping));
        if sent && link.silence.is_none() {
            link.silence = Some(Timeout::new(PONG_WITHIN_MILLIS, move || lost(store)));
        }
    });
}

/// The connection is gone: say so, and come back after a while.
fn lost(store: Store) {
    let was_ready = with(|link| std::mem::take(&mut link.ready));
    if !was_ready {
        // A refused socket does not say why; the pages' way does, and brings news where sockets can't get through.
        store.refresh();
    }
    let wait = with(|link| {
        link.wire = None;
        link.pings = None;
        link.silence = None;
        link.again = None;
        (!link.over).then(|| link.backoff.next(js_sys::Math::random()))
    });
    let Some(wait) = wait else { return };
    // What the browser says of the network is only told, not trusted: Roost may be on this very machine.
    let online = window().navigator().on_line();
    store.disconnected(if online {
        Connection::Reconnecting
    } else {
        Connection::Offline
    });
    let millis = u32::try_from(wait.as_millis()).unwrap_or(PONG_WITHIN_MILLIS);
    let again = Timeout::new(millis, move || later(0, move || connect(store)));
    with(|link| link.again = Some(again));
}

/// Something changed for the better: do not wait for the end of the pause.
fn hurry(store: Store) {
    let waiting = with(|link| link.wire.is_none() && !link.over);
    if waiting {
        with(|link| link.backoff.reset());
        connect(store);
    } else {
        ping(store);
    }
}

/// Follows what the browser says about the network and about who looks.
fn watch(store: Store) {
    let look = move || {
        let seen = document().visibility_state() == VisibilityState::Visible && document().has_focus().unwrap_or(true);
        if store.watched.get_untracked() != seen {
            store.watched.set(seen);
        }
    };
    look();
    _ = window_event_listener(ev::focus, move |_| look());
    _ = window_event_listener(ev::blur, move |_| look());
    _ = window_event_listener_untyped("visibilitychange", move |_| {
        look();
        store.keep_drafts();
        if document().visibility_state() == VisibilityState::Visible {
            hurry(store);
        }
    });
    _ = window_event_listener(ev::online, move |_| hurry(store));
    _ = window_event_listener(ev::offline, move |_| {
        // The link may be dead without knowing it; what is written now waits for a new one.
        lost(store);
    });
    _ = window_event_listener_untyped("beforeunload", |_| with(|link| link.leaving = true));
    _ = window_event_listener_untyped("pagehide", move |_| {
        with(|link| link.pings = None);
        store.keep_drafts();
    });
    _ = window_event_listener_untyped("pageshow", move |_| hurry(store));
}

fn later(millis: u32, act: impl FnOnce() + 'static) {
    Timeout::new(millis, act).forget();
}
