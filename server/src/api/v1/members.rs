//! Who is in a conversation.

use crate::{
    boot::App,
    http::{
        body::{MaybeJson, Path, Query},
        problem::{Problem, ProblemDocument},
        visitor::Member,
    },
};
use axum::{Json as Answer, extract::State, http::StatusCode};
use domain::conversations;
use model::{AccountId, Conversation, ConversationId, MemberPage, command::SetMember};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which members.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// The beginnings of one or more of their names; all when not given.
    q: Option<String>,
    /// The `next` of an earlier page.
    #[param(example = "019aa5b4-7c00-7000-8000-000000000001")]
    after: Option<AccountId>,
    /// How many at most, 1–100; 50 when not given.
    limit: Option<usize>,
}

/// List and search members
///
/// Oneself first, then in the order of their ids. A conversation shows the first hundred by itself.
#[utoipa::path(
    get, path = "/conversations/{id}/members", tag = "conversations", security(("token" = []), ("cookie" = [])),
    params(("id" = ConversationId, Path, description = "The conversation."), Which),
    responses(
        (status = 200, description = "A page of members.", body = MemberPage),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "It is not there, or not mine.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn list(
    State(app): State<App>,
    Member(actor): Member,
    Path(id): Path<ConversationId>,
    Query(Which { q, after, limit }): Query<Which>,
) -> Result<Answer<MemberPage>, Problem> {
    Ok(Answer(
        conversations::list_members(&app.env, &actor, id, q, after, limit).await?,
    ))
}

/// Add somebody to a group, or change what they may do
///
/// Only owners may. A newcomer is a member, unless `role` says otherwise; without it, who is in it already stays as they
/// are, and the body may be left out. Answers 201 when they are new.
#[utoipa::path(
    put, path = "/conversations/{id}/members/{user}", tag = "conversations", security(("token" = []), ("cookie" = [])),
    params(
        ("id" = ConversationId, Path, description = "The group."),
        ("user" = String, Path, description = "Their username or account id.", example = "grace"),
    ),
    request_body(content = Option<SetMember>, example = json!({"role": "owner"})),
    responses(
        (status = 200, description = "They were in it; the group as it is now.", body = Conversation),
        (status = 201, description = "They are new; the group as it is now.", body = Conversation),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "Only for owners, and not against a block.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "It is not there, or not mine.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "It has as many as it can, or they are its last owner.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn set(
    State(app): State<App>,
    Member(actor): Member,
    Path((id, user)): Path<(ConversationId, String)>,
    MaybeJson(command): MaybeJson<SetMember>,
) -> Result<(StatusCode, Answer<Conversation>), Problem> {
    let command = command.unwrap_or(SetMember { role: None });
    let (conversation, created) = conversations::set_member(&app.env, &actor, id, &user, command).await?;
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Answer(conversation)))
}

/// Take somebody out of a group, or leave it
///
/// Anybody may leave, by their own name; only owners take others out. When the last owner leaves, whoever has been in it
/// longest becomes one.
#[utoipa::path(
    delete, path = "/conversations/{id}/members/{user}", tag = "conversations", security(("token" = []), ("cookie" = [])),
    params(
        ("id" = ConversationId, Path, description = "The group."),
        ("user" = String, Path, description = "Their username or account id, or one's own.", example = "grace"),
    ),
    responses(
        (status = 204, description = "They are out."),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "Only for owners.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "It is not there, or not mine, or they are not in it.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn remove(
    State(app): State<App>,
    Member(actor): Member,
    Path((id, user)): Path<(ConversationId, String)>,
) -> Result<StatusCode, Problem> {
    conversations::remove_member(&app.env, &actor, id, &user).await?;
    Ok(StatusCode::NO_CONTENT)
}
