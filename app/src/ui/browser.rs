//! The few things asked of the browser. None of them is called while the server renders, save [`lead_to`].

use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// An overlay keeps so far from the edges of the window.
const MARGIN: f64 = 8.0;

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
    !is_field(event) && !event.ctrl_key() && !event.meta_key() && !event.alt_key() && !event.is_composing()
}

/// Whether a key is typed into a field.
pub fn is_field(event: &web_sys::KeyboardEvent) -> bool {
    target_of(event).is_some_and(|element| matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"))
}

/// What an event happened to.
pub fn target_of(event: &web_sys::Event) -> Option<web_sys::Element> {
    event.target().and_then(|target| target.dyn_into().ok())
}

/// What is typed into the field with this id.
pub fn value_of(id: &str) -> String {
    let field = document().get_element_by_id(id);
    let field = field.and_then(|field| field.dyn_into::<web_sys::HtmlInputElement>().ok());
    field.map(|field| field.value()).unwrap_or_default()
}

/// Copies a text for pasting.
pub fn copy(text: &str) {
    _ = window().navigator().clipboard().write_text(text);
}

/// The place below an element: its right edge and its lower edge, in pixels of the window.
pub fn place_of(element: &web_sys::Element) -> (f64, f64) {
    let edges = element.get_bounding_client_rect();
    (edges.right(), edges.bottom())
}

/// Puts an overlay below a place, and within the window.
pub fn place_at(overlay: &web_sys::HtmlElement, (right, bottom): (f64, f64)) {
    let size = |size: Result<wasm_bindgen::JsValue, _>| size.ok().and_then(|size| size.as_f64()).unwrap_or_default();
    let (width, height) = (size(window().inner_width()), size(window().inner_height()));
    let box_of = overlay.get_bounding_client_rect();
    let left = (right - box_of.width())
        .min(width - box_of.width() - MARGIN)
        .max(MARGIN);
    let top = bottom.min(height - box_of.height() - MARGIN).max(MARGIN);
    // Set by script, so the content security policy has nothing to say.
    let looks = overlay.style();
    _ = looks.set_property("left", &format!("{left}px"));
    _ = looks.set_property("top", &format!("{top}px"));
}

/// Moves the focus among the elements within a place: so many steps from the one that has it, round and round. Without
/// steps, to the first.
pub fn next_in(place: &web_sys::Element, selector: &str, step: i32) {
    let Ok(all) = place.query_selector_all(selector) else {
        return;
    };
    let all: Vec<web_sys::HtmlElement> = (0..all.length()).filter_map(|n| all.get(n)?.dyn_into().ok()).collect();
    let here = document().active_element();
    let at = all
        .iter()
        .position(|one| here.as_ref().is_some_and(|here| **one == *here));
    let count = i32::try_from(all.len()).unwrap_or(i32::MAX).max(1);
    let at = at
        .and_then(|at| i32::try_from(at).ok())
        .map_or(if step < 0 { count - 1 } else { 0 }, |at| (at + step).rem_euclid(count));
    if let Some(next) = usize::try_from(at).ok().and_then(|at| all.get(at)) {
        _ = next.focus();
    }
}

/// Moves the focus to the next neighbour that can have it, or the one before. Says whether there was one.
pub fn step_to(here: &web_sys::Element, forward: bool) -> bool {
    let mut next = Some(here.clone());
    loop {
        next = next.and_then(|at| {
            if forward {
                at.next_element_sibling()
            } else {
                at.previous_element_sibling()
            }
        });
        match next.as_ref().and_then(|at| at.dyn_ref::<web_sys::HtmlElement>()) {
            None => return false,
            Some(at) if at.has_attribute("tabindex") => return at.focus().is_ok(),
            Some(_) => {}
        }
    }
}

/// Whether nothing has the focus.
pub fn is_nowhere() -> bool {
    document().active_element().is_none_or(|at| at.tag_name() == "BODY")
}
