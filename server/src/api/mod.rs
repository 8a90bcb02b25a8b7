//! REST under `/api/v1`: the same verbs as the screens, for other programs. A handler extracts, calls one verb, and
//! shapes the answer; its attributes are the OpenAPI document, which [`openapi`] completes.

pub mod asyncapi;
mod codes;
pub mod examples;
mod fields;
pub mod openapi;
pub mod postman;
pub mod v1;

use crate::{boot::App, http::problem::Problem};
use axum::{Router, response::IntoResponse, routing::any};
use model::Code;
use utoipa_axum::router::OpenApiRouter;

/// The routes with their documents.
pub(crate) fn documented() -> OpenApiRouter<App> {
    OpenApiRouter::new().nest("/api/v1", v1::routes())
}

/// The routes. Under `/api`, what is not there is said in JSON, too.
pub fn routes(app: &App) -> Router {
    let (router, _) = documented().split_for_parts();
    let missing = || async { Problem::from(Code::NotFound).into_response() };
    let wrong_method = || async { Problem::from(Code::MethodNotAllowed).into_response() };
    router
        .route("/api/{*rest}", any(missing))
        .method_not_allowed_fallback(wrong_method)
        .with_state(app.clone())
}
