//! One conversation: its head, its messages, and where one writes.

use super::{composer::Composer, device::Hint, messages::MessageList, store::use_store};
use crate::{
    routes,
    ui::{Avatar, Icon, IconName},
};
use leptos::{ev, prelude::*};
use leptos_router::{
    NavigateOptions,
    components::A,
    hooks::{use_navigate, use_query_map},
};
use model::{ConversationId, realtime::ClientFrame};

/// The pane.
#[component]
pub fn ConversationPane(id: ConversationId) -> impl IntoView {
    let store = use_store();
    let navigate = use_navigate();
    // Where I had read to when I came, or when I last looked away.
    let fresh_after = RwSignal::new(
        store
            .conversations
            .with_untracked(|all| all.iter().find(|c| c.id == id && c.unread > 0).map(|c| c.read_seq)),
    );
    Effect::new(move || store.open(id));
    follow_address(id);
    keep_read(id, fresh_after);
    let on_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" && !event.default_prevented() {
            navigate(routes::CHAT, NavigateOptions::default());
        }
    };
    view! {
        <div class="conversation" on:keydown=on_key>
            <Head id />
            <MessageList id fresh_after />
            <Composer id />
        </div>
    }
}

/// `?at=` in the address leads to a message.
fn follow_address(id: ConversationId) {
    let store = use_store();
    let query = use_query_map();
    Effect::new(move || {
        let at = query.with(|query| query.get("at").and_then(|at| at.parse().ok()));
        if let Some(at) = at {
            store.jump_to(id, at);
        }
    });
}

/// While somebody looks, what has arrived is read; while nobody does, the mark remembers where they left.
fn keep_read(id: ConversationId, fresh_after: RwSignal<Option<u64>>) {
    let store = use_store();
    let log = store.log(id);
    Effect::new(move || {
        let newest = log.with(sync::Log::last_of_others);
        let (watched, _) = (store.watched.get(), store.connection.get());
        let read = store
            .conversations
            .with_untracked(|all| all.iter().find(|c| c.id == id).map(|c| c.read_seq));
        let Some(read) = read.filter(|read| newest > *read) else {
            return;
        };
        if watched {
            store.have_read(id, newest);
            store.tell(&Hint::Read(id, newest));
            store.transmit(&ClientFrame::Read {
                conversation: id,
                seq: newest,
            });
        } else if fresh_after.get_untracked().is_none_or(|mark| mark < read) {
            fresh_after.set(Some(read));
        }
    });
}

#[component]
fn Head(id: ConversationId) -> impl IntoView {
    let store = use_store();
    let conversation = Memo::new(move |_| store.conversation(id));
    view! {
        <header class="conversation-head">
            <A href=routes::CHAT attr:class="icon-button conversation-back" attr:aria-label="Back to the conversations">
                <Icon name=IconName::Back />
            </A>
            {move || {
                conversation
                    .get()
                    .map(|conversation| {
                        let other = conversation.other(store.my_id()).cloned();
                        let username = other.as_ref().map(|person| format!("@{}", person.username));
                        view! {
                            {other.map(|person| view! { <Avatar person /> })}
                            <div class="conversation-name">
                                <h2 id="conversation-title" tabindex="-1" dir="auto">{conversation.title}</h2>
                                <small dir="auto">{username}</small>
                            </div>
                        }
                    })
            }}
        </header>
    }
}
