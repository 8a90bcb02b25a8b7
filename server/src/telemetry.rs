//! Logs: one readable sentence with fields, on standard error. Never in a log: passwords, codes, tokens, cookies,
//! the texts of messages and mails.

use crate::config::Settings;
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Starts logging: for people in development, as JSON lines in production.
pub fn start(settings: &Settings) {
    // The database's own engine tells more at `info` than an operator can use.
    let quiet = format!("warn,roost={0},roost_app={0},roost_domain={0}", settings.log);
    let filter = EnvFilter::try_new(if settings.log.contains('=') {
        &settings.log
    } else {
        &quiet
    });
    let registry = tracing_subscriber::registry().with(filter.unwrap_or_else(|_| EnvFilter::new(&quiet)));
    let layer = fmt::layer().with_writer(std::io::stderr);
    // Tests start several servers in one process; the first of them has the logs.
    let _ = if settings.development() {
        registry.with(layer.with_target(false).compact()).try_init()
    } else {
        registry.with(layer.json()).try_init()
    };
}
