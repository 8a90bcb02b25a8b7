//! Forms that work with and without JavaScript: what was refused stands beside its field, a summary takes the focus,
//! and what was typed stays.

use crate::{
    doors::Refused,
    facts::{DONE, flash_for},
    ui::browser::{browser_leave_for, focus},
};
use leptos::prelude::*;
use model::{Code, Rejection};
use std::collections::BTreeMap;

/// How a form stands. Its fields find it in their context.
#[derive(Clone, Copy)]
pub struct FormState {
    /// Why the last posting was refused.
    pub rejection: Signal<Option<Rejection>>,
    /// Whether an answer is awaited.
    pub pending: Signal<bool>,
    typed: StoredValue<BTreeMap<String, String>>,
}

impl FormState {
    /// Whether it was refused with this code.
    pub fn is(self, code: Code) -> bool {
        self.rejection
            .with(|rejection| rejection.as_ref().is_some_and(|rejection| rejection.code == code))
    }

    /// Whether this field was to blame.
    pub fn blames(self, field: &str) -> bool {
        self.rejection.with(|rejection| {
            rejection
                .as_ref()
                .is_some_and(|rejection| rejection.about(field).is_some())
        })
    }
}

/// Makes the state of the form `form`, which `action` posts: from the action once there is JavaScript, from the flash
/// that a posting without it left. When the posting succeeds, the browser goes where the answer says.
pub fn form_state<S>(form: &'static str, action: ServerAction<S>) -> FormState
where
    S: server_fn::ServerFn<Output = String, Error = Refused> + Clone + Send + Sync + 'static,
{
    let flash = flash_for(form).unwrap_or_default();
    let earlier = StoredValue::new(flash.rejection);
    let value = action.value();
    let rejection = Signal::derive(move || match value.get() {
        Some(Err(Refused(rejection))) => Some(rejection),
        Some(Ok(_)) => None,
        None => earlier.get_value(),
    });
    follow(action);
    Effect::new(move |before: Option<()>| {
        if rejection.with(Option::is_some) && (before.is_some() || value.with_untracked(Option::is_none)) {
            request_animation_frame(|| focus("form-errors"));
        }
    });
    let state = FormState {
        rejection,
        pending: action.pending().into(),
        typed: StoredValue::new(flash.values),
    };
    provide_context(state);
    state
}

/// When the action succeeds, goes where its answer says.
fn follow<S>(action: ServerAction<S>)
where
    S: server_fn::ServerFn<Output = String, Error = Refused> + Clone + Send + Sync + 'static,
{
    let value = action.value();
    Effect::new(move || {
        if let Some(Ok(next)) = value.get() {
            browser_leave_for(&next);
        }
    });
}

/// A form that the browser posts by itself, for what is seldom done: it costs the first load next to nothing. What was
/// refused comes back in the flash.
#[component]
pub fn PlainForm(
    /// What its flash is called.
    name: &'static str,
    /// The server function that it posts to.
    action: &'static str,
    /// What its button says.
    submit: &'static str,
    /// It can't be undone.
    #[prop(optional)]
    danger: bool,
    /// The fields.
    children: Children,
) -> impl IntoView {
    let flash = flash_for(name).unwrap_or_default();
    let refused = flash.rejection.is_some();
    let rejection = StoredValue::new(flash.rejection);
    Effect::new(move || {
        if refused {
            request_animation_frame(|| focus("form-errors"));
        }
    });
    provide_context(FormState {
        rejection: Signal::derive(move || rejection.get_value()),
        pending: Signal::derive(|| false),
        typed: StoredValue::new(flash.values),
    });
    let class = if danger {
        "button button-danger"
    } else {
        "button button-main"
    };
    view! {
        <form class="form" method="post" action=action novalidate>
            <FormErrors />
            {children()}
            <button class=class type="submit">{submit}</button>
        </form>
    }
}

/// What was done by the form that led here, if anything.
#[component]
pub fn Done() -> impl IntoView {
    flash_for(DONE).map(|mut flash| view! { <p class="note" role="status">{flash.values.remove(DONE)}</p> })
}

/// What is wrong with the form as a whole, with a way to each field that is to blame.
#[component]
pub fn FormErrors() -> impl IntoView {
    let state = expect_form();
    let list = |rejection: Rejection| {
        let fields = rejection.errors.into_iter().map(|(field, reasons)| {
            view! { <li><a href=format!("#{field}") rel="external">{reasons.join(" ")}</a></li> }
        });
        view! { <p>{rejection.detail}</p> <ul>{fields.collect_view()}</ul> }
    };
    view! {
        <div class="form-errors-place" role="alert">
            {move || {
                state.rejection.get().map(|rejection| {
                    view! { <div class="form-errors" id="form-errors" tabindex="-1">{list(rejection)}</div> }
                })
            }}
        </div>
    }
}

/// A labelled field with its hint and its error.
#[component]
pub fn Field(
    /// Its name in the form, its id, and what errors call it.
    name: &'static str,
    /// What people call it.
    label: &'static str,
    /// The type of the input.
    #[prop(default = "text")]
    kind: &'static str,
    /// What the browser may fill in.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// A word of help.
    #[prop(optional)]
    hint: &'static str,
    /// What it begins with, when nothing was typed before.
    #[prop(optional, into)]
    value: String,
    /// May stay empty.
    #[prop(optional)]
    optional: bool,
    /// Hears of typing.
    #[prop(optional, into)]
    on_typed: Option<Callback<String>>,
) -> impl IntoView {
    let state = expect_form();
    let error = move || {
        state
            .rejection
            .with(|rejection| rejection.as_ref().and_then(|r| r.about(name)))
    };
    let typed = state
        .typed
        .with_value(|typed| typed.get(name).cloned())
        .unwrap_or(value);
    let typed = (kind != "password").then_some(typed);
    let described = move || {
        let error = error().map(|_| format!("{name}-error"));
        let hint = (!hint.is_empty()).then(|| format!("{name}-hint"));
        let ids: Vec<_> = error.into_iter().chain(hint).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    };
    view! {
        <div class="field" data-wrong=move || error().map(|_| "")>
            <label for=name>{label} {optional.then(|| view! { <small>" optional"</small> })}</label>
            <input
                id=name
                name=name
                type=kind
                value=typed
                autocomplete=autocomplete
                autocapitalize=(name != "display_name").then_some("none")
                spellcheck="false"
                required=!optional
                aria-invalid=move || error().map(|_| "true")
                aria-describedby=described
                on:input:target=move |event| {
                    if let Some(on_typed) = on_typed {
                        on_typed.run(event.target().value());
                    }
                }
            />
            {move || error().map(|error| view! { <p class="field-error" id=format!("{name}-error")>{error}</p> })}
            {(!hint.is_empty()).then(|| view! { <p class="field-hint" id=format!("{name}-hint")>{hint}</p> })}
        </div>
    }
}

/// A value that goes along unseen.
#[component]
pub fn HiddenField(
    /// Its name.
    name: &'static str,
    /// Its value.
    #[prop(into)]
    value: String,
) -> impl IntoView {
    view! { <input type="hidden" name=name value=value /> }
}

/// The button that posts the form.
#[component]
pub fn Submit(
    /// What it says.
    children: Children,
) -> impl IntoView {
    let state = expect_form();
    view! {
        <button class="button button-main" type="submit" aria-busy=move || state.pending.get().then_some("true")>
            {children()}
        </button>
    }
}

fn expect_form() -> FormState {
    use_context().unwrap_or_else(|| FormState {
        rejection: Signal::derive(|| None),
        pending: Signal::derive(|| false),
        typed: StoredValue::default(),
    })
}
