//! The page around one of the settings.

use crate::{
    facts::use_facts,
    routes,
    ui::{Icon, IconName, lead_to},
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::Account;

/// Who is signed in; a stranger is led to the sign-in and back to `path`.
pub fn me_or_sign_in(path: &'static str) -> Option<Account> {
    let me = use_facts().with_value(|facts| facts.me.clone());
    if me.is_none() {
        lead_to(&routes::sign_in_for(path));
    }
    me
}

/// One of the settings on a page of its own, with the way back.
#[component]
pub fn Setting(
    /// What the page is.
    title: &'static str,
    /// The form.
    children: Children,
) -> impl IntoView {
    view! {
        <Title text=format!("{title} · Roost") />
        <div class="settings setting">
            <a class="way-back" href=routes::SETTINGS>
                <Icon name=IconName::Back />
                "Settings"
            </a>
            <h1>{title}</h1>
            {children()}
        </div>
    }
}
