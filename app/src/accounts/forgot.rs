//! A forgotten password.

use super::{
    ForgotPassword,
    confirm::CodeForm,
    frame::{Card, DevelopmentMail},
};
use crate::{
    routes,
    ui::{Field, Form},
};
use leptos::prelude::*;
use server_fn::ServerFn;

/// `/forgot`
#[component]
pub fn ForgotPage() -> impl IntoView {
    view! {
        <Card title="Forgot your password?">
            <p>"Tell us who you are, and we send a link with which to set a new one."</p>
            <Form name="forgot" action=ForgotPassword::url() submit="Send me a link">
                <Field name="login" label="Username or e-mail" autocomplete="username" />
            </Form>
            <p class="card-else">"It came back to you? " <a href=routes::SIGN_IN rel="external">"Sign in"</a></p>
        </Card>
    }
}

/// `/forgot/sent`: says the same whether or not there is such an account.
#[component]
pub fn ForgotSentPage() -> impl IntoView {
    view! {
        <Card title="Look at your mail">
            <p>"If there is such an account, a link is on its way to its address. Open it, or type the code from the mail here."</p>
            <CodeForm registration="" />
            <DevelopmentMail />
            <p class="card-else">
                "Nothing came? " <a href=routes::FORGOT rel="external">"Try again"</a>
            </p>
        </Card>
    }
}
