//! Conversations.

use crate::{
    boot::App,
    http::{
        body::{Json, Path},
        problem::{Problem, ProblemDocument},
        visitor::Member,
    },
};
use axum::{Json as Answer, extract::State, http::StatusCode};
use domain::conversations;
use model::{
    Conversation, ConversationId,
    command::{MarkRead, OpenConversation, UpdateConversation},
};

/// List my conversations
///
/// The one with the newest activity first.
#[utoipa::path(
    get, path = "/conversations", tag = "conversations", security(("token" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "My conversations.", body = [Conversation]),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn list(State(app): State<App>, Member(actor): Member) -> Result<Answer<Vec<Conversation>>, Problem> {
    Ok(Answer(conversations::list_conversations(&app.env, &actor).await?))
}

/// Open a conversation
///
/// `direct` with somebody: answers 200 with the conversation that exists, or 201 with a new one. `group`, with a title and
/// members: always a new one, which I own.
#[utoipa::path(
    post, path = "/conversations", tag = "conversations", security(("token" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "It was there.", body = Conversation),
        (status = 201, description = "It is new.", body = Conversation),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "Between me and one of them there is a block.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "These are more than a group can have.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn open(
    State(app): State<App>,
    Member(actor): Member,
    Json(command): Json<OpenConversation>,
) -> Result<(StatusCode, Answer<Conversation>), Problem> {
    let opened = conversations::open_conversation(&app.env, &actor, command).await?;
    let status = if opened.created {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, Answer(opened.conversation)))
}

/// One conversation
#[utoipa::path(
    get, path = "/conversations/{id}", tag = "conversations", security(("token" = []), ("cookie" = [])),
    params(("id" = ConversationId, Path, description = "The conversation.")),
    responses(
        (status = 200, description = "As I see it.", body = Conversation),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "It is not there, or not mine.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn get(
    State(app): State<App>,
    Member(actor): Member,
    Path(id): Path<ConversationId>,
) -> Result<Answer<Conversation>, Problem> {
    Ok(Answer(conversations::get_conversation(&app.env, &actor, id).await?))
}

/// Move my read marker
///
/// Forward only; the answer says where it is.
#[utoipa::path(
    put, path = "/conversations/{id}/read", tag = "conversations", security(("token" = []), ("cookie" = [])),
    params(("id" = ConversationId, Path, description = "The conversation.")),
    responses(
        (status = 200, description = "Where the marker is now.", body = MarkRead),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "It is not there, or not mine.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn mark_read(
    State(app): State<App>,
    Member(actor): Member,
    Path(id): Path<ConversationId>,
    Json(command): Json<MarkRead>,
) -> Result<Answer<MarkRead>, Problem> {
    let seq = conversations::mark_read(&app.env, &actor, id, command).await?;
    Ok(Answer(MarkRead { seq }))
}

/// Change a conversation
///
/// What is not given stays. `title` and `history` are for owners of a group, and everybody is told; `muted` and `archived`
/// are mine alone.
#[utoipa::path(
    patch, path = "/conversations/{id}", tag = "conversations", security(("token" = []), ("cookie" = [])),
    params(("id" = ConversationId, Path, description = "The conversation.")),
    request_body(content = UpdateConversation, example = json!({"title": "Nanoseconds", "history": "all", "muted": false, "archived": false})),
    responses(
        (status = 200, description = "As I see it now.", body = Conversation),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "Only for owners.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "It is not there, or not mine.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn update(
    State(app): State<App>,
    Member(actor): Member,
    Path(id): Path<ConversationId>,
    Json(command): Json<UpdateConversation>,
) -> Result<Answer<Conversation>, Problem> {
    Ok(Answer(
        conversations::update_conversation(&app.env, &actor, id, command).await?,
    ))
}

/// Delete a conversation for me
///
/// What was written up to now is gone for me, and the conversation is not in my list until something new is written. The
/// others keep it all; I stay in a group, and can leave it before.
#[utoipa::path(
    delete, path = "/conversations/{id}", tag = "conversations", security(("token" = []), ("cookie" = [])),
    params(("id" = ConversationId, Path, description = "The conversation.")),
    responses(
        (status = 204, description = "It is gone for me."),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "It is not there, or not mine.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn clear(
    State(app): State<App>,
    Member(actor): Member,
    Path(id): Path<ConversationId>,
) -> Result<StatusCode, Problem> {
    conversations::clear_conversation(&app.env, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
