//! The first administrator.

use super::{ClaimAdmin, doors::inspect_code, frame::Card, password::PasswordFields};
use crate::{
    routes,
    ui::{Field, Form, HiddenField},
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use server_fn::ServerFn;

/// `/setup/{code}`: the link that the server printed.
#[component]
pub fn SetupPage() -> impl IntoView {
    let code = use_params_map().get_untracked().get("code").unwrap_or_default();
    let subject = OnceResource::new_blocking(inspect_code(code.clone(), None));
    view! {
        <Suspense fallback=|| ()>
            {move || {
                let code = code.clone();
                Suspend::new(async move {
                    match subject.await {
                        Ok(_) => view! { <FirstAdministrator code /> }.into_any(),
                        Err(refused) => view! { <Closed detail=refused.0.detail.into_owned() /> }.into_any(),
                    }
                })
            }}
        </Suspense>
    }
}

/// A link that is used up. The reply's status is 403.
#[component]
fn Closed(detail: String) -> impl IntoView {
    view! {
        <Card title="Forbidden: this link is not valid">
            <p>{detail}</p>
            <p>"If this Roost has no administrator yet, start it again: it prints a new link."</p>
            <p class="card-choices"><a class="button" href=routes::SIGN_IN rel="external">"Sign in"</a></p>
        </Card>
    }
}

#[component]
fn FirstAdministrator(code: String) -> impl IntoView {
    view! {
        <Card title="Welcome to your Roost">
            <p>"You are about to become its first administrator."</p>
            <Form name="setup" action=ClaimAdmin::url() submit="Create account">
                <HiddenField name="code" value=code />
                <Field name="email" label="E-mail" kind="email" autocomplete="email" />
                <Field name="username" label="Username" autocomplete="username" />
                <Field name="display_name" label="Display name" autocomplete="name" optional=true />
                <PasswordFields about="" />
            </Form>
        </Card>
    }
}
