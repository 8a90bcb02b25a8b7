//! What a command may ask for, and how it is carried out: one verb of the domain each, with the authority of the machine.

use crate::http::problem::Problem;
use domain::{
    Authority, Env, Error, doctor, invitations,
    users::{self, UserQuery},
};
use model::{
    Account, Rejection, Role,
    admin::{CreateInvitation, CreateUser, UpdateUser},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A verb with all it needs. No `Debug`: some hold a password.
#[derive(Serialize, Deserialize)]
#[serde(tag = "verb", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Make an account.
    Create {
        /// Whose.
        user: CreateUser,
    },
    /// List and search accounts.
    List {
        /// The beginning of names or of an address.
        q: Option<String>,
        /// Where the last page ended.
        after: Option<String>,
        /// How many at most.
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
        /// What they may do from now on.
        role: Role,
    },
    /// Set somebody's password, and end their sessions.
    SetPassword {
        /// Username, e-mail address or id.
        who: String,
        /// The new one.
        password: String,
    },
    /// Mail somebody a link to set their password.
    SendReset {
        /// Username, e-mail address or id.
        who: String,
    },
    /// Let somebody in no more, or in again.
    SetDisabled {
        /// Username, e-mail address or id.
        who: String,
        /// Whether they are to be disabled.
        disabled: bool,
    },
    /// Delete an account.
    Delete {
        /// Username, e-mail address or id.
        who: String,
    },
    /// Take accounts over from elsewhere.
    Import {
        /// JSON Lines.
        lines: String,
        /// Only say what would happen.
        dry_run: bool,
    },
    /// Make an invitation.
    Invite {
        /// What for.
        invitation: CreateInvitation,
    },
    /// Look whether everything is as it should be.
    Doctor,
}

/// Carries a verb out. The answer is what the verb returned; an account, where it returns nothing.
///
/// # Errors
/// What a person can be told; faults of ours are logged first.
pub async fn carry_out(env: &Env, command: Command) -> Result<Value, Rejection> {
    perform(env, command)
        .await
        .map_err(|error| Problem::from(error).into_rejection())
}

async fn perform(env: &Env, command: Command) -> domain::Result<Value> {
    let by = &Authority::Machine;
    match command {
        Command::Create { user } => json(users::create_user(env, by, user).await?),
        Command::List { q, after, limit } => json(users::list_users(env, by, UserQuery { q, after, limit }).await?),
        Command::Show { who } => json(find(env, &who).await?),
        Command::SetRole { who, role } => {
            change(
                env,
                &who,
                UpdateUser {
                    role: Some(role),
                    ..NOTHING
                },
            )
            .await
        }
        Command::SetDisabled { who, disabled } => {
            let disabled = Some(disabled);
            change(env, &who, UpdateUser { disabled, ..NOTHING }).await
        }
        Command::SetPassword { who, password } => {
            let account = find(env, &who).await?;
            users::set_password(env, by, account.id, password).await?;
            json(account)
        }
        Command::SendReset { who } => {
            let account = find(env, &who).await?;
            users::send_reset(env, by, account.id).await?;
            json(account)
        }
        Command::Delete { who } => {
            let account = find(env, &who).await?;
            users::delete_user(env, by, account.id).await?;
            json(account)
        }
        Command::Import { lines, dry_run } => json(users::import_users(env, by, &lines, dry_run).await?),
        Command::Doctor => json(doctor::examine(env).await?),
        Command::Invite { invitation } => json(invitations::create_invitation(env, by, invitation).await?),
    }
}

const NOTHING: UpdateUser = UpdateUser {
    email: None,
    display_name: None,
    role: None,
    disabled: None,
};

async fn find(env: &Env, who: &str) -> domain::Result<Account> {
    users::find_user(env, &Authority::Machine, who).await
}

async fn change(env: &Env, who: &str, change: UpdateUser) -> domain::Result<Value> {
    let account = find(env, who).await?;
    json(users::update_user(env, &Authority::Machine, account.id, change).await?)
}

fn json(value: impl Serialize) -> domain::Result<Value> {
    serde_json::to_value(value).map_err(Error::broken("writing an answer to the command line"))
}
