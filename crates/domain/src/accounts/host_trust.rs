//! The site that Roost is embedded in, and the tokens in which it says who its visitor is (RFC 7519).
//!
//! A token is believed when it was signed with a key that the operator of this Roost named, in the one way that this key is
//! for, and when it was made by that site, for this Roost, and for now. What the token says of its own key or algorithm
//! chooses among the keys at hand and nothing more (RFC 8725).

use crate::{Env, Result, accounts::secret};
use jsonwebtoken::{
    Algorithm, DecodingKey, Header, Validation,
    errors::ErrorKind,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse},
};
use model::{Code, Rejection};
use serde::Deserialize;
use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use tokio::{
    sync::{Notify, watch},
    time::timeout,
};

/// The longest token that is looked at.
const TOKEN_MAX_BYTES: usize = 8 * 1024;
/// The longest name that a site may have for a person.
const SUBJECT_MAX_BYTES: usize = 255;
/// Clocks of two machines may differ by as much.
const LEEWAY_S: f64 = 60.0;
/// No token may be good for longer: it can't be taken back.
const LIFETIME_MAX_S: f64 = 24.0 * 3600.0;
/// How long a sign-in waits for the site's keys to be fetched again.
const KEYS_WITHIN: Duration = Duration::from_secs(6);
/// Keys that are kept of a set.
const KEYS_MAX: usize = 50;
/// RSA keys below are too weak (RFC 7518 §3.3), those above only there to keep us busy.
const RSA_BYTES: std::ops::RangeInclusive<usize> = 256..=1024;

/// What a token must say, and what it may do.
#[derive(Clone, Debug)]
pub struct HostRules {
    /// Who makes the tokens: their `iss`.
    pub issuer: String,
    /// For whom: their `aud` is it, or has it among others.
    pub audience: String,
    /// Whether a verified address leads to the account that has it, made here before.
    pub link_email: bool,
}

/// Which host site is trusted, if any.
#[derive(Default)]
pub struct HostTrust(Option<Trusted>);

struct Trusted {
    rules: HostRules,
    secret: Option<DecodingKey>,
    keys: RwLock<Arc<Vec<HostKey>>>,
    has_source: bool,
    wanted: Notify,
    looked: watch::Sender<u64>,
}

/// A public key, and the one algorithm it is for.
struct HostKey {
    kid: Option<String>,
    algorithm: Algorithm,
    key: DecodingKey,
}

/// What a genuine token says.
#[derive(Clone, Debug)]
pub struct HostClaims {
    pub issuer: String,
    pub subject: String,
    pub username: Option<String>,
    pub display_name: Option<String>,
    pub email: Option<String>,
    pub email_verified: Option<bool>,
    /// Seconds since the epoch.
    pub expires: i64,
    /// What tells this token from every other: SHA-256 of what was signed. Not of the signature: of some algorithms,
    /// one has several.
    pub digest: String,
    pub link_email: bool,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: f64,
    nbf: Option<f64>,
    preferred_username: Option<String>,
    username: Option<String>,
    nickname: Option<String>,
    name: Option<String>,
    email: Option<String>,
    email_verified: Option<serde_json::Value>,
}

impl HostTrust {
    /// Trusts a site with this secret (HS256), with public keys that [`Self::set_keys`] gets, or both.
    #[must_use]
    pub fn new(rules: HostRules, secret: Option<&str>, has_keys: bool) -> Self {
        Self(Some(Trusted {
            rules,
            secret: secret.map(|secret| DecodingKey::from_secret(secret.as_bytes())),
            keys: RwLock::default(),
            has_source: has_keys,
            wanted: Notify::new(),
            looked: watch::Sender::new(0),
        }))
    }

    /// Replaces the public keys by those of a JSON Web Key Set (RFC 7517), and says how many can be used: RSA for RS256,
    /// P-256 for ES256, Ed25519 for EdDSA. All others are left out.
    ///
    /// # Errors
    /// A sentence when there is none; then the keys so far stay.
    pub fn set_keys(&self, jwks: &[u8]) -> Result<usize, String> {
        #[derive(Deserialize)]
        struct Set {
            keys: Vec<serde_json::Value>,
        }
        let set: Set = serde_json::from_slice(jwks).map_err(|error| format!("it is no JSON Web Key Set: {error}"))?;
        let jwks = set
            .keys
            .into_iter()
            .filter_map(|key| serde_json::from_value::<Jwk>(key).ok());
        let keys: Vec<HostKey> = jwks.filter_map(|jwk| usable(&jwk)).take(KEYS_MAX).collect();
        let count = keys.len();
        match &self.0 {
            _ if count == 0 => Err("it has no key for RS256, ES256 or EdDSA".into()),
            Some(trusted) => {
                *trusted.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
                Ok(count)
            }
            None => Ok(0),
        }
    }

    /// Waits until somebody comes with a token whose key is not known.
    pub async fn keys_wanted(&self) {
        match &self.0 {
            Some(trusted) => trusted.wanted.notified().await,
            None => std::future::pending().await,
        }
    }

    /// Tells those who wait that the keys are as new as can be had.
    pub fn keys_looked_for(&self) {
        if let Some(trusted) = &self.0 {
            trusted.looked.send_modify(|looked| *looked += 1);
        }
    }

    /// Reads a token.
    ///
    /// # Errors
    /// `token_invalid`, and why: whoever embeds Roost has to find out, and a forger learns nothing that helps.
    pub(super) async fn read(&self, env: &Env, token: &str) -> Result<HostClaims> {
        let trusted = self
            .0
            .as_ref()
            .ok_or_else(|| refused("this Roost trusts no site's tokens"))?;
        if token.len() > TOKEN_MAX_BYTES {
            return Err(refused("it is too long"));
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| refused("it is not a signed JSON Web Token"))?;
        // Keys come from the operator, never from the token; nor is there an extension that we would have to obey.
        let names_a_key = header.jku.is_some() || header.jwk.is_some() || header.x5u.is_some() || header.x5c.is_some();
        if names_a_key || header.crit.is_some() || header.zip.is_some() || header.enc.is_some() {
            return Err(refused("its header has a field that is not taken"));
        }
        let claims = trusted.verify(token, &header).await?;
        trusted.accept(env, claims, token)
    }
}

impl Trusted {
    async fn verify(&self, token: &str, header: &Header) -> Result<Claims> {
        if header.alg == Algorithm::HS256 {
            let key = self.secret.as_ref();
            let key = key.ok_or_else(|| refused("this Roost was given no secret for HS256"))?;
            return self.verify_with(token, Algorithm::HS256, key);
        }
        let mut keys = self.keys();
        if self.has_source && !keys.iter().any(|key| key.fits(header)) {
            self.ask_for_keys().await;
            keys = self.keys();
        }
        let mut outcome = Err(refused("none of the site's keys is the one it names"));
        for key in keys.iter().filter(|key| key.fits(header)) {
            outcome = self.verify_with(token, key.algorithm, &key.key);
            if outcome.is_ok() {
                break;
            }
        }
        outcome
    }

    fn verify_with(&self, token: &str, algorithm: Algorithm, key: &DecodingKey) -> Result<Claims> {
        let mut validation = Validation::new(algorithm);
        validation.set_issuer(&[&self.rules.issuer]);
        validation.set_audience(&[&self.rules.audience]);
        validation.set_required_spec_claims(&["iss", "aud", "sub"]);
        // Times are looked at below, by the clock that tests can move.
        validation.validate_exp = false;
        let data = jsonwebtoken::decode::<Claims>(token, key, &validation);
        data.map(|data| data.claims).map_err(|error| match error.kind() {
            ErrorKind::InvalidIssuer => refused("its issuer (iss) is not the one that is trusted"),
            ErrorKind::InvalidAudience => refused("it is for another audience (aud)"),
            ErrorKind::MissingRequiredClaim(claim) => refused(&format!("it has no {claim}, or not as a text")),
            ErrorKind::Json(error) => refused(&format!("its claims can't be read: {error}")),
            _ => refused("its signature is not right"),
        })
    }

    fn accept(&self, env: &Env, claims: Claims, token: &str) -> Result<HostClaims> {
        let now = env.now().millis() as f64 / 1000.0;
        if claims.exp < now - LEEWAY_S {
            return Err(refused("it has expired"));
        }
        if claims.exp > now + LIFETIME_MAX_S + LEEWAY_S {
            return Err(refused("it is good for more than a day (exp)"));
        }
        if claims.nbf.is_some_and(|nbf| nbf > now + LEEWAY_S) {
            return Err(refused("it is not good yet (nbf)"));
        }
        let subject = claims.sub;
        if subject.is_empty() || subject.len() > SUBJECT_MAX_BYTES || subject.chars().any(char::is_control) {
            return Err(refused(
                "its subject (sub) is empty, too long, or has control characters",
            ));
        }
        let signed = token.rsplit_once('.').map_or(token, |(signed, _)| signed);
        let expires = (claims.exp + LEEWAY_S).ceil() as i64;
        Ok(HostClaims {
            issuer: self.rules.issuer.clone(),
            subject,
            username: [claims.preferred_username, claims.username, claims.nickname]
                .into_iter()
                .flatten()
                .find(|name| !name.trim().is_empty()),
            display_name: claims.name,
            email: claims.email,
            email_verified: claims.email_verified.and_then(|verified| match verified {
                serde_json::Value::Bool(verified) => Some(verified),
                // Some providers write it as a text.
                serde_json::Value::String(verified) => verified.parse().ok(),
                _ => None,
            }),
            expires,
            digest: secret::hash(signed.as_bytes()),
            link_email: self.rules.link_email,
        })
    }

    fn keys(&self) -> Arc<Vec<HostKey>> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    async fn ask_for_keys(&self) {
        let mut looked = self.looked.subscribe();
        self.wanted.notify_one();
        // Nobody looks, or it takes too long: then with the keys at hand.
        let _ = timeout(KEYS_WITHIN, looked.changed()).await;
    }
}

impl HostKey {
    /// A token without a key's name may be of any key of its algorithm, and a key without a name may be any token's.
    fn fits(&self, header: &Header) -> bool {
        let named = match (&self.kid, &header.kid) {
            (Some(mine), Some(its)) => mine == its,
            _ => true,
        };
        named && self.algorithm == header.alg
    }
}

/// What a key is for follows from what it is; one that says something else is left out.
fn usable(jwk: &Jwk) -> Option<HostKey> {
    let common = &jwk.common;
    let (algorithm, name) = match &jwk.algorithm {
        AlgorithmParameters::RSA(key) if RSA_BYTES.contains(&(key.n.len() * 3 / 4)) => {
            (Algorithm::RS256, KeyAlgorithm::RS256)
        }
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
            (Algorithm::ES256, KeyAlgorithm::ES256)
        }
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            (Algorithm::EdDSA, KeyAlgorithm::EdDSA)
        }
        _ => return None,
    };
    let for_signatures = common
        .public_key_use
        .as_ref()
        .is_none_or(|used| *used == PublicKeyUse::Signature);
    let verifies = common
        .key_operations
        .as_ref()
        .is_none_or(|all| all.contains(&KeyOperations::Verify));
    let says_so = common.key_algorithm.is_none_or(|named| named == name);
    let key = DecodingKey::from_jwk(jwk).ok()?;
    (for_signatures && verifies && says_so).then(|| HostKey {
        kid: jwk.common.key_id.clone(),
        algorithm,
        key,
    })
}

fn refused(why: &str) -> crate::Error {
    Rejection::new(Code::TokenInvalid)
        .because(format!("This token is not taken: {why}."))
        .into()
}

#[cfg(test)]
#[path = "host_trust_tests.rs"]
mod tests;
