//! Secrets: made of chance, given out once, kept only as hashes.

use crate::Env;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// Crockford's base 32: no letter that looks like a digit or another letter.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A code for a person to type: ten characters, 50 bits, written `ABCDE-FGHJK`.
pub fn new_code(env: &Env) -> String {
    let mut code: String = env
        .random_bytes::<10>()
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(byte & 31)]))
        .collect();
    code.insert(5, '-');
    code
}

/// A code as typed, without what people add or confuse.
pub fn normalize_code(typed: &str) -> String {
    let plain = typed
        .chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        });
    plain.take(64).collect()
}

/// A secret for a machine: 256 bits.
pub fn new_token(env: &Env) -> String {
    URL_SAFE_NO_PAD.encode(env.random_bytes::<32>())
}

/// The SHA-256 of a secret, in hexadecimal: what the database keeps. A fast hash is enough, since no secret here is
/// of a person's choosing.
pub fn hash(secret: &[u8]) -> String {
    Sha256::digest(secret)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Whether two hashes are equal, in a time that tells nothing.
pub fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

/// A session's id and secret, as a cookie or a refresh token carries them.
pub struct Ticket {
    pub session: Uuid,
    pub secret: [u8; 32],
}

impl Ticket {
    pub fn new(env: &Env, session: Uuid) -> Self {
        Self {
            session,
            secret: env.random_bytes(),
        }
    }

    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode([self.session.as_bytes().as_slice(), &self.secret].concat())
    }

    pub fn decode(text: &str) -> Option<Self> {
        let mut bytes = [0; 48];
        let length = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
        let (session, secret) = bytes.split_first_chunk::<16>()?;
        (length == 48).then_some(Self {
            session: Uuid::from_bytes(*session),
            secret: secret.try_into().ok()?,
        })
    }

    pub fn hash(&self) -> String {
        hash(&self.secret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_code_survives_being_typed_by_a_person() {
        let (env, _) = crate::fixtures::env().await;
        for _ in 0..50 {
            let code = new_code(&env);
            let typed = format!(
                " {} ",
                code.to_lowercase()
                    .replace('0', "o")
                    .replace('1', "l")
                    .replace('-', " ")
            );
            assert_eq!(normalize_code(&typed), normalize_code(&code), "{code}");
            assert_eq!(normalize_code(&code).len(), 10);
        }
    }

    #[tokio::test]
    async fn a_ticket_survives_its_encoding_and_a_cut_one_is_refused() {
        let (env, _) = crate::fixtures::env().await;
        let ticket = Ticket::new(&env, env.new_id());
        let text = ticket.encode();
        let back = Ticket::decode(&text).expect("decodes");
        assert_eq!((back.session, back.secret), (ticket.session, ticket.secret));
        for bad in [
            "",
            "x",
            &text[1..],
            &text[..60],
            &format!("{text}AAAA"),
            &"*".repeat(64),
        ] {
            assert!(Ticket::decode(bad).is_none(), "{bad}");
        }
    }
}
