//! The REST door's document, and the page to read it with. What handlers say of themselves is completed here, so that
//! every operation tells its limits, all of its errors, and an example of everything.

use super::{codes, examples, fields};
use crate::{api, http::problem::ProblemDocument};
use axum::{
    Json, Router,
    http::{HeaderValue, header},
    routing::get,
};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        OpenApi as Document,
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
    modifiers(&Security)
)]
struct Base;

/// How one signs in.
struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut Document) {
        let http = |scheme, format: Option<&str>, what: &str| {
            let mut http = HttpBuilder::new().scheme(scheme).description(Some(what));
            if let Some(format) = format {
                http = http.bearer_format(format);
            }
            SecurityScheme::Http(http.build())
        };
        let cookie = ApiKeyValue::with_description(
            "roost",
            "What signing in sets; under https it is called `__Host-roost`.",
        );
        let components = document.components.get_or_insert_default();
        for (name, scheme) in [
            (
                "token",
                http(HttpAuthScheme::Bearer, Some("JWT"), "The access token of a session."),
            ),
            ("cookie", SecurityScheme::ApiKey(ApiKey::Cookie(cookie))),
            (
                "api_key",
                http(
                    HttpAuthScheme::Bearer,
                    Some("roost_…"),
                    "The secret of an API key, with the scope for it.",
                ),
            ),
            (
                "basic",
                http(
                    HttpAuthScheme::Basic,
                    None,
                    "A username or e-mail address, and the password.",
                ),
            ),
            (
                "host_token",
                http(
                    HttpAuthScheme::Bearer,
                    Some("JWT"),
                    "A token of the site that this Roost is embedded in (docs/embedding.md).",
                ),
            ),
        ] {
            components.add_security_scheme(name, scheme);
        }
    }
}

/// What the tags mean, in the order in which they are shown.
const TAGS: &[(&str, &str)] = &[
    ("accounts", "Sign up, passwords, oneself, and finding people."),
    ("sessions", "Sign in and out, tokens, devices."),
    ("conversations", "Conversations, who is in them, and messages."),
    ("blocks", "Whom I block."),
    (
        "letters",
        "Letters, for reading. The mailbox itself is a replicated database.",
    ),
    ("users", "Accounts of others, for administrators and servers."),
    ("registration", "Who may sign up."),
    ("api keys", "Keys for servers."),
    ("audit", "What was done for others."),
];

/// The methods that an operation can have.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The document, with every route of [`api::documented`].
#[must_use]
pub fn document() -> Value {
    static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
        let mut document = Base::openapi();
        document.merge(api::documented().into_openapi());
        // Texts and numbers always become JSON; the tests would see it if they did not.
        let mut document = serde_json::to_value(document).unwrap_or_default();
        complete(&mut document);
        document
    });
    DOCUMENT.clone()
}

/// Every operation: its method in capitals, its path, and itself.
pub fn operations(document: &Value) -> impl Iterator<Item = (String, &str, &Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(path, item)| {
        let methods = METHODS.iter().filter(|method| item[**method].is_object());
        methods.map(|method| (method.to_uppercase(), path.as_str(), &item[*method]))
    })
}

fn complete(document: &mut Value) {
    let tags = TAGS
        .iter()
        .map(|(name, description)| json!({"name": name, "description": description}));
    document["tags"] = tags.collect();
    let mut schemas = take(&mut document["components"]["schemas"]);
    schemas.values_mut().for_each(mend);
    fields::describe_schemas(&mut schemas);
    let mut responses = Map::new();
    let mut paths = take(&mut document["paths"]);
    for (path, item) in &mut paths {
        for method in METHODS {
            if let Some(operation) = item.get_mut(method).filter(|operation| operation.is_object()) {
                complete_operation(method, path, operation, &schemas, &mut responses);
            }
        }
    }
    document["paths"] = Value::Object(paths);
    document["components"]["schemas"] = Value::Object(schemas);
    document["components"]["responses"] = Value::Object(responses);
}

fn take(value: &mut Value) -> Map<String, Value> {
    match value.take() {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// Fields that are there or not, all at once: utoipa writes "these, or null" of what is "these, or nothing".
fn mend(schema: &mut Value) {
    let parts = schema.get_mut("allOf").and_then(Value::as_array_mut);
    for part in parts.into_iter().flatten() {
        if let Some(Value::Array(choices)) = part.get_mut("oneOf").map(Value::take) {
            let these = choices.into_iter().filter(|choice| choice["type"] != "null");
            *part = json!({"anyOf": these.chain([json!({"type": "object"})]).collect::<Vec<_>>()});
        }
    }
}

fn complete_operation(
    method: &str,
    path: &str,
    operation: &mut Value,
    schemas: &Map<String, Value>,
    responses: &mut Map<String, Value>,
) {
    // Handlers of different nouns share names; a path and a method are shared by none.
    let words = path
        .trim_start_matches("/api/v1/")
        .replace(['{', '}'], "")
        .replace(['/', '-'], "_");
    operation["operationId"] = json!(format!("{method}_{words}"));
    if let Some(parameters) = operation.get_mut("parameters").and_then(Value::as_array_mut) {
        for parameter in parameters {
            fields::describe_parameter(path, parameter);
            if parameter.get("example").is_none() {
                parameter["example"] = examples::of(&parameter["schema"], schemas);
            }
        }
    }
    if let Some(body) = operation.get_mut("requestBody") {
        exemplify(body, schemas);
    }
    let errors = codes::of(&method.to_uppercase(), path, operation);
    if let Some(answers) = operation.get_mut("responses").and_then(Value::as_object_mut) {
        for (_, answer) in answers.iter_mut().filter(|(status, _)| status.starts_with('2')) {
            exemplify(answer, schemas);
        }
        for (status, codes) in errors {
            let name = codes::name(&codes);
            answers.insert(
                status.to_string(),
                json!({"$ref": format!("#/components/responses/{name}")}),
            );
            responses.entry(name).or_insert_with(|| codes::response(status, &codes));
        }
    }
}

/// Adds an example to each content that has none.
fn exemplify(holder: &mut Value, schemas: &Map<String, Value>) {
    let contents = holder.get_mut("content").and_then(Value::as_object_mut);
    for (_, content) in contents.into_iter().flatten() {
        if content.get("example").is_none() && content.get("examples").is_none() {
            content["example"] = examples::of(&content["schema"], schemas);
        }
    }
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
