//! Find what was said.

use crate::{
    boot::App,
    http::{
        body::Query,
        problem::{Problem, ProblemDocument},
        visitor::Member,
    },
};
use axum::{Json as Answer, extract::State};
use domain::search::{self, SearchMessages};
use model::{ConversationId, Hits, Rejection};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// What is searched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Among {
    /// Messages of my conversations.
    #[default]
    Messages,
    /// Posts. Not yet: it is refused.
    Posts,
}

/// What to look for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Words, or their beginnings; accents and case do not count, and all of them have to be there.
    #[serde(default)]
    q: String,
    /// What is searched; messages when not given.
    #[serde(default, rename = "in")]
    among: Among,
    /// Only in this conversation.
    conversation: Option<ConversationId>,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many at most, 1–100; 20 when not given.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<usize>,
}

/// Search messages
///
/// Only what I may see. First the messages that have all words as whole ones, then those in which words begin so; the newest
/// of each first. `highlights` are where the words stand in `body`: starts and ends, counted in Unicode scalar values. What
/// was written within the last moments may be found a little later. A question without a word finds nothing.
#[utoipa::path(
    get, path = "/search", tag = "conversations", params(Question), security(("token" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "What was found, the best first.", body = Hits),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "The conversation is not there, or not mine.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn search(
    State(app): State<App>,
    Member(actor): Member,
    Query(question): Query<Question>,
) -> Result<Answer<Hits>, Problem> {
    if question.among == Among::Posts {
        return Err(Problem::from(Rejection::field(
            "in",
            "Only messages can be searched here.",
        )));
    }
    let command = SearchMessages {
        q: question.q,
        conversation: question.conversation,
        after: question.after,
        limit: question.limit,
    };
    Ok(Answer(search::search_messages(&app.env, &actor, command).await?))
}
