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
use leptos_axum::{LeptosRoutes, generate_route_list};

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
        .leptos_routes_with_context(app, generate_route_list(app::App), context, shell)
        .fallback(missing)
        .with_state(app.clone())
}

async fn form(context: impl Fn() + Clone + Send + 'static, request: Request) -> Response {
    leptos_axum::handle_server_fns_with_context(context, request)
        .await
        .into_response()
}
