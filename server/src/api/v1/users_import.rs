//! Bring accounts over from another system.

use crate::{
    boot::App,
    http::{
        body::{JsonLines, Query},
        problem::{Problem, ProblemDocument},
        visitor::ByAuthority,
    },
};
use axum::{Json as Answer, extract::State};
use domain::users;
use model::admin::ImportReport;
use serde::Deserialize;
use utoipa::IntoParams;

/// The route, for the one deadline that is longer than others.
pub const PATH: &str = "/api/v1/users/import";

/// How.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct How {
    /// Only say what would happen.
    #[serde(default)]
    dry_run: bool,
}

/// Import accounts
///
/// The body is JSONL (one JSON object a line, `application/x-ndjson`), up to 32 MiB and 100 000 lines: `email` and
/// `username`, and if you like `display_name`, `password_hash` (as another system made it) or `password`, `role`, and
/// `created_at`. A line that can't be taken is reported with its number, and the rest goes in. Somebody who is there already
/// stays as they are, so the same file can be sent again. Nobody is written to.
#[utoipa::path(
    post, path = "/users/import", tag = "users", params(How),
    security(("token" = []), ("cookie" = []), ("api_key" = ["users:write"])),
    request_body(content = String, content_type = "application/x-ndjson",
        example = "{\"email\":\"ada@example.org\",\"username\":\"ada\",\"password_hash\":\"$2b$12$…\"}\n"),
    responses(
        (status = 200, description = "What was done, or would be.", body = ImportReport, example = json!({
            "dry_run": false, "created": 41, "unchanged": 0,
            "rejected": [{"line": 7, "code": "email_taken", "detail": "There is an account with this e-mail address already."}]
        })),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "Only for administrators, and API keys with the scope.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 413, description = "The file is too large, or has too many lines.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 415, description = "The body is not JSONL.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn import(
    State(app): State<App>,
    ByAuthority(by): ByAuthority,
    Query(How { dry_run }): Query<How>,
    JsonLines(text): JsonLines,
) -> Result<Answer<ImportReport>, Problem> {
    Ok(Answer(users::import_users(&app.env, &by, &text, dry_run).await?))
}
