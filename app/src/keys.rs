//! The keys, and the dialog that tells them.

use crate::ui::{focus, key_is_plain};
use leptos::{ev, html::Dialog, prelude::*};

const KEYS: &[(&str, &str)] = &[
    ("Ctrl K", "Find people"),
    ("↑ ↓", "Move through the conversations"),
    ("Enter", "Send"),
    ("Shift Enter", "New line"),
    ("Esc", "Leave a field, or go back to the list"),
    ("?", "Show these keys"),
];

/// Listens to the keys that work everywhere.
#[component]
pub fn Keys() -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move || {
        let handle = window_event_listener(ev::keydown, move |event| {
            if (event.ctrl_key() || event.meta_key()) && event.key().eq_ignore_ascii_case("k") {
                event.prevent_default();
                focus("find-people");
            } else if event.key() == "?"
                && key_is_plain(&event)
                && let Some(dialog) = dialog.get_untracked()
            {
                event.prevent_default();
                if !dialog.open() {
                    _ = dialog.show_modal();
                }
            }
        });
        on_cleanup(move || handle.remove());
    });
    view! {
        <dialog node_ref=dialog class="dialog" id="keys" aria-labelledby="keys-title">
            <form method="dialog">
                <h2 id="keys-title">"Keys"</h2>
                <KeyList />
                <p class="dialog-end">
                    <button class="button" autofocus>"Close"</button>
                </p>
            </form>
        </dialog>
    }
}

/// Every key and what it does.
#[component]
pub fn KeyList() -> impl IntoView {
    let rows = KEYS.iter().map(|(keys, what)| {
        let caps = keys.split(' ').map(|key| view! { <kbd>{key}</kbd> }).collect_view();
        view! { <div><dt>{caps}</dt><dd>{*what}</dd></div> }
    });
    view! { <dl class="keys">{rows.collect_view()}</dl> }
}
