//! What the machine's plug hands in through Leptos context, and what pages do to the reply.

use http::{HeaderName, HeaderValue, StatusCode, header, request::Parts};
use leptos::context::use_context;
use leptos_axum::ResponseOptions;

/// Who asks, and the world in which to answer. The server provides one per request, to pages and server functions.
#[derive(Clone)]
pub struct Visitor {
    /// The world.
    pub env: domain::Env,
    /// Where the request comes from.
    pub caller: domain::Caller,
    /// Who is signed in, if anybody.
    pub actor: Option<domain::Actor>,
    /// The server that asks, if it came with an API key. Screens take no notice.
    pub key: Option<domain::KeyHolder>,
    /// Who may sign up; told only to the page that is for it.
    pub registration: Option<model::RegistrationPolicy>,
    /// Whether people reach this Roost by https: cookies are then `Secure` and `__Host-`.
    pub secure: bool,
    /// Whether the pages under `/dev` exist.
    pub development: bool,
}

/// Where the built files of the screens are. Read once at start; the names carry hashes.
#[derive(Clone, Debug, Default)]
pub struct SitePaths {
    /// Glue of the WASM, such as `/pkg/roost.0a1b.js`.
    pub js: String,
    /// The WASM.
    pub wasm: String,
    /// The style sheet.
    pub css: String,
}

/// A header of the request.
pub(crate) fn request_header(name: &HeaderName) -> Option<String> {
    let parts = use_context::<Parts>()?;
    parts.headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// The path of the request.
pub(crate) fn request_path() -> Option<String> {
    use_context::<Parts>().map(|parts| parts.uri.path().to_owned())
}

/// Whether the request is one of a browser that shows the reply itself: a page, or a form without JavaScript.
pub(crate) fn wants_html() -> bool {
    request_header(&header::ACCEPT).is_some_and(|accept| accept.contains("text/html"))
}

/// Sets the status of the reply.
pub(crate) fn status(code: u16) {
    if let (Some(response), Ok(code)) = (use_context::<ResponseOptions>(), StatusCode::from_u16(code)) {
        response.set_status(code);
    }
}

/// Leads a browser elsewhere.
pub(crate) fn lead_to(path: &str) {
    if let (Some(response), Ok(path)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(path)) {
        response.insert_header(header::LOCATION, path);
        response.set_status(StatusCode::FOUND);
    }
}

/// Adds a cookie to the reply.
pub(crate) fn set_cookie(cookie: &str) {
    if let (Some(response), Ok(cookie)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(cookie)) {
        response.append_header(header::SET_COOKIE, cookie);
    }
}

/// Adds a header to the reply.
pub(crate) fn set_header(name: HeaderName, value: &str) {
    if let (Some(response), Ok(value)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(value)) {
        response.insert_header(name, value);
    }
}
