//! The command line. Each command is a thin door, as a page or a route is.

mod openapi;
mod serve;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

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
}

/// Runs the command that was asked for. A failure is one sentence on standard error and a code that is not zero.
#[must_use]
pub fn run() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Serve => serve::serve(),
        Command::Openapi => openapi::openapi(),
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
