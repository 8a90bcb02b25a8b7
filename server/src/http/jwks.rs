//! The keys with which others can tell that an access token is ours (RFC 7517, RFC 8037 §2).

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use domain::{Env, accounts::VerificationKey};
use serde_json::{Value, json};

/// Where they are.
pub const PATH: &str = "/.well-known/jwks.json";

/// The set. It may be kept for an hour: a key is published a day before it signs.
pub async fn jwks(State(env): State<Env>) -> Response {
    let keys: Vec<Value> = env.tokens.verification_keys().into_iter().map(jwk).collect();
    let cached = [(header::CACHE_CONTROL, "public, max-age=3600")];
    (cached, Json(json!({ "keys": keys }))).into_response()
}

fn jwk(VerificationKey { kid, x }: VerificationKey) -> Value {
    json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": kid, "x": x })
}
