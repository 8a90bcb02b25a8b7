//! One line of an import: what it says, and whether that can be taken.

use crate::{
    Authority, Error, Result,
    accounts::{LegacyHash, check_password, look_alikes, parse_names},
};
use chrono::{DateTime, Utc};
use model::{Code, DisplayName, Email, Rejection, Role, Timestamp, Username, limits};
use serde::Deserialize;

/// The longest line; people have shorter names.
const LINE_MAX_BYTES: usize = 16 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    email: String,
    username: String,
    display_name: Option<String>,
    role: Option<Role>,
    password_hash: Option<serde_json::Value>,
    password: Option<String>,
    created_at: Option<Timestamp>,
}

/// How somebody will sign in.
pub enum Secret {
    /// With the password that another system hashed.
    Hashed(LegacyHash),
    /// With this password, which is to be hashed.
    Plain(String),
    /// Not at all, before they have asked for a link to set a password.
    None,
}

/// Somebody who comes, checked but for whether their names are free.
pub struct Comer {
    pub email: Email,
    pub username: Username,
    pub username_key: String,
    pub display_name: DisplayName,
    pub role: Role,
    pub secret: Secret,
    pub created_at: DateTime<Utc>,
}

impl Comer {
    /// Reads a line.
    ///
    /// # Errors
    /// `malformed_body` for what is no such object, `invalid` with all that is wrong, `scope_missing`.
    pub fn read(by: &Authority, line: &str, now: Timestamp) -> Result<Self> {
        if line.len() > LINE_MAX_BYTES {
            return Err(malformed("it is too long"));
        }
        let line: Line = serde_json::from_str(line).map_err(|error| malformed(&error.to_string()))?;
        let role = line.role.unwrap_or(Role::User);
        if role == Role::Admin {
            by.require_person()?;
        }
        let (email, username, display_name) = parse_names(&line.email, &line.username, line.display_name.as_deref())?;
        let secret = match (line.password_hash, line.password) {
            (Some(_), Some(_)) => {
                return Err(Rejection::field("password", "Give a password or its hash, not both.").into());
            }
            (Some(hash), None) => {
                let hash = LegacyHash::from_json(hash).map_err(|why| Rejection::field("password_hash", why))?;
                Secret::Hashed(hash)
            }
            (None, Some(password)) => {
                let about = [username.as_str(), email.as_str(), display_name.as_str()];
                check_password(&password, &password, &about)?;
                Secret::Plain(password)
            }
            (None, None) => Secret::None,
        };
        let created_at = line.created_at.unwrap_or(now);
        if created_at > now {
            return Err(Rejection::field("created_at", "This is in the future.").into());
        }
        Ok(Self {
            username_key: look_alikes::key(&username),
            created_at: created_at.datetime(),
            email,
            username,
            display_name,
            role,
            secret,
        })
    }
}

fn malformed(why: &str) -> Error {
    Rejection::new(Code::MalformedBody)
        .because(format!("This line can't be read: {why}."))
        .into()
}

/// What is wrong with a line, in one text: the sentence, and those about its fields.
pub fn explain(rejection: &Rejection) -> String {
    if rejection.errors.is_empty() {
        return rejection.detail.to_string();
    }
    let fields = rejection
        .errors
        .iter()
        .map(|(field, why)| format!("{field}: {}", why.join(" ")));
    fields.collect::<Vec<_>>().join(" ")
}

/// The lines of a file with their numbers; empty ones are none.
pub fn lines(text: &str) -> Result<Vec<(u64, &str)>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let numbered = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let lines: Vec<(u64, &str)> = numbered.take(limits::IMPORT_MAX_LINES + 1).collect();
    if lines.len() > limits::IMPORT_MAX_LINES {
        let why = format!(
            "An import has at most {} lines. Please split the file.",
            limits::IMPORT_MAX_LINES
        );
        return Err(Rejection::new(Code::TooLarge).because(why).into());
    }
    Ok(lines)
}
