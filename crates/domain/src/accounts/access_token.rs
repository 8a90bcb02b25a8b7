//! Access tokens: EdDSA JWTs (RFC 7519, RFC 8037), bound to a session and good for minutes. They save a client from
//! showing its long-lived secret with every request; whether the session still lives is asked of the database.

use crate::{Db, Env, Error, Result, accounts::lifetimes, db::vars, env::Random};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use model::{AccountId, SessionId, Timestamp};
use serde::{Deserialize, Serialize};
use surrealdb::types::SurrealValue;
use uuid::Uuid;

/// RFC 9068: keeps an access token from being taken for anything else.
const TYPE: &str = "at+jwt";
/// RFC 8410: what precedes the 32 bytes of a seed in a PKCS #8 private key.
const PKCS8_ED25519: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

/// The keys that sign access tokens and tell whether one is genuine.
pub struct TokenKeys {
    kid: String,
    signing: EncodingKey,
    verifying: Vec<(VerificationKey, DecodingKey)>,
}

/// A public key, as others may verify with it (RFC 8037 §2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerificationKey {
    /// Which key.
    pub kid: String,
    /// The point, base64url.
    pub x: String,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: AccountId,
    sid: SessionId,
    iat: i64,
    exp: i64,
}

#[derive(SurrealValue)]
struct KeyRow {
    id: Uuid,
    seed: String,
}

/// Only the first of several processes starting at once makes the key.
const LOAD: &str = "
    IF (SELECT VALUE id FROM signing_key LIMIT 1)[0] = NONE {
        UPSERT signing_key_lock:first SET by = $id;
        CREATE type::record('signing_key', $id) SET seed = $seed, created_at = $now;
    };
    RETURN (SELECT record::id(id) AS id, seed, created_at FROM signing_key ORDER BY created_at, id);";

impl TokenKeys {
    /// Loads the keys; makes the first one where there is none.
    pub(crate) async fn load(db: &Db, random: &dyn Random, now: Timestamp) -> Result<Self> {
        let (mut seed, mut id) = ([0; 32], [0; 10]);
        random.fill(&mut seed);
        random.fill(&mut id);
        let id =
            uuid::Builder::from_unix_timestamp_millis(now.millis().try_into().unwrap_or_default(), &id).into_uuid();
        let binds = vars! { id: id, seed: URL_SAFE_NO_PAD.encode(seed), now: now.datetime() };
        let rows: Vec<KeyRow> = db.transact(LOAD, binds).await?;
        let keys = rows.into_iter().map(|row| (row.id.to_string(), row.seed));
        Self::from_seeds(keys.collect())
    }

    /// The last key signs, all verify.
    fn from_seeds(seeds: Vec<(String, String)>) -> Result<Self> {
        let mut signing = None;
        let mut verifying = Vec::new();
        for (kid, seed) in seeds {
            let bytes = URL_SAFE_NO_PAD
                .decode(&seed)
                .map_err(Error::broken("reading a signing key"))?;
            let seed: [u8; 32] = bytes
                .try_into()
                .map_err(|_| unreadable("its seed is not 32 bytes long"))?;
            let public = ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key().to_bytes();
            let x = URL_SAFE_NO_PAD.encode(public);
            signing = Some((
                kid.clone(),
                EncodingKey::from_ed_der(&[PKCS8_ED25519.as_slice(), &seed].concat()),
            ));
            verifying.push((VerificationKey { kid, x }, DecodingKey::from_ed_der(&public)));
        }
        let (kid, signing) = signing.ok_or_else(|| unreadable("there is none"))?;
        Ok(Self {
            kid,
            signing,
            verifying,
        })
    }

    /// The public keys.
    pub fn verification_keys(&self) -> impl Iterator<Item = &VerificationKey> {
        self.verifying.iter().map(|(key, _)| key)
    }

    pub(super) fn sign(&self, env: &Env, account: AccountId, session: SessionId) -> Result<String> {
        let now = env.now();
        let claims = Claims {
            iss: env.site.public_url.clone(),
            aud: env.site.public_url.clone(),
            sub: account,
            sid: session,
            iat: now.millis() / 1000,
            exp: now.plus(lifetimes::ACCESS_TOKEN).millis() / 1000,
        };
        let header = Header {
            typ: Some(TYPE.into()),
            kid: Some(self.kid.clone()),
            ..Header::new(Algorithm::EdDSA)
        };
        jsonwebtoken::encode(&header, &claims, &self.signing).map_err(Error::broken("signing an access token"))
    }

    /// The session of a genuine token that has not expired; the caller asks whether that session lives.
    pub(super) fn verify(&self, env: &Env, token: &str) -> Option<SessionId> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        if header.typ.as_deref() != Some(TYPE) || header.jku.is_some() || header.x5u.is_some() || header.jwk.is_some() {
            return None;
        }
        let kid = header.kid?;
        let (_, key) = self.verifying.iter().find(|(key, _)| key.kid == kid)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&[&env.site.public_url]);
        validation.set_issuer(&[&env.site.public_url]);
        // Expiry is checked below, against the clock that tests can move.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, key, &validation).ok()?.claims;
        (claims.exp > env.now().millis() / 1000).then_some(claims.sid)
    }
}

fn unreadable(why: &str) -> Error {
    Error::Broken {
        doing: "reading a signing key",
        source: why.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[tokio::test]
    async fn a_token_is_good_for_a_quarter_of_an_hour_and_forged_ones_never_are() {
        let (env, clock) = fixtures::env().await;
        let (account, session) = (AccountId(env.new_id()), SessionId(env.new_id()));
        let token = env.tokens.sign(&env, account, session).expect("signs");
        assert_eq!(env.tokens.verify(&env, &token), Some(session));
        let parts: Vec<&str> = token.split('.').collect();
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"at+jwt"}"#);
        let hmac = URL_SAFE_NO_PAD.encode(format!(
            r#"{{"alg":"HS256","typ":"at+jwt","kid":"{}"}}"#,
            env.tokens.kid
        ));
        let plain = Header {
            kid: Some(env.tokens.kid.clone()),
            ..Header::new(Algorithm::EdDSA)
        };
        let other_type = jsonwebtoken::encode(&plain, &serde_json::json!({"sid": session}), &env.tokens.signing);
        let (stranger, _) = fixtures::env().await;
        let forged = [
            format!("{none}.{}.", parts[1]),
            format!("{none}.{}.{}", parts[1], parts[2]),
            format!("{hmac}.{}.{}", parts[1], parts[2]),
            format!("{}.{}.{}", parts[0], parts[1], "A".repeat(86)),
            format!("{}.{}", parts[0], parts[1]),
            other_type.expect("signs"),
            stranger.tokens.sign(&stranger, account, session).expect("signs"),
            String::new(),
        ];
        for forged in forged {
            assert_eq!(env.tokens.verify(&env, &forged), None, "{forged}");
        }
        clock.advance_s(15 * 60);
        assert_eq!(env.tokens.verify(&env, &token), None, "expired");
    }

    #[tokio::test]
    async fn the_key_outlives_the_process() {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("surrealkv://{}", folder.path().join("db").display());
        let x = async |url: &str| {
            let (env, _) = fixtures::env_on(url).await;
            let keys: Vec<_> = env.tokens.verification_keys().cloned().collect();
            keys
        };
        let first = x(&url).await;
        // The engine lets go of the folder a moment after its last handle is gone.
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        assert_eq!(x(&url).await, first);
        assert_eq!(first.len(), 1);
    }
}
