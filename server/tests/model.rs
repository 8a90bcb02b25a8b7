//! Chat against a model, with the real program, a database on the disk, and `kill -9` (bench/rig/src/game).
//!
//! Chance comes from a seed, which a failure prints. `ROOST_MODEL_SEED=7` plays one seed again, `ROOST_MODEL_SEEDS=100`
//! plays so many, and `ROOST_MODEL_STEPS` says how much each person does.

use rig::game;
use std::env;

/// Seeds of every run. A seed that found a bug stays here.
const SEEDS: [u64; 3] = [1, 2, 3];
const STEPS: u64 = 40;

fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_every_acknowledged_message_is_there_once_and_all_agree_on_the_log() {
    let steps = number("ROOST_MODEL_STEPS").unwrap_or(STEPS);
    let seeds: Vec<u64> = match (number("ROOST_MODEL_SEED"), number("ROOST_MODEL_SEEDS")) {
        (Some(seed), _) => vec![seed],
        (None, Some(count)) => (1..=count).collect(),
        (None, None) => SEEDS.to_vec(),
    };
    for seed in seeds {
        match game::play(env!("CARGO_BIN_EXE_roost").as_ref(), seed, steps).await {
            Ok(told) => println!("seed {seed}: {told}"),
            Err(fault) => panic!("{fault}"),
        }
    }
}
