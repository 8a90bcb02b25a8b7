//! Version 1. One file a noun.

pub mod accounts;
pub mod conversations;
pub mod directory;
pub mod me;
pub mod messages;
pub mod sessions;

use crate::boot::App;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Every route of version 1.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(accounts::register))
        .routes(routes!(accounts::exchange_code))
        .routes(routes!(accounts::set_password))
        .routes(routes!(accounts::forgot_password))
        .routes(routes!(me::me, me::update, me::delete))
        .routes(routes!(me::confirm_email))
        .routes(routes!(me::change_password))
        .routes(routes!(sessions::sign_in, sessions::sign_out))
        .routes(routes!(sessions::refresh))
        .routes(routes!(sessions::list, sessions::revoke_others))
        .routes(routes!(sessions::revoke))
        .routes(routes!(directory::find_people))
        .routes(routes!(conversations::list, conversations::open))
        .routes(routes!(conversations::get))
        .routes(routes!(conversations::mark_read))
        .routes(routes!(messages::list, messages::send))
}
