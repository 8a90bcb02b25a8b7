//! The server function of the appearance form.

use crate::doors::Refused;
use leptos::prelude::*;

/// Keeps the theme of this device in a cookie, so that the next page comes in it from the server.
#[server(prefix = "/form", endpoint = "set-theme")]
pub async fn set_theme(#[server(default)] theme: String) -> Result<String, Refused> {
    use crate::{cookies, doors::Posted, facts::Theme, routes};
    cookies::keep("theme", Theme::parse(&theme).as_str());
    Posted::new("theme", routes::SETTINGS).answer(Ok(()), |()| routes::SETTINGS.to_owned())
}
