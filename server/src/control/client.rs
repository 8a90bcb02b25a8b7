//! A command: handed to the running server, or carried out here when there is none.

use super::{
    LINE_MAX, Reply,
    verbs::{self, Command},
};
use crate::{boot, config::Settings};
use model::{Code, Rejection};
use serde_json::Value;
use std::{io, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::UnixStream,
    time::sleep,
};

/// How often a server that just starts is asked again, and after how long each time: it holds the database already, but
/// does not listen yet.
const TRIES: usize = 25;
const PAUSE: Duration = Duration::from_millis(200);

/// Why a command was not carried out.
#[derive(Debug)]
pub enum Failure {
    /// The verb said no; nothing was changed.
    Refused(Rejection),
    /// The verb could not be asked. A sentence for the person at the terminal.
    Unreachable(String),
}

/// Has a command carried out, and gives what its verb returned.
///
/// # Errors
/// When it was refused, and when neither a server nor its database can be reached.
pub async fn ask(settings: &Settings, command: Command) -> Result<Value, Failure> {
    if let Some(stream) = connect(settings).await? {
        return hand_over(stream, &command).await;
    }
    if settings.database().starts_with("mem://") {
        let why = "the database is in the memory of a running Roost, and none answers here";
        return Err(Failure::Unreachable(format!(
            "{why} (ROOST_DATA is {})",
            settings.data.display()
        )));
    }
    if !settings.data.exists() && !makes_accounts(&command) {
        let why = format!("there is no Roost in {} yet (set ROOST_DATA)", settings.data.display());
        return Err(Failure::Unreachable(why));
    }
    let refused = match boot::open_env(settings).await {
        Ok(env) => return verbs::carry_out(&env, command).await.map_err(Failure::Refused),
        Err(refused) => refused.to_string(),
    };
    for _ in 0..TRIES {
        sleep(PAUSE).await;
        if let Some(stream) = connect(settings).await? {
            return hand_over(stream, &command).await;
        }
    }
    Err(Failure::Unreachable(refused))
}

/// Those that make sense before Roost was ever started.
const fn makes_accounts(command: &Command) -> bool {
    matches!(
        command,
        Command::Create { .. } | Command::Import { .. } | Command::Invite { .. }
    )
}

/// The running server, if there is one.
async fn connect(settings: &Settings) -> Result<Option<UnixStream>, Failure> {
    let path = super::path(&settings.data);
    match UnixStream::connect(&path).await {
        Ok(stream) => Ok(Some(stream)),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            let why = format!(
                "{} belongs to another user; run this as the one who runs Roost",
                path.display()
            );
            Err(Failure::Unreachable(why))
        }
        // Nothing there, nobody behind it, or a path that no socket can have.
        Err(_) => Ok(None),
    }
}

async fn hand_over(mut stream: UnixStream, command: &Command) -> Result<Value, Failure> {
    let broken =
        |error: &dyn std::fmt::Display| Failure::Unreachable(format!("the running Roost did not answer: {error}"));
    let mut line = serde_json::to_vec(command).map_err(|error| broken(&error))?;
    if line.len() >= LINE_MAX {
        let why = "That is more than 64 MB; please bring it in several parts.";
        return Err(Failure::Refused(Rejection::new(Code::TooLarge).because(why)));
    }
    line.push(b'\n');
    stream.write_all(&line).await.map_err(|error| broken(&error))?;
    let mut answer = String::new();
    BufReader::new(stream)
        .read_line(&mut answer)
        .await
        .map_err(|error| broken(&error))?;
    match serde_json::from_str(&answer) {
        Ok(Reply::Done(value)) => Ok(value),
        Ok(Reply::Refused(rejection)) => Err(Failure::Refused(rejection)),
        Err(_) if answer.is_empty() => Err(broken(&"it ended first")),
        Err(error) => Err(broken(&error)),
    }
}
