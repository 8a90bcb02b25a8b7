//! Dialogs over the native element: the focus stays within and goes back by itself, and Esc closes.

use super::{Icon, IconName};
use leptos::{ev, html::Dialog, prelude::*};

/// A dialog that opens with the page part that shows it. Closing it, however that is done, calls `closed`.
#[component]
pub fn Modal(
    /// What it is about.
    #[prop(into)]
    title: Signal<String>,
    /// Hears of its end.
    closed: Callback<()>,
    /// What is in it.
    children: Children,
) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move || {
        if let Some(dialog) = dialog.get()
            && !dialog.open()
        {
            _ = dialog.show_modal();
        }
    });
    let close = move || {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    // What is pressed in a dialog is not for the page below it.
    let on_key = |event: ev::KeyboardEvent| event.stop_propagation();
    view! {
        <dialog node_ref=dialog class="dialog" aria-labelledby="dialog-title" on:close=move |_| closed.run(()) on:keydown=on_key>
            <header class="dialog-head">
                <h2 id="dialog-title" dir="auto">{title}</h2>
                <button type="button" class="icon-button" aria-label="Close" on:click=move |_| close()>
                    <Icon name=IconName::Close />
                </button>
            </header>
            {children()}
        </dialog>
    }
}
