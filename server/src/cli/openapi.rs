//! `roost openapi`.

use std::error::Error;

/// Prints the document that `/api/openapi.json` serves.
#[expect(clippy::print_stdout, reason = "the document is this command's output")]
pub fn openapi() -> Result<(), Box<dyn Error>> {
    println!("{}", crate::api::openapi::document().to_pretty_json()?);
    Ok(())
}
