//! The server functions that the store asks by itself.

use crate::doors::Refused;
#[cfg(feature = "ssr")]
use crate::doors::{refused, visitor};
#[cfg(feature = "ssr")]
use domain::conversations;
use leptos::prelude::*;
use model::{Changes, ConversationId, Person};
use server_fn::codec::GetUrl;

/// What became of a conversation's messages since the change `after`.
#[server(prefix = "/form", endpoint = "changes", input = GetUrl)]
pub async fn changes_after(conversation: ConversationId, after: u64, limit: Option<usize>) -> Result<Changes, Refused> {
    let visitor = visitor()?;
    conversations::list_changes(&visitor.env, visitor.member()?, conversation, after, limit)
        .await
        .map_err(refused)
}

/// Whom I block.
#[server(prefix = "/form", endpoint = "blocked", input = GetUrl)]
pub async fn blocked() -> Result<Vec<Person>, Refused> {
    let visitor = visitor()?;
    conversations::list_blocks(&visitor.env, visitor.member()?)
        .await
        .map_err(refused)
}
