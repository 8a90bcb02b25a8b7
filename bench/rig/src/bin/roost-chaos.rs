//! Reconnect chaos as a command; bench/chaos starts it.

use clap::Parser;
use rig::{
    chaos::{self, Game},
    proxy::Weather,
    stalled,
};
use std::{path::PathBuf, process::ExitCode, time::Duration};

/// Clients that are cut again and again while the server restarts, and then one that stalls: every log must be the server's
#[derive(Parser)]
struct Cli {
    /// The built program
    #[arg(long, env = "ROOST_BIN")]
    program: PathBuf,
    /// How many clients; each is cut every 1–10 s
    #[arg(long, default_value_t = 1000)]
    clients: usize,
    /// Seconds of storm
    #[arg(long, default_value_t = 180)]
    seconds: u64,
    /// Restarts of the server meanwhile: killed and politely, in turns
    #[arg(long, default_value_t = 3)]
    restarts: u32,
    /// Messages a second, over all
    #[arg(long, default_value_t = 20.0)]
    rate: f64,
    /// Of all chance
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Leave out the client that stalls
    #[arg(long)]
    no_stall: bool,
}

#[tokio::main]
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "this is a command")]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let game = Game {
        program: cli.program,
        clients: cli.clients,
        storm: Duration::from_secs(cli.seconds),
        restarts: cli.restarts,
        per_second: cli.rate,
        weather: Weather {
            from_ms: 1_000,
            to_ms: 10_000,
        },
        seed: cli.seed,
    };
    let outcome = async {
        let (world, told) = chaos::play(&game).await?;
        println!("{told}");
        if !cli.no_stall {
            println!("{}", stalled::play(&world).await?);
        }
        rig::Result::Ok(())
    };
    match outcome.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("roost-chaos: {fault}");
            ExitCode::FAILURE
        }
    }
}
