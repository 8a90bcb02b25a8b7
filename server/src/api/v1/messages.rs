//! Messages.

use crate::{
    boot::App,
    http::{
        body::{Json, Path, Query},
        problem::{Problem, ProblemDocument},
        visitor::Member,
    },
};
use axum::{Json as Answer, extract::State, http::StatusCode};
use domain::conversations::{self, Window};
use model::{ConversationId, Message, Page, command::SendMessage};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which part of a log.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// How many at most, 1–100; 10 when not given.
    limit: Option<usize>,
    /// Only messages before this `seq`.
    before: Option<u64>,
    /// Only messages after this `seq`.
    after: Option<u64>,
}

/// Read a log
///
/// Ascending by `seq`; the latest messages, unless `before` or `after` is given.
#[utoipa::path(
    get, path = "/conversations/{id}/messages", tag = "conversations", security(("token" = []), ("cookie" = [])),
    params(("id" = ConversationId, Path, description = "The conversation."), Part),
    responses(
        (status = 200, description = "A page of the log.", body = Page),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "It is not there, or not mine.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn list(
    State(app): State<App>,
    Member(actor): Member,
    Path(id): Path<ConversationId>,
    Query(Part { limit, before, after }): Query<Part>,
) -> Result<Answer<Page>, Problem> {
    Ok(Answer(
        conversations::list_messages(&app.env, &actor, id, Window { limit, before, after }).await?,
    ))
}

/// Write a message
///
/// When it is answered, the message is durable. The same `client_id` again is answered with the same message.
#[utoipa::path(
    post, path = "/conversations/{id}/messages", tag = "conversations", security(("token" = []), ("cookie" = [])),
    params(("id" = ConversationId, Path, description = "The conversation.")),
    responses(
        (status = 200, description = "It had been sent before.", body = Message),
        (status = 201, description = "It is sent.", body = Message),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "It is not there, or not mine.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "Taken.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn send(
    State(app): State<App>,
    Member(actor): Member,
    Path(id): Path<ConversationId>,
    Json(command): Json<SendMessage>,
) -> Result<(StatusCode, Answer<Message>), Problem> {
    let sent = conversations::send_message(&app.env, &actor, id, command).await?;
    let status = if sent.created {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, Answer(sent.message)))
}
