//! Version 1. One file a noun.

pub mod accounts;
pub mod api_keys;
pub mod audit;
pub mod blocks;
pub mod conversations;
pub mod directory;
pub mod invitations;
pub mod letters;
pub mod me;
pub mod members;
pub mod messages;
pub mod reactions;
pub mod search;
pub mod sessions;
pub mod users;
pub mod users_import;
pub mod users_login;

use crate::boot::App;
use axum::extract::DefaultBodyLimit;
use model::limits;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Every route of version 1.
pub(super) fn routes() -> OpenApiRouter<App> {
    let import = OpenApiRouter::new()
        .routes(routes!(users_import::import))
        .layer(DefaultBodyLimit::max(limits::IMPORT_MAX_BYTES));
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
        .routes(routes!(conversations::get, conversations::update, conversations::clear))
        .routes(routes!(conversations::mark_read))
        .routes(routes!(members::list))
        .routes(routes!(members::set, members::remove))
        .routes(routes!(messages::list, messages::send))
        .routes(routes!(messages::changes))
        .routes(routes!(messages::get, messages::edit, messages::delete))
        .routes(routes!(messages::versions))
        .routes(routes!(reactions::react, reactions::unreact))
        .routes(routes!(blocks::list))
        .routes(routes!(blocks::block, blocks::unblock))
        .routes(routes!(search::search))
        .routes(routes!(letters::list))
        .routes(routes!(letters::counts))
        .routes(routes!(letters::thread))
        .routes(routes!(users::list, users::create))
        .routes(routes!(users::register))
        .routes(routes!(users_login::login))
        .merge(import)
        .routes(routes!(users::get, users::update, users::delete))
        .routes(routes!(users::sign_out))
        .routes(routes!(users::send_reset))
        .routes(routes!(api_keys::list, api_keys::create))
        .routes(routes!(api_keys::revoke))
        .routes(routes!(invitations::list, invitations::create))
        .routes(routes!(invitations::revoke))
        .routes(routes!(invitations::policy, invitations::set_policy))
        .routes(routes!(audit::list))
}
