//! Who asks, and from which page: before a mailbox is opened.

use super::{Door, answer::Refused, target::Target};
use crate::{boot::App, http::visitor, realtime::is_ours};
use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, Method, header, request::Parts},
    response::Response,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{
    Actor,
    accounts::{self, BasicPass},
    mailbox::{self, Mailbox},
};
use model::{Code, SessionId};

/// What a page of another origin may send and read, when it may come at all.
const METHODS: &str = "GET, HEAD, POST, PUT, DELETE, OPTIONS";
const HEADERS: &str = "accept, authorization, content-type, if-match, if-none-match, last-event-id";
const EXPOSED: &str = "content-length, content-type, etag, retry-after";
const PREFLIGHT_FOR: &str = "600";

/// By what somebody was let in, to be asked again as long as a feed stays open.
#[derive(Clone, Copy)]
pub enum Pass {
    /// A session.
    Session(SessionId),
    /// A password.
    Basic(BasicPass),
    /// The laboratory asks nobody.
    Laboratory,
}

impl Pass {
    /// Whether they would still be let in.
    pub async fn is_good(self, app: &App) -> bool {
        match self {
            // When the database can't be asked, nothing is told either way.
            Self::Session(session) => accounts::session_lives(&app.env, session).await.unwrap_or(true),
            Self::Basic(pass) => pass.is_remembered(&app.env),
            Self::Laboratory => true,
        }
    }
}

/// Who asks.
pub struct Guest {
    /// Nobody, in the laboratory.
    pub actor: Option<Actor>,
    /// By what.
    pub pass: Pass,
}

/// Finds out who asks.
///
/// # Errors
/// 401 for nobody and for what opens nothing, 403 for API keys and for pages of other sites, 429.
pub async fn identify(door: &Door, request: &Parts) -> Result<Guest, Refused> {
    if door.is_laboratory {
        return Ok(Guest {
            actor: None,
            pass: Pass::Laboratory,
        });
    }
    let app = &door.app;
    let headers = &request.headers;
    if let Some((login, password)) = basic(headers)? {
        let caller = visitor::caller(app, &request.extensions, headers);
        let (actor, pass) = accounts::authenticate_basic(&app.env, &caller, &login, password).await?;
        return Ok(Guest {
            actor: Some(actor),
            pass: Pass::Basic(pass),
        });
    }
    let (actor, key) = visitor::who(app, headers)
        .await
        .map_err(|problem| problem.into_rejection())?;
    if key.is_some() {
        return Err(Refused::from(Code::Forbidden));
    }
    let actor = actor.ok_or_else(Refused::stranger)?;
    let is_by_cookie = !headers.contains_key(header::AUTHORIZATION);
    if is_by_cookie && !request.method.is_safe() && is_foreign(door, headers) {
        return Err(Code::ForeignOrigin.into());
    }
    let session = actor.session;
    Ok(Guest {
        actor: Some(actor),
        pass: Pass::Session(session),
    })
}

/// Login and password of `Authorization: Basic` (RFC 7617).
fn basic(headers: &HeaderMap) -> Result<Option<(String, String)>, Refused> {
    let Some(value) = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()) else {
        return Ok(None);
    };
    let Some((_, encoded)) = value
        .split_once(' ')
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
    else {
        return Ok(None);
    };
    let decoded = STANDARD.decode(encoded.trim()).ok();
    let text = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    let pair = text.and_then(|text| {
        text.split_once(':')
            .map(|(login, password)| (login.to_owned(), password.to_owned()))
    });
    pair.map(Some).ok_or_else(|| Refused::from(Code::CredentialsInvalid))
}

/// Whether a browser sends it from a page that is neither ours nor one that the operator named.
fn is_foreign(door: &Door, headers: &HeaderMap) -> bool {
    let is_cross = headers
        .get("sec-fetch-site")
        .is_some_and(|site| site.as_bytes() != b"same-origin" && site.as_bytes() != b"none");
    match headers.get(header::ORIGIN) {
        Some(_) => !is_ours(headers, &door.app.settings.public_url()) && allowed(door, headers).is_none(),
        None => is_cross,
    }
}

/// The origin of the page that asks, when the operator has named it. The laboratory takes any.
fn allowed(door: &Door, headers: &HeaderMap) -> Option<HeaderValue> {
    let origin = headers.get(header::ORIGIN)?;
    let text = origin.to_str().ok()?;
    let is_named = door.is_laboratory || door.app.settings.mailbox_origins().any(|named| named == text);
    is_named.then(|| origin.clone())
}

/// Lets pages of the named origins read the answer (Fetch standard, CORS). `None` for all others, and for what is no page.
#[must_use]
pub fn cors(door: &Door, headers: &HeaderMap) -> Option<[(HeaderName, HeaderValue); 5]> {
    let origin = allowed(door, headers)?;
    Some([
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, origin),
        (
            header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
            HeaderValue::from_static("true"),
        ),
        (header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS)),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(HEADERS)),
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED)),
    ])
}

/// Answers the question of a browser whether it may ask.
#[must_use]
pub fn preflight(method: &Method) -> Option<Response> {
    if *method != Method::OPTIONS {
        return None;
    }
    let mut response = Response::default();
    *response.status_mut() = axum::http::StatusCode::NO_CONTENT;
    response
        .headers_mut()
        .insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(PREFLIGHT_FOR));
    Some(response)
}

/// Opens the mailbox that an address names.
///
/// # Errors
/// 404 when it is not the guest's.
pub async fn open(door: &Door, guest: &Guest, target: &Target) -> Result<Mailbox, Refused> {
    let name = target.database().unwrap_or_default();
    let env = &door.app.env;
    let opened = match &guest.actor {
        Some(actor) => mailbox::open_mailbox(env, actor, name).await,
        None => mailbox::open_database(env, name).await,
    };
    Ok(opened?)
}
