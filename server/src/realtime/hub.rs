//! Who listens: every open socket and event stream of this process, by account.

use super::{
    audiences::Audiences,
    frames::{self, Batch},
    presence::Presence,
    wire::{Ending, Wire},
};
use axum::extract::ws::Utf8Bytes;
use domain::{
    Env, Result,
    accounts::{self, Revoked},
    conversations::Audience,
};
use model::{
    AccountId, ConversationId, SessionId,
    realtime::{ByeReason, ServerFrame},
};
use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
};
use tokio::sync::{mpsc, oneshot, watch};

/// Frames that may wait for one event stream; the sockets' measure is [`super::wire`]'s.
const QUEUE: usize = 256;

/// Knows the listeners; clones share it.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

struct Inner {
    env: Env,
    seats: Mutex<HashMap<AccountId, Vec<Arc<Seat>>>>,
    next: AtomicU64,
    /// Seconds that the keeper has counted.
    seconds: AtomicU32,
    audiences: Audiences,
    presence: Presence,
    /// Whether the server stops.
    closing: watch::Sender<bool>,
}

/// One listener.
pub struct Seat {
    /// No other has it.
    pub number: u64,
    /// Who listens.
    pub account: AccountId,
    /// With which session.
    pub session: SessionId,
    outlet: Outlet,
}

enum Outlet {
    Wire(Arc<Wire>),
    Line {
        frames: mpsc::Sender<Utf8Bytes>,
        end: Mutex<Option<oneshot::Sender<End>>>,
    },
}

/// Why the server ends a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It reads too slowly.
    Behind,
    /// On purpose.
    Bye(ByeReason),
}

/// A listener's own hold on its seat; dropping it gives the seat up.
pub struct Ticket {
    hub: Hub,
    /// The seat.
    pub seat: Arc<Seat>,
}

/// A seat whose frames come out of a queue; dropping it gives the seat up.
pub struct Place {
    /// What to send, in order.
    pub frames: mpsc::Receiver<Utf8Bytes>,
    /// When to stop.
    pub end: oneshot::Receiver<End>,
    _ticket: Ticket,
}

impl Hub {
    /// Nobody listens yet.
    #[must_use]
    pub fn new(env: Env) -> Self {
        let presence = Presence::new(&env, true);
        Self::with(env, presence)
    }

    /// The same, for a server on which nobody is told who is there or types.
    #[must_use]
    pub fn without_presence(env: Env) -> Self {
        let presence = Presence::new(&env, false);
        Self::with(env, presence)
    }

    pub(super) fn with(env: Env, presence: Presence) -> Self {
        Self(Arc::new(Inner {
            env,
            seats: Mutex::default(),
            next: AtomicU64::default(),
            seconds: AtomicU32::default(),
            audiences: Audiences::default(),
            presence,
            closing: watch::Sender::new(false),
        }))
    }

    /// The world, for those who serve listeners.
    #[must_use]
    pub fn env(&self) -> &Env {
        &self.0.env
    }

    /// Who is there, and who wants to know.
    pub(super) fn presence(&self) -> &Presence {
        &self.0.presence
    }

    /// To whom conversations are told, remembered.
    pub(super) fn audiences(&self) -> &Audiences {
        &self.0.audiences
    }

    /// To whom a conversation is told.
    ///
    /// # Errors
    /// Only when the database can't be asked.
    pub(super) async fn audience(&self, conversation: ConversationId) -> Result<Arc<Audience>> {
        self.0.audiences.of(&self.0.env, conversation).await
    }

    /// Takes a seat with a queue. From here on nothing that concerns the account is missed.
    #[must_use]
    pub fn join(&self, account: AccountId, session: SessionId) -> Place {
        let (frames, receiver) = mpsc::channel(QUEUE);
        let (end, ended) = oneshot::channel();
        let end = Mutex::new(Some(end));
        Place {
            frames: receiver,
            end: ended,
            _ticket: self.sit(account, session, Outlet::Line { frames, end }),
        }
    }

    /// Takes a seat for a socket. From here on nothing that concerns the account is missed.
    #[must_use]
    pub fn join_wire(&self, account: AccountId, session: SessionId, wire: Arc<Wire>) -> Ticket {
        self.sit(account, session, Outlet::Wire(wire))
    }

    fn sit(&self, account: AccountId, session: SessionId, outlet: Outlet) -> Ticket {
        let seat = Arc::new(Seat {
            number: self.0.next.fetch_add(1, Ordering::Relaxed),
            account,
            session,
            outlet,
        });
        let first = {
            let mut seats = self.lock();
            let mine = seats.entry(account).or_default();
            mine.push(Arc::clone(&seat));
            mine.len() == 1
        };
        if first {
            self.0.presence.came(self, account);
        }
        Ticket {
            hub: self.clone(),
            seat,
        }
    }

    /// What time it is, as far as silence goes.
    pub(super) fn second(&self) -> u32 {
        self.0.seconds.load(Ordering::Relaxed)
    }

    /// A second has passed. Returns what time it is now.
    pub(super) fn pass_second(&self) -> u32 {
        self.0.seconds.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Hands a frame to all listeners of these people. Nobody is waited for.
    pub fn send(&self, to: &[AccountId], frame: &ServerFrame) {
        let seats = self.seats_of(to.iter().copied());
        if !seats.is_empty() {
            let batch = Batch::of([frame]);
            for (_, seat) in seats {
                seat.hand(&batch);
            }
        }
    }

    /// The listeners of these people, each with the place of its owner among them.
    pub(super) fn seats_of(&self, people: impl IntoIterator<Item = AccountId>) -> Vec<(usize, Arc<Seat>)> {
        let seats = self.lock();
        let mut found = Vec::new();
        for (at, account) in people.into_iter().enumerate() {
            for seat in seats.get(&account).into_iter().flatten() {
                found.push((at, Arc::clone(seat)));
            }
        }
        found
    }

    /// All listeners.
    pub(super) fn all(&self) -> Vec<Arc<Seat>> {
        self.lock().values().flatten().cloned().collect()
    }

    /// Everybody who listens here.
    pub(super) fn everybody(&self) -> Vec<AccountId> {
        self.lock().keys().copied().collect()
    }

    /// Whether any of these people listens here.
    #[must_use]
    pub fn anybody(&self, of: &[AccountId]) -> bool {
        let seats = self.lock();
        of.iter().any(|account| seats.contains_key(account))
    }

    /// Ends the listeners of a session that has ended.
    pub fn end_session(&self, session: SessionId) {
        for seat in self.all() {
            if seat.session == session {
                seat.end(End::Bye(ByeReason::SignedOut));
            }
        }
    }

    /// Ends the listeners of whatever is revoked, by whichever process, within a second; for ever.
    pub async fn follow_revocations(self) {
        let (sender, mut changed) = mpsc::unbounded_channel();
        let env = self.env().clone();
        let watch = accounts::watch_revocations(env, |revoked| match revoked {
            Revoked::Session(session) => self.end_session(session),
            Revoked::Account(account) => _ = sender.send(account),
        });
        let recheck = async {
            while let Some(account) = changed.recv().await {
                let seats = self.seats_of([account]);
                self.recheck(seats.into_iter().map(|(_, seat)| seat.session)).await;
            }
        };
        tokio::join!(watch, recheck);
    }

    /// Asks whether these sessions still live, and ends the listeners of those that do not.
    pub(super) async fn recheck(&self, sessions: impl IntoIterator<Item = SessionId>) {
        for session in sessions.into_iter().collect::<BTreeSet<_>>() {
            if let Ok(false) = accounts::session_lives(self.env(), session).await {
                self.end_session(session);
            }
        }
    }

    /// Ends every listener: the server stops.
    pub fn say_goodbye(&self) {
        self.0.closing.send_replace(true);
        for seat in self.all() {
            seat.end(End::Bye(ByeReason::Shutdown));
        }
    }

    /// Turns true when the server stops; for doors that stay open without a seat.
    #[must_use]
    pub fn closing(&self) -> watch::Receiver<bool> {
        self.0.closing.subscribe()
    }

    fn leave(&self, seat: &Seat) {
        let last = {
            let mut seats = self.lock();
            let Some(listening) = seats.get_mut(&seat.account) else {
                return;
            };
            listening.retain(|other| other.number != seat.number);
            let last = listening.is_empty();
            if last {
                seats.remove(&seat.account);
            }
            last
        };
        self.0.presence.forget_seat(seat.number);
        if last {
            self.0.presence.went(seat.account);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<AccountId, Vec<Arc<Seat>>>> {
        self.0.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// Hands over frames. Who falls too far behind is ended.
    pub fn hand(&self, batch: &Batch) {
        match &self.outlet {
            Outlet::Wire(wire) => batch.packets().iter().for_each(|packet| wire.send(packet)),
            Outlet::Line { frames, .. } => {
                for text in batch.texts() {
                    if frames.try_send(text.clone()).is_err() {
                        return self.end(End::Behind);
                    }
                }
            }
        }
    }

    /// Hands over one frame.
    pub fn say(&self, frame: &ServerFrame) {
        self.hand(&Batch::of([frame]));
    }

    /// Ends it, and tells the listener why.
    pub fn end(&self, why: End) {
        match &self.outlet {
            Outlet::Wire(wire) => wire.end(Ending::Told(why)),
            Outlet::Line { end, .. } => {
                if let Some(end) = end.lock().unwrap_or_else(PoisonError::into_inner).take() {
                    let _ = end.send(why);
                }
            }
        }
    }

    /// The socket's wire, of what is a socket.
    pub const fn wire(&self) -> Option<&Arc<Wire>> {
        match &self.outlet {
            Outlet::Wire(wire) => Some(wire),
            Outlet::Line { .. } => None,
        }
    }

    /// Asks the listener for a sign of life.
    pub fn ping(&self) {
        if let Some(wire) = self.wire() {
            wire.send(&frames::ping());
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.hub.leave(&self.seat);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::fixtures;

    #[tokio::test]
    async fn a_reader_that_falls_behind_is_ended_and_others_are_not() {
        let (env, _) = fixtures::env().await;
        let hub = Hub::new(env.clone());
        let (ada, session) = (AccountId(env.new_id()), SessionId(env.new_id()));
        let mut slow = hub.join(ada, session);
        let mut quick = hub.join(ada, session);
        for _ in 0..=QUEUE {
            hub.send(&[ada], &ServerFrame::Resync);
            assert!(quick.frames.recv().await.is_some());
        }
        assert_eq!(slow.end.try_recv(), Ok(End::Behind));
        assert!(quick.end.try_recv().is_err());
        drop((slow, quick));
        assert!(!hub.anybody(&[ada]), "dropped places are given up");
    }

    #[tokio::test]
    async fn only_the_sockets_of_an_ended_session_are_ended() {
        let (env, _) = fixtures::env().await;
        let hub = Hub::new(env.clone());
        let ada = AccountId(env.new_id());
        let (phone, laptop) = (SessionId(env.new_id()), SessionId(env.new_id()));
        let mut on_phone = hub.join(ada, phone);
        let mut on_laptop = hub.join(ada, laptop);
        hub.end_session(phone);
        assert_eq!(on_phone.end.try_recv(), Ok(End::Bye(ByeReason::SignedOut)));
        assert!(on_laptop.end.try_recv().is_err());
        hub.say_goodbye();
        assert_eq!(on_laptop.end.try_recv(), Ok(End::Bye(ByeReason::Shutdown)));
    }
}
