//! The screens and their server functions, plugged into axum. Per request, the visitor and the nonce go from the
//! request's extensions into Leptos' context.

use crate::{boot::App, http::headers::Nonce};
use app::Visitor;
use axum::{
    Router,
    extract::{FromRef, Request},
    http::request::Parts,
    response::{IntoResponse, Response},
    routing::any,
};
use leptos::prelude::{LeptosOptions, provide_context, use_context};
use leptos_axum::{AxumRouteListing, LeptosRoutes, generate_route_list};
use std::sync::LazyLock;

impl FromRef<App> for LeptosOptions {
    fn from_ref(app: &App) -> Self {
        app.site.options.clone()
    }
}

/// Every page, every server function, and the page that says that there is none.
pub fn routes(app: &App) -> Router {
    let context = {
        let paths = app.site.paths.clone();
        move || {
            provide_context(paths.clone());
            let Some(parts) = use_context::<Parts>() else { return };
            if let Some(visitor) = parts.extensions.get::<Visitor>() {
                provide_context(visitor.clone());
            }
            if let Some(Nonce(nonce)) = parts.extensions.get::<Nonce>() {
                provide_context(leptos::nonce::Nonce::from_value(nonce.clone()));
            }
        }
    };
    let shell = {
        let options = app.site.options.clone();
        move || app::shell(options.clone())
    };
    let forms = {
        let context = context.clone();
        move |request: Request| form(context.clone(), request)
    };
    let missing = {
        let (context, shell) = (context.clone(), shell.clone());
        leptos_axum::render_app_async_with_context(context, shell)
    };
    Router::new()
        .route(&format!("{}/{{*name}}", app::routes::FORMS), any(forms))
        .leptos_routes_with_context(app, page_list(), context, shell)
        .fallback(missing)
        .with_state(app.clone())
}

/// Every page of the screens. Listed once in a process: while Leptos lists them, it makes every resource of the process
/// that starts loading wait for ever, those of pages that are being rendered among them.
fn page_list() -> Vec<AxumRouteListing> {
    static PAGES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| generate_route_list(app::App));
    PAGES.clone()
}

async fn form(context: impl Fn() + Clone + Send + 'static, request: Request) -> Response {
    leptos_axum::handle_server_fns_with_context(context, request)
        .await
        .into_response()
}
