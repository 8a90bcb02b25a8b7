//! Reactions to messages.

use crate::{
    boot::App,
    http::{
        body::Path,
        problem::{Problem, ProblemDocument},
        visitor::Member,
    },
};
use axum::{Json as Answer, extract::State};
use domain::conversations;
use model::{Message, MessageId};

/// React to a message
///
/// With one emoji, percent-encoded in the path. The same again changes nothing.
#[utoipa::path(
    put, path = "/messages/{id}/reactions/{emoji}", tag = "conversations", security(("token" = []), ("cookie" = [])),
    params(
        ("id" = MessageId, Path, description = "The message."),
        ("emoji" = String, Path, description = "The emoji."),
    ),
    responses(
        (status = 200, description = "The message with it.", body = Message),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "It is not there, or not for me.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, description = "That is no emoji.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn react(
    State(app): State<App>,
    Member(actor): Member,
    Path((id, emoji)): Path<(MessageId, String)>,
) -> Result<Answer<Message>, Problem> {
    Ok(Answer(conversations::react(&app.env, &actor, id, &emoji).await?))
}

/// Take a reaction back
///
/// It is no error when there was none.
#[utoipa::path(
    delete, path = "/messages/{id}/reactions/{emoji}", tag = "conversations", security(("token" = []), ("cookie" = [])),
    params(
        ("id" = MessageId, Path, description = "The message."),
        ("emoji" = String, Path, description = "The emoji."),
    ),
    responses(
        (status = 200, description = "The message without it.", body = Message),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "It is not there, or not for me.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn unreact(
    State(app): State<App>,
    Member(actor): Member,
    Path((id, emoji)): Path<(MessageId, String)>,
) -> Result<Answer<Message>, Problem> {
    Ok(Answer(conversations::unreact(&app.env, &actor, id, &emoji).await?))
}
