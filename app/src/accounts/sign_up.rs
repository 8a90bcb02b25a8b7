//! The form for an account, and the page that says where the code went.

use super::{
    SignUp,
    confirm::CodeForm,
    frame::{Card, DevelopmentMail},
};
use crate::{
    facts::use_facts,
    routes,
    ui::{Field, FormErrors, HiddenField, Submit, form_state},
};
use leptos::{form::ActionForm, prelude::*};
use leptos_router::hooks::use_query_map;
use model::RegistrationPolicy;

/// `/sign-up`, with `?invitation=` what the link of an invitation fills in.
#[component]
pub fn SignUpPage() -> impl IntoView {
    let policy = use_facts().with_value(|facts| facts.registration);
    if policy == Some(RegistrationPolicy::Closed) {
        return view! {
            <Card title="No new accounts">
                <p>"This Roost takes no sign-ups. Whoever runs it can make an account for you."</p>
                <p class="card-choices"><a class="button" href=routes::SIGN_IN rel="external">"Sign in"</a></p>
            </Card>
        }
        .into_any();
    }
    let action = ServerAction::<SignUp>::new();
    form_state("sign-up", action);
    let invitation = use_query_map().get_untracked().get("invitation").unwrap_or_default();
    let invitation = match policy {
        Some(RegistrationPolicy::Invite) => view! {
            <Field name="invitation" label="Invitation" value=invitation hint="The code of your invitation: one needs one here." />
        }
        .into_any(),
        _ if !invitation.is_empty() => view! { <HiddenField name="invitation" value=invitation /> }.into_any(),
        _ => ().into_any(),
    };
    view! {
        <Card title="Create your account">
            <ActionForm action=action attr:class="form" attr:novalidate="">
                <FormErrors />
                {invitation}
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
    .into_any()
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
