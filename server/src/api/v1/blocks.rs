//! Whom I block.

use crate::{
    boot::App,
    http::{
        body::Path,
        problem::{Problem, ProblemDocument},
        visitor::Member,
    },
};
use axum::{Json as Answer, extract::State, http::StatusCode};
use domain::conversations;
use model::{Listing, Person};

/// Whom I block
///
/// All of them; `next` is always null.
#[utoipa::path(
    get, path = "/blocks", tag = "blocks", security(("token" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "They.", body = Listing<Person>, example = json!({
            "items": [{"id": "019a1b2c-3d4e-7f60-8a9b-0c1d2e3f4a5b", "username": "mallory", "display_name": "Mallory Quinn"}],
            "next": null
        })),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn list(State(app): State<App>, Member(actor): Member) -> Result<Answer<Listing<Person>>, Problem> {
    let items = conversations::list_blocks(&app.env, &actor).await?;
    Ok(Answer(Listing { items, next: None }))
}

/// Block somebody
///
/// From then on neither can write to the other, see whether the other is there, add the other to a group or mention them.
/// They are not told. In groups, what they write does not count as unread. Blocking again changes nothing.
#[utoipa::path(
    put, path = "/blocks/{user}", tag = "blocks", security(("token" = []), ("cookie" = [])),
    params(("user" = String, Path, description = "Their username or account id.", example = "grace")),
    responses(
        (status = 200, description = "Who is blocked now.", body = Person),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "There is nobody of that name.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn block(
    State(app): State<App>,
    Member(actor): Member,
    Path(user): Path<String>,
) -> Result<Answer<Person>, Problem> {
    Ok(Answer(conversations::block(&app.env, &actor, &user).await?))
}

/// Block somebody no longer
#[utoipa::path(
    delete, path = "/blocks/{user}", tag = "blocks", security(("token" = []), ("cookie" = [])),
    params(("user" = String, Path, description = "Their username or account id.", example = "grace")),
    responses(
        (status = 204, description = "I do not block them, now or before."),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "There is nobody of that name.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn unblock(
    State(app): State<App>,
    Member(actor): Member,
    Path(user): Path<String>,
) -> Result<StatusCode, Problem> {
    conversations::unblock(&app.env, &actor, &user).await?;
    Ok(StatusCode::NO_CONTENT)
}
