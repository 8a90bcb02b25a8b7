//! Who asks.

use model::{Account, AccountId, Role, SessionId};
use std::net::IpAddr;

/// Where a request comes from, before anybody is known. Doors fill it in.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The client's network address, as far as trusted proxies tell it.
    pub address: IpAddr,
    /// What the client calls itself; at most 200 characters are kept.
    pub user_agent: String,
}

impl Caller {
    /// A caller on this very machine, such as the command line.
    #[must_use]
    pub fn local(user_agent: &str) -> Self {
        Self {
            address: IpAddr::from([127, 0, 0, 1]),
            user_agent: user_agent.to_owned(),
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
