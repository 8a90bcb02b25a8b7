//! Who asks. One layer in front of every door that cares finds out once, and puts a [`Visitor`] into the request.

use crate::{boot::App, http::problem::Problem};
use app::Visitor;
use axum::{
    extract::{ConnectInfo, FromRequestParts, MatchedPath, Request, State},
    http::{Extensions, HeaderMap, header, request::Parts},
    middleware::Next,
    response::Response,
};
use axum_extra::extract::CookieJar;
use domain::{Actor, Authority, Caller, KeyHolder, accounts, api_keys, invitations};
use model::{Code, Rejection};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// What proxies say of where a request came from (de facto; the last entry is by the nearest proxy).
const FORWARDED_FOR: &str = "x-forwarded-for";

/// Finds out who asks, and turns strangers away from REST routes that are not public.
///
/// # Errors
/// `token_invalid` for a bearer token or an API key that opens nothing; `not_signed_in`.
pub async fn identify(State(app): State<App>, mut request: Request, next: Next) -> Result<Response, Problem> {
    let caller = caller(&app, request.extensions(), request.headers());
    let (actor, key) = if signs_in_by_itself(&request) {
        (None, None)
    } else {
        who(&app, request.headers()).await?
    };
    if actor.is_none() && key.is_none() && !may_be_nobody(&request) {
        return Err(Code::NotSignedIn.into());
    }
    // Who may sign up, for the one page that says so.
    let registration = if request.uri().path() == app::routes::SIGN_UP {
        Some(invitations::registration_policy(&app.env).await?)
    } else {
        None
    };
    request.extensions_mut().insert(Visitor {
        env: app.env.clone(),
        caller,
        actor,
        key,
        registration,
        secure: app.settings.secure(),
        development: app.settings.development(),
    });
    Ok(next.run(request).await)
}

/// Screens and server functions ask for themselves, since they have better answers than an error.
fn may_be_nobody(request: &Request) -> bool {
    let Some(path) = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str) else {
        return true;
    };
    if !path.starts_with("/api/v1/") || path == crate::realtime::PATH || signs_in_by_itself(request) {
        return true;
    }
    let method = request.method().as_str();
    crate::router::PUBLIC_API
        .iter()
        .any(|(m, p)| *m == method && *p == path)
}

/// What such a route gets in the header is not ours to judge here.
fn signs_in_by_itself(request: &Request) -> bool {
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let (method, own) = crate::router::SIGNS_IN_BY_ITSELF;
    path == Some(own) && request.method().as_str() == method
}

/// Where a request comes from.
pub(crate) fn caller(app: &App, extensions: &Extensions, headers: &HeaderMap) -> Caller {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let user_agent = headers
        .get(header::USER_AGENT)
        .and_then(|agent| agent.to_str().ok())
        .unwrap_or_default();
    Caller {
        address: address(peer, headers, app.settings.trusted_proxies),
        user_agent: user_agent.chars().take(200).collect(),
        device: app::device_cookie::of(headers),
    }
}

/// With `n` trusted proxies, the `n`-th entry from the end was written by one of them; all before it is hearsay.
fn address(peer: IpAddr, headers: &HeaderMap, trusted: usize) -> IpAddr {
    let Some(back) = trusted.checked_sub(1) else {
        return peer;
    };
    let entries = headers
        .get_all(FORWARDED_FOR)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let entries: Vec<&str> = entries.flat_map(|value| value.split(',')).map(str::trim).collect();
    entries
        .iter()
        .rev()
        .nth(back)
        .and_then(|entry| entry.parse().ok())
        .unwrap_or(peer)
}

/// A person, a server, or nobody.
pub(crate) async fn who(app: &App, headers: &HeaderMap) -> Result<(Option<Actor>, Option<KeyHolder>), Problem> {
    if let Some(token) = bearer(headers) {
        let found = if api_keys::is_api_key(token) {
            (None, api_keys::authenticate_key(&app.env, token).await?)
        } else {
            (accounts::authenticate_bearer(&app.env, token).await?, None)
        };
        return match found {
            (None, None) => Err(Code::TokenInvalid.into()),
            found => Ok(found),
        };
    }
    let jar = CookieJar::from_headers(headers);
    match jar.get(app::session_cookie::name(app.settings.secure())) {
        Some(cookie) => Ok((accounts::authenticate_cookie(&app.env, cookie.value()).await?, None)),
        None => Ok((None, None)),
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Extracts whoever asks, signed in or not.
pub struct Asking(pub Visitor);

impl<S: Sync> FromRequestParts<S> for Asking {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts
            .extensions
            .get::<Visitor>()
            .cloned()
            .map(Self)
            .ok_or_else(|| Code::Internal.into())
    }
}

/// Extracts the member who asks.
pub struct Member(pub Actor);

impl<S: Sync> FromRequestParts<S> for Member {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match parts.extensions.get::<Visitor>() {
            Some(Visitor { actor: Some(actor), .. }) => Ok(Self(actor.clone())),
            Some(Visitor { key: Some(_), .. }) => Err(Rejection::new(Code::Forbidden)
                .because("This is for people who are signed in, not for API keys.")
                .into()),
            _ => Err(Code::NotSignedIn.into()),
        }
    }
}

/// Extracts who acts for others: an administrator, or a server with an API key. What that may do is for the verb to say.
pub struct ByAuthority(pub Authority);

impl<S: Sync> FromRequestParts<S> for ByAuthority {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match parts.extensions.get::<Visitor>() {
            Some(Visitor { actor: Some(actor), .. }) => Ok(Self(Authority::of(actor)?)),
            Some(Visitor { key: Some(key), .. }) => Ok(Self(Authority::Key(key.clone()))),
            _ => Err(Code::NotSignedIn.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forwarded_address_is_believed_only_as_far_as_proxies_are_trusted() {
        let peer = IpAddr::from([10, 0, 0, 1]);
        let mut headers = HeaderMap::new();
        headers.append(FORWARDED_FOR, "6.6.6.6, 203.0.113.7".parse().expect("a value"));
        headers.append(FORWARDED_FOR, "10.0.0.9".parse().expect("a value"));
        assert_eq!(address(peer, &headers, 0), peer);
        assert_eq!(address(peer, &headers, 1), IpAddr::from([10, 0, 0, 9]));
        assert_eq!(address(peer, &headers, 2), IpAddr::from([203, 0, 113, 7]));
        assert_eq!(address(peer, &headers, 9), peer);
    }
}
