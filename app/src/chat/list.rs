//! The conversations, newest first.

use super::store::use_store;
use crate::{routes, time::use_wall, ui::Avatar};
use leptos::{ev, prelude::*};
use leptos_router::components::A;
use model::{Conversation, ConversationId};
use wasm_bindgen::JsCast;

/// The list. Arrow keys move through it.
#[component]
pub fn ConversationList(open: Memo<Option<ConversationId>>) -> impl IntoView {
    let store = use_store();
    let ids = move || {
        store
            .conversations
            .with(|all| all.iter().map(|c| c.id).collect::<Vec<_>>())
    };
    let empty = move || store.conversations.with(Vec::is_empty);
    view! {
        <ul class="places" on:keydown=|event| move_focus(&event)>
            <For each=ids key=|id| *id let:id>
                <li><Place id open /></li>
            </For>
        </ul>
        {move || {
            empty().then(|| view! { <p class="places-empty">"No conversations yet. Find somebody above, and say hello."</p> })
        }}
    }
}

#[component]
fn Place(id: ConversationId, open: Memo<Option<ConversationId>>) -> impl IntoView {
    let store = use_store();
    let conversation = Memo::new(move |_| store.conversation(id));
    view! {
        <A href=routes::conversation(id) attr:class="place" attr:id=place_id(id) attr:data-here=move || (open.get() == Some(id)).then_some("")>
            {move || conversation.get().map(|conversation| view! { <PlaceInside conversation /> })}
        </A>
    }
}

#[component]
fn PlaceInside(conversation: Conversation) -> impl IntoView {
    let me = use_store().my_id();
    let wall = use_wall();
    let other = conversation.other(me).cloned();
    let updated = conversation.updated_at;
    let unread = conversation.unread;
    let last = conversation.last_message.map(|message| {
        let own = (message.author.id == me).then_some("You: ");
        view! { {own} <bdi>{message.body.chars().take(120).collect::<String>()}</bdi> }
    });
    view! {
        {other.map(|person| view! { <Avatar person /> })}
        <span class="place-text" data-unread=(unread > 0).then_some("")>
            <span class="place-line">
                <b dir="auto">{conversation.title}</b>
                <time datetime=updated.to_string()>{move || wall.get().brief(updated)}</time>
            </span>
            <span class="place-line">
                <small>{last}</small>
                {(unread > 0).then(|| view! { <b class="badge">{unread}<span class="hidden">" unread"</span></b> })}
            </span>
        </span>
    }
}

/// The id of a conversation's link, for the focus to come back to.
pub fn place_id(id: ConversationId) -> String {
    format!("place-{id}")
}

/// Up and down move the focus within the list.
fn move_focus(event: &ev::KeyboardEvent) {
    let step = |item: &web_sys::Element| match event.key().as_str() {
        "ArrowDown" => item.next_element_sibling(),
        "ArrowUp" => item.previous_element_sibling(),
        _ => None,
    };
    let here = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let next = here
        .and_then(|here| here.closest("li").ok().flatten())
        .and_then(|item| step(&item));
    let link = next
        .and_then(|item| item.first_element_child())
        .and_then(|link| link.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(link) = link {
        event.prevent_default();
        _ = link.focus();
    }
}
