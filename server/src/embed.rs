//! The door through which the host site sends its people: a form of its page that carries a token.
//!
//! It comes from another origin on purpose, so it is let in only from those that the operator named; anybody's page could
//! otherwise sign people in as somebody else. And a token opens one browser, once.

use crate::{
    api::v1::sessions::cookies,
    boot::App,
    http::{problem::Problem, visitor::Asking},
};
use app::routes;
use askama::Template;
use axum::body::Body;
use axum::{
    Form, Router,
    extract::{State, rejection::FormRejection},
    http::{HeaderValue, Response, StatusCode, header},
    response::{Html, IntoResponse, Redirect},
    routing::get,
};
use domain::accounts;
use model::{Code, Rejection, command::SessionKind};
use serde::Deserialize;
use tower_http::csrf::{CsrfLayer, ProtectionError};

/// Where the form goes.
pub const SIGN_IN: &str = "/embed/sign-in";

/// The door, with a guard of its own.
pub fn routes(app: &App) -> Router {
    let css = app.site.paths.css.clone();
    let refuse = move |_: ProtectionError| {
        let why = "This page was opened from a site that this Roost does not know. (ROOST_EMBED_ORIGINS names those that it \
                   does.)";
        refused(&css, Rejection::new(Code::ForeignOrigin).because(why))
    };
    let mut guard = CsrfLayer::new();
    for origin in app.settings.embed_origins() {
        // The settings let in only what this takes.
        guard = guard.clone().add_trusted_origin(origin).unwrap_or(guard);
    }
    Router::new()
        .route(SIGN_IN, get(|| async { Redirect::to(routes::SIGN_IN) }).post(sign_in))
        .with_state(app.clone())
        .layer(guard.with_rejection_response(refuse))
}

/// What the form holds.
#[derive(Deserialize)]
struct Coming {
    token: String,
    next: Option<String>,
}

async fn sign_in(
    State(app): State<App>,
    Asking(visitor): Asking,
    form: Result<Form<Coming>, FormRejection>,
) -> Response<Body> {
    let css = &app.site.paths.css;
    let Ok(Form(coming)) = form else {
        let why = "The form has no field “token”, or is none.";
        return refused(css, Rejection::new(Code::MalformedBody).because(why));
    };
    let kind = SessionKind::Cookie;
    let opened = match accounts::sign_in_from_host(&app.env, &visitor.caller, coming.token.trim(), kind).await {
        Ok(opened) => opened,
        Err(error) => return refused(css, Problem::from(error).into_rejection()),
    };
    // The browser forgets its cookie now; the session that it carried is of no use to anybody.
    if let Some(actor) = visitor.actor
        && let Err(error) = accounts::sign_out(&app.env, &actor).await
    {
        tracing::warn!(%error, "the session before could not be ended");
    }
    let next = routes::after_sign_in(coming.next.as_deref().unwrap_or(routes::CHAT));
    let mut response = Redirect::to(&next).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for cookie in cookies(opened.cookie, opened.device, visitor.secure) {
        headers.append(header::SET_COOKIE, cookie);
    }
    response
}

#[derive(Template)]
#[template(path = "embed/refused.html")]
struct Page<'a> {
    css: &'a str,
    detail: &'a str,
}

/// A person looks at the answer, so it is a page.
fn refused(css: &str, rejection: Rejection) -> Response<Body> {
    let status = StatusCode::from_u16(rejection.code.status()).unwrap_or(StatusCode::FORBIDDEN);
    let page = Page {
        css,
        detail: &rejection.detail,
    };
    match page.render() {
        Ok(page) => (status, Html(page)).into_response(),
        Err(_) => Problem::from(rejection).into_response(),
    }
}
