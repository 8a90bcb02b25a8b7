//! What the server tells every page, in one piece that crosses to the browser with the document, so that hydration
//! starts from exactly what was rendered.

use leptos::prelude::*;
use model::{Account, RegistrationPolicy, Rejection};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Light, dark, or as the device wishes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the device wishes.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    /// As the cookie and `data-theme` write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// What the cookie says; anything unknown is [`Theme::Auto`].
    #[must_use]
    #[cfg(feature = "ssr")]
    pub fn parse(text: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|theme| theme.as_str() == text)
            .unwrap_or_default()
    }
}

/// The form of a flash that says what was done, and the name of the value in which it says so.
pub const DONE: &str = "done";

/// What a reply leaves for the page that comes next: a refused form with what was typed (never passwords), what was done,
/// or the address that a mail was sent to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    /// Which form.
    pub form: String,
    /// What was typed.
    pub values: BTreeMap<String, String>,
    /// Why it was refused.
    pub rejection: Option<Rejection>,
}

/// The facts themselves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Who is signed in.
    pub me: Option<Account>,
    /// Whether `/dev/mail` exists.
    pub development: bool,
    /// Who may sign up, on the page for it.
    pub registration: Option<RegistrationPolicy>,
    /// The theme.
    pub theme: Theme,
    /// What the device adds to UTC, in minutes, as far as it has told.
    pub offset_minutes: i32,
    /// When the page was rendered, in milliseconds since the epoch.
    pub now_millis: i64,
    /// What the last reply left for this page.
    pub flash: Option<Flash>,
}

/// The facts of this page.
#[must_use]
pub fn use_facts() -> StoredValue<Facts> {
    use_context().unwrap_or_else(|| StoredValue::new(Facts::default()))
}

/// What the last reply left for this form. In the browser it is forgotten once the page stands, so that coming back to
/// the page without loading it anew begins afresh.
#[must_use]
pub(crate) fn flash_for(form: &'static str) -> Option<Flash> {
    let facts = use_facts();
    let mine = move |flash: &Flash| flash.form == form;
    Effect::new(move || {
        facts.update_value(|facts| {
            if facts.flash.as_ref().is_some_and(mine) {
                facts.flash = None;
            }
        });
    });
    facts.with_value(|facts| facts.flash.clone()).filter(mine)
}

/// Gathers the facts on the server, or finds them in the document in the browser, and provides them to all pages.
pub(crate) fn provide_facts() -> Facts {
    let facts = SharedValue::new(gather).into_inner();
    provide_context(StoredValue::new(facts.clone()));
    facts
}

#[cfg(feature = "ssr")]
fn gather() -> Facts {
    use crate::{context::Visitor, cookies};
    let Some(visitor) = use_context::<Visitor>() else {
        return Facts::default();
    };
    Facts {
        me: visitor.actor.map(|actor| actor.account),
        development: visitor.development,
        registration: visitor.registration,
        theme: theme_of_request(),
        offset_minutes: cookies::read("tz")
            .and_then(|tz| tz.parse().ok())
            .unwrap_or(0_i32)
            .clamp(-900, 900),
        now_millis: visitor.env.now().millis(),
        flash: cookies::take_flash(),
    }
}

/// Without a document of the server (and without a network), this device says who was here.
#[cfg(not(feature = "ssr"))]
fn gather() -> Facts {
    Facts {
        me: use_context(),
        ..Facts::default()
    }
}

/// The theme of the request's cookie.
#[cfg(feature = "ssr")]
pub(crate) fn theme_of_request() -> Theme {
    crate::cookies::read("theme")
        .map(|theme| Theme::parse(&theme))
        .unwrap_or_default()
}
