//! Who is signed in, remembered: most requests are answered without asking the database who asks.
//!
//! What is remembered must not outlive what it tells of. Three things see to that:
//! - a verb that ends sessions, or changes an account, [forgets](Remembered::forget_account) after its commit: at once in
//!   this process;
//! - its transaction also writes a row of `revocation` ([`end_sessions`], [`REVOKE_SESSION`]), which
//!   [`watch_revocations`] of every process on the database reads a few times a second;
//! - while that watch does not succeed (or nobody runs it), nothing remembered is believed.

use crate::{Actor, Env, Result, db::vars, env::Random};
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, Mac};
use model::{AccountId, SessionId, Timestamp};
use quick_cache::sync::Cache;
use sha2::Sha256;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use surrealdb::types::SurrealValue;
use tokio::{
    sync::{Mutex, MutexGuard, watch},
    time::{sleep, timeout},
};
use uuid::Uuid;

/// Sessions, and access tokens, that are remembered; a few hundred bytes each.
const ROOM: usize = 20_000;
/// How often the watch looks, and how long one look may take: together less than the second within which what was
/// revoked must be dead everywhere.
const LOOK_EVERY: Duration = Duration::from_millis(400);
const LOOK_WITHIN: Duration = Duration::from_millis(500);
/// How far back each look goes: clocks of processes on one database may differ by as much.
const OVERLAP: TimeDelta = TimeDelta::seconds(5);

/// Ends every session of `$account_id`, and says so to all processes. Binds: `now`, `chance` (a new id).
macro_rules! end_sessions {
    () => {
        "DELETE session WHERE account = $account_id;
         CREATE type::record('revocation', [$now, $chance]) SET account = $account_id;"
    };
}
pub(crate) use end_sessions;

/// Ends every session of `$me` but `$sid`, and says so to all processes; they are in `$ended`. Binds: `now`.
macro_rules! end_other_sessions {
    () => {
        "LET $ended = (DELETE session WHERE account = $me AND id != type::record('session', $sid) RETURN BEFORE);
         FOR $one IN $ended {
             CREATE type::record('revocation', [$now, record::id($one.id)]) SET session = record::id($one.id)
         };"
    };
}
pub(crate) use end_other_sessions;

/// Ends the session `$sid`, and says so to all processes. Binds: `now`, `chance` (a new id).
macro_rules! end_session {
    () => {
        "DELETE type::record('session', $sid);
         CREATE type::record('revocation', [$now, $chance]) SET session = $sid;"
    };
}
pub(crate) use end_session;

/// Says to all processes that `$account_id` is not what it was. Binds: `now`, `chance` (a new id).
macro_rules! account_changed {
    () => {
        "CREATE type::record('revocation', [$now, $chance]) SET account = $account_id;"
    };
}
pub(crate) use account_changed;

/// What is remembered of a session.
pub struct Known {
    pub kind: String,
    pub secret_hash: String,
    pub actor: Actor,
    pub seen_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// A genuine access token: its session, and when it expires (seconds since the epoch).
#[derive(Clone, Copy)]
pub struct KnownToken {
    pub session: SessionId,
    pub expires: i64,
}

/// Whose password was right, and until when that is remembered.
struct KnownPassword {
    actor: Actor,
    until: Timestamp,
}

/// How long a password that was right is not looked at again; a program that sends it with each request would else have it
/// hashed each time.
const PASSWORD_FOR: TimeDelta = TimeDelta::minutes(5);
/// Passwords that are checked at the same time.
const STRIPES: usize = 64;

/// The memory of one process.
pub struct Remembered {
    sessions: Cache<Uuid, Arc<Known>>,
    tokens: Cache<[u8; 32], KnownToken>,
    /// By a digest that only this process can make, so that what is in memory is no list of hashed passwords.
    passwords: Cache<[u8; 32], Arc<KnownPassword>>,
    key: [u8; 32],
    checking: [Mutex<()>; STRIPES],
    /// Whether the watch looked within the last second.
    watched: AtomicBool,
    /// How often something was forgotten.
    forgotten: watch::Sender<u64>,
}

impl Remembered {
    /// Remembers nothing yet.
    pub fn new(random: &dyn Random) -> Self {
        let mut key = [0; 32];
        random.fill(&mut key);
        Self {
            sessions: Cache::new(ROOM),
            tokens: Cache::new(ROOM),
            passwords: Cache::new(ROOM),
            key,
            checking: [const { Mutex::const_new(()) }; STRIPES],
            watched: AtomicBool::new(false),
            forgotten: watch::Sender::new(0),
        }
    }

    /// By what a login and its password are remembered.
    pub fn digest_of(&self, login: &str, password: &str) -> [u8; 32] {
        // An HMAC takes keys of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.key) else {
            return self.key;
        };
        mac.update(&(login.len() as u64).to_be_bytes());
        mac.update(login.as_bytes());
        mac.update(password.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// Whose password this is, if it was right a short while ago.
    pub fn password(&self, digest: &[u8; 32], now: Timestamp) -> Option<Actor> {
        if !self.watched.load(Ordering::Acquire) {
            return None;
        }
        let known = self.passwords.get(digest)?;
        (known.until > now).then(|| known.actor.clone())
    }

    /// Remembers a password that was right, unless something was forgotten since `turn`.
    pub fn note_password(&self, digest: [u8; 32], actor: Actor, now: Timestamp, turn: u64) {
        if self.watched.load(Ordering::Acquire) {
            let until = now.plus(PASSWORD_FOR);
            self.passwords.insert(digest, Arc::new(KnownPassword { actor, until }));
            if self.turn() != turn {
                self.passwords.remove(&digest);
            }
        }
    }

    /// Waits until nobody else has the same password looked at: of many requests at once, one pays for it.
    pub async fn checking(&self, digest: &[u8; 32]) -> MutexGuard<'_, ()> {
        self.checking[usize::from(digest[0]) % STRIPES].lock().await
    }

    /// Changes whenever something is forgotten; then ask again whether a session lives.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.forgotten.subscribe()
    }

    /// What is known of a session, if it may be believed.
    pub fn session(&self, id: Uuid) -> Option<Arc<Known>> {
        if self.watched.load(Ordering::Acquire) {
            self.sessions.get(&id)
        } else {
            None
        }
    }

    /// To be asked before the database is: [`Self::note`] wants it.
    pub fn turn(&self) -> u64 {
        *self.forgotten.borrow()
    }

    /// Remembers what the database said of a session, unless something was forgotten since `turn`: it might have been
    /// this.
    pub fn note(&self, id: Uuid, known: Arc<Known>, turn: u64) {
        if self.watched.load(Ordering::Acquire) {
            self.sessions.insert(id, known);
            if self.turn() != turn {
                self.sessions.remove(&id);
            }
        }
    }

    /// A token that was found genuine before. Its signature stays good; whether its session lives is another question.
    pub fn token(&self, digest: &[u8; 32]) -> Option<KnownToken> {
        self.tokens.get(digest)
    }

    /// Remembers a genuine token.
    pub fn note_token(&self, digest: [u8; 32], known: KnownToken) {
        self.tokens.insert(digest, known);
    }

    /// A session has ended.
    pub fn forget_session(&self, id: SessionId) {
        self.forget(|| {
            if let Some(known) = self.sessions.peek(&id.uuid()) {
                let account = known.actor.account.id;
                self.passwords.retain(|_, known| known.actor.account.id != account);
            }
            self.sessions.remove(&id.uuid());
        });
    }

    /// An account's sessions have ended, or it is not what it was.
    pub fn forget_account(&self, id: AccountId) {
        self.forget(|| {
            self.sessions.retain(|_, known| known.actor.account.id != id);
            self.passwords.retain(|_, known| known.actor.account.id != id);
        });
    }

    fn forget_all(&self) {
        self.forget(|| {
            self.sessions.clear();
            self.tokens.clear();
            self.passwords.clear();
        });
    }

    /// Counted before, for whoever is about to remember what is forgotten here, and after, for whoever asks anew then.
    fn forget(&self, what: impl FnOnce()) {
        self.forgotten.send_modify(|times| *times += 1);
        what();
        self.forgotten.send_modify(|times| *times += 1);
    }
}

/// What a look found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// A session ended.
    Session(SessionId),
    /// An account's sessions ended, or it is not what it was: ask again whether each lives.
    Account(AccountId),
}

#[derive(SurrealValue)]
struct Row {
    session: Option<Uuid>,
    account: Option<Uuid>,
}

const LOOK: &str = "SELECT session, account FROM revocation:[$since]..";

/// Looks for what was revoked, by whichever process, for ever: forgets it, and tells `told` of it. Runs once in each
/// process that serves.
pub async fn watch_revocations(env: Env, mut told: impl FnMut(Revoked) + Send) {
    loop {
        match timeout(LOOK_WITHIN, look(&env)).await {
            Ok(Ok(revoked)) => {
                revoked.into_iter().for_each(&mut told);
                // After a gap, what is remembered may be older than what a look reaches.
                if !env.remembered.watched.load(Ordering::Acquire) {
                    env.remembered.forget_all();
                    env.remembered.watched.store(true, Ordering::Release);
                }
            }
            Ok(Err(error)) => {
                env.remembered.watched.store(false, Ordering::Release);
                tracing::warn!(%error, "could not look for what was revoked; every request asks the database meanwhile");
            }
            Err(_) => env.remembered.watched.store(false, Ordering::Release),
        }
        sleep(LOOK_EVERY).await;
    }
}

async fn look(env: &Env) -> Result<Vec<Revoked>> {
    let since = env.now().plus(-OVERLAP).datetime();
    let rows: Vec<Row> = env.db.list(LOOK, vars! { since: since }).await?;
    let revoked = rows.into_iter().filter_map(|row| match (row.session, row.account) {
        (Some(session), _) => Some(Revoked::Session(session.into())),
        (None, Some(account)) => Some(Revoked::Account(account.into())),
        (None, None) => None,
    });
    let revoked: Vec<Revoked> = revoked.collect();
    for one in &revoked {
        match one {
            Revoked::Session(session) => env.remembered.forget_session(*session),
            Revoked::Account(account) => env.remembered.forget_account(*account),
        }
    }
    Ok(revoked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        accounts::{self, authenticate_bearer, authenticate_cookie, revoke_session, sign_out},
        fixtures,
    };
    use model::{
        command::{ChangePassword, SessionKind},
        samples::{ADA, GRACE},
    };
    use std::sync::Mutex;

    /// Another process on the same database.
    async fn another(env: &Env) -> Env {
        Env::open(
            env.db.clone(),
            fixtures::site(),
            Arc::clone(&env.clock),
            Arc::clone(&env.random),
        )
        .await
        .expect("a world")
    }

    /// Waits until the watch of a process has looked once.
    async fn watching(env: &Env) {
        while !env.remembered.watched.load(Ordering::Acquire) {
            tokio::task::yield_now().await;
        }
    }

    async fn admitted(env: &Env, cookie: &str) -> bool {
        authenticate_cookie(env, cookie).await.expect("asks").is_some()
    }

    /// Takes the session's row away behind everybody's back: whoever still admits it asked nobody.
    async fn take_away(env: &Env, session: SessionId) {
        let sid = session.uuid();
        env.db
            .read("DELETE type::record('session', $sid)", vars! { sid: sid })
            .await
            .expect("deletes");
    }

    #[tokio::test]
    async fn who_was_admitted_is_admitted_again_without_asking_the_database_but_only_while_revocations_are_watched() {
        let (env, _) = fixtures::env().await;
        for watched in [false, true] {
            if watched {
                tokio::spawn(watch_revocations(env.clone(), |_| {}));
                watching(&env).await;
            }
            let player = if watched { ADA } else { GRACE };
            let opened = fixtures::sign_up(&env, player, SessionKind::Cookie).await;
            let cookie = opened.cookie.expect("a cookie");
            assert!(admitted(&env, &cookie).await);
            take_away(&env, opened.signed_in.session.id).await;
            assert_eq!(admitted(&env, &cookie).await, watched);
        }
    }

    #[tokio::test]
    async fn what_one_process_revokes_is_dead_in_it_at_once_and_soon_in_every_other() {
        let (env, _) = fixtures::env().await;
        let elsewhere = another(&env).await;
        let told = Arc::new(Mutex::new(Vec::new()));
        let telling = Arc::clone(&told);
        tokio::spawn(watch_revocations(env.clone(), |_| {}));
        tokio::spawn(watch_revocations(elsewhere.clone(), move |revoked| {
            telling.lock().expect("a lock").push(revoked);
        }));
        watching(&env).await;
        watching(&elsewhere).await;
        let first = fixtures::sign_up(&env, ADA, SessionKind::Token).await.signed_in;
        let token = first.tokens.expect("tokens").access_token;
        let second = fixtures::signed_in(&env, ADA, &fixtures::caller()).await;
        let third = fixtures::signed_in(&env, ADA, &fixtures::caller()).await;
        let lives = async |env: &Env, session| accounts::session_lives(env, session).await.expect("asks");
        let ada = authenticate_bearer(&elsewhere, &token)
            .await
            .expect("asks")
            .expect("an actor");
        assert!(lives(&elsewhere, second.session).await && lives(&elsewhere, third.session).await);

        sign_out(&env, &ada).await.expect("signs out");
        assert!(
            authenticate_bearer(&env, &token).await.expect("asks").is_none(),
            "here, at once"
        );
        while authenticate_bearer(&elsewhere, &token).await.expect("asks").is_some() {
            sleep(Duration::from_millis(20)).await;
        }
        revoke_session(&env, &third, second.session).await.expect("revokes");
        assert!(!lives(&env, second.session).await, "here, at once");
        while lives(&elsewhere, second.session).await {
            sleep(Duration::from_millis(20)).await;
        }
        let told = told.lock().expect("a lock").clone();
        for session in [ada.session, second.session] {
            assert!(told.contains(&Revoked::Session(session)), "{told:?}");
        }
        assert!(lives(&elsewhere, third.session).await);
    }

    #[tokio::test]
    async fn an_answer_of_the_database_that_is_overtaken_by_a_revocation_is_not_remembered() {
        let (env, _) = fixtures::env().await;
        tokio::spawn(watch_revocations(env.clone(), |_| {}));
        watching(&env).await;
        let ada = fixtures::actor(&env, ADA).await;
        let known = env.remembered.session(ada.session.uuid()).expect("known");
        let turn = env.remembered.turn();
        env.remembered.forget_session(ada.session);
        env.remembered.note(ada.session.uuid(), known, turn);
        assert!(env.remembered.session(ada.session.uuid()).is_none());
    }

    #[tokio::test]
    async fn a_changed_account_is_seen_as_it_is_now() {
        let (env, _) = fixtures::env().await;
        tokio::spawn(watch_revocations(env.clone(), |_| {}));
        watching(&env).await;
        let ada = fixtures::actor(&env, ADA).await;
        let command = model::command::UpdateMe {
            display_name: Some("Countess".into()),
            ..model::command::UpdateMe::default()
        };
        accounts::update_me(&env, &fixtures::caller(), &ada, command)
            .await
            .expect("renames");
        let other = fixtures::signed_in(&env, ADA, &fixtures::caller()).await;
        assert_eq!(other.account.display_name, "Countess");
        let change = ChangePassword {
            current_password: ADA.password.into(),
            password: GRACE.password.into(),
            password_confirmation: GRACE.password.into(),
        };
        accounts::change_password(&env, &fixtures::caller(), &ada, change)
            .await
            .expect("changes");
        assert!(!accounts::session_lives(&env, other.session).await.expect("asks"));
    }
}
