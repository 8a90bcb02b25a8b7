//! Another e-mail address.

use super::{
    doors::ChangeEmail,
    frame::{Setting, me_or_sign_in},
    page::settings_then,
};
use crate::{
    accounts::{CodeForm, DevelopmentMail},
    routes,
    ui::{Field, Form},
};
use leptos::prelude::*;
use server_fn::ServerFn;

/// `/settings/email`
#[component]
pub fn EmailPage() -> impl IntoView {
    me_or_sign_in(routes::SETTINGS_EMAIL).map(|me| {
        view! {
            <Setting title="Change your e-mail address">
                <p>"It is " <strong dir="auto">{me.email}</strong> " now. We send a code to the new one; it counts from when you bring the code back."</p>
                <Form name="email" action=ChangeEmail::url() submit="Send me a code">
                    <Field name="email" label="New e-mail" kind="email" autocomplete="email" />
                    <Field name="password" label="Your password" kind="password" autocomplete="current-password" />
                </Form>
            </Setting>
        }
    })
}

/// `/settings/email/sent`
#[component]
pub fn EmailSentPage() -> impl IntoView {
    me_or_sign_in(routes::SETTINGS_EMAIL_SENT).map(|_| {
        settings_then(|view| match view.pending_email {
            Some(address) => view! { <LookAtMail address /> }.into_any(),
            None => view! {
                <Setting title="Nothing is waiting">
                    <p>"No address waits for its code: it was confirmed already, or the code has ended."</p>
                    <p><a class="button" href=routes::SETTINGS_EMAIL rel="external">"Change your e-mail address"</a></p>
                </Setting>
            }
            .into_any(),
        })
    })
}

#[component]
fn LookAtMail(address: String) -> impl IntoView {
    view! {
        <Setting title="Look at your mail">
            <p>
                "We sent a link to " <strong dir="auto">{address}</strong>
                ". Open it, or type the code from the mail here. Until then, everything stays as it is."
            </p>
            <CodeForm registration="" />
            <DevelopmentMail />
            <p class="muted">
                "Nothing came? Look among the spam, or " <a href=routes::SETTINGS_EMAIL rel="external">"try again"</a> "."
            </p>
        </Setting>
    }
}
