//! The keys, and the dialog that tells them.

use crate::ui::{focus, key_is_plain};
use leptos::{ev, html::Dialog, prelude::*};

/// Keys, what they do, and where: each group under its own heading.
const KEYS: &[(&str, &[(&str, &str)])] = &[
    (
        "Everywhere",
        &[
            ("Ctrl K", "Find people and conversations"),
            ("Esc", "Leave a field, or go back to the list"),
            ("?", "Show these keys"),
        ],
    ),
    (
        "On a conversation in the list",
        &[
            ("↑ ↓", "Move through the conversations"),
            ("M", "Mute"),
            ("E", "Archive"),
            ("Del", "Delete for me"),
        ],
    ),
    (
        "In the mailbox",
        &[
            ("J K", "Next and previous letter"),
            ("O", "Open"),
            ("U", "Back to the list"),
            ("E", "Archive, or move back"),
            ("#", "To the trash"),
            ("R", "Reply"),
            ("A", "Reply to all"),
            ("F", "Forward"),
            ("C", "Write a letter"),
            ("S", "Star"),
            ("Shift I", "Mark as read"),
            ("Shift U", "Mark as unread"),
            ("L", "Labels"),
            ("X", "Choose; with Shift and a click, all up to there"),
            ("/", "Find letters"),
            ("Z", "Undo"),
            ("Ctrl Enter", "Send"),
        ],
    ),
    (
        "While writing",
        &[
            ("Enter", "Send"),
            ("Shift Enter", "New line"),
            ("↑", "In an empty field: edit what I wrote last"),
            ("@", "Name somebody"),
            ("Ctrl B", "Bold"),
            ("Ctrl I", "Italic"),
        ],
    ),
    (
        "On a message",
        &[
            ("↑ ↓", "Move through the messages"),
            ("Enter", "All that can be done with it"),
            ("R", "Reply"),
            ("+", "React"),
            ("E", "Edit"),
            ("C", "Copy its text"),
            ("L", "Copy its link"),
            ("Del", "Delete"),
        ],
    ),
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
    let row = |(keys, what): &(&'static str, &'static str)| {
        let caps = keys.split(' ').map(|key| view! { <kbd>{key}</kbd> }).collect_view();
        view! { <div><dt>{caps}</dt><dd>{*what}</dd></div> }
    };
    let groups = KEYS.iter().map(|(place, keys)| {
        view! { <h3 class="keys-place">{*place}</h3> <dl class="keys">{keys.iter().map(row).collect_view()}</dl> }
    });
    groups.collect_view()
}
