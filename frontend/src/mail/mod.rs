//! # The browser's copy of the mailbox
//!
//! | file | holds |
//! |---|---|
//! | this one | the start, and what wakes it |
//! | `copy` | the copy, its replication, and all that is done with it |
//! | `owner` | the same, as the screens ask for it |

mod copy;
mod owner;

use app::Store;
use copy::{
    Net, Shelf, drive,
    hub::{Hub, Why, owed},
    store::Copy,
};
use leptos::prelude::{GetUntracked, Set};
use owner::Owner;
use std::{cell::RefCell, rc::Rc, sync::Arc};
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use wasm_bindgen_futures::spawn_local;

#[wasm_bindgen]
extern "C" {
    /// What `device.js` makes for one account.
    type Parts;

    #[wasm_bindgen(method, getter)]
    fn shelf(this: &Parts) -> Shelf;
    #[wasm_bindgen(method, getter)]
    fn net(this: &Parts) -> Net;
}

thread_local! {
    static HUB: RefCell<Option<Rc<Hub>>> = const { RefCell::new(None) };
}

/// Opens the copy of whoever is signed in, hands it to the screens, and replicates when the page has nothing better to do. The device has
/// to be taken before.
pub fn start(store: Store) {
    let me = store.me.get_untracked();
    spawn_local(clear_out(me.as_ref().map(|me| me.id.to_string())));
    let Some(me) = me else { return };
    let account = me.id.to_string();
    spawn_local(async move {
        let address = format!("/mailbox/{}", js_sys::encode_uri_component(&me.username));
        let Some(parts) = parts(&account).await else { return };
        let Ok(hub) = Hub::open(parts.shelf(), parts.net(), &account, address).await else {
            return;
        };
        HUB.set(Some(hub.clone()));
        store.mailbox.set(Some(Arc::new(Owner::of(hub.clone()))));
        lead_when_idle(&hub, account);
    });
}

async fn parts(account: &str) -> Option<Parts> {
    crate::device::mail(account)
        .await
        .ok()
        .map(wasm_bindgen::JsCast::unchecked_into)
}

/// Throws away the copies of all others: their session here is over. One that has what its server lacks waits for its owner.
async fn clear_out(except: Option<String>) {
    for account in crate::device::mailboxes().await {
        if Some(&account) == except.as_ref() {
            continue;
        }
        if let Some(parts) = parts(&account).await
            && let Ok(copy) = Copy::open(parts.shelf()).await
            && is_settled(&copy).await
        {
            _ = copy.wipe().await;
        }
    }
}

async fn is_settled(copy: &Copy) -> bool {
    let denied = copy.locals("denied/").await;
    owed(copy).await == Ok((0, 0)) && denied.is_ok_and(|denied| denied.is_empty())
}

/// Somebody heard that a letter came.
pub fn nudge() {
    if let Some(hub) = HUB.with_borrow(Clone::clone) {
        hub.wake(Why::Hurry);
    }
}

fn lead_when_idle(hub: &Rc<Hub>, account: String) {
    let net = hub.net.clone();
    let hub = hub.clone();
    let begin = Closure::once_into_js(move || {
        let leader = hub.clone();
        let lead = Closure::once_into_js(move || begin_to_lead(&leader));
        hub.net.lead(&account, &lead);
    });
    net.idle(&begin);
}

fn begin_to_lead(hub: &Rc<Hub>) {
    let noting = hub.clone();
    drive(hub, move || {
        let hub = noting.clone();
        // What was not noted is noted before the next search, in any case.
        let note = Closure::once_into_js(move || spawn_local(async move { _ = hub.note_words().await }));
        noting.net.idle(&note);
    });
    let woken = hub.clone();
    let awake = Closure::<dyn Fn(bool)>::new(move |frozen: bool| {
        woken.wake(if frozen { Why::Frozen } else { Why::Hurry });
    });
    hub.net.awake(&awake);
    // It lives as long as the page.
    awake.forget();
}
