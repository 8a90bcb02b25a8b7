//! What others see of me, and whom I block.

use super::doors::{SetPrivacy, Unblock};
use crate::{
    facts::flash_for,
    ui::{Avatar, Form, HiddenField},
};
use leptos::prelude::*;
use model::{Person, Preferences};
use server_fn::ServerFn;

/// Two switches, and the people I block.
#[component]
pub fn Privacy(preferences: Preferences, blocked: Vec<Person>) -> impl IntoView {
    view! {
        <section aria-labelledby="privacy">
            <h2 id="privacy">"Privacy"</h2>
            <Form name="privacy" action=SetPrivacy::url() submit="Save">
                <Switch
                    name="read_receipts"
                    on=preferences.read_receipts
                    label="Read receipts"
                    hint="Others see up to where you have read, and you see it of them. Off, neither does."
                />
                <Switch
                    name="presence"
                    on=preferences.presence
                    label="Presence"
                    hint="Others see when you are here and when you type, and you see it of them. Off, neither does."
                />
            </Form>
            <Blocked blocked />
        </section>
    }
}

#[component]
fn Switch(name: &'static str, on: bool, label: &'static str, hint: &'static str) -> impl IntoView {
    let described = format!("{name}-hint");
    view! {
        <label class="switch">
            <input type="checkbox" role="switch" name=name value="on" checked=on aria-describedby=described.clone() />
            <span>
                <b>{label}</b>
                <span class="muted" id=described>{hint}</span>
            </span>
        </label>
    }
}

#[component]
fn Blocked(blocked: Vec<Person>) -> impl IntoView {
    let refused = flash_for("unblock").and_then(|flash| flash.rejection);
    let people = blocked.into_iter().map(|person| {
        let label = format!("Unblock {}", person.display_name);
        let at = format!("@{}", person.username);
        view! {
            <li>
                <span class="row-person">
                    <Avatar person=person.clone() />
                    <span class="row-text"><b dir="auto">{person.display_name}</b> <span class="muted" dir="auto">{at}</span></span>
                </span>
                <form method="post" action=Unblock::url()>
                    <HiddenField name="person" value=person.id.to_string() />
                    <button class="button" type="submit" aria-label=label>"Unblock"</button>
                </form>
            </li>
        }
    });
    let people = people.collect::<Vec<_>>();
    let list = if people.is_empty() {
        view! { <p class="muted">"You block nobody. Who is blocked can’t write to you, nor you to them."</p> }
            .into_any()
    } else {
        view! { <ul class="rows">{people}</ul> }.into_any()
    };
    view! {
        <h3 id="blocked">"Blocked people"</h3>
        {refused.map(|rejection| view! { <p class="form-errors" role="alert">{rejection.detail}</p> })}
        {list}
    }
}
