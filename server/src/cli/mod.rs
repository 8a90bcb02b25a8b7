//! The command line. Each command is a thin door, as a page or a route is.

mod openapi;
mod postman;
mod serve;

use clap::{Parser, Subcommand};
use std::{
    io::{self, Write},
    process::ExitCode,
};

/// Accounts, chat and mail for a site or a club, in one binary.
#[derive(Parser)]
#[command(name = "roost", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server. Settings come from roost.toml and ROOST_… variables.
    Serve,
    /// Print the OpenAPI document of the REST door.
    Openapi,
    /// Print a Postman collection of the REST door.
    Postman(postman::Postman),
}

/// Runs the command that was asked for. A failure is one sentence on standard error and a code that is not zero.
#[must_use]
pub fn run() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Serve => serve::serve(),
        Command::Openapi => openapi::openapi(),
        Command::Postman(postman) => postman.run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            complain(&*failure);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "the command line speaks to a person")]
fn complain(failure: &dyn std::error::Error) {
    eprintln!("roost: {failure}");
}

/// Says it all at once. Nobody may be reading any more, as in `roost openapi | head -1`; that is no failure.
fn say(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
