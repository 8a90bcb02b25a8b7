//! # The mailbox's copy, driven from a page
//!
//! The same files that the product is built of (`frontend/src/mail/copy`), with a door for tests and figures: what only they need must
//! not be in the product. Texts of JSON go in and out. `end2end/fixtures/mail.ts` puts it into a page of a running Roost.

#![cfg(target_arch = "wasm32")]

#[path = "../../src/mail/copy/mod.rs"]
mod copy;

use copy::{
    Net, Shelf,
    desk::{Done, Refusal},
    drive,
    hub::{Hub, Why},
    read::Going,
    store::Copy,
};
use model::mailbox::{Draft, Folder, Shelf as List};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::rc::Rc;
use sync::mailbox::{replica::conformance, view::Marking};
use uuid::Uuid;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

/// Goes through all that a store promises; `make` gives an empty database each time. Answers the first promise that is broken.
#[wasm_bindgen]
pub async fn check_store(make: js_sys::Function) -> Option<String> {
    console_error_panic_hook::set_once();
    let empty = || async {
        let shelf: Shelf = make.call0(&JsValue::NULL).map(JsCast::unchecked_into)?;
        Copy::open(shelf)
            .await
            .map_err(|error| JsValue::from(error.to_string()))
    };
    // A store that does not open is no store.
    if let Err(error) = empty().await {
        return Some(format!("it does not open: {error:?}"));
    }
    let open = || async {
        match empty().await {
            Ok(copy) => copy,
            Err(error) => wasm_bindgen::throw_val(error),
        }
    };
    conformance::check(open).await.err()
}

/// A mailbox.
#[wasm_bindgen]
pub struct Mail {
    hub: Rc<Hub>,
}

type Promised = js_sys::Promise;

fn answer<T: Serialize>(act: impl Future<Output = Done<T>> + 'static) -> Promised {
    future_to_promise(async move {
        let refused = |refusal: Refusal| match refusal {
            Refusal::Refused(reason) => JsValue::from(format!("refused: {reason}")),
            other => JsValue::from(format!("{other:?}")),
        };
        let value = act.await.map_err(refused)?;
        Ok(serde_json::to_string(&value).unwrap_or_default().into())
    })
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, JsValue> {
    serde_json::from_str(text).map_err(|error| error.to_string().into())
}

/// Opens a copy; it does not replicate yet.
#[wasm_bindgen]
pub async fn open(shelf: Shelf, net: Net, account: String, address: String) -> Result<Mail, JsValue> {
    console_error_panic_hook::set_once();
    let hub = Hub::open(shelf, net, &account, address).await;
    Ok(Mail {
        hub: hub.map_err(|error| error.to_string())?,
    })
}

fn folder(name: &str) -> Result<Folder, JsValue> {
    read(&json!(name).to_string())
}

#[wasm_bindgen]
impl Mail {
    /// Replicates from now on, in one window of all that want to.
    pub fn drive(&self) {
        let hub = self.hub.clone();
        let lead = Closure::once_into_js(move || drive(&hub, || {}));
        self.hub.net.lead(&self.hub.address, &lead);
    }

    /// Whether this window is the one.
    pub fn leads(&self) -> bool {
        self.hub.leads.get()
    }

    /// Tries now, in whichever window leads.
    pub fn sync_now(&self) {
        self.hub.hurry_up();
    }

    /// Something may have changed for the better.
    pub fn wake(&self, frozen: bool) {
        self.hub.wake(if frozen { Why::Frozen } else { Why::Hurry });
    }

    /// How it stands.
    pub fn state(&self) -> String {
        serde_json::to_string(&self.hub.standing()).unwrap_or_default()
    }

    /// Calls back after every change.
    pub fn watch(&self, changed: js_sys::Function) {
        self.hub.watch(move |documents| {
            _ = changed.call1(&JsValue::NULL, &documents.into());
        });
    }

    /// A part of a folder.
    pub fn list(&self, name: &str, skip: f64, limit: f64) -> Result<Promised, JsValue> {
        let (hub, shelf) = (self.hub.clone(), List::Folder(folder(name)?));
        Ok(answer(async move { hub.list(&shelf, whole(skip), whole(limit)).await }))
    }

    /// How many lie where.
    pub fn counts(&self) -> Promised {
        let hub = self.hub.clone();
        answer(async move { hub.counts().await })
    }

    /// A thread.
    pub fn thread(&self, letter: &str) -> Result<Promised, JsValue> {
        let (hub, id) = (self.hub.clone(), uuid(letter)?);
        Ok(answer(async move { hub.thread(id).await }))
    }

    /// Letters with these words.
    pub fn search(&self, question: String, skip: f64, limit: f64) -> Promised {
        let hub = self.hub.clone();
        answer(async move { hub.search(&question, whole(skip), whole(limit)).await })
    }

    /// Notes the words of letters.
    pub fn note_words(&self) -> Promised {
        let hub = self.hub.clone();
        answer(async move { hub.note_words().await })
    }

    /// Sets `move`, `read`, `star`, `label` or `unlabel` of letters.
    pub fn mark(&self, letters: &str, what: &str, value: &str) -> Result<Promised, JsValue> {
        let ids: Vec<Uuid> = read(letters)?;
        let marking = match what {
            "move" => Marking::Move(folder(value)?),
            "read" => Marking::Read(value == "true"),
            "star" => Marking::Star(value == "true"),
            "label" => Marking::Label(value.to_owned()),
            _ => Marking::Unlabel(value.to_owned()),
        };
        let hub = self.hub.clone();
        Ok(answer(async move {
            let undo = hub.mark(&ids, &marking).await?;
            Ok(undo
                .into_iter()
                .map(|(id, undo)| json!([id, format!("{undo:?}")]))
                .collect::<Vec<Value>>())
        }))
    }

    /// Keeps a draft.
    pub fn save_draft(&self, id: &str, seen: Option<String>, draft: &str) -> Result<Promised, JsValue> {
        let (hub, id, draft) = (self.hub.clone(), uuid(id)?, read::<Draft>(draft)?);
        Ok(answer(async move { hub.save_draft(id, seen, draft).await }))
    }

    /// Makes this the only version of a draft.
    pub fn choose_draft(&self, id: &str, draft: &str) -> Result<Promised, JsValue> {
        let (hub, id, draft) = (self.hub.clone(), uuid(id)?, read::<Draft>(draft)?);
        Ok(answer(async move { hub.choose_draft(id, draft).await }))
    }

    /// Throws a draft away.
    pub fn discard_draft(&self, id: &str) -> Result<Promised, JsValue> {
        let (hub, id) = (self.hub.clone(), uuid(id)?);
        Ok(answer(async move { hub.discard_draft(id).await }))
    }

    /// All drafts: `[id, [revision, words, files], others]`.
    pub fn drafts(&self) -> Promised {
        let hub = self.hub.clone();
        answer(async move { hub.drafts().await })
    }

    /// Makes an order of a draft.
    pub fn send(&self, id: &str, draft: &str) -> Result<Promised, JsValue> {
        let (hub, id, draft) = (self.hub.clone(), uuid(id)?, read::<Draft>(draft)?);
        Ok(answer(async move { hub.send(id, draft).await }))
    }

    /// Orders that are not done with.
    pub fn outbox(&self) -> Promised {
        let hub = self.hub.clone();
        answer(async move {
            let going = hub.outbox().await?;
            let row = |one: Going| {
                let sending = format!("{:?}", one.sending);
                json!({
                    "id": one.id, "subject": one.order.subject, "sending": sending, "made_at": one.made_at,
                    "files": one.files, "receipt": one.receipt,
                })
            };
            Ok(going.into_iter().map(row).collect::<Vec<Value>>())
        })
    }

    /// Makes a draft of an order again.
    pub fn take_back(&self, id: &str, refused: bool) -> Result<Promised, JsValue> {
        let (hub, id) = (self.hub.clone(), uuid(id)?);
        Ok(answer(async move { hub.take_back(id, refused).await }))
    }

    /// Puts a refused order away.
    pub fn forget_order(&self, id: &str) -> Result<Promised, JsValue> {
        let (hub, id) = (self.hub.clone(), uuid(id)?);
        Ok(answer(async move { hub.forget_order(id).await }))
    }

    /// Keeps a file.
    pub fn add_file(&self, name: String, media_type: String, bytes: Vec<u8>) -> Promised {
        let hub = self.hub.clone();
        answer(async move { hub.add_file(name, media_type, bytes).await })
    }

    /// The bytes of a file.
    pub fn file(&self, id: String) -> Promised {
        let hub = self.hub.clone();
        answer(async move { hub.file(&id).await })
    }

    /// Sets a preference, or asks for it.
    pub fn prefer(&self, name: String, value: Option<String>) -> Promised {
        let hub = self.hub.clone();
        answer(async move {
            if let Some(value) = value {
                hub.prefer(&name, value.into()).await?;
            }
            hub.preference(&name).await
        })
    }

    /// Throws the copy away.
    pub fn reset(&self) -> Promised {
        let hub = self.hub.clone();
        answer(async move { hub.reset().await })
    }

    /// What waits, as JSON.
    pub fn export_waiting(&self) -> Promised {
        let hub = self.hub.clone();
        answer(async move { hub.export_waiting().await })
    }
}

fn uuid(text: &str) -> Result<Uuid, JsValue> {
    text.parse().map_err(|_| JsValue::from("no UUID"))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "numbers of lines"
)]
const fn whole(number: f64) -> u64 {
    number as u64
}
