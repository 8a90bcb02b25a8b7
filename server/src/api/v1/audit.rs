//! The audit log, for administrators and servers.

use crate::{
    boot::App,
    http::{
        body::Query,
        problem::{Problem, ProblemDocument},
        visitor::ByAuthority,
    },
};
use axum::{Json as Answer, extract::State};
use domain::audit;
use model::{AuditId, Listing, admin::AuditEntry, limits};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which part of the log.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The `next` of an earlier page: only entries before that.
    before: Option<AuditId>,
    /// How many at most, 1–100; 50 when not given.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<usize>,
}

/// Read the audit log
///
/// What administrators, servers and the command line did to others, the newest first.
#[utoipa::path(
    get, path = "/audit", tag = "audit", params(Part),
    security(("token" = []), ("cookie" = []), ("api_key" = ["audit:read"])),
    responses(
        (status = 200, description = "A page of the log.", body = Listing<AuditEntry>, example = json!({
            "items": [{
                "id": "019a1b2c-3d4e-7f60-8a9b-0c1d2e3f4a5b", "at": "2026-11-21T09:30:00.000Z", "by": "admin",
                "by_name": "hedy", "action": "user.update", "target": "019a1b2c-0000-7000-8000-0c1d2e3f4a5b",
                "target_name": "ada", "detail": "display name"
            }],
            "next": null
        })),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "Only for administrators, and API keys with the scope.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn list(
    State(app): State<App>,
    ByAuthority(by): ByAuthority,
    Query(Part { before, limit }): Query<Part>,
) -> Result<Answer<Listing<AuditEntry>>, Problem> {
    let limit = limit.unwrap_or(limits::PAGE_DEFAULT);
    Ok(Answer(audit::list_audit(&app.env, &by, before, limit).await?))
}
