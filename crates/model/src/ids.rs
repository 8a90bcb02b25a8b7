//! Typed ids. All are UUIDs; those made by the server are version 7 (RFC 9562), so they sort by time.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, format = Uuid))]
        pub struct $name(pub Uuid);

        impl $name {
            /// The bare UUID.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }
    };
}

id!(
    /// A person's account.
    AccountId
);
id!(
    /// One sign-in on one device.
    SessionId
);
id!(
    /// A sign-up that waits for its code.
    RegistrationId
);
id!(
    /// A conversation and its log.
    ConversationId
);
id!(
    /// A message, as the server names it.
    MessageId
);
id!(
    /// A message, as its author's device named it before sending: sending twice under one id is sending once.
    ClientId
);
id!(
    /// An e-mail in the queue.
    MailId
);
id!(
    /// A key with which a server acts.
    ApiKeyId
);
id!(
    /// An invitation to sign up.
    InvitationId
);
id!(
    /// An entry of the audit log.
    AuditId
);
