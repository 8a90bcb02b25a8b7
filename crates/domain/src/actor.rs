//! Who asks.

use crate::Result;
use model::{Account, AccountId, ApiKeyId, Code, Role, Scope, SessionId, admin::AuditBy};
use std::net::IpAddr;

/// Where a request comes from, before anybody is known. Doors fill it in.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The client's network address, as far as trusted proxies tell it.
    pub address: IpAddr,
    /// What the client calls itself; at most 200 characters are kept.
    pub user_agent: String,
    /// What an earlier sign-in left on the device for us to know it again, if anything.
    pub device: Option<String>,
}

impl Caller {
    /// A caller on this very machine, such as the command line.
    #[must_use]
    pub fn local(user_agent: &str) -> Self {
        Self {
            address: IpAddr::from([127, 0, 0, 1]),
            user_agent: user_agent.to_owned(),
            device: None,
        }
    }
}

/// Somebody who is signed in. Only `accounts::authenticate` makes one.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Their account.
    pub account: Account,
    /// The session they came with.
    pub session: SessionId,
}

impl Actor {
    /// Their account's id.
    #[must_use]
    pub const fn id(&self) -> AccountId {
        self.account.id
    }

    /// Whether they may act for others.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.account.role == Role::Admin
    }
}

/// A server that came with an API key. Only `api_keys::authenticate_key` makes one.
#[derive(Clone, Debug)]
pub struct KeyHolder {
    /// The key.
    pub id: ApiKeyId,
    /// What it is called.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
}

/// Somebody who acts for others. Verbs that do so take one, and first ask whether it [may](Self::require).
#[derive(Clone, Debug)]
pub enum Authority {
    /// An administrator.
    Admin(Actor),
    /// A server.
    Key(KeyHolder),
    /// The command line on this machine: whoever can write the database owns it anyway.
    Machine,
}

impl Authority {
    /// The authority of somebody who is signed in.
    ///
    /// # Errors
    /// `forbidden` for everybody but administrators.
    pub fn of(actor: &Actor) -> Result<Self> {
        if actor.is_admin() {
            Ok(Self::Admin(actor.clone()))
        } else {
            Err(Code::Forbidden.into())
        }
    }

    /// Administrators and the machine may do everything, a key what it was made for.
    ///
    /// # Errors
    /// `scope_missing`.
    pub fn require(&self, scope: Scope) -> Result<()> {
        match self {
            Self::Key(key) if !key.scopes.contains(&scope) => {
                let why = format!("This API key may not do this: it lacks the scope {}.", scope.as_str());
                Err(model::Rejection::new(Code::ScopeMissing).because(why).into())
            }
            _ => Ok(()),
        }
    }

    /// For what only people may do: hand out keys and roles.
    ///
    /// # Errors
    /// `scope_missing` for every key.
    pub fn require_person(&self) -> Result<()> {
        match self {
            Self::Key(_) => Err(model::Rejection::new(Code::ScopeMissing)
                .because("Only an administrator may do this, not an API key.")
                .into()),
            _ => Ok(()),
        }
    }

    /// Which sort of hand it is.
    #[must_use]
    pub const fn kind(&self) -> AuditBy {
        match self {
            Self::Admin(_) => AuditBy::Admin,
            Self::Key(_) => AuditBy::Key,
            Self::Machine => AuditBy::Machine,
        }
    }

    /// What the audit log calls it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Admin(actor) => &actor.account.username,
            Self::Key(key) => &key.name,
            Self::Machine => "command line",
        }
    }

    /// The administrator's account.
    #[must_use]
    pub const fn account(&self) -> Option<AccountId> {
        match self {
            Self::Admin(actor) => Some(actor.account.id),
            Self::Key(_) | Self::Machine => None,
        }
    }
}
