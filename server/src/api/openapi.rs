//! The REST door's document, and the page to read it with.

use crate::{api, http::problem::ProblemDocument};
use axum::{
    Json, Router,
    http::{HeaderValue, header},
    routing::get,
};
use model::Code;
use std::fmt::Write;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        ContentBuilder, OpenApi as Document, Ref, RefOr, Response, ResponseBuilder,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_swagger_ui::{Config, SwaggerUi};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Roost",
        description = "Accounts and chat. Ids are UUIDs; times are RFC 3339, UTC, with milliseconds; errors are \
                       RFC 9457 problem documents whose `code` is stable.",
        license(name = "MIT OR Apache-2.0")
    ),
    components(schemas(ProblemDocument)),
    modifiers(&Security, &Errors)
)]
struct Base;

/// How one signs in.
struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut Document) {
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .build();
        let api_key = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("roost_…")
            .build();
        let cookie = ApiKey::Cookie(ApiKeyValue::new("roost"));
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
        components.add_security_scheme("api_key", SecurityScheme::Http(api_key));
        let basic = HttpBuilder::new()
            .scheme(HttpAuthScheme::Basic)
            .description(Some("A username or e-mail address, and the password."))
            .build();
        let host_token = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some(
                "A token of the site that this Roost is embedded in (docs/embedding.md).",
            ))
            .build();
        components.add_security_scheme("basic", SecurityScheme::Http(basic));
        components.add_security_scheme("host_token", SecurityScheme::Http(host_token));
        components.add_security_scheme("cookie", SecurityScheme::ApiKey(cookie));
    }
}

/// All codes an error can carry, by status.
struct Errors;

impl Modify for Errors {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        let mut statuses: Vec<u16> = Code::ALL.iter().map(|code| code.status()).collect();
        statuses.sort_unstable();
        statuses.dedup();
        for status in statuses {
            components
                .responses
                .insert(format!("Problem{status}"), RefOr::T(problem(status)));
        }
    }
}

fn problem(status: u16) -> Response {
    let mut text = String::from("One of:");
    for code in Code::ALL.iter().filter(|code| code.status() == status) {
        let _ = write!(text, "\n- `{code}`: {}", code.detail());
    }
    let schema = Ref::from_schema_name("ProblemDocument");
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new()
        .description(text)
        .content("application/problem+json", content)
        .build()
}

/// The document, with every route of [`api::documented`] and the errors that any of them may answer.
#[must_use]
pub fn document() -> Document {
    let mut document = Base::openapi();
    document.merge(api::documented().into_openapi());
    Errors.modify(&mut document);
    for item in document.paths.paths.values_mut() {
        let operations = [
            &mut item.get,
            &mut item.post,
            &mut item.put,
            &mut item.patch,
            &mut item.delete,
        ];
        for operation in operations.into_iter().flatten() {
            for status in ["422", "429", "500", "503"] {
                let reference = RefOr::Ref(Ref::from_response_name(format!("Problem{status}")));
                operation
                    .responses
                    .responses
                    .entry(status.to_owned())
                    .or_insert(reference);
            }
        }
    }
    document
}

/// `/api/openapi.json`, and a page under `/api/docs` that comes with the binary.
pub fn routes() -> Router {
    // The page's own files, and the styles it writes itself; nothing from elsewhere.
    let policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                  connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";
    let policy = SetResponseHeaderLayer::overriding(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    let page = SwaggerUi::new("/api/docs").config(Config::from("/api/openapi.json"));
    Router::new()
        .merge(Router::from(page).layer(policy))
        .route("/api/openapi.json", get(|| async { Json(document()) }))
}
