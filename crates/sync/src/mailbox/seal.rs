//! How the server knows again what it wrote.
//!
//! Letters and receipts are the server's to write. But a server that was restored from last night's backup has lost today's
//! letters, and the devices that hold them are the only ones who can bring them back. So each carries a seal, a keyed hash that
//! only the server can make, over whose mailbox it lies in, its id, and its body.

use super::canonical;
use hmac::{Hmac, Mac};
use model::AccountId;
use serde_json::{Map, Value};
use sha2::Sha256;
use std::fmt::Write;

/// The field that holds it.
const FIELD: &str = "seal";

fn sum(secret: &[u8], owner: AccountId, id: &str, body: &Map<String, Value>) -> Option<Hmac<Sha256>> {
    let mut unsealed = body.clone();
    unsealed.remove(FIELD);
    // HMAC takes keys of any length.
    let mut sum = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    sum.update(b"roost mailbox seal\n");
    sum.update(owner.uuid().as_bytes());
    sum.update(id.as_bytes());
    sum.update(b"\n");
    sum.update(canonical(&unsealed).as_bytes());
    Some(sum)
}

/// Puts the seal into the body of a letter or receipt: HMAC-SHA-256 in hex.
pub fn seal(secret: &[u8], owner: AccountId, id: &str, body: &mut Map<String, Value>) {
    if let Some(sum) = sum(secret, owner, id, body) {
        let hex = sum
            .finalize()
            .into_bytes()
            .iter()
            .fold(String::new(), |mut text, byte| {
                // Writing to a string does not fail.
                let _ = write!(text, "{byte:02x}");
                text
            });
        body.insert(FIELD.to_owned(), hex.into());
    }
}

/// Whether a body carries the seal that this secret gives it, for this owner under this id. Takes the same time for each wrong one.
#[must_use]
pub fn is_sealed(secret: &[u8], owner: AccountId, id: &str, body: &Map<String, Value>) -> bool {
    let told = body.get(FIELD).and_then(Value::as_str).and_then(unhex);
    match (told, sum(secret, owner, id, body)) {
        (Some(told), Some(sum)) => sum.verify_slice(&told).is_ok(),
        _ => false,
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use uuid::Uuid;

    #[test]
    fn a_seal_holds_for_one_body_under_one_id_in_one_mailbox_of_one_server() {
        let (ada, mallory) = (AccountId(Uuid::from_u128(1)), AccountId(Uuid::from_u128(2)));
        let mut body = json!({"type": "letter", "body": "On the engine."})
            .as_object()
            .cloned()
            .expect("an object");
        assert!(!is_sealed(b"secret", ada, "l:1", &body));
        seal(b"secret", ada, "l:1", &mut body);
        assert!(is_sealed(b"secret", ada, "l:1", &body));
        assert!(!is_sealed(b"other", ada, "l:1", &body));
        assert!(!is_sealed(b"secret", mallory, "l:1", &body));
        assert!(!is_sealed(b"secret", ada, "l:2", &body));
        for wrong in ["", "zz", "ab", "é"] {
            let mut forged = body.clone();
            forged.insert(FIELD.to_owned(), wrong.into());
            assert!(!is_sealed(b"secret", ada, "l:1", &forged), "{wrong}");
        }
        body.insert("body".to_owned(), "Something else.".into());
        assert!(!is_sealed(b"secret", ada, "l:1", &body));
    }
}
