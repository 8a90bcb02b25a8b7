//! What is told without being asked: the state of the connection, and news for those who listen instead of looking.

use crate::chat::{Connection, use_store};
use leptos::prelude::*;

/// The banner, and the one polite live region of the app.
#[component]
pub fn Notices() -> impl IntoView {
    let store = use_store();
    let text = move || match store.connection.get() {
        Connection::Starting | Connection::Open => None,
        Connection::Reconnecting => Some("Reconnecting… What you write is sent when Roost is back."),
        Connection::Offline => Some("You are offline. What you write is sent when you are back."),
    };
    view! {
        <div class="banner-place">
            {move || {
                text().map(|text| view! { <p class="banner" data-testid="connection"><span class="pulse"></span>{text}</p> })
            }}
        </div>
        <p class="hidden" role="status" aria-live="polite" data-testid="announcer">{move || store.said.get()}</p>
    }
}
