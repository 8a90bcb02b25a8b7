//! The whole map of URLs.
//!
//! | path | door | who |
//! |---|---|---|
//! | `/api/v1/…` | REST ([`crate::api`]) | members, but for [`PUBLIC_API`] |
//! | `/api/v1/socket` | realtime ([`crate::realtime`]) | signs in by itself |
//! | `/api/openapi.json`, `/api/docs` | the REST door's documents | anybody |
//! | `/form/…` | server functions ([`app`]) | each asks |
//! | `/pkg/…`, `/sw.js`, icons | [`crate::assets`] | anybody |
//! | `/.well-known/jwks.json` | [`crate::http::jwks`] | anybody |
//! | `/healthz`, `/readyz` | [`crate::http::health`] | anybody |
//! | `/dev/…` | development only ([`crate::dev_mail`]) | anybody |
//! | `/admin/…` | the pages of administration ([`crate::admin_pages`]) | administrators; for others there is nothing |
//! | everything else | the screens ([`crate::pages`]) | each asks |

use crate::{
    admin_pages, api, assets,
    boot::App,
    dev_mail,
    http::{foreign, headers, health, jwks, visitor},
    pages, realtime,
};
use axum::{Router, extract::DefaultBodyLimit, http::StatusCode, middleware, routing::get};
use model::limits;
use std::time::Duration;
use tower::ServiceBuilder;
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer, csrf::CsrfLayer, timeout::TimeoutLayer};

/// The REST routes that need nobody signed in. Every other one answers `not_signed_in` before its handler runs.
pub const PUBLIC_API: &[(&str, &str)] = &[
    ("POST", "/api/v1/registration"),
    ("GET", "/api/v1/invitation_token/{code}"),
    ("POST", "/api/v1/password"),
    ("POST", "/api/v1/password/forgot"),
    ("POST", "/api/v1/session"),
    ("POST", "/api/v1/session/refresh"),
    ("POST", "/api/v1/me/email"),
];

/// How long a request may take. Sockets are not requests for long: they are answered at once, and live on.
const DEADLINE: Duration = Duration::from_secs(30);

/// Every route, with what surrounds them all.
pub fn router(app: App) -> Router {
    let deadline = TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, DEADLINE);
    let pages = pages::routes(&app);
    let asking = Router::new()
        .merge(api::routes(&app))
        .merge(realtime::routes(app.clone()))
        .merge(admin_pages::routes(&app, pages.clone()))
        .merge(pages)
        .layer(middleware::from_fn_with_state(app.clone(), visitor::identify))
        .layer(CsrfLayer::new().with_rejection_response(foreign::refuse));
    let mut all = Router::new()
        .route("/healthz", get(health::alive))
        .route(jwks::PATH, get(jwks::jwks).with_state(app.env.clone()))
        .route("/readyz", get(health::ready).with_state(app.env.clone()))
        .merge(api::openapi::routes())
        .merge(assets::routes(&app))
        .merge(asking);
    if app.settings.development() {
        all = all.merge(dev_mail::routes().with_state(app.env.clone()));
    }
    all.layer(
        ServiceBuilder::new()
            .layer(middleware::from_fn_with_state(app, headers::secure))
            .layer(CatchPanicLayer::custom(crate::http::problem::panicked))
            .layer(CompressionLayer::new().br(true).gzip(true).no_zstd().no_deflate())
            .layer(deadline)
            .layer(DefaultBodyLimit::max(limits::BODY_MAX_BYTES)),
    )
}
