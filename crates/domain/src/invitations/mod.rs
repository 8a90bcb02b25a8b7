//! Who may sign up: the policy of registration, and invitations.
//!
//! Where one needs an invitation, its code is looked at when somebody signs up, and counted in the transaction that
//! makes their account: never do more come with it than it is for.

mod create_invitation;
mod list_invitations;
mod registration_policy;
mod revoke_invitation;
mod row;

pub use create_invitation::create_invitation;
pub use list_invitations::list_invitations;
pub(crate) use registration_policy::named;
pub use registration_policy::{registration_policy, set_registration_policy};
pub use revoke_invitation::revoke_invitation;
