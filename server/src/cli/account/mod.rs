//! `roost account …`: the verbs for accounts, with the authority of whoever owns this machine.

mod asks;
mod tells;

use super::{Failure, Line, read, say};
use crate::control::verbs::Command;
use clap::{Args, Subcommand, ValueEnum};
use model::{
    Role,
    admin::{CreateInvitation, CreateUser, ImportReport},
    limits,
};
use serde_json::Value;
use std::{path::PathBuf, process::ExitCode};

/// `roost account`.
#[derive(Args)]
pub(super) struct Account {
    /// Answer with one JSON document, also when something is wrong.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Make an account.
    ///
    /// Without a password, a link to set one is mailed to its address.
    Create {
        /// Their e-mail address.
        #[arg(long)]
        email: String,
        /// Their username.
        #[arg(long)]
        username: String,
        /// The name people see; the username when not given.
        #[arg(long)]
        display_name: Option<String>,
        /// Make them an administrator.
        #[arg(long)]
        admin: bool,
        /// Read the password from the first line of standard input.
        #[arg(long)]
        password_stdin: bool,
    },
    /// List accounts by username, or find some.
    List {
        /// The beginning of a username, of a word of the display name, or of the e-mail address.
        query: Option<String>,
        /// Go on where the last page ended.
        #[arg(long)]
        after: Option<String>,
        /// How many at most, 1–100.
        #[arg(long, default_value_t = limits::PAGE_DEFAULT)]
        limit: usize,
    },
    /// Show one account.
    Show {
        /// Username, e-mail address or id.
        who: String,
    },
    /// Make somebody an administrator, or a member again.
    SetRole {
        /// Username, e-mail address or id.
        who: String,
        /// What they may do.
        role: RoleName,
    },
    /// Set somebody's password. Their sessions end.
    SetPassword {
        /// Username, e-mail address or id.
        who: String,
        /// Read the password from the first line of standard input.
        #[arg(long)]
        password_stdin: bool,
        /// Instead, mail them a link to set it by themselves; until they do, nothing changes.
        #[arg(long, conflicts_with = "password_stdin")]
        mail_link: bool,
    },
    /// Sign somebody out everywhere, and let them in no more.
    Disable {
        /// Username, e-mail address or id.
        who: String,
    },
    /// Let somebody in again.
    Enable {
        /// Username, e-mail address or id.
        who: String,
    },
    /// Delete an account, for good.
    Delete {
        /// Username, e-mail address or id.
        who: String,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// Take accounts over from a file of JSON Lines. Ends with 1 when a line was rejected; the others are in then.
    Import {
        /// The file; - is standard input.
        file: PathBuf,
        /// Write nothing, only say what would happen.
        #[arg(long)]
        dry_run: bool,
    },
    /// Make an invitation, and print its link.
    Invite {
        /// How many may come with it, 1–1000; one when not given.
        #[arg(long)]
        uses: Option<u32>,
        /// Days until it ends, 1–365; seven when not given.
        #[arg(long)]
        days: Option<u32>,
        /// What it is for.
        #[arg(long, default_value = "")]
        note: String,
        /// Mail it to this address, too.
        #[arg(long)]
        email: Option<String>,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum RoleName {
    User,
    Admin,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::User => Self::User,
            RoleName::Admin => Self::Admin,
        }
    }
}

/// How the answer to a verb is told.
enum Tell {
    Created { mailed: bool },
    List,
    Show,
    Changed(&'static str),
    Imported,
    Invited,
}

impl Account {
    /// Asks for what is missing, has the verb carried out, and tells the answer.
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        let line = Line::open()?;
        let ask = |command| line.ask(command);
        let (command, tell) = self.verb.prepare(ask)?;
        let answer = ask(command)?;
        if self.json {
            say(&format!("{answer:#}\n"));
        } else {
            say(&tell.text(&answer)?);
        }
        Ok(match tell {
            Tell::Imported if !read::<ImportReport>(&answer)?.rejected.is_empty() => ExitCode::FAILURE,
            _ => ExitCode::SUCCESS,
        })
    }
}

impl Verb {
    /// The command for the door, and how its answer is told. `ask` is for what has to be known first.
    fn prepare(self, ask: impl Fn(Command) -> Result<Value, Failure>) -> Result<(Command, Tell), Failure> {
        Ok(match self {
            Self::Create {
                email,
                username,
                display_name,
                admin,
                password_stdin,
            } => {
                let password = asks::password_if_any(password_stdin)?;
                let mailed = password.is_none();
                let user = CreateUser {
                    email,
                    username,
                    display_name,
                    password,
                    role: admin.then_some(Role::Admin),
                };
                (Command::Create { user }, Tell::Created { mailed })
            }
            Self::List { query, after, limit } => (Command::List { q: query, after, limit }, Tell::List),
            Self::Show { who } => (Command::Show { who }, Tell::Show),
            Self::SetRole { who, role } => {
                let role = role.into();
                (Command::SetRole { who, role }, Tell::Changed("has another role"))
            }
            Self::SetPassword {
                who, mail_link: true, ..
            } => (Command::SendReset { who }, Tell::Changed("gets a mail with a link")),
            Self::SetPassword {
                who, password_stdin, ..
            } => {
                let password = asks::password(password_stdin)?;
                (
                    Command::SetPassword { who, password },
                    Tell::Changed("has another password, and is signed out everywhere"),
                )
            }
            Self::Disable { who } => {
                let disabled = true;
                (
                    Command::SetDisabled { who, disabled },
                    Tell::Changed("is disabled, and signed out everywhere"),
                )
            }
            Self::Enable { who } => {
                let disabled = false;
                (Command::SetDisabled { who, disabled }, Tell::Changed("is let in again"))
            }
            Self::Delete { who, yes } => {
                if !yes {
                    let account = read(&ask(Command::Show { who: who.clone() })?)?;
                    asks::whether_to_delete(&account)?;
                }
                (Command::Delete { who }, Tell::Changed("is deleted"))
            }
            Self::Import { file, dry_run } => {
                let lines = asks::lines(&file)?;
                (Command::Import { lines, dry_run }, Tell::Imported)
            }
            Self::Invite {
                uses,
                days,
                note,
                email,
            } => {
                let invitation = CreateInvitation {
                    note,
                    uses,
                    days,
                    email,
                };
                (Command::Invite { invitation }, Tell::Invited)
            }
        })
    }
}
