//! Keeps the words of messages up to date, behind those who write.

use domain::{Env, search::Indexer};
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// How long it rests when nothing is left to do.
const POLL: Duration = Duration::from_millis(700);
/// How long it rests when the database can't be asked.
const TROUBLE: Duration = Duration::from_secs(5);
/// While there is much to do, it rests so many times as long as it worked: who sends a message comes first.
const REST: u32 = 4;

/// Follows the logs, for ever.
pub async fn run(env: Env) {
    let mut indexer = Indexer::new(env);
    loop {
        let began = Instant::now();
        let rest = match indexer.step().await {
            Ok(true) => began.elapsed() * REST,
            Ok(false) => POLL,
            Err(error) => {
                tracing::warn!(%error, "the words of messages can't be noted");
                TROUBLE
            }
        };
        sleep(rest).await;
    }
}
