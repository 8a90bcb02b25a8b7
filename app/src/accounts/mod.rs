//! Coming in: signing up by mail, setting a password, signing in.
//!
//! | file | what people see |
//! |---|---|
//! | [`sign_up`] | the form for an account, and "look at your mail" |
//! | [`confirm`] | typing the code, and setting the password it allows to set |
//! | [`password`] | a new password, twice, with its strength |
//! | [`sign_in`], [`forgot`] | coming back |
//! | [`setup`] | the first administrator |
//! | [`doors`] | the server functions of these forms |

mod confirm;
mod doors;
mod forgot;
mod frame;
mod password;
mod setup;
mod sign_in;
mod sign_up;

pub(crate) use confirm::CodeForm;
pub use confirm::{CodePage, ConfirmPage};
pub use doors::{ClaimAdmin, ForgotPassword, SetPassword, SignIn, SignOut, SignUp};
pub use forgot::{ForgotPage, ForgotSentPage};
pub(crate) use frame::DevelopmentMail;
pub(crate) use password::PasswordFields;
pub use setup::SetupPage;
pub use sign_in::SignInPage;
pub use sign_up::{SignUpPage, SignUpSentPage};
