//! Tokens as a host site makes them, and as a forger would.

use super::*;
use crate::{
    Error,
    accounts::host_testing::{self, AUDIENCE, ISSUER, Keys, SECRET},
    fixtures,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

async fn why_not(env: &Env, token: &str) -> String {
    match env.host.read(env, token).await {
        Err(Error::Rejected(rejection)) if rejection.code == Code::TokenInvalid => rejection.detail.into_owned(),
        other => panic!("{token}: {other:?}"),
    }
}

async fn trusting_secret() -> (Env, Arc<fixtures::TestClock>) {
    let (mut env, clock) = fixtures::env().await;
    env.host = Arc::new(host_testing::trust(Some(SECRET), false));
    (env, clock)
}

async fn trusting_keys() -> (Env, Arc<fixtures::TestClock>) {
    let (mut env, clock) = fixtures::env().await;
    let trust = host_testing::trust(None, false);
    assert_eq!(trust.set_keys(Keys::jwks().to_string().as_bytes()), Ok(3));
    env.host = Arc::new(trust);
    (env, clock)
}

fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

fn without(mut claims: Value, name: &str) -> Value {
    claims.as_object_mut().map(|claims| claims.remove(name));
    claims
}

#[tokio::test]
async fn a_token_of_each_sort_is_believed() {
    let (env, _) = trusting_secret().await;
    let claims = host_testing::claims(&env, "7");
    let read = env
        .host
        .read(&env, &host_testing::hs256(&claims))
        .await
        .expect("believed");
    assert_eq!((read.issuer.as_str(), read.subject.as_str()), (ISSUER, "7"));
    let (env, _) = trusting_keys().await;
    for algorithm in Keys::ALL {
        for kid in [Some(algorithm), None] {
            let token = Keys::sign(algorithm, kid.map(Keys::kid), &claims);
            let read = env.host.read(&env, &token).await.expect("believed");
            assert_eq!(read.subject, "7", "{algorithm:?}");
        }
    }
}

#[tokio::test]
async fn a_token_that_was_signed_by_somebody_else_or_in_another_way_is_not() {
    let (env, _) = trusting_keys().await;
    let claims = host_testing::claims(&env, "7");
    let genuine = Keys::sign(Algorithm::RS256, Some(Keys::kid(Algorithm::RS256)), &claims);
    let parts: Vec<&str> = genuine.split('.').collect();
    let header = |json: Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let kid = Keys::kid(Algorithm::RS256);
    // The public key as a secret: what a verifier that believes `alg` would take (CVE-2015-9235).
    let confused = host_testing::hmac(&Keys::public_rsa(), json!({"alg": "HS256", "kid": kid}), &claims);
    let forged = [
        String::new(),
        "a.b.c".into(),
        format!("{}.{}", parts[0], parts[1]),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}.{}", parts[0], parts[1], "A".repeat(342)),
        format!("{}.{}.", header(json!({"alg": "none"})), parts[1]),
        format!("{}.{}.{}", header(json!({"alg": "none"})), parts[1], parts[2]),
        format!(
            "{}.{}.{}",
            header(json!({"alg": "HS256", "kid": kid})),
            parts[1],
            parts[2]
        ),
        format!(
            "{}.{}.{}",
            header(json!({"alg": "PS256", "kid": kid})),
            parts[1],
            parts[2]
        ),
        format!(
            "{}.{}.{}",
            header(json!({"alg": "RS512", "kid": kid})),
            parts[1],
            parts[2]
        ),
        format!(
            "{}.{}.{}",
            parts[0],
            header(with(claims.clone(), "sub", json!("1"))),
            parts[2]
        ),
        confused,
        // The right key under another key's name.
        Keys::sign(Algorithm::RS256, Some(Keys::kid(Algorithm::ES256)), &claims),
        Keys::sign(Algorithm::EdDSA, Some("unknown"), &claims),
        host_testing::hs256(&claims),
        format!("{genuine}{}", "x".repeat(TOKEN_MAX_BYTES)),
    ];
    for token in forged {
        let why = why_not(&env, &token).await;
        assert!(why.starts_with("This token is not taken: "), "{why}");
    }
    let (with_secret, _) = trusting_secret().await;
    let other = host_testing::hmac(b"another secret of thirty-two bytes", json!({"alg": "HS256"}), &claims);
    assert!(why_not(&with_secret, &other).await.contains("signature"));
    for alg in ["HS384", "HS512"] {
        let other = host_testing::hmac(SECRET.as_bytes(), json!({"alg": alg}), &claims);
        why_not(&with_secret, &other).await;
    }
    let (nobody, _) = fixtures::env().await;
    assert!(
        why_not(&nobody, &host_testing::hs256(&claims))
            .await
            .contains("trusts no site")
    );
}

#[tokio::test]
async fn a_header_that_brings_a_key_or_names_where_to_get_one_is_refused() {
    let (env, _) = trusting_secret().await;
    let claims = host_testing::claims(&env, "7");
    let jwk = Keys::jwks()["keys"][0].clone();
    for (name, value) in [
        ("jku", json!("https://evil.example/jwks")),
        ("x5u", json!("https://evil.example/cert")),
        ("x5c", json!(["MIIB"])),
        ("jwk", jwk),
        ("crit", json!(["exp"])),
        ("zip", json!("DEF")),
    ] {
        let mut header = json!({"alg": "HS256"});
        header[name] = value;
        let token = host_testing::hmac(SECRET.as_bytes(), header, &claims);
        assert!(why_not(&env, &token).await.contains("header"), "{name}");
    }
}

#[tokio::test]
async fn a_token_of_another_site_for_another_audience_or_time_is_refused_with_the_reason() {
    let (env, _) = trusting_secret().await;
    let good = host_testing::claims(&env, "7");
    let now = env.now().millis() / 1000;
    let cases = [
        (with(good.clone(), "iss", json!("https://evil.example")), "issuer"),
        (without(good.clone(), "iss"), "iss"),
        (with(good.clone(), "aud", json!("another")), "audience"),
        (with(good.clone(), "aud", json!(["another", "one more"])), "audience"),
        (without(good.clone(), "aud"), "aud"),
        (without(good.clone(), "sub"), "sub"),
        (with(good.clone(), "sub", json!(7)), "expected a string"),
        (with(good.clone(), "sub", json!("")), "sub"),
        (with(good.clone(), "sub", json!("x".repeat(256))), "sub"),
        (with(good.clone(), "sub", json!("a\nb")), "sub"),
        (without(good.clone(), "exp"), "exp"),
        (with(good.clone(), "exp", json!("soon")), "exp"),
        (with(good.clone(), "exp", json!(now - 61)), "expired"),
        (
            with(good.clone(), "exp", json!(now + 24 * 3600 + 120)),
            "more than a day",
        ),
        (with(good.clone(), "nbf", json!(now + 120)), "nbf"),
        (with(good.clone(), "email", json!(7)), "claims"),
    ];
    for (claims, reason) in cases {
        let why = why_not(&env, &host_testing::hs256(&claims)).await;
        assert!(why.contains(reason), "{claims}: {why}");
    }
    for good in [
        with(good.clone(), "aud", json!(["another", AUDIENCE])),
        with(good.clone(), "exp", json!(now - 30)),
        with(good.clone(), "exp", json!(now as f64 + 0.5)),
        with(good.clone(), "nbf", json!(now + 30)),
    ] {
        env.host
            .read(&env, &host_testing::hs256(&good))
            .await
            .expect("believed");
    }
}

#[tokio::test]
async fn a_token_ends_when_it_says() {
    let (env, clock) = trusting_secret().await;
    let token = host_testing::hs256(&host_testing::claims(&env, "7"));
    clock.advance_s(300 + 59);
    env.host.read(&env, &token).await.expect("clocks differ");
    clock.advance_s(2);
    assert!(why_not(&env, &token).await.contains("expired"));
}

#[test]
fn of_a_key_set_only_keys_that_can_be_trusted_are_kept_and_an_empty_one_changes_nothing() {
    let trust = host_testing::trust(None, false);
    let keys = Keys::jwks();
    let of = |name: &str, value: Value| with(keys["keys"][0].clone(), name, value);
    let set = |keys: Value| trust.set_keys(json!({ "keys": keys }).to_string().as_bytes());
    assert_eq!(set(keys["keys"].clone()), Ok(3));
    let unusable = [
        json!({"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0", "alg": "HS256"}),
        of("use", json!("enc")),
        of("key_ops", json!(["encrypt"])),
        of("alg", json!("HS256")),
        of("alg", json!("PS256")),
        of("n", json!("AQAB")),
        with(keys["keys"][1].clone(), "crv", json!("P-384")),
        json!({"kty": "of a later time"}),
        json!("no key at all"),
    ];
    for key in &unusable {
        assert!(set(json!([key])).is_err(), "{key}");
    }
    assert_eq!(set(json!([unusable[0], keys["keys"][1], unusable[7]])), Ok(1));
    assert!(trust.set_keys(b"<html>").is_err() && trust.set_keys(b"{}").is_err());
    assert_eq!(
        trust.0.as_ref().map(|trusted| trusted.keys().len()),
        Some(1),
        "the last good ones stay"
    );
}

#[tokio::test]
async fn a_key_that_is_not_known_yet_is_waited_for_and_a_known_one_is_not() {
    let (mut env, _) = fixtures::env().await;
    env.host = Arc::new(host_testing::trust(None, true));
    let claims = host_testing::claims(&env, "7");
    let token = Keys::sign(Algorithm::EdDSA, Some(Keys::kid(Algorithm::EdDSA)), &claims);
    let host = Arc::clone(&env.host);
    let looking = tokio::spawn(async move {
        host.keys_wanted().await;
        assert_eq!(host.set_keys(Keys::jwks().to_string().as_bytes()), Ok(3));
        host.keys_looked_for();
    });
    env.host.read(&env, &token).await.expect("believed, with the new key");
    looking.await.expect("looked once");
    env.host
        .read(&env, &token)
        .await
        .expect("believed, and nobody had to look");
    let host = Arc::clone(&env.host);
    let looking = tokio::spawn(async move {
        host.keys_wanted().await;
        host.keys_looked_for();
    });
    let unknown = Keys::sign(Algorithm::EdDSA, Some("of nobody"), &claims);
    assert!(why_not(&env, &unknown).await.contains("keys"));
    looking.await.expect("looked");
}
