//! The first administrator.

use super::{ClaimAdmin, frame::Card, password::PasswordFields};
use crate::ui::{Field, FormErrors, HiddenField, Submit, form_state};
use leptos::{form::ActionForm, prelude::*};
use leptos_router::hooks::use_params_map;

/// `/setup/{code}`: the link that the server printed.
#[component]
pub fn SetupPage() -> impl IntoView {
    let code = use_params_map().get_untracked().get("code").unwrap_or_default();
    let action = ServerAction::<ClaimAdmin>::new();
    form_state("setup", action);
    view! {
        <Card title="Welcome to your Roost">
            <p>"You are about to become its first administrator."</p>
            <ActionForm action=action attr:class="form" attr:novalidate="">
                <FormErrors />
                <HiddenField name="code" value=code />
                <Field name="email" label="E-mail" kind="email" autocomplete="email" />
                <Field name="username" label="Username" autocomplete="username" />
                <Field name="display_name" label="Display name" autocomplete="name" optional=true />
                <PasswordFields about="" />
                <Submit>"Create account"</Submit>
            </ActionForm>
        </Card>
    }
}
