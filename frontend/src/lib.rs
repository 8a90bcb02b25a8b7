//! # The browser's plug
//!
//! Brings the server's pages to life and connects them to the socket. What is done here needs a browser; what can be
//! done without one is done in `app` and `sync`.
//!
//! | file | holds |
//! |---|---|
//! | [`hydrate()`], [`mount()`] | the start, called by `/boot.js`; the second without a network |
//! | `device` | what is kept here, told to the other windows, and shown outside of the page |
//! | `public/device.js` | the same, on the browser's side: `shelf.js` keeps, `tabs.js` tells, `signs.js` shows |
//! | `mail` | this browser's copy of the mailbox, and its replication |
//! | `socket` | the connection to `/api/v1/socket`: when to connect, when to give up, when to come back |
//! | `wire` | one WebSocket and its frames |
//! | `public/boot.js` | loads all this, tells when it can't, and watches for new versions |
//! | `service-worker.js` | the template of `/sw.js`, which the server fills in |

#![cfg(target_arch = "wasm32")]

mod device;
mod mail;
mod socket;
mod wire;

use app::{Remembered, Store};
use device::Plug;
use leptos::prelude::*;
use wasm_bindgen::prelude::wasm_bindgen;

/// Brings the page to life.
#[wasm_bindgen]
pub fn hydrate(plug: Plug) {
    tell_of_panics();
    leptos::mount::hydrate_body(move || {
        let store = Store::new();
        provide_context(store);
        Effect::new(move || alive(store));
        let plug = std::cell::Cell::new(Some(plug));
        Effect::new(move || {
            if let Some(plug) = plug.take() {
                store.remember(device::take(plug, store));
                mail::start(store);
            }
        });
        app::App()
    });
}

/// Makes the page of what this device remembers, when there is no network; leaves it as it is when that is nothing.
#[wasm_bindgen]
pub async fn mount(plug: Plug) {
    tell_of_panics();
    let owner = Owner::new();
    let store = owner.with(Store::new);
    let device = device::take(plug, store);
    let Some(remembered) = Remembered::read(&*device).await else {
        return;
    };
    let Some(body) = document().body() else { return };
    body.set_inner_html("");
    leptos::mount::mount_to_renderer(&body, move || {
        provide_context(store);
        provide_context(remembered.me.clone());
        store.begin_with(remembered);
        let app = app::App();
        store.remember(device);
        mail::start(store);
        alive(store);
        app
    })
    .forget();
    std::mem::forget(owner);
}

/// The page is dead after a panic: `/boot.js` says so and offers to reload.
fn tell_of_panics() {
    std::panic::set_hook(Box::new(|panic| {
        console_error_panic_hook::hook(panic);
        if let Ok(event) = web_sys::Event::new("roost:broken") {
            _ = window().dispatch_event(&event);
        }
    }));
}

fn alive(store: Store) {
    if store.me.with_untracked(Option::is_some) {
        socket::start(store);
    }
    if let Some(root) = document().document_element() {
        _ = root.set_attribute("data-hydrated", "");
    }
}
