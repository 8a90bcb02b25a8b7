//! The doors of the mailbox: the CouchDB protocol, under `/mailbox/{username}`, so that PouchDB and others can replicate with
//! it. docs/sync.md tells it from outside.
//!
//! | file | holds |
//! |---|---|
//! | [`target`] | what an address names |
//! | [`entry`] | who asks, and from which page |
//! | [`query`] | parameters |
//! | [`answer`], `text` | answers and errors in the protocol's form |
//! | `dispatch` | which address and method leads where |
//! | `databases`, `documents`, `attachments`, `bulk` | the addresses |
//! | `changes`, `feed`, `out` | what changed, now and as it happens |
//! | `multipart` | documents with their attachments in one message |
//!
//! With `ROOST_MAILBOX_LAB`, never in production, `/lab/{any name}` is the same with databases that anybody may make and
//! delete and that take any document: other people's tests of the protocol run there.

pub mod answer;
mod attachments;
mod bulk;
mod changes;
mod databases;
mod dispatch;
mod documents;
pub mod entry;
mod feed;
pub mod multipart;
mod out;
pub mod query;
pub mod target;
mod text;

use crate::{boot::App, config::Laboratory};
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::any,
};
use model::limits;
use serde_json::Value;
use std::sync::Arc;
use tower_http::decompression::RequestDecompressionLayer;

/// Where the mailboxes are.
pub const PATH: &str = "/mailbox/";

/// Where the laboratory is, if there is one.
pub const LABORATORY_PATH: &str = "/lab/";

/// What the doors need.
#[derive(Clone)]
pub struct Door {
    /// What all doors need.
    pub app: App,
    /// Whether it leads to the laboratory.
    pub is_laboratory: bool,
    /// Whether there is `_bulk_get`; older servers have none, and clients must get along.
    pub has_bulk_get: bool,
    /// Who waits for changes.
    feeds: Arc<feed::Feeds>,
}

impl Door {
    /// A sequence as it is told. The laboratory tells numbers, as servers of one machine always did: tests compare them.
    #[must_use]
    pub fn sequence(&self, token: &str) -> Value {
        let number = token.split('-').next().and_then(|number| number.parse::<u64>().ok());
        match number.filter(|_| self.is_laboratory) {
            Some(number) => number.into(),
            None => token.into(),
        }
    }
}

/// The routes.
pub fn routes(app: &App) -> Router {
    let door = Door {
        app: app.clone(),
        is_laboratory: false,
        has_bulk_get: true,
        feeds: Arc::default(),
    };
    let mut routes = mount(PATH, door.clone());
    let laboratory = app.settings.mailbox_lab;
    if laboratory != Laboratory::Off {
        let door = Door {
            is_laboratory: true,
            has_bulk_get: laboratory == Laboratory::On,
            ..door
        };
        routes = routes.merge(mount(LABORATORY_PATH, door));
    }
    // The limit is of what comes out: it is looked at where the body is read.
    routes
        .layer(RequestDecompressionLayer::new())
        .layer(DefaultBodyLimit::max(limits::BULK_MAX_BYTES))
}

fn mount(path: &'static str, door: Door) -> Router {
    let below = format!("{path}{{*rest}}");
    Router::new()
        .route(path, any(serve))
        .route(&below, any(serve))
        .with_state(door)
}

async fn serve(State(door): State<Door>, request: Request) -> Response {
    let cors = entry::cors(&door, request.headers());
    let mut response = match entry::preflight(request.method()) {
        Some(response) => response,
        None => dispatch::dispatch(&door, request)
            .await
            .unwrap_or_else(IntoResponse::into_response),
    };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    headers.extend(cors.into_iter().flatten());
    response
}
