//! A button of a bar: an icon with a name, and the key that does the same.

use crate::ui::{Icon, IconName};
use leptos::prelude::*;

/// The button.
#[component]
pub fn Tool(
    /// What it looks like.
    icon: IconName,
    /// What it does.
    #[prop(into)]
    label: Signal<&'static str>,
    /// The key that does the same; none when there is none.
    key: &'static str,
    /// Whether it is on.
    #[prop(optional, into)]
    pressed: Option<Signal<bool>>,
    /// Does it.
    act: impl Fn() + 'static,
) -> impl IntoView {
    let title = move || {
        let label = label.get();
        if key.is_empty() {
            label.to_owned()
        } else {
            format!("{label} ({key})")
        }
    };
    view! {
        <button type="button" class="icon-button" title=title aria-label=label aria-pressed=move || pressed.map(|on| on.get().to_string()) on:click=move |_| act()>
            <Icon name=icon />
        </button>
    }
}
