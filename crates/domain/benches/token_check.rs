//! How long it takes to find out who is behind an access token or a cookie: with what is remembered, and by asking the
//! database each time. docs/measurements.md has the command, and the figures.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a measurement without what it needs is none, and its figures go to a person"
)]

use model::{
    command::SessionKind,
    samples::{ADA, GRACE},
};
use roost_domain::{Env, accounts, fixtures};
use std::time::{Duration, Instant};

const CHECKS: usize = 20_000;

async fn measure(env: &Env, name: &str, cookie: &str, token: &str) {
    for (what, is_cookie) in [("cookie", true), ("access token", false)] {
        let mut times: Vec<Duration> = Vec::with_capacity(CHECKS);
        for _ in 0..CHECKS {
            let began = Instant::now();
            let actor = if is_cookie {
                accounts::authenticate_cookie(env, cookie).await
            } else {
                accounts::authenticate_bearer(env, token).await
            };
            times.push(began.elapsed());
            assert!(actor.expect("asks").is_some());
        }
        times.sort_unstable();
        let at = |share: usize| times[CHECKS * share / 1000].as_nanos() as f64 / 1000.0;
        println!(
            "| {what}, {name} | {:.1} µs | {:.1} µs | {:.1} µs |",
            at(500),
            at(990),
            at(999)
        );
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("surrealkv://{}?sync=every", folder.path().join("db").display());
        let (env, _) = fixtures::env_on(&url).await;
        let cookie = fixtures::sign_up(&env, ADA, SessionKind::Cookie)
            .await
            .cookie
            .expect("a cookie");
        let tokens = fixtures::sign_up(&env, GRACE, SessionKind::Token)
            .await
            .signed_in
            .tokens
            .expect("tokens");
        println!("| check of a | p50 | p99 | p99.9 |\n|---|---|---|---|");
        measure(&env, "asking the database", &cookie, &tokens.access_token).await;
        tokio::spawn(accounts::watch_revocations(env.clone(), |_| {}));
        tokio::time::sleep(Duration::from_millis(200)).await;
        measure(&env, "remembered", &cookie, &tokens.access_token).await;
    });
}
