//! `/settings`

use super::SetTheme;
use crate::{
    accounts::SignOut,
    facts::{Theme, use_facts},
    keys::KeyList,
    routes,
    ui::{Avatar, follow, keep_cookie, lead_to},
};
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use model::{Account, Role};
use server_fn::ServerFn;

/// Who I am, how it looks, the keys, and the way out.
#[component]
pub fn SettingsPage() -> impl IntoView {
    let Some(me) = use_facts().with_value(|facts| facts.me.clone()) else {
        lead_to(&routes::sign_in_for(routes::SETTINGS));
        return ().into_any();
    };
    let sign_out = ServerAction::<SignOut>::new();
    follow(sign_out);
    view! {
        <Title text="Settings · Roost" />
        <div class="settings">
            <h1>"Settings"</h1>
            <Who me />
            <Appearance />
            <section class="for-keyboards" aria-labelledby="keys-here">
                <h2 id="keys-here">"Keys"</h2>
                <KeyList />
            </section>
            <section aria-labelledby="out">
                <h2 id="out">"This device"</h2>
                <ActionForm action=sign_out>
                    <button class="button" type="submit">"Sign out"</button>
                </ActionForm>
            </section>
        </div>
    }
    .into_any()
}

#[component]
fn Who(me: Account) -> impl IntoView {
    let role = match me.role {
        Role::Admin => Some("Administrator"),
        Role::User => None,
    };
    view! {
        <section class="who" aria-label="You">
            <Avatar person=me.person() />
            <div>
                <p class="who-name"><b dir="auto">{me.display_name}</b> {role.map(|role| view! { <span class="tag">{role}</span> })}</p>
                <p class="muted" dir="auto">"@" {me.username}</p>
                <p class="muted">{me.email}</p>
            </div>
        </section>
    }
}

#[component]
fn Appearance() -> impl IntoView {
    let chosen = RwSignal::new(use_facts().with_value(|facts| facts.theme));
    let choose = move |theme: Theme| {
        chosen.set(theme);
        apply(theme);
    };
    let choices = Theme::ALL.map(|theme| {
        let name = match theme {
            Theme::Auto => "As the device",
            Theme::Light => "Light",
            Theme::Dark => "Dark",
        };
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name="theme"
                    value=theme.as_str()
                    checked=chosen.get_untracked() == theme
                    on:change=move |_| choose(theme)
                />
                <span>{name}</span>
            </label>
        }
    });
    view! {
        <section aria-labelledby="appearance">
            <h2 id="appearance">"Appearance"</h2>
            <form class="choices" method="post" action=SetTheme::url()>
                <fieldset>
                    <legend class="hidden">"Appearance"</legend>
                    {choices.collect_view()}
                </fieldset>
                <button class="button without-script" type="submit">"Apply"</button>
            </form>
        </section>
    }
}

/// Applies a theme at once and keeps it.
fn apply(theme: Theme) {
    if let Some(root) = document().document_element() {
        _ = root.set_attribute("data-theme", theme.as_str());
    }
    keep_cookie("theme", theme.as_str());
}
