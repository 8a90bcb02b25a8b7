//! The form for an account, and the page that says where the code went.

use super::{
    SignUp,
    confirm::CodeForm,
    frame::{Card, DevelopmentMail},
};
use crate::{
    facts::use_facts,
    routes,
    ui::{Field, FormErrors, Submit, form_state},
};
use leptos::{form::ActionForm, prelude::*};

/// `/sign-up`
#[component]
pub fn SignUpPage() -> impl IntoView {
    let action = ServerAction::<SignUp>::new();
    form_state("sign-up", action);
    view! {
        <Card title="Create your account">
            <ActionForm action=action attr:class="form" attr:novalidate="">
                <FormErrors />
                <Field name="email" label="E-mail" kind="email" autocomplete="email" hint="We send you a link and a code." />
                <Field
                    name="username"
                    label="Username"
                    autocomplete="username"
                    hint="By this name others find you. Letters, digits, dots and hyphens."
                />
                <Field name="display_name" label="Display name" autocomplete="name" optional=true />
                <Submit>"Create account"</Submit>
            </ActionForm>
            <p class="card-else"><span>"Have an account? " <a href=routes::SIGN_IN rel="external">"Sign in"</a></span></p>
        </Card>
    }
}

/// `/sign-up/sent`
#[component]
pub fn SignUpSentPage() -> impl IntoView {
    let flash = use_facts()
        .with_value(|facts| facts.flash.clone())
        .filter(|flash| flash.form == "sent");
    let values = flash.map(|flash| flash.values).unwrap_or_default();
    let email = values.get("email").cloned().unwrap_or_else(|| "your address".into());
    let registration = values.get("registration").cloned().unwrap_or_default();
    view! {
        <Card title="Look at your mail">
            <p>
                "We sent a link to " <strong dir="auto">{email}</strong>
                ". Open it to set your password, or type the code from the mail here."
            </p>
            <CodeForm registration />
            <DevelopmentMail />
            <p class="card-else">
                "Nothing came? Look among the spam, or "
                <a href=routes::SIGN_UP rel="external">"try again"</a> "."
            </p>
        </Card>
    }
}
