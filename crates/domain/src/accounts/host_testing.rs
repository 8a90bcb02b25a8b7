//! A host site for tests: its secret, its keys (those of the examples of RFC 7515 A.2 and A.3 and RFC 8037 A.1, known to
//! everybody), and the tokens it makes.

use crate::{
    Env,
    accounts::{HostRules, HostTrust},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use hmac::{Hmac, Mac};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use sha2::Sha256;

/// Who makes the tokens.
pub const ISSUER: &str = "https://www.example.org";
/// For whom.
pub const AUDIENCE: &str = "roost";
/// What both know.
pub const SECRET: &str = "a secret of the host site that has enough bytes";

/// Trust in the site of the tests.
#[must_use]
pub fn trust(secret: Option<&str>, has_keys: bool) -> HostTrust {
    HostTrust::new(rules(false), secret, has_keys)
}

/// The same, for people who may be found by their address.
#[must_use]
pub fn linking_trust() -> HostTrust {
    HostTrust::new(rules(true), Some(SECRET), false)
}

fn rules(link_email: bool) -> HostRules {
    HostRules {
        issuer: ISSUER.into(),
        audience: AUDIENCE.into(),
        link_email,
    }
}

/// What a token that is good for five minutes says of somebody.
#[must_use]
pub fn claims(env: &Env, subject: &str) -> Value {
    let now = env.now().millis() / 1000;
    json!({"iss": ISSUER, "aud": AUDIENCE, "sub": subject, "iat": now, "exp": now + 300})
}

/// A token that the secret signed.
#[must_use]
pub fn hs256(claims: &Value) -> String {
    hmac(SECRET.as_bytes(), json!({"alg": "HS256", "typ": "JWT"}), claims)
}

/// A token with any header, signed with HMAC-SHA-256.
///
/// # Panics
/// Never: HMAC takes a key of any length.
#[must_use]
#[expect(
    clippy::expect_used,
    clippy::needless_pass_by_value,
    reason = "a test calls it with what it has"
)]
pub fn hmac(secret: &[u8], header: Value, claims: &Value) -> String {
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let signed = format!("{}.{}", part(&header), part(claims));
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(secret).expect("a key");
    mac.update(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

/// The site's key pairs.
pub struct Keys;

impl Keys {
    /// What there is a key for.
    pub const ALL: [Algorithm; 3] = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];

    /// The name of the key for an algorithm.
    #[must_use]
    pub const fn kid(algorithm: Algorithm) -> &'static str {
        match algorithm {
            Algorithm::RS256 => "of-rfc-7515-a2",
            Algorithm::ES256 => "of-rfc-7515-a3",
            _ => "of-rfc-8037-a1",
        }
    }

    /// The public keys, as the site publishes them.
    #[must_use]
    pub fn jwks() -> Value {
        json!({"keys": [
            {"kty": "RSA", "kid": Self::kid(Algorithm::RS256), "use": "sig", "alg": "RS256", "n": RSA_N.concat(), "e": "AQAB"},
            {"kty": "EC", "kid": Self::kid(Algorithm::ES256), "crv": "P-256",
              "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},
            {"kty": "OKP", "kid": Self::kid(Algorithm::EdDSA), "crv": "Ed25519",
              "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
        ]})
    }

    /// The public RSA key as everybody has it, in bytes.
    #[must_use]
    pub fn public_rsa() -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(RSA_N.concat()).unwrap_or_default()
    }

    /// A token that the key for this algorithm signed.
    ///
    /// # Panics
    /// When it can't be signed.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test without its token is a failed test")]
    pub fn sign(algorithm: Algorithm, kid: Option<&str>, claims: &Value) -> String {
        let der = |parts: &[&str]| STANDARD.decode(parts.concat()).expect("Base64");
        let key = match algorithm {
            Algorithm::RS256 => EncodingKey::from_rsa_der(&der(RSA)),
            Algorithm::ES256 => EncodingKey::from_ec_der(&der(EC)),
            _ => EncodingKey::from_ed_der(&der(ED)),
        };
        let header = Header {
            kid: kid.map(str::to_owned),
            ..Header::new(algorithm)
        };
        jsonwebtoken::encode(&header, claims, &key).expect("a token")
    }
}

const RSA_N: &[&str] = &[
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-",
    "pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2Ca",
    "pHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb5",
    "4h4FRWyuXpoQ",
];

const RSA: &[&str] = &[
    "MIIEowIBAAKCAQEAofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd/wWJcyQoTbji9k0l8W26mPddxHmfHQp+Vaw+4qPCJrcS2mJPMEzP1Pt0Bm4d4",
    "QlL+yRT+SFd2lZS+pCgNMsD1W/YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb/7OMg0LOL+bSf63kpaSHSXndS5z5rexMdbBYUsLA9e+KXBdQOS",
    "+UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6/I5IhlJH7aGhyxXFvUK+DWNmoudF8NAco9/h9iaGNj8q2ethFkMLs",
    "91kzk2PAcDTW9gb54h4FRWyuXpoQIDAQABAoIBABKucaRpzQorw35SbEUAVx8dYXUdZOlJcHtiWQ+dC6V8ljxAHj/PLyzTveyI5QO/xkObCyjI",
    "L303l2cfUhPu2MFaJdjVzqACXuOrLot/eSFvxjvqVidTtAZExqFRJ9mylUVAoLvhowVWmC1On95fZCXxTUtxNEG1Xcc7m0rtzJKs45J+N/V9DP",
    "1edYH6USyPSWGp6wuA+KgHRnKKVf9GRx80JQY7nVNkL17eHoTWEwga+lwi0FEoW9Y7lDtWXYmKBWhUE+U8PGxlJf8f40493HDw1WRQ/aSLoS4Q",
    "Tp3rn7gYgeHEvfJdkkf0UMhlknlo53M09EFPdadQ4TlUbjqKc50CgYEA4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH/5IB3jw3bcxGn6QLvnEtf",
    "dUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw/Py5PJdTJNPY8cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1VhvKn+nXqhJTBgIPgtldC+KDV5z+y",
    "2XDwGUcCgYEAuQPEfgmVtjL0Uyyx88GZFF1fOunH3+7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZD/YwD6",
    "6t62wDmpe/HlB+TnBA+njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdcCgYAHAp9XcCSrn8wVkMVkKdb7DOX4IKjzdahm",
    "+ctDAJN4O/y7OW5FKebvUjdAIt2GuoTZ71iTG+7F0F+lP88jtjP4U4qe7VHoewl4MKOfXZKTe+YCS1XbNvfgwJ3Ltyl1OH9hWvu2yza7q+d5PC",
    "sDzqtm27kxuvULVeya+TEdAB1ijQKBgQCH/3r6YrVH/uCWGy6bzV1nGNOdjKc9tmkfOJmN54dxdixdpozCQ6U4OxZrsj3FcOhHBsqAHvX2uuYj",
    "agqvo3cOj1TRqNocX40omfCCMx3bD1yPPf/6TI2XECva/ggqEY2mYzmIiA5LVVmc5nrybr+lssFKneeyxN2Wq93S0iJMdQKBgCGHewxzoa1r8Z",
    "MD0LETNrToK423K377UCYqXfg5XMclbrjPbEC3YI1ZNqMtuhdBJqUnBi6tjKMF+34Xf0CUN8ncuXGO2CAYvO8PdyCixHX52ybaDjy1FtCE6yUX",
    "joKNXKvUm7MWGsAYH6f4IegOetN5NvmUMFStCSkh7ixZLkN1",
];

const EC: &[&str] = &[
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjpsQnnGQmL+YBIffH1136cspYG6+0iY7X1fCE9+E9LKhRANCAAR/zc4ncPbEXU",
    "GDy+5v20t7WAczNXvp7xO6z248e9FURcfxRM0bvZt+hyzf7bnuufSzaV1uqQskrYpGIyiFiOWt",
];

const ED: &[&str] = &["MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g"];
