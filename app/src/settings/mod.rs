//! About me and this device.

mod doors;
mod page;

pub use doors::SetTheme;
pub use page::SettingsPage;
