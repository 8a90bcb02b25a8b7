//! Coming back.

use super::{SignIn, frame::Card};
use crate::{
    facts::use_facts,
    routes,
    ui::{Done, Field, Form, HiddenField, lead_to},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use server_fn::ServerFn;

/// `/sign-in`
#[component]
pub fn SignInPage() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let next = query.get("next").unwrap_or_default();
    let ended = query.get("ended").map(|_| {
        view! { <p class="note" role="status">"You were signed out on this device. Sign in to go on."</p> }
    });
    if use_facts().with_value(|facts| facts.me.is_some()) {
        lead_to(&routes::after_sign_in(&next));
    }
    view! {
        <Card title="Sign in">
            <Done />
            {ended}
            <Form name="sign-in" action=SignIn::url() submit="Sign in">
                <HiddenField name="next" value=next />
                <Field name="login" label="Username or e-mail" autocomplete="username" />
                <Field name="password" label="Password" kind="password" autocomplete="current-password" />
            </Form>
            <p class="card-else">
                <a href=routes::FORGOT rel="external">"Forgot your password?"</a>
                <span>"New here? " <a href=routes::SIGN_UP rel="external">"Create an account"</a></span>
            </p>
        </Card>
    }
}
