//! Who listens: every open socket of this process, by account.

use super::frames::encode;
use axum::extract::ws::Utf8Bytes;
use domain::{
    Env,
    accounts::{self, Revoked},
};
use model::{
    AccountId, SessionId,
    realtime::{ByeReason, ServerFrame},
};
use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::sync::{mpsc, oneshot};

/// Frames that may wait for one socket. A reader that falls further behind is closed with `resync`: its client comes
/// back and reads the log, and this process's memory stays bounded.
const QUEUE: usize = 256;

/// Knows the sockets; clones share it.
#[derive(Clone)]
pub struct Hub {
    env: Env,
    sockets: Arc<Mutex<HashMap<AccountId, Vec<Socket>>>>,
    next: Arc<AtomicU64>,
}

struct Socket {
    number: u64,
    session: SessionId,
    frames: mpsc::Sender<Utf8Bytes>,
    end: Option<oneshot::Sender<End>>,
}

/// Why the server ends a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It reads too slowly.
    Behind,
    /// On purpose.
    Bye(ByeReason),
}

/// A socket's own end of its place in the hub; dropping it gives the place up.
pub struct Place {
    hub: Hub,
    account: AccountId,
    number: u64,
    /// What to send, in order.
    pub frames: mpsc::Receiver<Utf8Bytes>,
    /// For the socket's own answers; they wait in the same line as everybody's.
    pub answers: mpsc::Sender<Utf8Bytes>,
    /// When to stop.
    pub end: oneshot::Receiver<End>,
}

impl Hub {
    /// Nobody listens yet.
    #[must_use]
    pub fn new(env: Env) -> Self {
        Self {
            env,
            sockets: Arc::default(),
            next: Arc::default(),
        }
    }

    /// The world, for those who serve sockets.
    #[must_use]
    pub const fn env(&self) -> &Env {
        &self.env
    }

    /// Takes a place. From here on nothing that concerns the account is missed.
    #[must_use]
    pub fn join(&self, account: AccountId, session: SessionId) -> Place {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (frames, receiver) = mpsc::channel(QUEUE);
        let (end, ended) = oneshot::channel();
        let answers = frames.clone();
        self.lock().entry(account).or_default().push(Socket {
            number,
            session,
            frames,
            end: Some(end),
        });
        Place {
            hub: self.clone(),
            account,
            number,
            frames: receiver,
            answers,
            end: ended,
        }
    }

    /// Hands a frame to all sockets of these people. Nobody is waited for.
    pub fn send(&self, to: &[AccountId], frame: &ServerFrame) {
        let mut sockets = self.lock();
        let mut text = None;
        for account in to {
            let Some(listening) = sockets.get_mut(account) else {
                continue;
            };
            for socket in listening {
                let text = text.get_or_insert_with(|| encode(frame));
                if socket.frames.try_send(text.clone()).is_err() {
                    socket.end(End::Behind);
                }
            }
        }
    }

    /// Whether any of these people listens here.
    #[must_use]
    pub fn anybody(&self, of: &[AccountId]) -> bool {
        let sockets = self.lock();
        of.iter().any(|account| sockets.contains_key(account))
    }

    /// Ends the sockets of a session that has ended.
    pub fn end_session(&self, session: SessionId) {
        for socket in self
            .lock()
            .values_mut()
            .flatten()
            .filter(|socket| socket.session == session)
        {
            socket.end(End::Bye(ByeReason::SignedOut));
        }
    }

    /// Ends the sockets of whatever is revoked, by whichever process, within a second; for ever.
    pub async fn follow_revocations(self) {
        let (sender, mut changed) = mpsc::unbounded_channel();
        let env = self.env.clone();
        let watch = accounts::watch_revocations(env, |revoked| match revoked {
            Revoked::Session(session) => self.end_session(session),
            Revoked::Account(account) => _ = sender.send(account),
        });
        let recheck = async {
            while let Some(account) = changed.recv().await {
                self.recheck(account).await;
            }
        };
        tokio::join!(watch, recheck);
    }

    /// Asks whether the sessions of an account's sockets still live, and ends those that do not.
    async fn recheck(&self, account: AccountId) {
        let sessions: BTreeSet<SessionId> = self
            .lock()
            .get(&account)
            .into_iter()
            .flatten()
            .map(|socket| socket.session)
            .collect();
        for session in sessions {
            if let Ok(false) = accounts::session_lives(&self.env, session).await {
                self.end_session(session);
            }
        }
    }

    /// Ends every socket: the server stops.
    pub fn say_goodbye(&self) {
        for socket in self.lock().values_mut().flatten() {
            socket.end(End::Bye(ByeReason::Shutdown));
        }
    }

    fn leave(&self, account: AccountId, number: u64) {
        let mut sockets = self.lock();
        if let Some(listening) = sockets.get_mut(&account) {
            listening.retain(|socket| socket.number != number);
            if listening.is_empty() {
                sockets.remove(&account);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<AccountId, Vec<Socket>>> {
        self.sockets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Socket {
    fn end(&mut self, why: End) {
        if let Some(end) = self.end.take() {
            let _ = end.send(why);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.hub.leave(self.account, self.number);
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
