//! About me and this device.
//!
//! | file | what people see |
//! |---|---|
//! | [`page`] | the settings: who I am, my devices, appearance, keys |
//! | [`privacy`] | what others see of me, and whom I block |
//! | [`email`], [`password`], [`delete`] | pages of their own for what needs the password |
//! | [`frame`] | what those have in common |
//! | [`view`], [`doors`] | what the settings page is told, and the server functions |

mod delete;
mod doors;
mod email;
mod frame;
mod page;
mod password;
mod privacy;
mod view;

pub use delete::DeletePage;
pub use doors::ConfirmEmail;
pub use email::{EmailPage, EmailSentPage};
pub use page::SettingsPage;
pub use password::PasswordPage;
