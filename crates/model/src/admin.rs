//! What administrators, servers with an API key, and the command line see and ask for.

use crate::{AccountId, ApiKeyId, AuditId, ConversationId, InvitationId, Role, Timestamp, words::words};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// Names on the wire, one for each variant.
macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:tt,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $text)] $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                let all = || Self::ALL.iter().map(|one| one.as_str()).collect::<Vec<_>>().join(", ");
                Self::ALL.iter().find(|one| one.as_str() == text).copied().ok_or_else(|| format!("{text:?} is none of {}", all()))
            }
        }
    };
}

names! {
    /// What an API key may do.
    Scope {
        /// List, search and see accounts.
        UsersRead = "users:read",
        /// Create, change, disable, import and delete accounts.
        UsersWrite = "users:write",
        /// Get the code of a sign-up in the reply, to mail it by oneself.
        Registration = "registration",
        /// Make and withdraw invitations.
        Invitations = "invitations",
        /// Read the audit log.
        AuditRead = "audit:read",
    }
}

names! {
    /// Who may sign up.
    RegistrationPolicy {
        /// Everybody with an e-mail address.
        Open = "open",
        /// Who has an invitation.
        Invite = "invite",
        /// Nobody; administrators make accounts.
        Closed = "closed",
    }
}

names! {
    /// Who did what the audit log tells.
    AuditBy {
        /// An administrator.
        Admin = "admin",
        /// A server with an API key.
        Key = "key",
        /// The command line, on the machine itself.
        Machine = "machine",
    }
}

words! {
    /// Make an account for somebody.
    CreateUser {
        /// Their address.
        pub email: String,
        /// Their username.
        pub username: String,
        /// The name people see; the username when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub display_name: Option<String>,
        /// Their password. Without one they get a mail with a link to set it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub password: Option<String>,
        /// What they may do; `user` when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub role: Option<Role>,
    }
    /// Change somebody's account. What is not given stays.
    #[derive(Default)]
    UpdateUser {
        /// Another address; it needs no confirmation.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub email: Option<String>,
        /// Another display name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub display_name: Option<String>,
        /// Another role.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub role: Option<Role>,
        /// `true` signs them out everywhere and lets them in no more; `false` lets them in again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub disabled: Option<bool>,
    }
    /// An API key, without its secret.
    ApiKey {
        /// Its id.
        pub id: ApiKeyId,
        /// What it is for.
        pub name: String,
        /// What it may do.
        pub scopes: Vec<Scope>,
        /// Who made it.
        pub created_by: String,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it ends, if ever.
        pub expires_at: Option<Timestamp>,
        /// When it was used last, to the minute or so.
        pub used_at: Option<Timestamp>,
    }
    /// Make an API key.
    CreateApiKey {
        /// What it is for.
        pub name: String,
        /// What it may do.
        pub scopes: Vec<Scope>,
        /// Days until it ends; never when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub days: Option<u32>,
    }
    /// A new API key, with the secret that is told this once.
    CreatedApiKey {
        /// The key.
        pub api_key: ApiKey,
        /// For `Authorization: Bearer`. It can't be shown again.
        pub secret: String,
    }
    /// An invitation, without its code.
    Invitation {
        /// Its id.
        pub id: InvitationId,
        /// What it is for.
        pub note: String,
        /// How many may come with it.
        pub uses_max: u32,
        /// How many came.
        pub uses: u32,
        /// Who made it.
        pub created_by: String,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it ends.
        pub expires_at: Timestamp,
    }
    /// Make an invitation.
    CreateInvitation {
        /// What it is for.
        #[serde(default)]
        pub note: String,
        /// How many may come with it, 1–1000; one when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub uses: Option<u32>,
        /// Days until it ends, 1–365; seven when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub days: Option<u32>,
        /// Mail it to this address, too.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub email: Option<String>,
    }
    /// A new invitation, with the code that is told this once.
    CreatedInvitation {
        /// The invitation.
        pub invitation: Invitation,
        /// For the field `invitation` of a sign-up.
        pub code: String,
        /// The sign-up page with the code filled in.
        pub link: String,
    }
    /// Who may sign up.
    Registration {
        /// The policy.
        pub policy: RegistrationPolicy,
    }
    /// Something done to somebody.
    AuditEntry {
        /// Its id.
        pub id: AuditId,
        /// When.
        pub at: Timestamp,
        /// Which sort of hand did it.
        pub by: AuditBy,
        /// Whose: a username, or the name of an API key.
        pub by_name: String,
        /// What, such as `user.disable`.
        pub action: String,
        /// The account it was done to, while it exists.
        pub target: Option<AccountId>,
        /// What it was done to, as it was called then.
        pub target_name: String,
        /// More, in words.
        pub detail: String,
    }
    /// What `roost doctor` found.
    #[derive(Default)]
    Diagnosis {
        /// Conversations that were looked at.
        pub conversations: u64,
        /// Messages in them.
        pub messages: u64,
        /// Members of them; what each is told to be unread was counted anew.
        pub memberships: u64,
        /// Mailboxes that were looked at.
        #[serde(default)]
        pub mailboxes: u64,
        /// Documents in them, deleted ones too.
        #[serde(default)]
        pub documents: u64,
        /// Conversations and mailboxes that changed all the time, so that what seemed wrong may have been on its way.
        pub restless: u64,
        /// How much is not as it should be.
        pub found: u64,
        /// What; of very much, the first thousand.
        pub findings: Vec<Finding>,
    }
    /// Something that is not as it should be.
    Finding {
        /// Which promise is broken, as a stable name.
        pub check: String,
        /// Where, if in a conversation.
        pub conversation: Option<ConversationId>,
        /// What is wrong, with the ids that it is about. Never what somebody said.
        pub what: String,
    }
    /// What an import did, or would do.
    ImportReport {
        /// Nothing was written.
        pub dry_run: bool,
        /// Accounts made.
        pub created: u64,
        /// Lines whose account was there already, just so.
        pub unchanged: u64,
        /// Lines that could not be taken.
        pub rejected: Vec<RejectedLine>,
    }
    /// A line of an import that could not be taken.
    RejectedLine {
        /// Its number, from 1.
        pub line: u64,
        /// The stable name of what is wrong.
        pub code: String,
        /// What is wrong.
        pub detail: String,
    }
}

/// A page of anything, and the cursor to the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Listing<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// For the parameter `after` (or `before`, where a list goes back in time); null at the end.
    pub next: Option<String>,
}
