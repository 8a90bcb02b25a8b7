//! # The browser's plug
//!
//! Brings the server's pages to life and connects them to the socket. What is done here needs a browser; what can be
//! done without one is done in `app` and `sync`.
//!
//! | file | holds |
//! |---|---|
//! | [`hydrate()`] | the start, called by `/boot.js` |
//! | `socket` | the connection to `/api/v1/socket`: when to connect, when to give up, when to come back |
//! | `wire` | one WebSocket and its frames |
//! | `public/boot.js` | loads all this, tells when it can't, and watches for new versions |
//! | `service-worker.js` | the template of `/sw.js`, which the server fills in |

#![cfg(target_arch = "wasm32")]

mod socket;
mod wire;

use app::Store;
use leptos::prelude::*;
use wasm_bindgen::prelude::wasm_bindgen;

/// Brings the page to life.
#[wasm_bindgen]
pub fn hydrate() {
    std::panic::set_hook(Box::new(|panic| {
        console_error_panic_hook::hook(panic);
        // The page is dead after a panic: `/boot.js` says so and offers to reload.
        if let Ok(event) = web_sys::Event::new("roost:broken") {
            _ = window().dispatch_event(&event);
        }
    }));
    leptos::mount::hydrate_body(|| {
        let store = Store::new();
        provide_context(store);
        Effect::new(move || {
            if store.me.with_untracked(Option::is_some) {
                socket::start(store);
            }
            if let Some(root) = document().document_element() {
                _ = root.set_attribute("data-hydrated", "");
            }
        });
        app::App()
    });
}
