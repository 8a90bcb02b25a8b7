//! Who may sign up, for administrators and servers.

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
use domain::invitations;
use model::{
    InvitationId,
    admin::{CreateInvitation, CreatedInvitation, Invitation, Registration},
};

/// List the invitations
///
/// The newest first, without their codes; also those that are used up, and for 30 days those that have ended.
#[utoipa::path(
    get, path = "/invitations", tag = "registration",
    security(("token" = []), ("cookie" = []), ("api_key" = ["invitations"])),
    responses(
        (status = 200, description = "The invitations.", body = [Invitation], example = json!([{
            "id": "019a1b2c-3d4e-7f60-8a9b-0c1d2e3f4a5b", "note": "Book club", "uses_max": 30, "uses": 12,
            "created_by": "hedy", "created_at": "2026-11-21T09:30:00.000Z", "expires_at": "2026-11-28T09:30:00.000Z"
        }])),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "Only for administrators, and API keys with the scope.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn list(State(app): State<App>, ByAuthority(by): ByAuthority) -> Result<Answer<Vec<Invitation>>, Problem> {
    Ok(Answer(invitations::list_invitations(&app.env, &by).await?))
}

/// Make an invitation
///
/// The answer holds its code and the link with it, which can't be shown again. With `email`, the link is mailed there.
#[utoipa::path(
    post, path = "/invitations", tag = "registration",
    security(("token" = []), ("cookie" = []), ("api_key" = ["invitations"])),
    request_body(content = CreateInvitation, example = json!({"note": "Book club", "uses": 30, "days": 7})),
    responses(
        (status = 201, description = "The invitation and its code.", body = CreatedInvitation, example = json!({
            "invitation": {
                "id": "019a1b2c-3d4e-7f60-8a9b-0c1d2e3f4a5b", "note": "Book club", "uses_max": 30, "uses": 0,
                "created_by": "hedy", "created_at": "2026-11-21T09:30:00.000Z", "expires_at": "2026-11-28T09:30:00.000Z"
            },
            "code": "K7QM2-X9PRT",
            "link": "https://chat.example.org/sign-up?invitation=K7QM2-X9PRT"
        })),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "Only for administrators, and API keys with the scope.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn create(
    State(app): State<App>,
    ByAuthority(by): ByAuthority,
    Json(command): Json<CreateInvitation>,
) -> Result<Response, Problem> {
    let created: CreatedInvitation = invitations::create_invitation(&app.env, &by, command).await?;
    let secret = [(header::CACHE_CONTROL, "no-store")];
    Ok((StatusCode::CREATED, secret, Answer(created)).into_response())
}

/// Withdraw an invitation
///
/// Nobody comes with it any more; who came stays.
#[utoipa::path(
    delete, path = "/invitations/{id}", tag = "registration",
    security(("token" = []), ("cookie" = []), ("api_key" = ["invitations"])),
    params(("id" = InvitationId, Path, description = "The invitation.")),
    responses(
        (status = 204, description = "It is gone."),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "Only for administrators, and API keys with the scope.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "There is no such invitation.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn revoke(
    State(app): State<App>,
    ByAuthority(by): ByAuthority,
    Path(id): Path<InvitationId>,
) -> Result<StatusCode, Problem> {
    invitations::revoke_invitation(&app.env, &by, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who may sign up
#[utoipa::path(
    get, path = "/registration_policy", tag = "registration",
    security(("token" = []), ("cookie" = []), ("api_key" = [])),
    responses(
        (status = 200, description = "The policy.", body = Registration, example = json!({"policy": "open"})),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "Only for administrators and API keys.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn policy(State(app): State<App>, _authority: ByAuthority) -> Result<Answer<Registration>, Problem> {
    let policy = invitations::registration_policy(&app.env).await?;
    Ok(Answer(Registration { policy }))
}

/// Say who may sign up
///
/// Everybody (`open`), who has an invitation (`invite`), or nobody (`closed`). Who has a code already may finish.
#[utoipa::path(
    put, path = "/registration_policy", tag = "registration", security(("token" = []), ("cookie" = [])),
    request_body(content = Registration, example = json!({"policy": "invite"})),
    responses(
        (status = 200, description = "The policy, as it is now.", body = Registration, example = json!({"policy": "invite"})),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "Only for administrators, and for no API key.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn set_policy(
    State(app): State<App>,
    ByAuthority(by): ByAuthority,
    Json(Registration { policy }): Json<Registration>,
) -> Result<Answer<Registration>, Problem> {
    invitations::set_registration_policy(&app.env, &by, policy).await?;
    Ok(Answer(Registration { policy }))
}
