//! The conversations, newest first; those that were put away below them.

use super::{
    desk::{Desk, Menu, use_desk},
    events::event_words,
    face::Face,
    menus::{archive_place, ask_clear, mute_place},
    store::{Store, use_store},
    text::brief,
};
use crate::{
    routes,
    time::use_wall,
    ui::{Icon, IconName, focus, target_of},
};
use leptos::{ev, prelude::*};
use leptos_router::components::A;
use model::{Conversation, ConversationId, ConversationKind, limits};
use wasm_bindgen::JsCast;

/// So much of a text is in the list; the style cuts it where the line ends.
const WORDS: usize = 120;

/// The list. Arrow keys move through it. With a `filter`, only those whose name has it.
#[component]
pub fn ConversationList(open: Memo<Option<ConversationId>>, filter: Signal<String>) -> impl IntoView {
    let (store, desk) = (use_store(), use_desk());
    let which = move |away: bool| {
        Memo::new(move |_| {
            let wanted = filter.with(|filter| filter.trim().to_lowercase());
            // While one looks for a name, it does not matter what was put away.
            let shown = |place: &&Conversation| {
                if wanted.is_empty() {
                    place.archived == away
                } else {
                    !away && named(store, place, &wanted)
                }
            };
            store
                .conversations
                .with(|all| all.iter().filter(shown).map(|place| place.id).collect::<Vec<_>>())
        })
    };
    let (here, away) = (which(false), which(true));
    let empty = move || store.conversations.with(Vec::is_empty) && filter.with(|filter| filter.trim().is_empty());
    let on_key = move |event: ev::KeyboardEvent| on_key(desk, &event);
    view! {
        <ul class="places" on:keydown=on_key>
            <For each=move || here.get() key=|id| *id let:id>
                <li class="place-item"><Place id open /></li>
            </For>
        </ul>
        {move || {
            empty().then(|| view! { <p class="places-empty">"No conversations yet. Find somebody above, and say hello."</p> })
        }}
        <Show when=move || away.with(|away| !away.is_empty())>
            <details class="archived">
                <summary>"Archived " <span class="muted">{move || away.with(Vec::len)}</span></summary>
                <ul class="places" on:keydown=on_key>
                    <For each=move || away.get() key=|id| *id let:id>
                        <li class="place-item"><Place id open /></li>
                    </For>
                </ul>
            </details>
        </Show>
    }
}

/// Whether a conversation is called so, or the other person is.
fn named(store: Store, place: &Conversation, wanted: &str) -> bool {
    let username = place.other(store.my_id()).map(|person| person.username.to_lowercase());
    place.title.to_lowercase().contains(wanted)
        || username.is_some_and(|name| name.contains(wanted.trim_start_matches('@')))
}

#[component]
fn Place(id: ConversationId, open: Memo<Option<ConversationId>>) -> impl IntoView {
    let (store, desk) = (use_store(), use_desk());
    let conversation = Memo::new(move |_| store.conversation(id));
    let more = move |event: ev::MouseEvent| {
        if let Some(at) = target_of(&event) {
            desk.open_menu(Menu::Place(id), &at);
        }
    };
    view! {
        <A href=routes::conversation(id) attr:class="place" attr:id=place_id(id) attr:data-here=move || (open.get() == Some(id)).then_some("")>
            {move || conversation.get().map(|conversation| view! { <PlaceInside conversation open /> })}
        </A>
        <button type="button" class="icon-button place-more" id=format!("more-{id}") aria-label="More for this conversation" aria-haspopup="menu" on:click=more>
            <Icon name=IconName::More />
        </button>
    }
}

#[component]
fn PlaceInside(conversation: Conversation, open: Memo<Option<ConversationId>>) -> impl IntoView {
    let store = use_store();
    let wall = use_wall();
    let (id, updated) = (conversation.id, conversation.updated_at);
    let (unread, mentions, muted) = (conversation.unread, conversation.mentions, conversation.muted);
    let last = last_words(store, &conversation);
    // What one is writing just now needs no reminder.
    let draft = move || {
        (open.get() != Some(id))
            .then(|| store.draft(id))
            .filter(|draft| !draft.trim().is_empty())
    };
    view! {
        <Face place=conversation.clone() />
        <span class="place-text" data-unread=(unread > 0).then_some("") data-muted=muted.then_some("")>
            <span class="place-line">
                <b dir="auto">{conversation.title}</b>
                <time datetime=updated.to_string()>{move || wall.get().brief(updated)}</time>
            </span>
            <span class="place-line">
                <small>
                    {move || match draft() {
                        Some(draft) => view! { <span class="place-draft">"Draft: "</span> <bdi>{brief(&draft, WORDS)}</bdi> }.into_any(),
                        None => last.clone().map(|(who, words)| view! { {who} <bdi>{words}</bdi> }).into_any(),
                    }}
                </small>
                {muted.then(|| view! { <span class="place-muted" title="Muted"><Icon name=IconName::Muted /><span class="hidden">"Muted"</span></span> })}
                {(mentions > 0).then(|| view! { <b class="badge badge-named" title="Mentions you"><span aria-hidden="true">"@"</span><span class="hidden">"mentions you"</span></b> })}
                {(unread > 0).then(|| view! { <b class="badge">{count(unread)}<span class="hidden">" unread"</span></b> })}
            </span>
        </span>
    }
}

/// A number of unread messages; they are counted up to a limit.
pub fn count(unread: u64) -> String {
    if unread >= limits::UNREAD_MAX {
        format!("{}+", limits::UNREAD_MAX - 1)
    } else {
        unread.to_string()
    }
}

/// The newest message in a few words, and who said so.
fn last_words(store: Store, place: &Conversation) -> Option<(Option<String>, String)> {
    let message = place.last_message.as_ref()?;
    let me = store.my_id();
    if let Some(event) = &message.event {
        return Some((None, event_words(message, event, me)));
    }
    let group = place.kind == ConversationKind::Group;
    if group && store.blocks_person(message.author.id) {
        return Some((None, "Message of somebody you block".into()));
    }
    let who = if message.author.id == me {
        Some("You: ".to_owned())
    } else {
        let first = message.author.display_name.split_whitespace().next();
        first.filter(|_| group).map(|first| format!("{first}: "))
    };
    let words = if message.deleted_at.is_some() {
        "Message deleted".into()
    } else {
        brief(&message.body, WORDS)
    };
    Some((who, words))
}

/// The id of a conversation's link, for the focus to come back to.
pub fn place_id(id: ConversationId) -> String {
    format!("place-{id}")
}

/// Up and down move the focus within the list; letters act on the conversation that has it.
fn on_key(desk: Desk, event: &ev::KeyboardEvent) {
    let Some(here) = target_of(event).filter(|at| at.tag_name() == "A") else {
        return;
    };
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    let item = here.closest("li").ok().flatten();
    let next = match event.key().as_str() {
        "ArrowDown" => item.and_then(|item| item.next_element_sibling()),
        "ArrowUp" => item.and_then(|item| item.previous_element_sibling()),
        key => {
            let id = here.id();
            let id = id.strip_prefix("place-").and_then(|id| id.parse().ok());
            if let Some(place) = id.and_then(|id| desk.store.conversation_untracked(id))
                && on_letter(desk, key, &place, &here)
            {
                event.prevent_default();
            }
            return;
        }
    };
    let link = next
        .and_then(|item| item.first_element_child())
        .and_then(|link| link.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(link) = link {
        event.prevent_default();
        _ = link.focus();
    }
}

fn on_letter(desk: Desk, key: &str, place: &Conversation, here: &web_sys::Element) -> bool {
    match key {
        "m" | "M" => mute_place(desk, place),
        "e" | "E" => {
            archive_place(desk, place);
            focus("find-people");
        }
        "Delete" => ask_clear(desk, place),
        "ContextMenu" => desk.open_menu(Menu::Place(place.id), here),
        _ => return false,
    }
    true
}
