//! `roost openapi`.

use super::say;

/// Prints the document that `/api/openapi.json` serves.
pub(super) fn openapi() {
    say(&format!("{:#}\n", crate::api::openapi::document()));
}
