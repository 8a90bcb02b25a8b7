//! API keys, for administrators.

use crate::{
    boot::App,
    http::{
        body::{Json, Path},
        problem::{Problem, ProblemDocument},
        visitor::ByAuthority,
    },
};
use axum::{
    Json as Answer,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::api_keys;
use model::{
    ApiKeyId,
    admin::{ApiKey, CreateApiKey, CreatedApiKey},
};

/// List the API keys
///
/// The newest first, without their secrets.
#[utoipa::path(
    get, path = "/api-keys", tag = "api keys", security(("token" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The keys.", body = [ApiKey], example = json!([{
            "id": "019a1b2c-3d4e-7f60-8a9b-0c1d2e3f4a5b", "name": "The shop", "scopes": ["users:read", "users:write"],
            "created_by": "hedy", "created_at": "2026-11-21T09:30:00.000Z", "expires_at": null,
            "used_at": "2026-11-21T10:00:00.000Z"
        }])),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "Only for administrators, and for no API key.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn list(State(app): State<App>, ByAuthority(by): ByAuthority) -> Result<Answer<Vec<ApiKey>>, Problem> {
    Ok(Answer(api_keys::list_api_keys(&app.env, &by).await?))
}

/// Make an API key
///
/// The answer holds its secret, for `Authorization: Bearer`. It can't be shown again.
#[utoipa::path(
    post, path = "/api-keys", tag = "api keys", security(("token" = []), ("cookie" = [])),
    request_body(content = CreateApiKey, example = json!({
        "name": "The shop", "scopes": ["users:read", "users:write"], "days": 365
    })),
    responses(
        (status = 201, description = "The key and its secret.", body = CreatedApiKey, example = json!({
            "api_key": {
                "id": "019a1b2c-3d4e-7f60-8a9b-0c1d2e3f4a5b", "name": "The shop", "scopes": ["users:read", "users:write"],
                "created_by": "hedy", "created_at": "2026-11-21T09:30:00.000Z",
                "expires_at": "2027-11-21T09:30:00.000Z", "used_at": null
            },
            "secret": "roost_…"
        })),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "Only for administrators, and for no API key.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn create(
    State(app): State<App>,
    ByAuthority(by): ByAuthority,
    Json(command): Json<CreateApiKey>,
) -> Result<Response, Problem> {
    let created: CreatedApiKey = api_keys::create_api_key(&app.env, &by, command).await?;
    let secret = [(header::CACHE_CONTROL, "no-store")];
    Ok((StatusCode::CREATED, secret, Answer(created)).into_response())
}

/// Revoke an API key
///
/// The next request with it is refused.
#[utoipa::path(
    delete, path = "/api-keys/{id}", tag = "api keys", security(("token" = []), ("cookie" = [])),
    params(("id" = ApiKeyId, Path, description = "The key.")),
    responses(
        (status = 204, description = "It is gone."),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "Only for administrators, and for no API key.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "There is no such key.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn revoke(
    State(app): State<App>,
    ByAuthority(by): ByAuthority,
    Path(id): Path<ApiKeyId>,
) -> Result<StatusCode, Problem> {
    api_keys::revoke_api_key(&app.env, &by, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
