//! What administrators, servers and the command line do with the accounts of others.
//!
//! Every verb takes the [`Authority`](crate::Authority) by which it is done, asks first whether that may, and writes an
//! entry of the audit log in its own transaction. An API key never touches an administrator.

mod create_user;
mod delete_user;
mod find_user;
mod get_user;
mod import_line;
mod import_users;
mod list_users;
mod mailed_link;
mod register_user;
mod send_reset;
mod set_password;
mod sign_out_user;
mod target;
mod update_user;

pub use create_user::create_user;
pub use delete_user::delete_user;
pub use find_user::find_user;
pub use get_user::get_user;
pub use import_users::import_users;
pub use list_users::{UserQuery, list_users};
pub use register_user::register_user;
pub use send_reset::send_reset;
pub use set_password::set_password;
pub use sign_out_user::sign_out_user;
pub use update_user::update_user;
