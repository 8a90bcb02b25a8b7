//! The long tests as commands, for a release build; bench/chaos and bench/model start them.

use clap::{Args, Parser, Subcommand};
use rig::{
    chaos::{self, Game},
    game,
    proxy::Weather,
    stalled,
};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

#[derive(Parser)]
#[command(about)]
struct Cli {
    /// The built program
    #[arg(long, env = "ROOST_BIN")]
    program: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Clients that are cut again and again while the server restarts, and then one that stalls: every log must be the server's
    Chaos(Chaos),
    /// Random people against a model while the server is killed
    Model(Model),
}

#[derive(Args)]
struct Chaos {
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

#[derive(Args)]
struct Model {
    /// The first seed
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many seeds
    #[arg(long, default_value_t = 20)]
    seeds: u64,
    /// How much each person does
    #[arg(long, default_value_t = 100)]
    steps: u64,
}

#[expect(clippy::print_stdout, reason = "this is a command")]
async fn chaos(program: PathBuf, asked: &Chaos) -> rig::Result<()> {
    let game = Game {
        program,
        clients: asked.clients,
        storm: Duration::from_secs(asked.seconds),
        restarts: asked.restarts,
        per_second: asked.rate,
        weather: Weather {
            from_ms: 1_000,
            to_ms: 10_000,
        },
        seed: asked.seed,
    };
    let (world, told) = chaos::play(&game).await?;
    println!("{told}");
    if !asked.no_stall {
        println!("{}", stalled::play(&world).await?);
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "this is a command")]
async fn model(program: &Path, asked: &Model) -> rig::Result<()> {
    for seed in asked.seed..asked.seed + asked.seeds {
        println!("seed {seed}: {}", game::play(program, seed, asked.steps).await?);
    }
    Ok(())
}

#[tokio::main]
#[expect(clippy::print_stderr, reason = "this is a command")]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match &cli.command {
        Command::Chaos(asked) => chaos(cli.program, asked).await,
        Command::Model(asked) => model(&cli.program, asked).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("roost-rig: {fault}");
            ExitCode::FAILURE
        }
    }
}
