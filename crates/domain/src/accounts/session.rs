//! Sessions: the rows, and what is handed out when one is opened.

use crate::{
    Caller, Env, Result,
    accounts::{lifetimes, secret::Ticket},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use model::{
    Account, SessionId, Timestamp,
    command::{Session, SessionKind, SignedIn, TokenPair},
};
use surrealdb::types::SurrealValue;
use uuid::Uuid;

/// A session that was just opened.
#[derive(Clone, Debug)]
pub struct Opened {
    /// What every door answers.
    pub signed_in: SignedIn,
    /// What the cookie holds, for sessions that are carried by one.
    pub cookie: Option<String>,
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

/// A session about to be opened: the verb writes `id` and `row` in its own transaction.
pub struct Prepared {
    pub id: Uuid,
    pub row: SessionRow,
    kind: SessionKind,
    ticket: Ticket,
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
    Prepared { id, row, kind, ticket }
}

impl Prepared {
    /// What to answer, once the row is written.
    pub fn opened(self, env: &Env, account: Account) -> Result<Opened> {
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
