//! What a person can be told and can fix.

use serde::{Deserialize, Serialize};
use std::{borrow::Cow, collections::BTreeMap, fmt};

macro_rules! codes {
    ($($variant:ident = $text:tt, $status:literal, $detail:literal;)*) => {
        /// The stable name of a rejection. Clients may branch on it; it never changes its meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum Code {
            $(
                #[doc = $detail]
                #[serde(rename = $text)]
                $variant,
            )*
        }

        impl Code {
            /// Every code there is, for the published documents.
            pub const ALL: &'static [Code] = &[$(Code::$variant),*];

            /// The name on the wire, such as `username_taken`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $text),* }
            }

            /// The HTTP status it is answered with (RFC 9110).
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Code::$variant => $status),* }
            }

            /// What it says to a person when nothing more specific is known.
            #[must_use]
            pub const fn detail(self) -> &'static str {
                match self { $(Code::$variant => $detail),* }
            }
        }
    };
}

codes! {
    NotSignedIn = "not_signed_in", 401, "Please sign in first.";
    CredentialsInvalid = "credentials_invalid", 401, "The name or the password is not right.";
    TokenInvalid = "token_invalid", 401, "This token is not valid, or no longer.";
    CodeInvalid = "code_invalid", 403, "This code was used already, has expired, or was never valid.";
    InvitationInvalid = "invitation_invalid", 403, "This invitation was used up, has expired, or was never valid.";
    RegistrationClosed = "registration_closed", 403, "This Roost takes no new sign-ups. Ask whoever runs it.";
    AccountDisabled = "account_disabled", 403, "This account has been disabled. Ask whoever runs this Roost.";
    ScopeMissing = "scope_missing", 403, "This API key may not do this.";
    Forbidden = "forbidden", 403, "You may not do this.";
    Blocked = "blocked", 403, "One of you two blocks the other, so nothing can be written here.";
    NotOwner = "not_owner", 403, "Only an owner of the group may do this.";
    NotAuthor = "not_author", 403, "Only whoever wrote the message may do this.";
    ForeignOrigin = "foreign_origin", 403, "This request came from another site.";
    NotFound = "not_found", 404, "There is nothing here, or it is not yours.";
    MethodNotAllowed = "method_not_allowed", 405, "This address does not take that method.";
    UsernameTaken = "username_taken", 409, "That username is taken, or looks too much like one that is.";
    EmailTaken = "email_taken", 409, "There is an account with this e-mail address already.";
    ClientIdReused = "client_id_reused", 409, "This client_id was used for another message already.";
    MessageDeleted = "message_deleted", 409, "This message was deleted.";
    NobodyThere = "nobody_there", 409, "Nobody is left here to read it.";
    LastOwner = "last_owner", 409, "The group needs an owner. Make somebody else one first.";
    GroupFull = "group_full", 409, "The group has as many members as it can.";
    AdminExists = "admin_exists", 409, "This Roost has an administrator already.";
    AdminProtected = "admin_protected", 409, "An administrator can't be deleted. Make them a member first.";
    LastAdmin = "last_admin", 409, "This is the last administrator. Make somebody else one first.";
    TooLarge = "too_large", 413, "That is larger than Roost takes.";
    MediaTypeUnsupported = "media_type_unsupported", 415, "Send this as application/json.";
    Invalid = "invalid", 422, "Some of this can't be accepted as it is.";
    MalformedBody = "malformed_body", 422, "The request could not be read.";
    RateLimited = "rate_limited", 429, "That was too often. Please wait a little.";
    Busy = "busy", 503, "Roost is busy. Please try again in a moment.";
    Unavailable = "unavailable", 503, "Roost can't reach its database. Please try again in a moment.";
    Internal = "internal", 500, "Something went wrong on our side. It has been noted.";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a command was not carried out, in words that are safe to show. A rejected command changed nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Rejection {
    /// The stable name.
    pub code: Code,
    /// One sentence for a person.
    pub detail: Cow<'static, str>,
    /// What is wrong with which field, in sentences; empty when no field is to blame.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub errors: BTreeMap<Cow<'static, str>, Vec<Cow<'static, str>>>,
    /// Seconds after which trying again makes sense.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u64>,
}

impl Rejection {
    /// A rejection with the code's own sentence.
    #[must_use]
    pub const fn new(code: Code) -> Self {
        Self {
            code,
            detail: Cow::Borrowed(code.detail()),
            errors: BTreeMap::new(),
            retry_after_s: None,
        }
    }

    /// The same with a more specific sentence.
    #[must_use]
    pub fn because(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = detail.into();
        self
    }

    /// The same, to be tried again after so many seconds.
    #[must_use]
    pub const fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// The same, blaming a field.
    #[must_use]
    pub fn blame(mut self, field: impl Into<Cow<'static, str>>, why: impl Into<Cow<'static, str>>) -> Self {
        self.errors.entry(field.into()).or_default().push(why.into());
        self
    }

    /// Invalid input in one field.
    #[must_use]
    pub fn field(field: &'static str, why: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::Invalid).blame(field, why)
    }

    /// What is wrong with one field, as one text; `None` when nothing is.
    #[must_use]
    pub fn about(&self, field: &str) -> Option<String> {
        self.errors.get(field).map(|reasons| reasons.join(" "))
    }
}

impl From<Code> for Rejection {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

/// Gathers what is wrong with several fields, so that a person hears it all at once.
#[derive(Default)]
pub struct Check {
    found: Option<Rejection>,
}

impl Check {
    /// Starts with nothing wrong.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps the value of a field that parsed, or notes why it did not.
    pub fn take<T>(&mut self, field: &'static str, parsed: Result<T, Cow<'static, str>>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(why) => {
                let so_far = self.found.take().unwrap_or_else(|| Rejection::new(Code::Invalid));
                self.found = Some(so_far.blame(field, why));
                None
            }
        }
    }

    /// The rejection gathered so far, or one without details; for the `else` branch after [`Check::take`].
    #[must_use]
    pub fn reject(self) -> Rejection {
        self.found.unwrap_or_else(|| Rejection::new(Code::Invalid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_reports_every_field_at_once() {
        let mut check = Check::new();
        assert_eq!(check.take::<u8>("a", Ok(1)), Some(1));
        assert_eq!(check.take::<u8>("b", Err("too short".into())), None);
        assert_eq!(check.take::<u8>("c", Err("too long".into())), None);
        let rejection = check.reject();
        assert_eq!(rejection.about("b").as_deref(), Some("too short"));
        assert_eq!(rejection.about("c").as_deref(), Some("too long"));
        assert_eq!(rejection.about("a"), None);
    }

    #[test]
    fn codes_are_written_as_their_stable_names_and_are_all_different() {
        for code in Code::ALL {
            assert_eq!(serde_json::to_string(code).expect("serializes"), format!("\"{code}\""));
        }
        let mut names: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Code::ALL.len());
    }
}
