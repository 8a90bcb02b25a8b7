//! The server function of the search.

use crate::doors::Refused;
#[cfg(feature = "ssr")]
use crate::doors::{refused, visitor};
use leptos::prelude::*;
use model::{ConversationId, Hits};
use server_fn::codec::GetUrl;

/// Messages that have all the words.
#[server(prefix = "/form", endpoint = "search", input = GetUrl)]
pub async fn search(
    #[server(default)] q: String,
    conversation: Option<ConversationId>,
    after: Option<String>,
) -> Result<Hits, Refused> {
    let visitor = visitor()?;
    let command = domain::search::SearchMessages {
        q,
        conversation,
        after,
        limit: None,
    };
    domain::search::search_messages(&visitor.env, visitor.member()?, command)
        .await
        .map_err(refused)
}
