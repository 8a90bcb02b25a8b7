//! What was done, with a way back.

use super::post::use_post;
use leptos::prelude::*;

/// The sentence in passing. What is told is said by the one live region of the app, so this is none.
#[component]
pub fn Passing() -> impl IntoView {
    let post = use_post();
    move || {
        post.toast.get().map(|toast| {
            let undo = toast.undo.is_some().then(|| {
                view! { <button type="button" class="link-button" title="Undo (Z)" on:click=move |_| post.undo()>"Undo"</button> }
            });
            view! { <p class="toast mail-toast" data-testid="toast"><span>{toast.text}</span> {undo}</p> }
        })
    }
}
