//! The device, for the screens: what `public/shelf.js`, `public/tabs.js` and `public/signs.js` do, handed in by `boot.js`.

use app::{Device, Soon, Store};
use std::{cell::RefCell, sync::Arc};
use wasm_bindgen::prelude::{Closure, JsValue, wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    /// What `boot.js` hands in.
    pub type Plug;

    #[wasm_bindgen(method, catch)]
    async fn read(this: &Plug, table: &str, prefix: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn write(this: &Plug, changes: &str, strict: bool) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method)]
    fn live(this: &Plug, tab: &str);
    #[wasm_bindgen(method, js_name = whenGone)]
    fn when_gone(this: &Plug, tab: &str, act: JsValue);
    #[wasm_bindgen(method)]
    fn watched(this: &Plug, seen: bool);
    #[wasm_bindgen(method, catch, js_name = anyWatched)]
    async fn any_watched(this: &Plug) -> Result<JsValue, JsValue>;
    /// Hears the other windows, and the service worker's word of where to go.
    #[wasm_bindgen(method)]
    fn listen(
        this: &Plug,
        hear: &Closure<dyn Fn(String)>,
        lead: &Closure<dyn Fn(String)>,
        concern: &Closure<dyn Fn(String)>,
    );
    #[wasm_bindgen(method)]
    fn tell(this: &Plug, text: &str);
    #[wasm_bindgen(method)]
    fn count(this: &Plug, unread: f64);
    #[wasm_bindgen(method)]
    fn notify(this: &Plug, tag: &str, title: &str, body: &str, path: &str);
    #[wasm_bindgen(method)]
    fn unnotify(this: &Plug, tag: &str);
    #[wasm_bindgen(method)]
    fn allowed(this: &Plug) -> String;
    #[wasm_bindgen(method, catch)]
    async fn ask(this: &Plug) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method)]
    fn persist(this: &Plug);
    #[wasm_bindgen(method, catch)]
    async fn mail(this: &Plug, account: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn mailboxes(this: &Plug) -> Result<JsValue, JsValue>;
}

struct Held {
    plug: std::rc::Rc<Plug>,
    tab: String,
}

thread_local! {
    static HELD: RefCell<Option<Held>> = const { RefCell::new(None) };
}

fn with<T>(act: impl FnOnce(&Plug) -> T) -> Option<T> {
    // The way out is taken first: what is asked of the plug may ask back.
    let plug = HELD.with_borrow(|held| held.as_ref().map(|held| held.plug.clone()))?;
    Some(act(&plug))
}

fn plug() -> Option<std::rc::Rc<Plug>> {
    HELD.with_borrow(|held| held.as_ref().map(|held| held.plug.clone()))
}

/// The database of an account's mailbox, and its way to the server.
pub async fn mail(account: &str) -> Result<JsValue, JsValue> {
    match plug() {
        Some(plug) => plug.mail(account).await,
        None => Err(JsValue::UNDEFINED),
    }
}

/// The accounts whose mailboxes have a copy here.
pub async fn mailboxes() -> Vec<String> {
    let Some(plug) = plug() else { return Vec::new() };
    let found = plug.mailboxes().await;
    let found = found.map(|names| js_sys::Array::from(&names)).unwrap_or_default();
    found.iter().filter_map(|name| name.as_string()).collect()
}

/// The device of this browser.
struct Browser;

/// Takes the plug, and connects the store to the other windows.
#[expect(clippy::disallowed_methods, reason = "the browser's own chance names its window")]
pub fn take(plug: Plug, store: Store) -> Arc<dyn Device> {
    let tab = uuid::Uuid::now_v7().to_string();
    plug.live(&tab);
    let hear = Closure::<dyn Fn(String)>::new(move |text: String| store.hear(&text));
    let lead = Closure::<dyn Fn(String)>::new(move |path: String| lead_to(store, path));
    let concern = Closure::<dyn Fn(String)>::new(move |text: String| worry(store, text));
    plug.listen(&hear, &lead, &concern);
    // They live as long as the page.
    hear.forget();
    lead.forget();
    concern.forget();
    HELD.set(Some(Held {
        plug: std::rc::Rc::new(plug),
        tab,
    }));
    Arc::new(Browser)
}

fn lead_to(store: Store, path: String) {
    use leptos::prelude::Set;
    store.lead.set(Some(path));
}

fn worry(store: Store, text: String) {
    use leptos::prelude::Set;
    store.concern.set(Some(text));
}

impl Device for Browser {
    fn read(&self, table: &'static str, prefix: String) -> Soon<Option<String>> {
        Box::pin(async move { plug()?.read(table, &prefix).await.ok()?.as_string() })
    }

    fn write(&self, changes: String, strict: bool) -> Soon<bool> {
        Box::pin(async move {
            match plug() {
                Some(plug) => plug.write(&changes, strict).await.is_ok(),
                None => false,
            }
        })
    }

    fn tab(&self) -> String {
        HELD.with_borrow(|held| held.as_ref().map(|held| held.tab.clone()).unwrap_or_default())
    }

    fn when_gone(&self, tab: &str, act: Box<dyn FnOnce()>) {
        with(|plug| plug.when_gone(tab, Closure::once_into_js(act)));
    }

    fn tell(&self, text: &str) {
        with(|plug| plug.tell(text));
    }

    fn watched(&self, seen: bool) {
        with(|plug| plug.watched(seen));
    }

    fn any_watched(&self) -> Soon<bool> {
        Box::pin(async {
            match plug() {
                Some(plug) => plug.any_watched().await.is_ok_and(|seen| seen.is_truthy()),
                None => true,
            }
        })
    }

    #[expect(clippy::cast_precision_loss, reason = "nobody has so much to read")]
    fn count(&self, unread: u64) {
        with(|plug| plug.count(unread as f64));
    }

    fn notify(&self, tag: &str, title: &str, body: &str, path: &str) {
        with(|plug| plug.notify(tag, title, body, path));
    }

    fn unnotify(&self, tag: &str) {
        with(|plug| plug.unnotify(tag));
    }

    fn notices(&self) -> String {
        with(Plug::allowed).unwrap_or_default()
    }

    fn ask_for_notices(&self) -> Soon<String> {
        Box::pin(async {
            match plug() {
                Some(plug) => plug
                    .ask()
                    .await
                    .ok()
                    .and_then(|answer| answer.as_string())
                    .unwrap_or_default(),
                None => String::new(),
            }
        })
    }

    fn persist(&self) {
        with(Plug::persist);
    }
}
