//! What `public/mail-shelf.js` and `public/mail-net.js` do.

use sync::mailbox::replica::StoreError;
use wasm_bindgen::prelude::{Closure, JsValue, wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    /// The database of one account.
    #[derive(Clone)]
    pub type Shelf;

    #[wasm_bindgen(method, catch)]
    pub async fn life(this: &Shelf) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub async fn docs(this: &Shelf, life: &str, ids: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub async fn changes(this: &Shelf, life: &str, since: f64, limit: u32) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub async fn bodies(this: &Shelf, life: &str, keys: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub async fn locals(this: &Shelf, life: &str, prefix: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub async fn look(this: &Shelf, life: &str, letters: &str, ids: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub async fn commit(
        this: &Shelf,
        life: &str,
        batch: &str,
        strict: bool,
        files: js_sys::Array,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub async fn list(this: &Shelf, life: &str, list: &str, skip: f64, limit: f64) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub async fn counts(this: &Shelf, life: &str, lists: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub async fn desk(this: &Shelf, life: &str, prefix: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub async fn mine(this: &Shelf, life: &str, since: f64) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub async fn file(this: &Shelf, life: &str, id: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = keepFile)]
    pub async fn keep_file(this: &Shelf, life: &str, id: &str, bytes: js_sys::Uint8Array) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub async fn unindexed(this: &Shelf, life: &str, blocks: u32) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub async fn index(this: &Shelf, life: &str, place: &str, letters: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub async fn search(this: &Shelf, life: &str, words: &str, skip: f64, limit: f64) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub async fn wipe(this: &Shelf) -> Result<JsValue, JsValue>;

    /// The way to the server and to the other windows.
    #[derive(Clone)]
    pub type Net;

    #[wasm_bindgen(method, catch)]
    pub async fn ask(
        this: &Net,
        method: &str,
        address: &str,
        body: Option<&str>,
        silence: f64,
        total: f64,
        signal: &web_sys::AbortSignal,
        raw: bool,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method)]
    pub fn lead(this: &Net, name: &str, act: &JsValue);
    #[wasm_bindgen(method)]
    pub fn channel(this: &Net, name: &str, hear: &Closure<dyn Fn(String)>) -> js_sys::Function;
    #[wasm_bindgen(method)]
    pub fn idle(this: &Net, act: &JsValue);
    #[wasm_bindgen(method)]
    pub fn awake(this: &Net, act: &Closure<dyn Fn(bool)>);
    #[wasm_bindgen(method, catch)]
    pub async fn persist(this: &Net, ask: bool) -> Result<JsValue, JsValue>;
}

/// What went wrong with a database.
pub enum Mishap {
    /// It is another one than it was: somebody wiped the site's data.
    Wiped,
    /// Anything else.
    Failed(StoreError),
}

/// Reads an error of the shelf, by its name.
pub fn mishap(error: &JsValue) -> Mishap {
    let word = |name: &str| {
        js_sys::Reflect::get(error, &name.into())
            .ok()
            .and_then(|word| word.as_string())
            .unwrap_or_default()
    };
    Mishap::Failed(match word("name").as_str() {
        "Wiped" => return Mishap::Wiped,
        "QuotaExceededError" => StoreError::Full,
        "VersionError" => StoreError::Newer,
        "InvalidStateError" | "AbortError" | "TransactionInactiveError" | "UnknownError" => StoreError::Lost,
        _ => StoreError::Broken(word("message")),
    })
}
