//! The browser's time and chance, and bytes of files from the server.

use super::{
    desk::{Done, Refusal},
    driver::status,
    hub::Hub,
    store::is_of,
};
use js_sys::{Array, Uint8Array};
use model::Timestamp;
use uuid::Uuid;

/// A new id. They ascend.
#[expect(
    clippy::disallowed_methods,
    reason = "the browser's own clock and chance name what is made here"
)]
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}

/// A name that nothing else has.
pub fn random() -> String {
    new_id().simple().to_string()
}

/// Milliseconds since the epoch, as this device believes.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "milliseconds of this era"
)]
pub fn now() -> u64 {
    js_sys::Date::now() as u64
}

/// The same as a time; none for a clock beyond all years.
pub fn timestamp() -> Option<Timestamp> {
    Timestamp::from_millis(now().cast_signed())
}

/// No byte came for so long.
const SILENCE_MS: f64 = 30_000.0;
/// A file takes longer than this only where nobody would wait for it.
const TOTAL_MS: f64 = 300_000.0;

/// The bytes of a file, from the server.
pub async fn download(hub: &Hub, id: &str) -> Done<Vec<u8>> {
    let away = || Refusal::Refused("This file is not on this device, and Roost can’t be reached.".to_owned());
    let request = web_sys::AbortController::new().map_err(|_| away())?;
    let address = format!("{}/{id}/{}", hub.address, model::mailbox::ATTACHMENT_NAME);
    let answer = hub
        .net
        .ask("GET", &address, None, SILENCE_MS, TOTAL_MS, &request.signal(), true)
        .await;
    let parts = Array::from(&answer.map_err(|_| away())?);
    match status(&parts.get(0)) {
        Some(200) => {
            let bytes = Uint8Array::new(&parts.get(1)).to_vec();
            let broken = || Refusal::Refused("This file came broken. Try again.".to_owned());
            is_of(id, &bytes).then_some(bytes).ok_or_else(broken)
        }
        Some(401) => Err(Refusal::Refused("Sign in again to get this file.".to_owned())),
        Some(404) => Err(Refusal::Refused("This file is not there any more.".to_owned())),
        _ => Err(away()),
    }
}
