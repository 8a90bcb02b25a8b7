//! The few things asked of the browser. None of them is called while the server renders, save [`lead_to`].

use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Leads whoever sees this page to another: by the reply's status on the server, by the location in the browser.
pub fn lead_to(path: &str) {
    #[cfg(feature = "ssr")]
    crate::context::lead_to(path);
    #[cfg(not(feature = "ssr"))]
    browser_leave_for(path);
}

/// Loads another page from the server, so that everything of the page before is gone: who is there has changed.
pub fn browser_leave_for(path: &str) {
    _ = window().location().assign(path);
}

/// Moves the focus to the element with this id.
pub fn focus(id: &str) {
    let element = document()
        .get_element_by_id(id)
        .and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(element) = element {
        _ = element.focus();
    }
}

/// Keeps a choice of this device for a year.
pub fn keep_cookie(name: &str, value: &str) {
    if let Ok(document) = document().dyn_into::<web_sys::HtmlDocument>() {
        _ = document.set_cookie(&format!("{name}={value}; Path=/; SameSite=Lax; Max-Age=31536000"));
    }
}

/// Whether a key is a command and not typed into something.
pub fn key_is_plain(event: &web_sys::KeyboardEvent) -> bool {
    let typing = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .is_some_and(|element| matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"));
    !typing && !event.ctrl_key() && !event.meta_key() && !event.alt_key() && !event.is_composing()
}
