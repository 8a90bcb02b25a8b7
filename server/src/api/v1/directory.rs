//! Find people.

use crate::{
    boot::App,
    http::{
        body::Query,
        problem::{Problem, ProblemDocument},
        visitor::Member,
    },
};
use axum::{Json as Answer, extract::State};
use domain::accounts;
use model::Person;
use serde::Deserialize;
use utoipa::IntoParams;

/// What to look for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// The beginning of one or more of their names.
    #[serde(default)]
    q: String,
}

/// Find people to write to
///
/// At most 20, in the order of their usernames.
#[utoipa::path(
    get, path = "/directory", tag = "accounts", params(Search), security(("token" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "Those found.", body = [Person]),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn find_people(
    State(app): State<App>,
    Member(actor): Member,
    Query(search): Query<Search>,
) -> Result<Answer<Vec<Person>>, Problem> {
    Ok(Answer(accounts::find_people(&app.env, &actor, &search.q).await?))
}
