//! A code: typing it, and doing what it allows: setting a password, or making an address one's own.

use super::{
    SetPassword,
    doors::{Allows, CodeView, inspect_code},
    frame::{Card, DevelopmentMail},
    password::PasswordFields,
};
use crate::{
    routes,
    settings::ConfirmEmail,
    ui::{Field, Form, HiddenField, use_form},
};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use model::Code;
use server_fn::ServerFn;

/// `/confirm`: with `?code=`, what was typed; without, a field for it.
#[component]
pub fn CodePage() -> impl IntoView {
    let query = use_query_map().get_untracked();
    match query
        .get("code")
        .map(|code| code.trim().to_owned())
        .filter(|code| !code.is_empty())
    {
        Some(code) => view! { <CodeGate code registration=query.get("registration") /> }.into_any(),
        None => view! {
            <Card title="Type your code">
                <p>"The code is in the mail that we sent you."</p>
                <CodeForm registration="" />
                <DevelopmentMail />
            </Card>
        }
        .into_any(),
    }
}

/// `/confirm/{code}`: the link in the mail.
#[component]
pub fn ConfirmPage() -> impl IntoView {
    let code = use_params_map().get_untracked().get("code").unwrap_or_default();
    view! { <CodeGate code registration=None /> }
}

/// The field for a code. A plain form: it only leads to the page of that code.
#[component]
pub fn CodeForm(
    /// The sign-up that it is typed for, when known.
    #[prop(into)]
    registration: String,
) -> impl IntoView {
    let registration = Some(registration)
        .filter(|id| !id.is_empty())
        .map(|id| view! { <HiddenField name="registration" value=id /> });
    view! {
        <form class="form form-code" method="get" action=routes::CONFIRM>
            <div class="field">
                <label for="code">"Code"</label>
                <input id="code" name="code" autocomplete="one-time-code" autocapitalize="characters" spellcheck="false" required />
            </div>
            {registration}
            <button class="button button-main" type="submit">"Continue"</button>
        </form>
    }
}

/// Looks at the code, and shows the form or the refusal.
#[component]
fn CodeGate(code: String, registration: Option<String>) -> impl IntoView {
    let asked = (code.clone(), registration);
    let subject = OnceResource::new_blocking(async move { inspect_code(asked.0, asked.1).await });
    view! {
        <Suspense fallback=|| ()>
            {move || {
                let code = code.clone();
                Suspend::new(async move {
                    match subject.await {
                        Ok(subject) if subject.allows == Allows::NewEmail => view! { <NewEmail code subject /> }.into_any(),
                        Ok(subject) => view! { <NewPassword code subject /> }.into_any(),
                        Err(refused) if refused.0.code == Code::CodeInvalid => view! { <SpentCode /> }.into_any(),
                        Err(refused) => {
                            view! { <Card title="Not now"><p role="alert">{refused.0.detail}</p></Card> }.into_any()
                        }
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn NewPassword(code: String, subject: CodeView) -> impl IntoView {
    let title = match subject.allows {
        Allows::FirstPassword => "Set your password",
        Allows::NewPassword | Allows::NewEmail => "Set a new password",
    };
    let username = subject.username.unwrap_or_default();
    let (shown, about) = (username.clone(), username.clone());
    view! {
        <Card title=title>
            {(!shown.is_empty()).then(|| view! { <p>"For " <strong dir="auto">{shown}</strong> "."</p> })}
            <Form name="set-password" action=SetPassword::url() submit="Set password">
                <HiddenField name="code" value=code />
                <WantedName username />
                <PasswordFields about />
            </Form>
        </Card>
    }
}

/// The username, to be chosen anew when it went to somebody else meanwhile.
#[component]
fn WantedName(username: String) -> impl IntoView {
    let form = use_form();
    if form.is(Code::UsernameTaken) || form.error("username").is_some() {
        view! { <Field name="username" label="Username" autocomplete="username" hint="Choose another one." /> }
            .into_any()
    } else {
        // For password managers; the form does not send it.
        view! {
            <input class="hidden" type="text" autocomplete="username" value=username readonly tabindex="-1" aria-hidden="true" />
        }
        .into_any()
    }
}

/// One more click, since scanners of mails open links, too.
#[component]
fn NewEmail(code: String, subject: CodeView) -> impl IntoView {
    view! {
        <Card title="Confirm this address">
            <p>"From now on, the mails for " <strong dir="auto">{subject.username}</strong> " come to the address at which you got this link."</p>
            <Form name="confirm-email" action=ConfirmEmail::url() submit="Confirm this address">
                <HiddenField name="code" value=code />
            </Form>
        </Card>
    }
}

/// A used, wrong or expired code. The reply's status is 403.
#[component]
fn SpentCode() -> impl IntoView {
    view! {
        <Card title="Forbidden: this code is not valid">
            <p>"It was used already, has expired, or was never valid. You can have a new one:"</p>
            <p class="card-choices">
                <a class="button button-main" href=routes::SIGN_UP rel="external">"Sign up again"</a>
                <a class="button" href=routes::FORGOT rel="external">"I have an account"</a>
            </p>
            <p class="card-else">"Or " <a href=routes::CONFIRM rel="external">"type another code"</a> "."</p>
        </Card>
    }
}
