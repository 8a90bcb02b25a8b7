//! A new password, typed twice, with its strength told while it is typed.

use super::doors::measure_password;
use crate::ui::{Field, Pause};
use leptos::{prelude::*, task::spawn_local};
use model::{command::Strength, limits};
use std::time::Duration;

const WORDS: [&str; 5] = ["guessed at once", "weak", "fair", "good", "strong"];

/// Both fields and the meter.
#[component]
pub fn PasswordFields(
    /// What the password must not be made of: the username.
    #[prop(into)]
    about: String,
    /// What the first field is called.
    #[prop(default = "Password")]
    label: &'static str,
    /// What the second is called.
    #[prop(default = "Password again")]
    again: &'static str,
) -> impl IntoView {
    let strength = RwSignal::new(None::<Strength>);
    let newest = StoredValue::new(String::new());
    let pause = Pause::new(Duration::from_millis(250));
    let on_typed = move |password: String| {
        newest.set_value(password.clone());
        if password.is_empty() {
            strength.set(None);
        } else {
            let about = about.clone();
            pause.then(move || {
                spawn_local(async move {
                    let answer = measure_password(password.clone(), about).await;
                    if newest.get_value() == password {
                        strength.set(answer.ok());
                    }
                });
            });
        }
    };
    let hint = "At least 10 characters. Several words are a good password.";
    const { assert!(limits::PASSWORD_MIN == 10, "the hint says so") };
    view! {
        <Field name="password" label=label kind="password" autocomplete="new-password" hint=hint on_typed=Callback::new(on_typed) />
        <Meter strength />
        <Field name="password_confirmation" label=again kind="password" autocomplete="new-password" />
    }
}

#[component]
fn Meter(strength: RwSignal<Option<Strength>>) -> impl IntoView {
    let told = move || {
        strength.get().map(|strength| {
            let word = WORDS[usize::from(strength.score.min(4))];
            format!("Strength: {word}. {}", strength.advice)
        })
    };
    let score = move || strength.with(|strength| strength.as_ref().map(|strength| strength.score.to_string()));
    view! {
        <div class="meter" data-score=score data-testid="strength">
            <span class="meter-bars" aria-hidden="true"><i></i><i></i><i></i><i></i></span>
            <p class="meter-text" role="status">{told}</p>
        </div>
    }
}
