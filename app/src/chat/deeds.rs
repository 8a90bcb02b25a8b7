//! What somebody does with a click: one server function, which answers with the frames that the socket sends, too. So the
//! screen shows what was done at once, whether or not the socket stands.

use crate::doors::Refused;
#[cfg(feature = "ssr")]
use crate::doors::{refused, visitor};
use leptos::prelude::*;
use model::{
    ConversationId, History, MemberRole, MessageId,
    command::{EditMessage, UpdateConversation},
    realtime::ServerFrame,
};
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// Change the text of a message of mine.
    Edit(MessageId, EditMessage),
    /// Delete a message of mine.
    Delete(MessageId),
    /// React to a message.
    React(MessageId, String),
    /// Take a reaction back.
    Unreact(MessageId, String),
    /// Make a group, of a title, usernames, and what newcomers read.
    Group(String, Vec<String>, History),
    /// Change a conversation, or how I keep it.
    Update(ConversationId, UpdateConversation),
    /// Add somebody to a group, or change what they may do in it.
    Member(ConversationId, String, Option<MemberRole>),
    /// Take somebody out of a group.
    Remove(ConversationId, String),
    /// Leave a group.
    Leave(ConversationId),
    /// Delete a conversation for me.
    Clear(ConversationId),
    /// Block somebody.
    Block(String),
    /// Unblock somebody.
    Unblock(String),
}

/// Does it.
#[server(prefix = "/form", endpoint = "chat-deed", input = Json)]
pub async fn act(deed: Deed) -> Result<Vec<ServerFrame>, Refused> {
    let visitor = visitor()?;
    done(&visitor.env, visitor.member()?, deed).await.map_err(refused)
}

#[cfg(feature = "ssr")]
async fn done(env: &domain::Env, actor: &domain::Actor, deed: Deed) -> domain::Result<Vec<ServerFrame>> {
    use domain::conversations as chat;
    use model::command::{OpenConversation, SetMember};
    let changed = |message| ServerFrame::MessageChanged { message };
    let place = |conversation| ServerFrame::Conversation { conversation };
    let gone = |conversation| ServerFrame::ConversationGone { conversation };
    let frame = match deed {
        Deed::Edit(id, words) => changed(on_heap(chat::edit_message(env, actor, id, words)).await?),
        Deed::Delete(id) => changed(on_heap(chat::delete_message(env, actor, id)).await?),
        Deed::React(id, emoji) => changed(on_heap(chat::react(env, actor, id, &emoji)).await?),
        Deed::Unreact(id, emoji) => changed(on_heap(chat::unreact(env, actor, id, &emoji)).await?),
        Deed::Group(title, members, history) => {
            let mut command = OpenConversation::group(title, members);
            command.history = Some(history);
            place(
                on_heap(chat::open_conversation(env, actor, command))
                    .await?
                    .conversation,
            )
        }
        Deed::Update(id, change) => place(on_heap(chat::update_conversation(env, actor, id, change)).await?),
        Deed::Member(id, user, role) => place(
            on_heap(chat::set_member(env, actor, id, &user, SetMember { role }))
                .await?
                .0,
        ),
        Deed::Remove(id, user) => {
            on_heap(chat::remove_member(env, actor, id, &user)).await?;
            place(on_heap(chat::get_conversation(env, actor, id)).await?)
        }
        Deed::Leave(id) => {
            on_heap(chat::remove_member(env, actor, id, &actor.account.username.to_string())).await?;
            gone(id)
        }
        Deed::Clear(id) => {
            on_heap(chat::clear_conversation(env, actor, id)).await?;
            gone(id)
        }
        Deed::Block(user) => {
            on_heap(chat::block(env, actor, &user)).await?;
            blocks(env, actor).await?
        }
        Deed::Unblock(user) => {
            on_heap(chat::unblock(env, actor, &user)).await?;
            blocks(env, actor).await?
        }
    };
    Ok(vec![frame])
}

/// Each verb has a heap of its own: side by side in one future they would be too much for a thread's stack.
#[cfg(feature = "ssr")]
fn on_heap<T>(verb: impl Future<Output = T>) -> std::pin::Pin<Box<impl Future<Output = T>>> {
    Box::pin(verb)
}

#[cfg(feature = "ssr")]
async fn blocks(env: &domain::Env, actor: &domain::Actor) -> domain::Result<ServerFrame> {
    let people = domain::conversations::list_blocks(env, actor).await?;
    Ok(ServerFrame::Blocks {
        users: people.into_iter().map(|person| person.id).collect(),
    })
}
