//! Keeps the words of messages up to date, behind those who write.

use domain::{Env, conversations, search::Indexer};
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// How long it rests when nothing is left to do.
const POLL: Duration = Duration::from_millis(700);
/// How long it rests when the database can't be asked.
const TROUBLE: Duration = Duration::from_secs(5);
/// Nobody has written for so long: a pause.
const PAUSE: Duration = Duration::from_millis(50);
/// Who writes comes first. It waits for a pause at most so long, and then works between those who write.
const PATIENCE: Duration = Duration::from_secs(5);
/// Messages at once in a pause, and how many times as long as it worked it rests.
const IN_A_PAUSE: (u64, u32) = (64, 1);
/// The same while people write: pieces so small that nobody waits for them long, and a tenth of a core.
const BETWEEN: (u64, u32) = (8, 9);

/// Follows the logs, for ever.
pub async fn run(env: Env) {
    let mut indexer = Indexer::new(env.clone());
    let mut caught_up = Instant::now();
    loop {
        let is_busy = conversations::wrote_within(&env, PAUSE);
        if is_busy && caught_up.elapsed() < PATIENCE {
            sleep(PAUSE).await;
            continue;
        }
        let (piece, times) = if is_busy { BETWEEN } else { IN_A_PAUSE };
        let began = Instant::now();
        let rest = match indexer.step(piece).await {
            Ok(true) => began.elapsed() * times,
            Ok(false) => {
                caught_up = Instant::now();
                POLL.max(began.elapsed() * times)
            }
            Err(error) => {
                tracing::warn!(%error, "the words of messages can't be noted");
                TROUBLE
            }
        };
        sleep(rest).await;
    }
}
