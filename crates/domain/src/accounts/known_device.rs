//! Devices that somebody has signed in from before: a sign-in from another one is worth a mail, and guesses from
//! another one must not lock its owner out of this one.

use crate::{Caller, Env, accounts::secret};
use model::command::SessionKind;
use std::net::IpAddr;

/// The device of a caller.
pub struct Device {
    /// What the database knows it by.
    pub hash: String,
    /// What to leave on it.
    pub cookie: Option<String>,
}

/// How long the text is that a browser keeps.
const COOKIE_CHARS: usize = 43;

/// The device that a session is about to be opened on. A browser is known by a cookie of its own; a program, which keeps
/// none, by what it calls itself and the network it is in.
pub fn of(env: &Env, caller: &Caller, kind: SessionKind) -> Device {
    match (genuine(caller), kind) {
        (Some(cookie), _) => Device {
            hash: secret::hash(cookie.as_bytes()),
            cookie: Some(cookie.to_owned()),
        },
        (None, SessionKind::Cookie) => {
            let cookie = secret::new_token(env);
            Device {
                hash: secret::hash(cookie.as_bytes()),
                cookie: Some(cookie),
            }
        }
        (None, SessionKind::Token) => Device {
            hash: hash_of_program(caller),
            cookie: None,
        },
    }
}

/// The hash of the device as it is now, before anything is left on it.
pub fn hash_of(caller: &Caller) -> String {
    genuine(caller).map_or_else(|| hash_of_program(caller), |cookie| secret::hash(cookie.as_bytes()))
}

/// Only what we could have left there; a short text could be the same on two devices.
fn genuine(caller: &Caller) -> Option<&str> {
    let all = |text: &&str| {
        text.len() == COOKIE_CHARS
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    caller.device.as_deref().filter(all)
}

/// Versions change every few weeks and addresses within a network every day; neither makes a new device.
fn hash_of_program(caller: &Caller) -> String {
    let name: String = caller.user_agent.chars().filter(|c| !c.is_ascii_digit()).collect();
    let network = match caller.address.to_canonical() {
        IpAddr::V4(v4) => format!("{:?}", &v4.octets()[..2]),
        IpAddr::V6(v6) => format!("{:?}", &v6.segments()[..3]),
    };
    secret::hash(format!("{name}|{network}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[tokio::test]
    async fn a_browser_is_known_by_its_cookie_and_a_program_by_its_name_and_network() {
        let (env, _) = fixtures::env().await;
        let browser = fixtures::caller();
        let first = of(&env, &browser, SessionKind::Cookie);
        let cookie = first.cookie.expect("a cookie");
        let again = Caller {
            device: Some(cookie),
            ..Caller::local("Other/2.0")
        };
        assert_eq!(of(&env, &again, SessionKind::Cookie).hash, first.hash);
        assert_ne!(
            of(&env, &browser, SessionKind::Cookie).hash,
            first.hash,
            "without it, it is another"
        );
        let program = |agent: &str, address: &str| Caller {
            user_agent: agent.into(),
            address: address.parse().expect("an address"),
            device: None,
        };
        let hash = |caller: &Caller| of(&env, caller, SessionKind::Token).hash;
        assert_eq!(
            hash(&program("sync/1.0", "192.0.2.1")),
            hash(&program("sync/1.1", "192.0.7.9"))
        );
        assert_ne!(
            hash(&program("sync/1.0", "192.0.2.1")),
            hash(&program("curl/8", "192.0.2.1"))
        );
        assert_ne!(
            hash(&program("sync/1.0", "192.0.2.1")),
            hash(&program("sync/1.0", "198.51.100.1"))
        );
    }

    #[tokio::test]
    async fn a_made_up_cookie_is_none() {
        let (env, _) = fixtures::env().await;
        for bad in ["", "x", &"é".repeat(43), &"a".repeat(44)] {
            let caller = Caller {
                device: Some(bad.into()),
                ..fixtures::caller()
            };
            assert_ne!(of(&env, &caller, SessionKind::Cookie).cookie.as_deref(), Some(bad));
        }
    }
}
