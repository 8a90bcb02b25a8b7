//! The whole map of URLs.
//!
//! | path | door | who |
//! |---|---|---|
//! | `/api/v1/…` | REST ([`crate::api`]) | members, but for [`PUBLIC_API`] |
//! | `/api/v1/socket` | realtime ([`crate::realtime`]) | signs in by itself |
//! | `/api/v1/events` | realtime, only to listen | members |
//! | `/api/openapi.json`, `/api/docs` | the REST door's documents | anybody |
//! | `/api/asyncapi.json` | the realtime doors' document | anybody |
//! | `/mailbox/…` | the mailbox, by CouchDB's protocol ([`crate::mailbox`]) | asks by itself |
//! | `/lab/…` | the same for tests of the protocol, in development when asked for | anybody |
//! | `/embed/sign-in` | the host site's form ([`crate::embed`]) | signs in by itself |
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
    dev_mail, embed,
    http::{foreign, headers, health, jwks, problem::Problem, visitor},
    mailbox, pages, realtime,
};
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::{Extensions, HeaderMap, StatusCode, Version},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use model::{Code, limits};
use std::time::Duration;
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{CompressionLayer, DefaultPredicate, Predicate},
    csrf::CsrfLayer,
};

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

/// The REST route that finds out by itself who asks, by what no other route takes, and turns nobody away unheard.
pub const SIGNS_IN_BY_ITSELF: (&str, &str) = ("POST", "/api/v1/users/login");

/// How long a request may take. Sockets are not requests for long: they are answered at once, and live on.
const DEADLINE: Duration = Duration::from_secs(30);
/// The same for an import, which makes up to a hundred thousand accounts.
const IMPORT_DEADLINE: Duration = Duration::from_secs(900);

/// Every route, with what surrounds them all.
pub fn router(app: App) -> Router {
    let pages = pages::routes(&app);
    let asking = Router::new()
        .merge(api::routes(&app))
        .merge(realtime::routes(app.clone()))
        .merge(admin_pages::routes(&app, pages.clone()))
        .merge(pages)
        .layer(middleware::from_fn_with_state(app.clone(), visitor::identify))
        .layer(CsrfLayer::new().with_rejection_response(foreign::refuse));
    let embedded = embed::routes(&app).layer(middleware::from_fn_with_state(app.clone(), visitor::identify));
    let mut all = Router::new()
        .route("/healthz", get(health::alive))
        .route(jwks::PATH, get(jwks::jwks).with_state(app.env.clone()))
        .route("/readyz", get(health::ready).with_state(app.env.clone()))
        .merge(api::openapi::routes())
        .merge(api::asyncapi::routes())
        .merge(assets::routes(&app))
        .merge(mailbox::routes(&app))
        .merge(asking)
        .merge(embedded);
    if app.settings.development() {
        all = all.merge(dev_mail::routes().with_state(app.env.clone()));
    }
    all.layer(
        ServiceBuilder::new()
            .layer(middleware::from_fn_with_state(app, headers::secure))
            .layer(CatchPanicLayer::custom(crate::http::problem::panicked))
            .layer(
                CompressionLayer::new()
                    .br(true)
                    .gzip(true)
                    .no_zstd()
                    .no_deflate()
                    .compress_when(DefaultPredicate::new().and(is_whole)),
            )
            .layer(middleware::from_fn(deadline))
            .layer(DefaultBodyLimit::max(limits::BODY_MAX_BYTES)),
    )
}

/// What is told bit by bit is not compressed: the compressor would keep the bits back until they are worth it.
fn is_whole(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    !headers.contains_key("x-accel-buffering")
}

/// Answers for whoever takes too long.
async fn deadline(request: Request, next: Next) -> Response {
    let within = if request.uri().path() == api::v1::users_import::PATH {
        IMPORT_DEADLINE
    } else {
        DEADLINE
    };
    match tokio::time::timeout(within, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::from(Code::Busy).into_response(),
    }
}
