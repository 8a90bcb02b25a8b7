//! Forms that work with and without JavaScript: what was refused stands beside its field, a summary takes the focus,
//! and what was typed stays, save passwords. The browser posts them by itself, and what was refused comes back in the
//! flash: one way for everybody, and next to nothing of it in the first load.

use crate::{
    facts::{DONE, Flash, flash_for},
    ui::browser::focus,
};
use leptos::prelude::*;
use model::{Code, Rejection};
use std::time::Duration;

/// For how long a form that is on its way is not posted a second time.
const ON_ITS_WAY: Duration = Duration::from_secs(5);

/// How a form stands. Its fields find it in their context.
#[derive(Clone, Copy)]
pub struct FormState(StoredValue<Flash>);

impl FormState {
    fn rejection<T>(self, read: impl FnOnce(&Rejection) -> Option<T>) -> Option<T> {
        self.0.with_value(|flash| flash.rejection.as_ref().and_then(read))
    }

    /// Whether it was refused with this code.
    pub fn is(self, code: Code) -> bool {
        self.rejection(|rejection| (rejection.code == code).then_some(()))
            .is_some()
    }

    /// What was wrong with a field.
    pub fn error(self, field: &str) -> Option<String> {
        self.rejection(|rejection| rejection.about(field))
    }
}

/// The form that one is in.
pub fn use_form() -> FormState {
    use_context().unwrap_or_else(|| FormState(StoredValue::default()))
}

/// A form with its button, posted to a server function.
#[component]
pub fn Form(
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
    Effect::new(move || {
        if refused {
            request_animation_frame(|| focus("form-errors"));
        }
    });
    provide_context(FormState(StoredValue::new(flash)));
    let sent = RwSignal::new(false);
    let class = if danger {
        "button button-danger"
    } else {
        "button button-main"
    };
    view! {
        <form
            class="form"
            method="post"
            action=action
            novalidate
            on:submit=move |event| {
                // Impatient fingers would use a code up and then be told that it is used up.
                if sent.get_untracked() {
                    event.prevent_default();
                } else {
                    sent.set(true);
                    set_timeout(move || sent.set(false), ON_ITS_WAY);
                }
            }
        >
            <FormErrors />
            {children()}
            <button class=class type="submit" aria-busy=move || sent.get().then_some("true")>{submit}</button>
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
fn FormErrors() -> impl IntoView {
    let list = |rejection: &Rejection| {
        let fields = rejection.errors.iter().map(|(field, reasons)| {
            view! { <li><a href=format!("#{field}") rel="external">{reasons.join(" ")}</a></li> }
        });
        Some(view! {
            <div class="form-errors" id="form-errors" tabindex="-1">
                <p>{rejection.detail.clone()}</p>
                <ul>{fields.collect_view()}</ul>
            </div>
        })
    };
    view! { <div class="form-errors-place" role="alert">{use_form().rejection(list)}</div> }
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
    let state = use_form();
    let error = state.error(name);
    let typed = state
        .0
        .with_value(|flash| flash.values.get(name).cloned())
        .unwrap_or(value);
    let typed = (kind != "password").then_some(typed);
    let wrong = error.is_some();
    let ids =
        [(wrong, "error"), (!hint.is_empty(), "hint")].map(|(there, what)| there.then(|| format!("{name}-{what}")));
    let described = ids
        .into_iter()
        .flatten()
        .reduce(|error, hint| format!("{error} {hint}"));
    view! {
        <div class="field" data-wrong=wrong.then_some("")>
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
                aria-invalid=wrong.then_some("true")
                aria-describedby=described
                on:input:target=move |event| {
                    if let Some(on_typed) = on_typed {
                        on_typed.run(event.target().value());
                    }
                }
            />
            {error.map(|error| view! { <p class="field-error" id=format!("{name}-error")>{error}</p> })}
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
