//! Pages and panes that say what is wrong and what to do.

use super::Brand;
use leptos::prelude::*;

/// A problem, told calmly, with a way on among its children.
#[component]
pub fn Problem(
    /// What it is, in a few words.
    title: &'static str,
    /// More, and where to go.
    children: Children,
) -> impl IntoView {
    view! {
        <section class="problem">
            <span class="problem-mark"><Brand /></span>
            <h1>{title}</h1>
            {children()}
        </section>
    }
}
