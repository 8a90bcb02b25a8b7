//! Sessions: the rows, and what is handed out when one is opened.

use crate::{
    Caller, Env, Result,
    accounts::{
        known_device::{self, Device},
        lifetimes,
        secret::Ticket,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use model::{
    Account, SessionId, Timestamp,
    command::{Session, SessionKind, SignedIn, TokenPair},
};
use surrealdb::types::{SurrealValue, Variables};
use uuid::Uuid;

/// A session that was just opened.
#[derive(Clone, Debug)]
pub struct Opened {
    /// What every door answers.
    pub signed_in: SignedIn,
    /// What the cookie holds, for sessions that are carried by one.
    pub cookie: Option<String>,
    /// What to leave on the device, to know it again when somebody signs in there.
    pub device: Option<String>,
}

#[derive(Clone, Debug, SurrealValue)]
pub struct SessionRow {
    pub account: Uuid,
    pub kind: String,
    pub secret_hash: String,
    pub previous_hash: Option<String>,
    pub rotated_at: Option<DateTime<Utc>>,
    pub rotation_key: String,
    pub user_agent: String,
    pub created_at: DateTime<Utc>,
    pub seen_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// Opens the session that [`Prepared::bind`] binds, for `$account_id`. Where one account may have only one session, the
/// others end.
macro_rules! open_session {
    () => {
        "IF $single {
             DELETE session WHERE account = $account_id;
             CREATE type::record('revocation', [$now, $chance]) SET account = $account_id;
         };
         CREATE type::record('session', $session_id) CONTENT $session_row;
         UPSERT type::record('known_device', [$account_id, $device]) SET seen_at = $now;"
    };
}
pub(crate) use open_session;

/// A session about to be opened: the verb says [`open_session`] in its own transaction.
pub struct Prepared {
    id: Uuid,
    row: SessionRow,
    kind: SessionKind,
    ticket: Ticket,
    device: Device,
}

/// Longest `User-Agent` that is kept, in characters.
const USER_AGENT_MAX: usize = 200;

/// Prepares a session of an account.
pub fn prepare(env: &Env, caller: &Caller, account: Uuid, kind: SessionKind) -> Prepared {
    let id = env.new_id();
    let ticket = Ticket::new(env, id);
    let now = env.now();
    let row = SessionRow {
        account,
        kind: kind_name(kind).to_owned(),
        secret_hash: ticket.hash(),
        previous_hash: None,
        rotated_at: None,
        rotation_key: URL_SAFE_NO_PAD.encode(env.random_bytes::<32>()),
        user_agent: caller.user_agent.chars().take(USER_AGENT_MAX).collect(),
        created_at: now.datetime(),
        seen_at: now.datetime(),
        expires_at: now.plus(lifetimes::SESSION_IDLE).datetime(),
    };
    Prepared {
        id,
        row,
        kind,
        ticket,
        device: known_device::of(env, caller, kind),
    }
}

impl Prepared {
    /// Binds what [`open_session`] speaks of, `now` and `chance` among it.
    pub fn bind(&self, env: &Env, binds: &mut Variables) {
        binds.insert("account_id", self.row.account);
        binds.insert("session_id", self.id);
        binds.insert("session_row", self.row.clone());
        binds.insert("device", self.device.hash.clone());
        binds.insert("single", env.site.single_session);
        binds.insert("now", env.now().datetime());
        binds.insert("chance", env.new_id());
    }

    /// What to answer, once the row is written.
    pub fn opened(self, env: &Env, account: Account) -> Result<Opened> {
        if env.site.single_session {
            env.remembered.forget_account(account.id);
        }
        let session = Session {
            id: SessionId(self.id),
            kind: self.kind,
            created_at: Timestamp::from(self.row.created_at),
            expires_at: Timestamp::from(self.row.expires_at),
        };
        let (cookie, tokens) = match self.kind {
            SessionKind::Cookie => (Some(self.ticket.encode()), None),
            SessionKind::Token => (None, Some(token_pair(env, &account, session.id, &self.ticket)?)),
        };
        Ok(Opened {
            signed_in: SignedIn {
                account,
                session,
                tokens,
            },
            cookie,
            device: self.device.cookie,
        })
    }
}

/// The pair that goes with a refresh ticket.
pub fn token_pair(env: &Env, account: &Account, session: SessionId, ticket: &Ticket) -> Result<TokenPair> {
    Ok(TokenPair {
        access_token: env.tokens.sign(env, account.id, session)?,
        refresh_token: ticket.encode(),
        expires_in: lifetimes::ACCESS_TOKEN.num_seconds().try_into().unwrap_or_default(),
    })
}

pub const fn kind_name(kind: SessionKind) -> &'static str {
    match kind {
        SessionKind::Cookie => "cookie",
        SessionKind::Token => "token",
    }
}
