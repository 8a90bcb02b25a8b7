//! The way out for good.

use super::{
    doors::DeleteAccount,
    frame::{Setting, me_or_sign_in},
};
use crate::{
    routes,
    ui::{Field, Form},
};
use leptos::prelude::*;
use model::Role;
use server_fn::ServerFn;

/// `/settings/delete`
#[component]
pub fn DeletePage() -> impl IntoView {
    me_or_sign_in(routes::SETTINGS_DELETE).map(|me| {
        let form = if me.role == Role::Admin {
            view! { <p class="note">"An administrator can’t be deleted. Ask another administrator to make you a member first."</p> }
                .into_any()
        } else {
            view! {
                <Form name="delete" action=DeleteAccount::url() submit="Delete my account for good" danger=true>
                    <Field name="password" label="Your password" kind="password" autocomplete="current-password" />
                </Form>
            }
            .into_any()
        };
        view! {
            <Setting title="Delete your account">
                <div class="goes-and-stays">
                    <h2>"This goes, at once and for good"</h2>
                    <ul>
                        <li>"your name, your e-mail address and your password"</li>
                        <li>"every device you are signed in on, and every code that is out"</li>
                        <li>"your place in every conversation"</li>
                    </ul>
                    <h2>"This remains"</h2>
                    <ul>
                        <li>"what you wrote to others: it stays with them, and is by “Somebody who left”"</li>
                        <li>"what administrators noted in their log, by the name you had then"</li>
                    </ul>
                </div>
                {form}
                <p class="muted">"Nobody can bring it back, not even whoever runs this Roost. Your username becomes free for others."</p>
            </Setting>
        }
    })
}
