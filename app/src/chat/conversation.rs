//! One conversation: its head, its messages, and where one writes.

use super::{
    composer::Composer,
    desk::{Desk, Menu, Sheet, use_desk},
    device::Hint,
    events::join,
    face::Face,
    line::line_id,
    messages::MessageList,
    store::{Store, use_store},
};
use crate::{
    routes,
    ui::{Icon, IconName, focus, is_nowhere, target_of},
};
use leptos::{ev, prelude::*};
use leptos_router::{
    NavigateOptions,
    components::A,
    hooks::{use_navigate, use_query_map},
};
use model::{Conversation, ConversationId, ConversationKind, Message, realtime::ClientFrame};
use wasm_bindgen::JsCast;

/// So many of those who have read are named.
const SEEN_NAMED: usize = 3;

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
    provide_context(Seen(seen(store, id)));
    let on_key = move |event: ev::KeyboardEvent| {
        if event.default_prevented() {
            return;
        }
        match event.key().as_str() {
            "Escape" => navigate(routes::CHAT, NavigateOptions::default()),
            "ArrowUp" if is_log(&event) && focus_newest() => event.prevent_default(),
            _ => {}
        }
    };
    let held = hold_focus(store, id);
    view! {
        <div class="conversation" on:keydown=on_key on:focusin=move |event| held.set_value(line_of(&event)) on:pointerdown=move |event| held.set_value(line_of(&event))>
            <Head id />
            <MessageList id fresh_after />
            <Composer id />
        </div>
    }
}

/// Up to which message of mine others have read, and who has.
#[derive(Clone, Copy)]
pub struct Seen(pub Memo<Option<(u64, String)>>);

fn seen(store: Store, id: ConversationId) -> Memo<Option<(u64, String)>> {
    let log = store.log(id);
    Memo::new(move |_| {
        let place = store.conversation(id)?;
        let me = store.my_id();
        let others: Vec<_> = place.members.iter().filter(|member| member.person.id != me).collect();
        let furthest = others.iter().filter_map(|member| member.read_seq).max()?;
        let mine = |message: &&Message| message.author.id == me && message.event.is_none() && message.seq <= furthest;
        let seq = log.with(|log| log.messages().rev().find(mine).map(|message| message.seq))?;
        if place.kind == ConversationKind::Direct {
            return Some((seq, "Seen".into()));
        }
        let mut names: Vec<String> = others
            .into_iter()
            .filter(|member| member.read_seq.is_some_and(|read| read >= seq))
            .map(|member| member.person.display_name.clone())
            .collect();
        let more = names.len().saturating_sub(SEEN_NAMED);
        if more > 0 {
            names.truncate(SEEN_NAMED);
            names.push(format!("{more} more"));
        }
        Some((seq, format!("Seen by {}", join(names))))
    })
}

/// Whether a key was pressed on the log itself, and not on something in it.
fn is_log(event: &ev::KeyboardEvent) -> bool {
    target_of(event).is_some_and(|at| at.class_list().contains("log"))
}

/// Puts the focus on the newest message.
fn focus_newest() -> bool {
    let all = document().query_selector_all(".log li[tabindex]").ok();
    let last = all.and_then(|all| all.get(all.length().checked_sub(1)?));
    last.and_then(|last| last.dyn_into::<web_sys::HtmlElement>().ok())
        .is_some_and(|last| last.focus().is_ok())
}

/// The message that an event happened in.
fn line_of(event: &web_sys::Event) -> Option<u64> {
    let line = target_of(event)?.closest("li[data-seq]").ok().flatten()?;
    line.get_attribute("data-seq")?.parse().ok()
}

/// A message that changes is drawn anew. Had it, or something in it, the focus, then it has it again.
fn hold_focus(store: Store, id: ConversationId) -> StoredValue<Option<u64>> {
    let held = StoredValue::new(None::<u64>);
    let log = store.log(id);
    Effect::new(move || {
        log.track();
        if let Some(seq) = held.get_value() {
            request_animation_frame(move || {
                if is_nowhere() {
                    focus(&line_id(seq));
                }
            });
        }
    });
    held
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
    let (store, desk) = (use_store(), use_desk());
    let conversation = Memo::new(move |_| store.conversation(id));
    // The picture and the name stay the same elements while counts and times change.
    let place = Memo::new(move |_| {
        conversation
            .get()
            .map(|place| (place.title.clone(), below(store, &place)))
    });
    let face = Memo::new(move |_| {
        conversation
            .get()
            .map(|place| (place.id, place.title.clone(), place.kind))
    });
    view! {
        <header class="conversation-head">
            <A href=routes::CHAT attr:class="icon-button conversation-back" attr:aria-label="Back to the conversations">
                <Icon name=IconName::Back />
            </A>
            {move || {
                face.track();
                conversation.get_untracked().map(|place| view! { <Face place /> })
            }}
            <div class="conversation-name">
                <h2 id="conversation-title" tabindex="-1" dir="auto">{move || place.get().map(|(title, _)| title)}</h2>
                <small dir="auto">{move || place.get().map(|(_, below)| below)}</small>
            </div>
            {move || face.get().map(|_| view! { <HeadTools id desk /> })}
        </header>
    }
}

/// What stands below the name.
fn below(store: Store, place: &Conversation) -> String {
    match place.other(store.my_id()) {
        Some(person) => format!("@{}", person.username),
        None if place.member_count == 1 => "1 person".into(),
        None => format!("{} people", place.member_count),
    }
}

#[component]
fn HeadTools(id: ConversationId, desk: Desk) -> impl IntoView {
    let more = move |event: ev::MouseEvent| {
        if let Some(at) = target_of(&event) {
            desk.open_menu(Menu::Place(id), &at);
        }
    };
    view! {
        <div class="conversation-tools">
            <button type="button" id="info" class="icon-button" title="About" aria-label="About this conversation" on:click=move |_| desk.show(Sheet::Info(id))>
                <Icon name=IconName::Info />
            </button>
            <button type="button" id="conversation-more" class="icon-button" title="More" aria-label="More for the open conversation" aria-haspopup="menu" on:click=more>
                <Icon name=IconName::More />
            </button>
        </div>
    }
}
