//! What a command asks the person at the terminal, or reads from elsewhere. Passwords are never arguments: every user of
//! the machine can read those.

use super::super::Failure;
use model::Account;
use std::{
    fs,
    io::{self, BufRead, IsTerminal, Read, Write},
    path::Path,
};

/// A password from standard input when that was asked for, or typed at a terminal; none, if nothing is typed or nobody
/// is there to type.
pub(super) fn password_if_any(from_stdin: bool) -> Result<Option<String>, Failure> {
    if from_stdin {
        first_line().map(Some)
    } else if io::stdin().is_terminal() {
        typed("Password (nothing: a link to set it is mailed): ")
    } else {
        Ok(None)
    }
}

/// A password from standard input when that was asked for, or typed at a terminal.
pub(super) fn password(from_stdin: bool) -> Result<String, Failure> {
    if from_stdin {
        return first_line();
    }
    if !io::stdin().is_terminal() {
        let why = "there is no terminal to ask for the password; use --password-stdin or --mail-link";
        return Err(Failure::Usage(why.into()));
    }
    typed("New password: ")?.ok_or_else(|| Failure::Usage("no password was typed".into()))
}

fn first_line() -> Result<String, Failure> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).map_err(unread)?;
    match line.trim_end_matches(['\r', '\n']) {
        "" => Err(Failure::Usage("no password came on standard input".into())),
        password => Ok(password.to_owned()),
    }
}

/// Twice, without showing it.
fn typed(question: &str) -> Result<Option<String>, Failure> {
    let password = rpassword::prompt_password(question).map_err(unread)?;
    if password.is_empty() {
        return Ok(None);
    }
    if rpassword::prompt_password("The same again: ").map_err(unread)? != password {
        return Err(Failure::Usage("those two passwords differ".into()));
    }
    Ok(Some(password))
}

/// Asks for the username once more.
pub(super) fn whether_to_delete(account: &Account) -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::Usage("say --yes to delete without being asked".into()));
    }
    let Account {
        username,
        display_name,
        email,
        ..
    } = account;
    let email = email.as_deref().unwrap_or("no e-mail address");
    let question = format!("This deletes {username} ({display_name}, {email}) for good.\nType the username to go on: ");
    let _ = io::stderr().write_all(question.as_bytes());
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).map_err(unread)?;
    if answer.trim() == username {
        Ok(())
    } else {
        Err(Failure::Broken("nothing was deleted".into()))
    }
}

/// The text of an import.
pub(super) fn lines(file: &Path) -> Result<String, Failure> {
    if file == Path::new("-") {
        let mut lines = String::new();
        io::stdin().lock().read_to_string(&mut lines).map_err(unread)?;
        return Ok(lines);
    }
    fs::read_to_string(file).map_err(|error| Failure::Usage(format!("can't read {}: {error}", file.display())))
}

#[expect(clippy::needless_pass_by_value, reason = "used as a function in map_err")]
fn unread(error: io::Error) -> Failure {
    Failure::Usage(format!("can't read what was typed or sent: {error}"))
}
