//! API keys: with one, a server of the site acts without a person, as far as the key's scopes reach. Only people make
//! and revoke keys; a key is shown once and kept as a hash.

mod authenticate_key;
mod create_api_key;
mod list_api_keys;
mod revoke_api_key;
mod row;
mod secret;

pub use authenticate_key::authenticate_key;
pub use create_api_key::create_api_key;
pub use list_api_keys::list_api_keys;
pub use revoke_api_key::revoke_api_key;
pub use secret::is_api_key;
