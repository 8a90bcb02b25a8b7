//! What a state change that another site's page asks for is told.

use crate::http::problem::Problem;
use axum::{body::Body, http::Response, response::IntoResponse};
use model::Code;
use tower_http::csrf::ProtectionError;

/// The answer of the CSRF layer.
pub fn refuse(_: ProtectionError) -> Response<Body> {
    Problem::from(Code::ForeignOrigin).into_response()
}
