//! `/settings`

use super::{
    doors::{ChangeName, RevokeDevice, RevokeDevices, SetTheme, settings},
    frame::me_or_sign_in,
    privacy::Privacy,
    view::{DeviceView, SettingsView},
};
use crate::{
    accounts::SignOut,
    facts::{Theme, flash_for, use_facts},
    keys::KeyList,
    routes,
    time::use_wall,
    ui::{Avatar, Done, Field, Form, HiddenField, keep_cookie},
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::{Account, Role};
use server_fn::ServerFn;

/// Who I am, where I am signed in, how it looks, the keys, and the way out.
#[component]
pub fn SettingsPage() -> impl IntoView {
    let Some(me) = me_or_sign_in(routes::SETTINGS) else {
        return ().into_any();
    };
    let name = me.display_name.clone();
    view! {
        <Title text="Settings · Roost" />
        <div class="settings">
            <h1>"Settings"</h1>
            <Done />
            <Who me />
            <section aria-labelledby="profile">
                <h2 id="profile">"Profile"</h2>
                <Form name="name" action=ChangeName::url() submit="Save">
                    <Field name="display_name" label="Display name" autocomplete="name" value=name hint="Others see it beside what you write." />
                </Form>
            </section>
            {settings_then(|view| {
                let blocked = view.blocked.clone();
                let preferences = use_facts().with_value(|facts| facts.me.as_ref().and_then(|me| me.preferences));
                view! {
                    <SignIn view />
                    <Privacy preferences=preferences.unwrap_or_default() blocked />
                }
                .into_any()
            })}
            <Appearance />
            <section class="for-keyboards" aria-labelledby="keys-here">
                <h2 id="keys-here">"Keys"</h2>
                <KeyList />
            </section>
            <section aria-labelledby="leave">
                <h2 id="leave">"Leave"</h2>
                <p class="muted">"You can delete your account, with all that is yours."</p>
                <p><a class="button button-danger" href=routes::SETTINGS_DELETE rel="external">"Delete my account"</a></p>
            </section>
        </div>
    }
    .into_any()
}

/// Asks for what the account itself does not say, and shows it. The whole page is one question.
pub fn settings_then(show: fn(SettingsView) -> AnyView) -> AnyView {
    let known = OnceResource::new_blocking(settings());
    view! {
        <Suspense fallback=|| ()>
            {move || Suspend::new(async move {
                match known.await {
                    Ok(view) => show(view),
                    Err(refused) => view! { <p role="alert">{refused.0.detail}</p> }.into_any(),
                }
            })}
        </Suspense>
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

/// How I come in, and where I am.
#[component]
fn SignIn(view: SettingsView) -> impl IntoView {
    let email = use_facts().with_value(|facts| facts.me.as_ref().and_then(|me| me.email.clone()));
    let pending = view.pending_email.map(|address| {
        view! {
            <p class="note">
                <span>
                    "A code is on its way to " <strong dir="auto">{address}</strong> ". "
                    <a href=routes::SETTINGS_EMAIL_SENT rel="external">"Type it here"</a> ", or open the link in the mail."
                </span>
            </p>
        }
    });
    let alone = view.devices.len() < 2;
    let refused = flash_for("devices").and_then(|flash| flash.rejection);
    view! {
        <section aria-labelledby="sign-in">
            <h2 id="sign-in">"Sign-in"</h2>
            <ul class="rows">
                <li>
                    <span class="row-text"><b>"E-mail"</b> <span class="muted" dir="auto">{email}</span></span>
                    <a class="button" href=routes::SETTINGS_EMAIL rel="external" aria-label="Change e-mail">"Change"</a>
                </li>
                <li>
                    <span class="row-text"><b>"Password"</b> <span class="muted">"Only you know it"</span></span>
                    <a class="button" href=routes::SETTINGS_PASSWORD rel="external" aria-label="Change password">"Change"</a>
                </li>
            </ul>
            {pending}
        </section>
        <section aria-labelledby="devices">
            <h2 id="devices">"Devices"</h2>
            {refused.map(|rejection| view! { <p class="form-errors" role="alert">{rejection.detail}</p> })}
            <ul class="rows">{view.devices.into_iter().map(|device| view! { <DeviceRow device /> }).collect_view()}</ul>
            {(!alone).then(|| {
                view! {
                    <form method="post" action=RevokeDevices::url()>
                        <button class="button" type="submit">"Sign out everywhere else"</button>
                    </form>
                }
            })}
        </section>
    }
}

#[component]
fn DeviceRow(device: DeviceView) -> impl IntoView {
    let wall = use_wall();
    let DeviceView {
        id,
        name,
        seen_at,
        current,
    } = device;
    let form = if current {
        view! {
            <form method="post" action=SignOut::url()>
                <button class="button" type="submit">"Sign out"</button>
            </form>
        }
        .into_any()
    } else {
        view! {
            <form method="post" action=RevokeDevice::url()>
                <HiddenField name="device" value=id.to_string() />
                <button class="button" type="submit" aria-label=format!("Sign out {name}")>"Sign out"</button>
            </form>
        }
        .into_any()
    };
    let seen = if current {
        view! { <span class="tag">"This device"</span> }.into_any()
    } else {
        view! { <span class="muted">"Last seen " <time datetime=seen_at.to_string()>{move || wall.get().full(seen_at)}</time></span> }
            .into_any()
    };
    view! {
        <li>
            <span class="row-text"><b>{name}</b> {seen}</span>
            {form}
        </li>
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
