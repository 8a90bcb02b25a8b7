//! The content security policy and its companions, on every answer.

use crate::boot::App;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use std::sync::Arc;

/// The one value that lets a script run, made anew for each request.
#[derive(Clone)]
pub struct Nonce(pub Arc<str>);

/// An answer that sets its own policy (a mail shown in a frame, the API's pages) keeps it.
pub async fn secure(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let nonce = Nonce(STANDARD_NO_PAD.encode(app.env.random_bytes::<18>()).into());
    request.extensions_mut().insert(nonce.clone());
    let ancestors = ancestors(&app, request.uri().path());
    let mut response = next.run(request).await;
    let page = is_html(response.headers());
    let headers = response.headers_mut();
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        let policy = if page {
            page_policy(&nonce.0, &ancestors)
        } else {
            "default-src 'none'; frame-ancestors 'none'".into()
        };
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
    }
    if page && !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    // The older of the two headers knows no other origins.
    let framed = page && ancestors != NOBODY;
    for (name, value) in ALWAYS
        .into_iter()
        .filter(|(name, _)| !(framed && *name == "x-frame-options"))
    {
        headers
            .entry(HeaderName::from_static(name))
            .or_insert(HeaderValue::from_static(value));
    }
    if app.settings.secure() {
        let year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    response
}

/// Who may show a page in a frame, unless the operator says otherwise.
const NOBODY: &str = "'none'";
/// Pages that are never shown in another site's frame: what they do is not for a click that was meant for something else.
const NEVER_FRAMED: [&str; 4] = ["/admin", "/setup", "/dev", "/api"];

/// Who may show the page of a path in a frame: nobody, or the site that Roost is embedded in.
fn ancestors(app: &App, path: &str) -> String {
    let below = |folder: &&str| {
        path.strip_prefix(*folder)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let origins: Vec<&str> = app.settings.embed_origins().collect();
    if origins.is_empty() || NEVER_FRAMED.iter().any(below) {
        return NOBODY.into();
    }
    format!("'self' {}", origins.join(" "))
}

const ALWAYS: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    ),
];

fn is_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/html"))
}

/// Scripts run only with the nonce, and what they load with them; WASM may be compiled; nothing else from anywhere.
fn page_policy(nonce: &str, ancestors: &str) -> String {
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
    )
}
