//! Accounts: sign up, sign in, sessions, codes, passwords, the directory, and what somebody may do to their own account.
//!
//! A person signs up in three steps, each a verb: [`register`] mails a one-time code, [`exchange_code`] turns it into
//! a one-time token, [`set_password`] makes the account and opens a session. A forgotten password goes the same way
//! from [`forgot_password`]. Forms do the last two in one, with [`set_password_by_code`].

mod access_token;
mod attempts;
mod authenticate;
mod authenticate_basic;
mod change_password;
mod claim_admin;
mod confirm_email;
mod delete_me;
mod erase;
mod exchange_code;
mod find_people;
mod forgot_password;
mod host_names;
#[cfg(any(test, feature = "fixtures"))]
pub mod host_testing;
mod host_trust;
mod inspect_code;
mod known_device;
mod legacy_hash;
pub(crate) mod lifetimes;
mod list_sessions;
pub(crate) mod look_alikes;
mod measure_password;
pub(crate) mod one_time;
mod own_password;
mod password_pool;
mod pending_email;
mod refresh_session;
mod register;
mod register_for_server;
mod remembered;
mod revoke_session;
mod row;
pub(crate) mod secret;
mod session;
mod set_password;
mod sign_in;
mod sign_in_from_host;
mod sign_out;
mod sweep;
mod update_me;

pub use access_token::{TokenKeys, VerificationKey, turn_keys};
pub use authenticate::{authenticate_bearer, authenticate_cookie, session_lives};
pub use authenticate_basic::{BasicPass, authenticate_basic, revocations};
pub use change_password::change_password;
pub(crate) use claim_admin::blame_field;
pub use claim_admin::{claim_admin, offer_admin};
pub use confirm_email::confirm_email;
pub(crate) use confirm_email::veiled;
pub use delete_me::delete_me;
pub(crate) use erase::erase;
pub use exchange_code::exchange_code;
pub use find_people::find_people;
pub(crate) use find_people::{answers_to, with_words, words};
pub use forgot_password::forgot_password;
pub use host_trust::{HostRules, HostTrust};
pub use inspect_code::{CodeSubject, inspect_code};
pub(crate) use legacy_hash::LegacyHash;
pub use list_sessions::list_sessions;
pub(crate) use look_alikes::key_and_name;
pub(crate) use measure_password::check_password;
pub use measure_password::measure_password;
pub use one_time::Purpose;
pub use password_pool::PasswordPool;
pub use pending_email::pending_email;
pub use refresh_session::refresh_session;
pub(crate) use register::parse_names;
pub use register::register;
pub use register_for_server::register_for_server;
pub(crate) use remembered::{Remembered, account_changed, end_sessions};
pub use remembered::{Revoked, watch_revocations};
pub use revoke_session::{revoke_other_sessions, revoke_session};
pub(crate) use row::{AccountRow, PersonRow, account_fields, people};
pub use session::Opened;
pub(crate) use set_password::NewAccount;
pub use set_password::{ByCode, set_password, set_password_by_code};
pub(crate) use sign_in::find_login;
pub use sign_in::sign_in;
pub use sign_in_from_host::sign_in_from_host;
pub use sign_out::sign_out;
pub use sweep::sweep;
pub use update_me::update_me;
