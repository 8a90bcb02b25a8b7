//! The command line. Each command is a thin door, as a page or a route is.

mod account;
mod asyncapi;
mod doctor;
mod openapi;
mod postman;
mod serve;

use crate::{
    config::Settings,
    control::{client, verbs},
    telemetry,
};
use clap::{Parser, Subcommand, error::ErrorKind};
use model::Code;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::{
    error::Error,
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
    /// Make, list, change, import and delete accounts, and invite people.
    ///
    /// Works while Roost runs, and while it does not. Run it as the same user, with the same settings.
    Account(account::Account),
    /// Look whether everything is as it should be: logs, markers, what is unread, words.
    ///
    /// It reads everything and changes nothing, while Roost runs or not. Ends with 0 when all is well, with 1 when something is
    /// not, and with 2 when it could not look.
    Doctor(doctor::Doctor),
    /// Print the OpenAPI document of the REST door.
    Openapi,
    /// Print the AsyncAPI document of the realtime doors.
    Asyncapi,
    /// Print a Postman collection of the REST door.
    Postman(postman::Postman),
}

/// Why a command failed.
enum Failure {
    /// It was asked for in a way that can't be understood: exit code 2.
    Usage(String),
    /// The rules said no: exit code 1.
    Refused(model::Rejection),
    /// Something else is in the way: exit code 1.
    Broken(String),
}

impl From<Box<dyn Error>> for Failure {
    fn from(error: Box<dyn Error>) -> Self {
        Self::Broken(error.to_string())
    }
}

impl From<client::Failure> for Failure {
    fn from(failure: client::Failure) -> Self {
        match failure {
            client::Failure::Refused(rejection) => Self::Refused(rejection),
            client::Failure::Unreachable(why) => Self::Broken(why),
        }
    }
}

/// The line to the running server, or to the database when none runs.
struct Line {
    settings: Settings,
    runtime: tokio::runtime::Runtime,
}

impl Line {
    fn open() -> Result<Self, Failure> {
        let mut settings = Settings::read().map_err(|error| Failure::Broken(error.to_string()))?;
        // A command answers on standard output; its log is for what broke.
        "off,roost=error,roost_domain=error".clone_into(&mut settings.log);
        telemetry::start(&settings);
        let runtime = serve::runtime().map_err(|error| Failure::Broken(error.to_string()))?;
        Ok(Self { settings, runtime })
    }

    /// Has a verb carried out.
    fn ask(&self, command: verbs::Command) -> Result<Value, Failure> {
        self.runtime
            .block_on(client::ask(&self.settings, command))
            .map_err(Failure::from)
    }
}

/// The words of `model` from an answer.
fn read<T: DeserializeOwned>(answer: &Value) -> Result<T, Failure> {
    T::deserialize(answer).map_err(|error| Failure::Broken(format!("the answer could not be read: {error}")))
}

/// Runs the command that was asked for. A failure is one sentence on standard error, or one JSON document on standard
/// output for commands with `--json`; its exit code is 2 when the command could not be understood, and else 1.
#[must_use]
pub fn run() -> ExitCode {
    // What clap refuses is never parsed, so whether JSON is wanted has to be looked for.
    let json = std::env::args().any(|argument| argument == "--json");
    let command = match Cli::try_parse() {
        Ok(cli) => cli.command,
        Err(error) if json && !matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            return complain(Failure::Usage(error.render().to_string().trim().to_owned()), true);
        }
        Err(error) => error.exit(),
    };
    let outcome = match command {
        Command::Serve => serve::serve().map(|()| ExitCode::SUCCESS).map_err(Failure::from),
        Command::Account(account) => account.run(),
        Command::Doctor(doctor) => Ok(doctor.run()),
        Command::Openapi => {
            openapi::openapi();
            Ok(ExitCode::SUCCESS)
        }
        Command::Asyncapi => {
            asyncapi::asyncapi();
            Ok(ExitCode::SUCCESS)
        }
        Command::Postman(postman) => {
            postman.run();
            Ok(ExitCode::SUCCESS)
        }
    };
    outcome.unwrap_or_else(|failure| complain(failure, json))
}

/// Says it all at once. Nobody may be reading any more, as in `roost account list | head -1`; that is no failure.
fn say(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

fn complain(failure: Failure, json: bool) -> ExitCode {
    let code = match failure {
        Failure::Usage(_) => 2,
        Failure::Refused(_) | Failure::Broken(_) => 1,
    };
    if json {
        say(&format!("{:#}\n", document(failure)));
    } else {
        let _ = io::stderr().write_all(sentences(failure).as_bytes());
    }
    ExitCode::from(code)
}

/// `{"code", "detail", "errors"}`, as a problem of the REST door has them.
fn document(failure: Failure) -> Value {
    match failure {
        Failure::Usage(detail) => json!({"code": "usage", "detail": detail, "errors": {}}),
        Failure::Refused(why) => json!({"code": why.code, "detail": why.detail, "errors": why.errors}),
        Failure::Broken(detail) => json!({"code": Code::Unavailable, "detail": detail, "errors": {}}),
    }
}

fn sentences(failure: Failure) -> String {
    match failure {
        Failure::Usage(why) | Failure::Broken(why) => format!("roost: {why}\n"),
        Failure::Refused(why) => {
            let mut text = format!("roost: {}\n", why.detail);
            for (field, reasons) in &why.errors {
                text += &format!("  {field}: {}\n", reasons.join(" "));
            }
            text
        }
    }
}
