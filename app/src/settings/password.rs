//! Another password.

use super::{
    doors::ChangePassword,
    frame::{Setting, me_or_sign_in},
};
use crate::{
    accounts::PasswordFields,
    routes,
    ui::{Field, Form},
};
use leptos::prelude::*;
use server_fn::ServerFn;

/// `/settings/password`
#[component]
pub fn PasswordPage() -> impl IntoView {
    me_or_sign_in(routes::SETTINGS_PASSWORD).map(|me| {
        view! {
            <Setting title="Change your password">
                <p>"It signs you out on every other device, and a mail tells you of it."</p>
                <Form name="password" action=ChangePassword::url() submit="Change password">
                    // For password managers; the form does not send it.
                    <input class="hidden" type="text" autocomplete="username" value=me.username.clone() readonly tabindex="-1" aria-hidden="true" />
                    <Field name="current_password" label="Current password" kind="password" autocomplete="current-password" />
                    <PasswordFields about=me.username label="New password" again="New password again" />
                </Form>
                <p class="muted">
                    "Forgot it? " <a href=routes::FORGOT rel="external">"Have a link mailed to you"</a> "."
                </p>
            </Setting>
        }
    })
}
