//! What the settings page shows, as it crosses to the browser.

use model::{Person, SessionId, Timestamp};
use serde::{Deserialize, Serialize};

/// What the page shows besides the account itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsView {
    /// The address that waits for its code, if any.
    pub pending_email: Option<String>,
    /// Where I am signed in; this device first.
    pub devices: Vec<DeviceView>,
    /// Whom I block.
    pub blocked: Vec<Person>,
}

/// One session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceView {
    /// The session.
    pub id: SessionId,
    /// The device in words, such as "Firefox on Linux".
    pub name: String,
    /// When it was last seen.
    pub seen_at: Timestamp,
    /// Whether it is this one.
    pub current: bool,
}

// The words are made on the server: browsers need not know how other browsers call themselves.
#[cfg(feature = "ssr")]
impl From<model::command::Device> for DeviceView {
    fn from(device: model::command::Device) -> Self {
        Self {
            id: device.id,
            name: model::device::name(&device.user_agent),
            seen_at: device.seen_at,
            current: device.current,
        }
    }
}
