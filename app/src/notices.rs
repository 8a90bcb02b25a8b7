//! What is told without being asked: the state of the connection, and news for those who listen instead of looking.

use crate::chat::{Connection, use_store};
use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};

/// The banner, and the one polite live region of the app.
#[component]
pub fn Notices() -> impl IntoView {
    let store = use_store();
    let text = Memo::new(move |_| match store.connection.get() {
        Connection::Starting | Connection::Open => None,
        Connection::Reconnecting => Some(("Reconnecting…", "What you write is sent when Roost is back.")),
        Connection::Offline => Some(("You are offline.", "What you write is sent when you are back.")),
    });
    Effect::new(move || {
        if let Some((text, _)) = text.get() {
            store.said.set(text.to_owned());
        }
    });
    let navigate = use_navigate();
    Effect::new(move || {
        if let Some(path) = store.lead.get() {
            navigate(&path, NavigateOptions::default());
        }
    });
    view! {
        <div class="banner-place">
            {move || store.concern.get().map(|text| view! { <p class="banner banner-quiet" data-testid="concern">{text}</p> })}
            {move || {
                text.get()
                    .map(|(text, more)| {
                        view! {
                            <p class="banner" data-testid="connection">
                                <span class="pulse"></span>
                                {text}
                                <span class="banner-more">{more}</span>
                            </p>
                        }
                    })
            }}
        </div>
        <p class="hidden" role="status" aria-live="polite" data-testid="announcer">{move || store.said.get()}</p>
    }
}
