//! The server functions of the chat.

use crate::doors::Refused;
#[cfg(feature = "ssr")]
use crate::{
    doors::{Posted, refused, visitor},
    routes,
};
#[cfg(feature = "ssr")]
use domain::conversations;
use leptos::prelude::*;
use model::{AccountId, ClientId, Conversation, ConversationId, MemberPage, MessageId, Page, Person, Version};
use server_fn::codec::GetUrl;

/// My conversations.
#[server(prefix = "/form", endpoint = "conversations", input = GetUrl)]
pub async fn conversations() -> Result<Vec<Conversation>, Refused> {
    let visitor = visitor()?;
    conversations::list_conversations(&visitor.env, visitor.member()?)
        .await
        .map_err(refused)
}

/// A page of a conversation's log.
#[server(prefix = "/form", endpoint = "messages", input = GetUrl)]
pub async fn messages(
    conversation: ConversationId,
    limit: Option<usize>,
    before: Option<u64>,
    after: Option<u64>,
) -> Result<Page, Refused> {
    let visitor = visitor()?;
    let window = conversations::Window { limit, before, after };
    conversations::list_messages(&visitor.env, visitor.member()?, conversation, window)
        .await
        .map_err(refused)
}

/// Who is in a conversation; with `q`, those whose name begins so.
#[server(prefix = "/form", endpoint = "members", input = GetUrl)]
pub async fn members(
    conversation: ConversationId,
    q: Option<String>,
    after: Option<AccountId>,
) -> Result<MemberPage, Refused> {
    let visitor = visitor()?;
    conversations::list_members(&visitor.env, visitor.member()?, conversation, q, after, None)
        .await
        .map_err(refused)
}

/// What a message said before it was changed, oldest first.
#[server(prefix = "/form", endpoint = "versions", input = GetUrl)]
pub async fn versions(message: MessageId) -> Result<Vec<Version>, Refused> {
    let visitor = visitor()?;
    conversations::list_versions(&visitor.env, visitor.member()?, message)
        .await
        .map_err(refused)
}

/// People whose name matches.
#[server(prefix = "/form", endpoint = "people", input = GetUrl)]
pub async fn people(#[server(default)] q: String) -> Result<Vec<Person>, Refused> {
    let visitor = visitor()?;
    domain::accounts::find_people(&visitor.env, visitor.member()?, &q)
        .await
        .map_err(refused)
}

/// Opens the conversation with somebody; answers with its page.
#[server(prefix = "/form", endpoint = "open-conversation")]
pub async fn open_conversation(#[server(default)] with: String) -> Result<String, Refused> {
    let visitor = visitor()?;
    let form = Posted::new("open", routes::CHAT);
    let actor = match visitor.member() {
        Ok(actor) => actor,
        Err(refused) => return form.refuse(refused),
    };
    let command = model::command::OpenConversation::direct(with);
    let result = conversations::open_conversation(&visitor.env, actor, command).await;
    form.answer(result, |opened| routes::conversation(opened.conversation.id))
}

/// Writes a message, for browsers without JavaScript; answers with the conversation's page.
#[server(prefix = "/form", endpoint = "send-message")]
pub async fn send_message(
    conversation: ConversationId,
    client_id: ClientId,
    #[server(default)] body: String,
) -> Result<String, Refused> {
    let visitor = visitor()?;
    let page = routes::conversation(conversation);
    let form = Posted::new("send", page.clone()).with("body", &body);
    let actor = match visitor.member() {
        Ok(actor) => actor,
        Err(refused) => return form.refuse(refused),
    };
    // Forms send line breaks as CR LF (WHATWG HTML, "constructing the entry list").
    let command = model::command::SendMessage {
        client_id,
        body: body.replace("\r\n", "\n"),
        reply_to: None,
    };
    let result = conversations::send_message(&visitor.env, actor, conversation, command).await;
    form.answer(result, |_| page)
}
