//! Letters, for programs that keep no copy of the mailbox. Who writes, and who wants to hear of letters, uses the mailbox itself
//! (docs/sync.md).

use crate::{
    boot::App,
    http::{
        body::{Path, Query},
        problem::{Problem, ProblemDocument},
        visitor::Member,
    },
};
use axum::{Json as Answer, extract::State};
use domain::mailbox;
use model::{
    limits,
    mailbox::{Counts, Folder, LetterPage, LetterView, Shelf},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum On {
    /// New, or to be done.
    #[default]
    Inbox,
    /// Written by me.
    Sent,
    /// Done.
    Archive,
    /// Thrown away.
    Trash,
    /// With a star, but those in the trash.
    Starred,
}

/// Which of them to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Where they lie; in the inbox when not given.
    #[serde(default)]
    shelf: On,
    /// Instead: those with this label, but those in the trash.
    label: Option<String>,
    /// Instead: those with these words, or beginnings of words, in subject, text, or names; wherever they lie.
    q: Option<String>,
    /// How many newer ones to pass over.
    #[serde(default)]
    skip: u64,
    /// How many at most, 1–100; 50 when not given.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u64>,
}

impl Part {
    fn shelf(&self) -> Shelf {
        match (&self.label, self.shelf) {
            (Some(label), _) => Shelf::Label(label.clone()),
            (None, On::Inbox) => Shelf::Folder(Folder::Inbox),
            (None, On::Sent) => Shelf::Folder(Folder::Sent),
            (None, On::Archive) => Shelf::Folder(Folder::Archive),
            (None, On::Trash) => Shelf::Folder(Folder::Trash),
            (None, On::Starred) => Shelf::Starred,
        }
    }
}

/// List or find letters
///
/// The newest first. `total` is how many there are in all.
#[utoipa::path(
    get, path = "/letters", tag = "letters", params(Part), security(("token" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "A part of the list.", body = LetterPage),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn list(
    State(app): State<App>,
    Member(actor): Member,
    Query(part): Query<Part>,
) -> Result<Answer<LetterPage>, Problem> {
    let limit = part.limit.unwrap_or(limits::PAGE_DEFAULT as u64);
    Ok(Answer(match &part.q {
        Some(question) => mailbox::search_letters(&app.env, &actor, question, part.skip, limit).await?,
        None => mailbox::list_letters(&app.env, &actor, &part.shelf(), part.skip, limit).await?,
    }))
}

/// How many letters lie where
#[utoipa::path(
    get, path = "/letters/counts", tag = "letters", security(("token" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "How many.", body = Counts),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn counts(State(app): State<App>, Member(actor): Member) -> Result<Answer<Counts>, Problem> {
    Ok(Answer(mailbox::count_letters(&app.env, &actor).await?))
}

/// A letter and its thread
///
/// The letter, and those that belong to it, oldest first; those in the trash are left out, but for the letter itself.
#[utoipa::path(
    get, path = "/letters/{id}", tag = "letters", security(("token" = []), ("cookie" = [])),
    params(("id" = Uuid, Path, description = "The UUID of the letter.")),
    responses(
        (status = 200, description = "The thread.", body = [LetterView]),
        (status = 401, description = "Nobody is signed in, or not with this.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "There is no such letter in my mailbox.", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub async fn thread(
    State(app): State<App>,
    Member(actor): Member,
    Path(id): Path<Uuid>,
) -> Result<Answer<Vec<LetterView>>, Problem> {
    Ok(Answer(mailbox::read_thread(&app.env, &actor, id).await?))
}
