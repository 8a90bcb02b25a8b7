//! Placeholder (overwrite me).
/// t
pub fn routes() -> axum::Router<domain::Env> { axum::Router::new() }
