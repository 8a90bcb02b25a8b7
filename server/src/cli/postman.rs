//! `roost postman`.

use super::say;
use crate::api::{openapi, postman};
use clap::Args;

/// `roost postman`.
#[derive(Args)]
pub(super) struct Postman {
    /// Where the requests go; a variable of the collection, so it can be changed later.
    #[arg(long, default_value = "http://127.0.0.1:3000")]
    base_url: String,
}

impl Postman {
    /// Prints a collection to import into Postman.
    pub(super) fn run(self) {
        let collection = postman::collection(&openapi::document(), self.base_url.trim_end_matches('/'));
        say(&format!("{collection:#}\n"));
    }
}
