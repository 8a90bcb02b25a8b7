//! What Roost writes to people about, with all that the letter says. The mailer's templates turn it into text.

use crate::{Env, Error, Result};
use serde::{Deserialize, Serialize};

/// A mail, before it is text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MailKind {
    /// Somebody signs up with this address: here is the code.
    SignUpCode {
        /// To whom.
        display_name: String,
        /// The code, as a person types it.
        code: String,
        /// The page that takes the code.
        link: String,
        /// How long the code works.
        expires_minutes: i64,
    },
    /// Somebody signs up with the address of an account: it exists already.
    AlreadyRegistered {
        /// To whom.
        display_name: String,
        /// Where to sign in.
        sign_in_link: String,
        /// Where to ask for a new password.
        forgot_link: String,
    },
    /// The account is ready.
    Welcome {
        /// To whom.
        display_name: String,
        /// The name they sign in with.
        username: String,
        /// Where to begin.
        chat_link: String,
    },
    /// Somebody forgot the password: here is the code.
    ResetCode {
        /// To whom.
        display_name: String,
        /// The code, as a person types it.
        code: String,
        /// The page that takes the code.
        link: String,
        /// How long the code works.
        expires_minutes: i64,
    },
    /// The password was changed.
    PasswordChanged {
        /// To whom.
        display_name: String,
        /// Where to go when it was somebody else.
        forgot_link: String,
    },
    /// Somebody wants this to be the address of their account: here is the code.
    ConfirmEmail {
        /// To whom.
        display_name: String,
        /// The code, as a person types it.
        code: String,
        /// The page that takes the code.
        link: String,
        /// How long the code works.
        expires_minutes: i64,
    },
    /// To the address so far: the account has another one now.
    EmailChanged {
        /// To whom.
        display_name: String,
        /// The new address, with most of it left out.
        new_address: String,
        /// Where to go when it was somebody else.
        site_link: String,
    },
    /// Somebody signed in from a device that the account was never on.
    NewDevice {
        /// To whom.
        display_name: String,
        /// The device, in words.
        device: String,
        /// Where to see all devices, and to sign them out.
        devices_link: String,
    },
    /// An administrator made an account: here is the link to its first password.
    Invited {
        /// To whom.
        display_name: String,
        /// The name they sign in with.
        username: String,
        /// The page that sets the password.
        link: String,
        /// How long the link works.
        expires_minutes: i64,
    },
    /// Somebody is invited to sign up.
    Invitation {
        /// By whom.
        inviter: String,
        /// The sign-up with the invitation filled in.
        link: String,
        /// How long the invitation works.
        expires_minutes: i64,
    },
}

impl MailKind {
    /// The password was changed, of the person so called.
    pub(crate) fn password_changed(env: &Env, display_name: &str) -> Self {
        Self::PasswordChanged {
            display_name: display_name.to_owned(),
            forgot_link: format!("{}/forgot", env.site.public_url),
        }
    }

    /// Its name in the queue, in `/dev/mail.json` and in the template folders.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::SignUpCode { .. } => "sign_up_code",
            Self::AlreadyRegistered { .. } => "already_registered",
            Self::Welcome { .. } => "welcome",
            Self::ResetCode { .. } => "reset_code",
            Self::PasswordChanged { .. } => "password_changed",
            Self::ConfirmEmail { .. } => "confirm_email",
            Self::EmailChanged { .. } => "email_changed",
            Self::NewDevice { .. } => "new_device",
            Self::Invited { .. } => "invited",
            Self::Invitation { .. } => "invitation",
        }
    }

    /// Lane 0 when somebody sits and waits for it, lane 1 otherwise.
    pub(super) const fn lane(&self) -> i64 {
        match self {
            // Both answer a sign-up: were one slower than the other, the delay would tell who has an account.
            Self::SignUpCode { .. }
            | Self::AlreadyRegistered { .. }
            | Self::ResetCode { .. }
            | Self::ConfirmEmail { .. } => 0,
            Self::Welcome { .. }
            | Self::PasswordChanged { .. }
            | Self::EmailChanged { .. }
            | Self::NewDevice { .. }
            | Self::Invited { .. }
            | Self::Invitation { .. } => 1,
        }
    }

    pub(super) fn to_json(&self) -> String {
        // Strings and integers in a struct can't fail to serialize; should they ever, the mail fails visibly.
        serde_json::to_string(self).unwrap_or_default()
    }

    pub(super) fn from_json(json: &str) -> Result<Self> {
        serde_json::from_str(json).map_err(Error::broken("reading a mail from the queue"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::samples::ADA;

    #[test]
    fn a_mail_survives_the_queue_and_carries_its_name() {
        let display_name = ADA.display_name.to_owned();
        let link = "https://chat.example.org/x".to_owned();
        let code = "ABCDE-FGHIJ".to_owned();
        let all = [
            MailKind::SignUpCode {
                display_name: display_name.clone(),
                code: code.clone(),
                link: link.clone(),
                expires_minutes: 60,
            },
            MailKind::AlreadyRegistered {
                display_name: display_name.clone(),
                sign_in_link: link.clone(),
                forgot_link: link.clone(),
            },
            MailKind::Welcome {
                display_name: display_name.clone(),
                username: ADA.username.into(),
                chat_link: link.clone(),
            },
            MailKind::ResetCode {
                display_name: display_name.clone(),
                code,
                link: link.clone(),
                expires_minutes: 60,
            },
            MailKind::PasswordChanged {
                display_name: display_name.clone(),
                forgot_link: link.clone(),
            },
            MailKind::Invited {
                display_name: display_name.clone(),
                username: ADA.username.into(),
                link: link.clone(),
                expires_minutes: 10_080,
            },
            MailKind::Invitation {
                inviter: display_name,
                link,
                expires_minutes: 10_080,
            },
        ];
        for mail in all {
            let json = mail.to_json();
            assert!(json.contains(&format!("\"kind\":\"{}\"", mail.name())), "{json}");
            assert_eq!(MailKind::from_json(&json).expect("reads"), mail);
        }
    }
}
