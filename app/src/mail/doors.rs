//! The server functions of the mailbox. They are asked for the first page, and until this device has a copy of its own.

use crate::doors::Refused;
#[cfg(feature = "ssr")]
use crate::{
    doors::{refused, visitor},
    mail::place::{Asked, read},
};
#[cfg(feature = "ssr")]
use domain::mailbox;
use leptos::prelude::*;
use model::mailbox::{Counts, LetterPage, LetterView};
use server_fn::codec::GetUrl;
use uuid::Uuid;

/// A part of the list that stands at `/mail/{list}`.
#[server(prefix = "/form", endpoint = "letters", input = GetUrl)]
pub async fn letters(list: String, q: Option<String>, skip: u64, limit: u64) -> Result<LetterPage, Refused> {
    let visitor = visitor()?;
    let actor = visitor.member()?;
    let asked = read(&list, q).and_then(|place| place.asked);
    let page = match asked {
        Some(Asked::Shelf(shelf)) => mailbox::list_letters(&visitor.env, actor, &shelf, skip, limit).await,
        Some(Asked::Search(question)) => mailbox::search_letters(&visitor.env, actor, &question, skip, limit).await,
        None => Err(model::Code::NotFound.into()),
    };
    page.map_err(refused)
}

/// A letter and its thread.
#[server(prefix = "/form", endpoint = "letter", input = GetUrl)]
pub async fn letter(id: Uuid) -> Result<Vec<LetterView>, Refused> {
    let visitor = visitor()?;
    mailbox::read_thread(&visitor.env, visitor.member()?, id)
        .await
        .map_err(refused)
}

/// How many letters lie where.
#[server(prefix = "/form", endpoint = "letter-counts", input = GetUrl)]
pub async fn letter_counts() -> Result<Counts, Refused> {
    let visitor = visitor()?;
    mailbox::count_letters(&visitor.env, visitor.member()?)
        .await
        .map_err(refused)
}
