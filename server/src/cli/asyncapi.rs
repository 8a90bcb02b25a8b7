//! `roost asyncapi`.

use super::say;

/// Prints the document that `/api/asyncapi.json` serves.
pub(super) fn asyncapi() {
    say(&format!("{:#}\n", crate::api::asyncapi::document()));
}
