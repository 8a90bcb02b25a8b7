//! `roost openapi`.

use super::say;
use std::error::Error;

/// Prints the document that `/api/openapi.json` serves.
pub fn openapi() -> Result<(), Box<dyn Error>> {
    say(&format!("{:#}\n", crate::api::openapi::document()));
    Ok(())
}
