//! Is it alive, is it ready.

use crate::http::problem::Problem;
use axum::extract::State;
use domain::Env;

/// The process answers.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// The database answers, too.
///
/// # Errors
/// `unavailable`.
pub async fn ready(State(env): State<Env>) -> Result<&'static str, Problem> {
    env.db.ping().await?;
    Ok("ready\n")
}
