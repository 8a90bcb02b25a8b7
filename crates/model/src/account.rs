//! Who: usernames, e-mail addresses, display names, roles and accounts. A value of these types has been checked:
//! [`Username::parse`] and its sisters are the only way in, and serde goes through them.

use crate::{AccountId, Timestamp, limits};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt, str::FromStr};

macro_rules! parsed_text {
    ($(#[$doc:meta])* $name:ident, $schema:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, example = $schema))]
        pub struct $name(String);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = Cow<'static, str>;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text)
            }
        }

        impl FromStr for $name {
            type Err = Cow<'static, str>;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
}

parsed_text!(
    /// The name by which others write to a person: 3–32 letters and digits of any script, with `.`, `-` and `_`
    /// inside. Whether it is free, and whether it imitates another, is for the domain to say.
    Username,
    "ada"
);
parsed_text!(
    /// An e-mail address (RFC 5321 mailbox, without quoting, comments or literals), at most 254 bytes.
    Email,
    "ada@example.org"
);
parsed_text!(
    /// The name that people see: up to 64 characters of anything printable.
    DisplayName,
    "Ada Lovelace"
);
parsed_text!(
    /// What people call a thing they made for themselves, such as an API key: up to 64 characters of anything printable.
    Label,
    "The shop"
);

impl Username {
    /// Checks and keeps a username as written (case is kept, but does not tell two names apart).
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, Cow<'static, str>> {
        let text = text.trim();
        let length = text.chars().count();
        if !(limits::USERNAME_MIN..=limits::USERNAME_MAX).contains(&length) {
            let (min, max) = (limits::USERNAME_MIN, limits::USERNAME_MAX);
            return Err(format!("A username has {min} to {max} characters.").into());
        }
        if !text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'))
        {
            return Err("A username is made of letters, digits, dots, hyphens and underscores.".into());
        }
        let ends_well = |end: Option<char>| end.is_some_and(char::is_alphanumeric);
        if !ends_well(text.chars().next()) || !ends_well(text.chars().next_back()) {
            return Err("A username starts and ends with a letter or a digit.".into());
        }
        Ok(Self(text.to_owned()))
    }
}

impl Email {
    /// Checks an address and keeps it as written.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, Cow<'static, str>> {
        let text = text.trim();
        if text.len() > limits::EMAIL_MAX_BYTES {
            return Err("That e-mail address is too long.".into());
        }
        let options = email_address::Options::default()
            .without_display_text()
            .without_domain_literal();
        let plain = !text.contains(['"', '(', ')', '\\']) && !text.chars().any(char::is_control);
        match email_address::EmailAddress::parse_with_options(text, options) {
            Ok(_) if plain => Ok(Self(text.to_owned())),
            _ => Err("That does not look like an e-mail address, such as ada@example.org.".into()),
        }
    }

    /// What tells two addresses apart: no mailbox provider of today makes a difference by case.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl DisplayName {
    /// Checks a display name; runs of white space become one space.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, Cow<'static, str>> {
        printable(text, "A display name", limits::DISPLAY_NAME_MAX).map(Self)
    }
}

impl Label {
    /// Checks a label; runs of white space become one space.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, Cow<'static, str>> {
        printable(text, "This", limits::LABEL_MAX).map(Self)
    }
}

/// Text on one line that can't disturb what stands around it.
fn printable(text: &str, what: &str, max: usize) -> Result<String, Cow<'static, str>> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return Err(format!("{what} can't be empty.").into());
    }
    if text.chars().count() > max {
        return Err(format!("{what} has at most {max} characters.").into());
    }
    if text.chars().any(|c| c.is_control() || is_bidi_control(c)) {
        return Err(format!("{what} can't contain control characters.").into());
    }
    Ok(text)
}

impl From<&Username> for DisplayName {
    fn from(username: &Username) -> Self {
        Self(username.0.clone())
    }
}

/// Characters that reorder the text around them, with which a name could rewrite its neighbours on the screen.
pub(crate) const fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What an account may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Role {
    /// Everybody.
    User,
    /// May act for others.
    Admin,
}

impl Role {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Admin => "admin",
        }
    }
}

/// An account, as its owner and admins see it (`email`), or as others do (no `email`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// The unique name.
    pub username: String,
    /// The name people see.
    pub display_name: String,
    /// Only to oneself and admins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// What it may do.
    pub role: Role,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it is disabled; only to admins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_at: Option<Timestamp>,
    /// What they let others see; only to oneself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferences: Option<Preferences>,
}

/// What somebody lets others see. Each goes both ways: who does not tell is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Preferences {
    /// Up to where they have read.
    pub read_receipts: bool,
    /// Whether they are here, and when they type.
    pub presence: bool,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            read_receipts: true,
            presence: true,
        }
    }
}

impl Account {
    /// The part of an account that others see beside a message.
    #[must_use]
    pub fn person(&self) -> Person {
        Person {
            id: self.id,
            username: self.username.clone(),
            display_name: self.display_name.clone(),
        }
    }
}

/// A person, as others see them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Person {
    /// The account's id.
    pub id: AccountId,
    /// The unique name.
    pub username: String,
    /// The name people see.
    pub display_name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usernames_of_any_script_are_kept_and_others_are_refused_with_a_reason() {
        for good in ["ada", "Grace.Hopper", "söhne", "あいう", "x_1", " ada "] {
            assert!(Username::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "ab",
            "a b c",
            "-ada",
            "ada.",
            "ada@home",
            "a/b/c",
            "ada\u{202e}",
            &"x".repeat(33),
        ] {
            assert!(Username::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn addresses_that_could_smuggle_headers_or_routes_are_refused() {
        for good in [
            "ada@example.org",
            "a.b+c@xn--bcher-kva.example",
            "GRACE@Example.ORG",
            "jörg@example.org",
        ] {
            assert!(Email::parse(good).is_ok(), "{good}");
        }
        let bad = [
            "",
            "ada",
            "ada@",
            "@example.org",
            "a b@example.org",
            "ada@example.org\r\nBcc: x@y.z",
            "\"a\"@example.org",
            "Ada <ada@example.org>",
            "ada@[127.0.0.1]",
            "a@b@c.org",
            "(x)ada@example.org",
        ];
        for bad in bad {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
        assert_eq!(
            Email::parse("Ada@Example.org").map(|e| e.key()),
            Ok("ada@example.org".into())
        );
    }

    #[test]
    fn display_names_are_trimmed_and_cannot_reorder_the_screen() {
        assert_eq!(
            DisplayName::parse("  Ada   Lovelace ").map(String::from),
            Ok("Ada Lovelace".into())
        );
        assert!(DisplayName::parse("   ").is_err());
        assert!(DisplayName::parse("evil\u{202e}eman").is_err());
        assert!(DisplayName::parse(&"x".repeat(65)).is_err());
    }

    #[test]
    fn a_bad_value_cannot_enter_through_serde() {
        assert!(serde_json::from_str::<Username>("\"a b\"").is_err());
        assert!(serde_json::from_str::<Username>("\"ada\"").is_ok());
    }
}
