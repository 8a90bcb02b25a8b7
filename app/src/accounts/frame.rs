//! The quiet page around the account forms.

use crate::{
    facts::use_facts,
    routes,
    ui::{Brand, Icon, IconName},
};
use leptos::prelude::*;
use leptos_meta::Title;

/// A card with the mark above it.
#[component]
pub fn Card(
    /// What the page is.
    title: &'static str,
    /// The form.
    children: Children,
) -> impl IntoView {
    view! {
        <Title text=format!("{title} · Roost") />
        <div class="card-page">
            <a class="card-brand" href=routes::HOME rel="external">
                <Brand />
                "Roost"
            </a>
            <section class="card">
                <h1>{title}</h1>
                {children()}
            </section>
        </div>
    }
}

/// Where the mails of a Roost in development are.
#[component]
pub fn DevelopmentMail() -> impl IntoView {
    use_facts().with_value(|facts| facts.development).then(|| {
        view! {
            <p class="note">
                <Icon name=IconName::Mail />
                <span>
                    "This Roost is in development: its mails are at "
                    <a href=routes::DEV_MAIL rel="external">{routes::DEV_MAIL}</a>
                    "."
                </span>
            </p>
        }
    })
}
