//! A world for tests: an in-memory database, a clock that moves when told to, and the cast with accounts.

use crate::{
    Actor, Authority, Caller, Db, Env, Error, KeyHolder, Result, accounts, audit,
    env::{Clock, Site, SystemClock, SystemRandom},
    mail,
};
use chrono::TimeDelta;
use model::{
    Code, Scope, Timestamp,
    command::{ClaimAdmin, Register, SessionKind, SetPassword, SignIn},
    samples::Player,
};
use std::{
    fmt::Debug,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

/// A clock that starts at the machine's time and moves only when told to.
pub struct TestClock(AtomicI64);

impl TestClock {
    /// Starts now.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(SystemClock.now().millis())))
    }

    /// Lets seconds pass.
    pub fn advance_s(&self, seconds: i64) {
        self.advance_ms(seconds * 1000);
    }

    /// Lets milliseconds pass.
    pub fn advance_ms(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
            .unwrap_or_else(|| SystemClock.now().plus(TimeDelta::zero()))
    }
}

/// About the test's Roost.
#[must_use]
pub fn site() -> Site {
    Site {
        public_url: "http://127.0.0.1:3000".into(),
        mails_per_second: 1.0,
        keep_sent_mail: true,
        single_session: false,
    }
}

/// A world on a new in-memory database, and its clock.
///
/// # Panics
/// When it can't be made.
pub async fn env() -> (Env, Arc<TestClock>) {
    env_on("mem://").await
}

/// A world on the given database, and its clock.
///
/// # Panics
/// When it can't be made.
#[expect(clippy::expect_used, reason = "a test without a world is a failed test")]
pub async fn env_on(url: &str) -> (Env, Arc<TestClock>) {
    let clock = TestClock::new();
    let db = Db::connect(url, None).await.expect("a database");
    let env = Env::open(db, site(), clock.clone(), Arc::new(SystemRandom))
        .await
        .expect("a world");
    (env, clock)
}

/// Somebody at a browser.
#[must_use]
pub fn caller() -> Caller {
    Caller::local("Testing/1.0")
}

/// The newest mail to an address.
///
/// # Panics
/// When there is none.
#[expect(clippy::expect_used, reason = "a test without its mail is a failed test")]
pub async fn newest_mail(env: &Env, to: &str) -> mail::MailKind {
    let outbox = mail::list_outbox(env, 100).await.expect("the outbox");
    outbox
        .into_iter()
        .find(|entry| entry.to == to)
        .expect("a mail to them")
        .mail
}

/// The code in the newest mail to an address.
///
/// # Panics
/// When there is none.
#[expect(clippy::panic, reason = "a test without its code is a failed test")]
pub async fn newest_code(env: &Env, to: &str) -> String {
    match newest_mail(env, to).await {
        mail::MailKind::SignUpCode { code, .. }
        | mail::MailKind::ResetCode { code, .. }
        | mail::MailKind::ConfirmEmail { code, .. } => code,
        other => panic!("no code in {other:?}"),
    }
}

/// What a player types to sign up.
#[must_use]
pub fn registration(player: Player) -> Register {
    Register {
        email: player.email.into(),
        username: player.username.into(),
        display_name: Some(player.display_name.into()),
        invitation: None,
    }
}

/// Signs a player up through every step and returns what they got.
///
/// # Panics
/// When any step fails.
#[expect(clippy::expect_used, reason = "a test without its player is a failed test")]
pub async fn sign_up(env: &Env, player: Player, session: SessionKind) -> accounts::Opened {
    accounts::register(env, &caller(), registration(player))
        .await
        .expect("registers");
    let code = newest_code(env, player.email).await;
    let token = accounts::exchange_code(env, &caller(), &code)
        .await
        .expect("exchanges")
        .token;
    let command = SetPassword {
        token,
        password: player.password.into(),
        password_confirmation: player.password.into(),
        username: None,
        session: Some(session),
    };
    accounts::set_password(env, &caller(), command)
        .await
        .expect("sets a password")
}

/// Signs a player up and returns them as an actor.
///
/// # Panics
/// When any step fails.
#[expect(clippy::expect_used, reason = "a test without its player is a failed test")]
pub async fn actor(env: &Env, player: Player) -> Actor {
    let opened = sign_up(env, player, SessionKind::Cookie).await;
    let cookie = opened.cookie.expect("a cookie");
    accounts::authenticate_cookie(env, &cookie)
        .await
        .expect("authenticates")
        .expect("an actor")
}

/// Signs a player in once more, from elsewhere.
///
/// # Panics
/// When any step fails.
#[expect(clippy::expect_used, reason = "a test without its player is a failed test")]
pub async fn signed_in(env: &Env, player: Player, caller: &Caller) -> Actor {
    let command = SignIn {
        login: player.username.into(),
        password: player.password.into(),
        session: Some(SessionKind::Cookie),
    };
    let opened = accounts::sign_in(env, caller, command).await.expect("signs in");
    let cookie = opened.cookie.expect("a cookie");
    accounts::authenticate_cookie(env, &cookie)
        .await
        .expect("authenticates")
        .expect("an actor")
}

/// Makes a player the first administrator.
///
/// # Panics
/// When any step fails.
#[expect(clippy::expect_used, reason = "a test without its player is a failed test")]
pub async fn admin(env: &Env, player: Player) -> Actor {
    let code = accounts::offer_admin(env).await.expect("asks").expect("a code");
    let command = ClaimAdmin {
        code,
        email: player.email.into(),
        username: player.username.into(),
        display_name: Some(player.display_name.into()),
        password: player.password.into(),
        password_confirmation: player.password.into(),
    };
    let opened = accounts::claim_admin(env, &caller(), command).await.expect("claims");
    let cookie = opened.cookie.expect("a cookie");
    accounts::authenticate_cookie(env, &cookie)
        .await
        .expect("authenticates")
        .expect("an actor")
}

/// Makes a player the first administrator, as who acts for others.
///
/// # Panics
/// When any step fails.
pub async fn authority(env: &Env, player: Player) -> Authority {
    Authority::Admin(admin(env, player).await)
}

/// A server called "shop" that may do this.
#[must_use]
pub fn key(env: &Env, scopes: &[Scope]) -> Authority {
    Authority::Key(KeyHolder {
        id: env.new_id().into(),
        name: "shop".into(),
        scopes: scopes.to_vec(),
    })
}

/// Why a verb refused.
///
/// # Panics
/// When it did not.
#[expect(clippy::panic, reason = "a test that awaits a refusal fails without it")]
pub fn refusal<T: Debug>(outcome: Result<T>) -> Code {
    match outcome {
        Err(Error::Rejected(rejection)) => rejection.code,
        other => panic!("no refusal: {other:?}"),
    }
}

/// The audit log, the newest first, as lines such as `user.disable ada by hedy: detail`.
///
/// # Panics
/// When it can't be read.
#[expect(clippy::expect_used, reason = "a test without its log is a failed test")]
pub async fn actions(env: &Env) -> Vec<String> {
    let log = audit::list_audit(env, &Authority::Machine, None, 100)
        .await
        .expect("the log");
    let line = |entry: model::admin::AuditEntry| {
        let what = format!("{} {} by {}", entry.action, entry.target_name, entry.by_name);
        match entry.detail.as_str() {
            "" => what,
            detail => format!("{what}: {detail}"),
        }
    };
    log.items.into_iter().map(line).collect()
}
