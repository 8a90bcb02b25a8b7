//! A small storm; bench/chaos is the large one.

use rig::{
    chaos::{self, Game},
    proxy::Weather,
};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_are_cut_again_and_again_over_restarts_end_with_the_servers_log() {
    let game = Game {
        program: env!("CARGO_BIN_EXE_roost").into(),
        clients: 50,
        storm: Duration::from_secs(12),
        restarts: 2,
        per_second: 15.0,
        weather: Weather {
            from_ms: 1_000,
            to_ms: 5_000,
        },
        seed: 1,
    };
    match chaos::play(&game).await {
        Ok((_, told)) => println!("{told}"),
        Err(fault) => panic!("{fault}"),
    }
}
