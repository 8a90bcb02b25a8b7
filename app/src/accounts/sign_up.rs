//! The form for an account, and the page that says where the code went.

use super::{
    SignUp,
    confirm::CodeForm,
    frame::{Card, DevelopmentMail},
};
use crate::{
    facts::use_facts,
    routes,
    ui::{Field, Form, HiddenField},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use model::RegistrationPolicy;
use server_fn::ServerFn;

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
    view! {
        <Card title="Create your account">
            <Form name="sign-up" action=SignUp::url() submit="Create account">
                <Invited needed=policy == Some(RegistrationPolicy::Invite) />
                <Field name="email" label="E-mail" kind="email" autocomplete="email" hint="We send you a link and a code." />
                <Field
                    name="username"
                    label="Username"
                    autocomplete="username"
                    hint="By this name others find you. Letters, digits, dots and hyphens."
                />
                <Field name="display_name" label="Display name" autocomplete="name" optional=true />
            </Form>
            <p class="card-else"><span>"Have an account? " <a href=routes::SIGN_IN rel="external">"Sign in"</a></span></p>
        </Card>
    }
    .into_any()
}

/// The code of an invitation: asked for where one is needed, taken along where one came with the link.
#[component]
fn Invited(needed: bool) -> impl IntoView {
    let code = use_query_map().get_untracked().get("invitation").unwrap_or_default();
    if needed {
        view! { <Field name="invitation" label="Invitation" value=code hint="The code of your invitation: one needs one here." /> }
            .into_any()
    } else if code.is_empty() {
        ().into_any()
    } else {
        view! { <HiddenField name="invitation" value=code /> }.into_any()
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
