//! Access tokens: EdDSA JWTs (RFC 7519, RFC 8037), bound to a session and good for minutes. They save a client from
//! showing its long-lived secret with every request; whether the session still lives is another question.
//!
//! The keys change by themselves. A new one is published a day before it signs, so that other processes, and whoever
//! caches the published keys, know it by then; an old one goes when nothing that it signed can still be good.

use crate::{
    Db, Env, Error, Result,
    accounts::{lifetimes, remembered::KnownToken},
    db::vars,
    env::Random,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use model::{AccountId, SessionId, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::sync::{Arc, PoisonError, RwLock};
use surrealdb::types::SurrealValue;
use uuid::Uuid;

/// RFC 9068: keeps an access token from being taken for anything else.
const TYPE: &str = "at+jwt";
/// RFC 8410: what precedes the 32 bytes of a seed in a PKCS #8 private key.
const PKCS8_ED25519: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

/// The keys that sign access tokens and tell whether one is genuine.
pub struct TokenKeys(RwLock<Arc<Ring>>);

/// The keys at one time.
struct Ring {
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
    created_at: DateTime<Utc>,
}

/// Makes a key when there is none, or when the newest is old; lets go of those that another has long replaced. Only one of
/// several processes that do so at once makes the key.
const TURN: &str = "
    LET $newest = (SELECT VALUE created_at FROM signing_key ORDER BY created_at DESC LIMIT 1)[0];
    IF $newest = NONE OR $newest < $old {
        UPSERT signing_key_lock:first SET by = $id;
        CREATE type::record('signing_key', $id) SET seed = $seed, created_at = $now;
    };
    LET $replaced = (SELECT VALUE created_at FROM signing_key WHERE created_at < $settled ORDER BY created_at DESC LIMIT 1)[0];
    IF $replaced != NONE { DELETE signing_key WHERE created_at < $replaced };
    RETURN (SELECT record::id(id) AS id, seed, created_at FROM signing_key ORDER BY created_at, id);";

impl TokenKeys {
    /// Loads the keys; makes the first one where there is none.
    pub(crate) async fn load(db: &Db, random: &dyn Random, now: Timestamp) -> Result<Self> {
        Ok(Self(RwLock::new(Arc::new(turn(db, random, now).await?))))
    }

    /// The public keys, those that are to sign next among them.
    #[must_use]
    pub fn verification_keys(&self) -> Vec<VerificationKey> {
        self.ring().verifying.iter().map(|(key, _)| key.clone()).collect()
    }

    fn ring(&self) -> Arc<Ring> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn sign(&self, env: &Env, account: AccountId, session: SessionId) -> Result<String> {
        let now = env.now();
        let ring = self.ring();
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
            kid: Some(ring.kid.clone()),
            ..Header::new(Algorithm::EdDSA)
        };
        jsonwebtoken::encode(&header, &claims, &ring.signing).map_err(Error::broken("signing an access token"))
    }

    /// The session of a genuine token that has not expired; the caller asks whether that session lives. A signature that
    /// was found good before is not computed again.
    pub(super) fn verify(&self, env: &Env, token: &str) -> Option<SessionId> {
        let digest: [u8; 32] = Sha256::digest(token).into();
        let known = match env.remembered.token(&digest) {
            Some(known) => known,
            None => {
                let known = self.ring().genuine(env, token)?;
                env.remembered.note_token(digest, known);
                known
            }
        };
        (known.expires > env.now().millis() / 1000).then_some(known.session)
    }
}

/// Changes the signing key when it is old, and learns of what other processes changed. Called now and then.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn turn_keys(env: &Env) -> Result<()> {
    let ring = Arc::new(turn(&env.db, env.random.as_ref(), env.now()).await?);
    *env.tokens.0.write().unwrap_or_else(PoisonError::into_inner) = ring;
    Ok(())
}

async fn turn(db: &Db, random: &dyn Random, now: Timestamp) -> Result<Ring> {
    let (mut seed, mut id) = ([0; 32], [0; 10]);
    random.fill(&mut seed);
    random.fill(&mut id);
    let id = uuid::Builder::from_unix_timestamp_millis(now.millis().try_into().unwrap_or_default(), &id).into_uuid();
    let signs = now.plus(-lifetimes::SIGNING_KEY_AHEAD);
    let binds = vars! {
        id: id,
        seed: URL_SAFE_NO_PAD.encode(seed),
        now: now.datetime(),
        old: now.plus(-lifetimes::SIGNING_KEY).datetime(),
        settled: signs.plus(-lifetimes::ACCESS_TOKEN * 2).datetime(),
    };
    let rows: Vec<KeyRow> = db.transact(TURN, binds).await?;
    Ring::of(&rows, signs.datetime())
}

impl Ring {
    /// Of the keys that were published before `signs`, the newest signs; the first of all signs at once. All verify.
    fn of(rows: &[KeyRow], signs: DateTime<Utc>) -> Result<Self> {
        let first = rows.first().ok_or_else(|| unreadable("there is none"))?;
        let signer = rows.iter().rfind(|row| row.created_at <= signs).unwrap_or(first);
        let mut verifying = Vec::new();
        for row in rows {
            let public = ed25519_dalek::SigningKey::from_bytes(&row.seed()?)
                .verifying_key()
                .to_bytes();
            let key = VerificationKey {
                kid: row.id.to_string(),
                x: URL_SAFE_NO_PAD.encode(public),
            };
            verifying.push((key, DecodingKey::from_ed_der(&public)));
        }
        Ok(Self {
            kid: signer.id.to_string(),
            signing: EncodingKey::from_ed_der(&[PKCS8_ED25519.as_slice(), &signer.seed()?].concat()),
            verifying,
        })
    }

    /// Whether the token is one of ours; its expiry is for the caller to check, against the clock that tests can move.
    fn genuine(&self, env: &Env, token: &str) -> Option<KnownToken> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        if header.typ.as_deref() != Some(TYPE) || header.jku.is_some() || header.x5u.is_some() || header.jwk.is_some() {
            return None;
        }
        let kid = header.kid?;
        let (_, key) = self.verifying.iter().find(|(key, _)| key.kid == kid)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&[&env.site.public_url]);
        validation.set_issuer(&[&env.site.public_url]);
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, key, &validation).ok()?.claims;
        Some(KnownToken {
            session: claims.sid,
            expires: claims.exp,
        })
    }
}

impl KeyRow {
    fn seed(&self) -> Result<[u8; 32]> {
        let bytes = URL_SAFE_NO_PAD
            .decode(&self.seed)
            .map_err(Error::broken("reading a signing key"))?;
        bytes
            .try_into()
            .map_err(|_| unreadable("its seed is not 32 bytes long"))
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
            env.tokens.ring().kid
        ));
        let plain = Header {
            kid: Some(env.tokens.ring().kid.clone()),
            ..Header::new(Algorithm::EdDSA)
        };
        let other_type = jsonwebtoken::encode(&plain, &serde_json::json!({"sid": session}), &env.tokens.ring().signing);
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
            env.tokens.verification_keys()
        };
        let first = x(&url).await;
        // The engine lets go of the folder a moment after its last handle is gone.
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        assert_eq!(x(&url).await, first);
        assert_eq!(first.len(), 1);
    }

    #[tokio::test]
    async fn a_new_key_is_published_before_it_signs_and_an_old_one_outlives_what_it_signed() {
        let (env, clock) = fixtures::env().await;
        let session = SessionId(env.new_id());
        let sign = || env.tokens.sign(&env, AccountId(env.new_id()), session).expect("signs");
        let kid = |token: &str| {
            jsonwebtoken::decode_header(token)
                .expect("a header")
                .kid
                .expect("a kid")
        };
        let first = kid(&sign());
        turn_keys(&env).await.expect("turns");
        assert_eq!(env.tokens.verification_keys().len(), 1, "the key is young");
        clock.advance_s(31 * 86_400);
        turn_keys(&env).await.expect("turns");
        assert_eq!(env.tokens.verification_keys().len(), 2);
        assert_eq!(kid(&sign()), first, "published, but silent");
        clock.advance_s(86_401);
        let last_of_the_first = sign();
        turn_keys(&env).await.expect("turns");
        assert_ne!(kid(&sign()), first);
        assert_eq!(env.tokens.verify(&env, &last_of_the_first), Some(session));
        clock.advance_s(3600);
        turn_keys(&env).await.expect("turns");
        assert_eq!(env.tokens.verification_keys().len(), 1);
        assert_ne!(kid(&sign()), first);
    }
}
