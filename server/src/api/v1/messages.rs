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
use model::{
    Changes, ConversationId, Listing, Message, MessageId, Page, Version,
    command::{EditMessage, SendMessage},
};
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
        (status = 403, description = "One of the two blocks the other.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "The `client_id` is taken, or nobody is left to read it.", body = ProblemDocument, content_type = "application/problem+json"),
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

/// Which changes.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Since {
    /// Only changes after this `rev`; all when not given.
    #[serde(default)]
    #[param(required = false)]
    after: u64,
    /// How many at most, 1–100; 50 when not given.
    limit: Option<usize>,
}

/// What became of messages
///
/// Edits, deletions and reactions, ascending by `rev`: each message as it is now. Who holds a log up to some `rev` asks for
/// what came after it, until `has_more` is false.
#[utoipa::path(
    get, path = "/conversations/{id}/changes", tag = "conversations", security(("token" = []), ("cookie" = [])),
    params(("id" = ConversationId, Path, description = "The conversation."), Since),
    responses(
        (status = 200, description = "A page of changes.", body = Changes),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "It is not there, or not mine.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn changes(
    State(app): State<App>,
    Member(actor): Member,
    Path(id): Path<ConversationId>,
    Query(Since { after, limit }): Query<Since>,
) -> Result<Answer<Changes>, Problem> {
    Ok(Answer(
        conversations::list_changes(&app.env, &actor, id, after, limit).await?,
    ))
}

/// One message
#[utoipa::path(
    get, path = "/messages/{id}", tag = "conversations", security(("token" = []), ("cookie" = [])),
    params(("id" = MessageId, Path, description = "The message.")),
    responses(
        (status = 200, description = "As I see it.", body = Message),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "It is not there, or not for me.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn get(
    State(app): State<App>,
    Member(actor): Member,
    Path(id): Path<MessageId>,
) -> Result<Answer<Message>, Problem> {
    Ok(Answer(conversations::get_message(&app.env, &actor, id).await?))
}

/// Edit a message of mine
///
/// What it said before is kept, for all who see the message.
#[utoipa::path(
    patch, path = "/messages/{id}", tag = "conversations", security(("token" = []), ("cookie" = [])),
    params(("id" = MessageId, Path, description = "The message.")),
    responses(
        (status = 200, description = "As it is now.", body = Message),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "Somebody else wrote it, or one of the two blocks the other.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "It is not there, or not for me.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "It was deleted.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn edit(
    State(app): State<App>,
    Member(actor): Member,
    Path(id): Path<MessageId>,
    Json(command): Json<EditMessage>,
) -> Result<Answer<Message>, Problem> {
    Ok(Answer(
        conversations::edit_message(&app.env, &actor, id, command).await?,
    ))
}

/// Delete a message of mine
///
/// For everybody: its text, what it said before and its reactions are gone, and its place in the log stays. Deleting it
/// again changes nothing.
#[utoipa::path(
    delete, path = "/messages/{id}", tag = "conversations", security(("token" = []), ("cookie" = [])),
    params(("id" = MessageId, Path, description = "The message.")),
    responses(
        (status = 200, description = "What remains of it.", body = Message),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "Somebody else wrote it.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "It is not there, or not for me.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn delete(
    State(app): State<App>,
    Member(actor): Member,
    Path(id): Path<MessageId>,
) -> Result<Answer<Message>, Problem> {
    Ok(Answer(conversations::delete_message(&app.env, &actor, id).await?))
}

/// What a message said before
///
/// The oldest text first; nothing when it was never edited, or is deleted. `next` is always null.
#[utoipa::path(
    get, path = "/messages/{id}/versions", tag = "conversations", security(("token" = []), ("cookie" = [])),
    params(("id" = MessageId, Path, description = "The message.")),
    responses(
        (status = 200, description = "Its earlier texts.", body = Listing<Version>, example = json!({
            "items": [{"body": "Good morming, Grace", "until": "2026-11-21T09:31:00.000Z"}], "next": null
        })),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "It is not there, or not for me.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn versions(
    State(app): State<App>,
    Member(actor): Member,
    Path(id): Path<MessageId>,
) -> Result<Answer<Listing<Version>>, Problem> {
    let items = conversations::list_versions(&app.env, &actor, id).await?;
    Ok(Answer(Listing { items, next: None }))
}
