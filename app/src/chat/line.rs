//! One message: who, when, what, how it stands, and what can be done with it.

use super::{
    conversation::Seen,
    desk::{Desk, Menu, Sheet, use_desk},
    events::event_words,
    menus::{ask_delete, copy_link, copy_text, reply_to, toggle},
    rows::{Line, State},
    store::{Connection, use_store},
    text::Text,
};
use crate::{
    routes,
    time::use_wall,
    ui::{Avatar, Icon, IconName, focus, step_to, target_of},
};
use leptos::{ev, prelude::*};
use model::{ConversationId, ConversationKind, Message, Quote, Reaction};
use std::time::Duration;

/// Holding a finger so long on a message opens its menu.
const LONG_PRESS: Duration = Duration::from_millis(450);

/// The id of a message's element.
pub fn line_id(seq: u64) -> String {
    format!("m-{seq}")
}

/// The message.
#[component]
pub fn MessageLine(id: ConversationId, line: Line) -> impl IntoView {
    let (wall, store, desk) = (use_wall(), use_store(), use_desk());
    let state = match line.state {
        State::Sent => "sent",
        State::Pending => "pending",
        State::Failed(_) => "failed",
    };
    let seq = line.seq;
    let time = line.sent_at.map(|at| {
        let said = line.clock.clone();
        view! { <time datetime=at.to_string() title=move || wall.get().full(at)>{said}</time> }
    });
    let head = line.first.then(|| line.author.clone());
    let (face, name) = (head.clone(), head);
    let author = line.author.display_name.clone();
    let said_by = (!line.first).then(|| view! { <span class="hidden">{author}</span> });
    let me = store.my_id();
    let named = line
        .message
        .as_ref()
        .is_some_and(|message| message.mentions.contains(&me));
    let linked = move || (seq.is_some() && store.linked.get() == seq.map(|seq| (id, seq))).then_some("");
    let held = StoredValue::new(line.message.clone());
    let live = line
        .message
        .as_ref()
        .is_some_and(|message| message.deleted_at.is_none());
    let open = Callback::new(move |at: web_sys::Element| {
        if let (true, Some(message)) = (live, held.get_value()) {
            desk.open_menu(Menu::Message(message, false), &at);
        }
    });
    let press = LongPress::new();
    let mine = line.mine;
    let (first, standing) = (line.first, (line.client_id, line.state.clone()));
    let said = view! { <Said id line /> };
    view! {
        <li
            class="line"
            id=seq.map(line_id)
            tabindex="-1"
            data-seq=seq.map(|seq| seq.to_string())
            data-state=state
            data-first=first.then_some("")
            data-mine=mine.then_some("")
            data-named=named.then_some("")
            data-linked=linked
            on:keydown=move |event| on_key(desk, &event, held.get_value())
            on:touchstart=move |event| press.begin(target_of(&event), move |at| open.run(at))
            on:touchmove=move |_| press.end()
            on:touchend=move |_| press.end()
        >
            <span class="line-side">{face.map(|person| view! { <Avatar person /> })}</span>
            <div class="line-text">
                <p class="line-head">
                    {said_by} {name.map(|person| view! { <b dir="auto">{person.display_name}</b> })} {time}</p>
                {said}
                {mine.then(|| view! { <Standing id client_id=standing.0 state=standing.1 seq /> })}
            </div>
            {live.then(|| view! { <Tools message=held open /> })}
        </li>
    }
}

/// What was said: the quote of what it answers, the text or that there is none any more, and the reactions.
#[component]
fn Said(id: ConversationId, line: Line) -> impl IntoView {
    let (store, desk) = (use_store(), use_desk());
    let Some(message) = line.message else {
        return view! { <div class="line-body" dir="auto"><Text body=line.body me=None /></div> }.into_any();
    };
    if message.deleted_at.is_some() {
        return view! { <p class="line-body line-deleted">"Message deleted"</p> }.into_any();
    }
    let me = store
        .me
        .with_untracked(|me| me.as_ref().map(|me| me.username.to_string()));
    let me = me.filter(|_| message.mentions.contains(&store.my_id()));
    let author = message.author.id;
    let folded = move || {
        store.blocks_person(author)
            && store
                .conversation(id)
                .is_some_and(|c| c.kind == ConversationKind::Group)
    };
    let held = StoredValue::new(message);
    let body = move || {
        held.with_value(|message| {
            let quote = message.quote.clone().map(|quote| view! { <Quoted id quote /> });
            let edited = message.edited_at.is_some().then(|| {
                view! { <button type="button" class="line-edited" on:click=move |_| desk.show(Sheet::Versions(held.get_value()))>"edited"</button> }
            });
            view! {
                {quote}
                <div class="line-body" dir="auto"><Text body=message.body.clone() me=me.clone() /> {edited}</div>
                <Reactions message=held all=message.reactions.clone() />
            }
        })
    };
    view! {
        {move || {
            if folded() {
                view! {
                    <details class="line-folded">
                        <summary>"Message of somebody you block"</summary>
                        {body()}
                    </details>
                }
                .into_any()
            } else {
                body().into_any()
            }
        }}
    }
    .into_any()
}

/// What a message answers, with a way to it.
#[component]
pub fn Quoted(id: ConversationId, quote: Quote) -> impl IntoView {
    let store = use_store();
    let seq = quote.seq;
    let on_click = move |event: ev::MouseEvent| {
        event.prevent_default();
        store.jump_to(id, seq);
    };
    let text = if quote.deleted {
        "Message deleted".to_owned()
    } else {
        model::markup::plain(&quote.excerpt)
    };
    view! {
        <a class="quote" href=routes::message(id, seq) rel="external" on:click=on_click>
            <Icon name=IconName::Reply />
            <span class="hidden">"In answer to "</span>
            <b dir="auto">{quote.author.display_name}</b>
            <span class="quote-text" dir="auto">{text}</span>
        </a>
    }
}

#[component]
fn Reactions(message: StoredValue<Message>, all: Vec<Reaction>) -> impl IntoView {
    let desk = use_desk();
    (!all.is_empty()).then(|| {
        let seq = message.with_value(|message| message.seq);
        let chips = all.into_iter().map(|Reaction { emoji, count, mine }| {
            let id = format!("re-{seq}-{emoji}");
            let label = format!("{emoji}, {count}{}", if mine { ", you too" } else { "" });
            let (shown, tapped) = (emoji.clone(), emoji);
            view! {
                <li>
                    <button type="button" class="chip" id=id aria-pressed=mine.to_string() aria-label=label on:click=move |_| message.with_value(|message| toggle(desk, message, &tapped))>
                        <span>{shown}</span>
                        <b>{count}</b>
                    </button>
                </li>
            }
        });
        view! { <ul class="reactions" aria-label="Reactions">{chips.collect_view()}</ul> }
    })
}

/// What is at hand while one looks at a message. Keys reach the same by the message itself.
#[component]
fn Tools(message: StoredValue<Option<Message>>, open: Callback<web_sys::Element>) -> impl IntoView {
    let desk = use_desk();
    let react = move |event: ev::MouseEvent| {
        if let (Some(at), Some(message)) = (target_of(&event), message.get_value()) {
            desk.open_menu(Menu::Message(message, true), &at);
        }
    };
    let reply = move |_| message.with_value(|message| message.iter().for_each(|message| reply_to(desk, message)));
    let more = move |event: ev::MouseEvent| target_of(&event).into_iter().for_each(|at| open.run(at));
    view! {
        <div class="line-tools">
            <button type="button" class="icon-button" tabindex="-1" title="React" aria-label="React" on:click=react><Icon name=IconName::Smile /></button>
            <button type="button" class="icon-button" tabindex="-1" title="Reply" aria-label="Reply" on:click=reply><Icon name=IconName::Reply /></button>
            <button type="button" class="icon-button" tabindex="-1" title="More" aria-label="More for this message" aria-haspopup="menu" on:click=more><Icon name=IconName::More /></button>
        </div>
    }
}

/// The keys of a message that has the focus.
fn on_key(desk: Desk, event: &ev::KeyboardEvent, message: Option<Message>) {
    // What is pressed on a button or a link within the message is theirs.
    let Some(here) = target_of(event).filter(|at| at.tag_name() == "LI") else {
        return;
    };
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    let key = event.key();
    match key.as_str() {
        "ArrowUp" => _ = step_to(&here, false),
        "ArrowDown" if step_to(&here, true) => {}
        "ArrowDown" => focus("message"),
        _ => {
            let Some(message) = message.filter(|message| message.deleted_at.is_none()) else {
                return;
            };
            let mine = message.author.id == desk.store.my_id();
            match key.as_str() {
                "Enter" | "ContextMenu" => desk.open_menu(Menu::Message(message, false), &here),
                "+" => desk.open_menu(Menu::Message(message, true), &here),
                "r" | "R" => reply_to(desk, &message),
                "c" | "C" => copy_text(desk, &message),
                "l" | "L" => copy_link(desk, &message),
                "e" | "E" if mine => desk.editing.set(Some(message)),
                "Delete" if mine => ask_delete(desk, &message),
                _ => return,
            }
        }
    }
    event.prevent_default();
    event.stop_propagation();
}

/// A finger that stays.
#[derive(Clone, Copy)]
struct LongPress(StoredValue<Option<leptos::leptos_dom::helpers::TimeoutHandle>>);

impl LongPress {
    fn new() -> Self {
        Self(StoredValue::new(None))
    }

    fn begin(self, at: Option<web_sys::Element>, open: impl FnOnce(web_sys::Element) + 'static) {
        self.end();
        if let Some(at) = at {
            self.0
                .set_value(set_timeout_with_handle(move || open(at), LONG_PRESS).ok());
        }
    }

    fn end(self) {
        if let Some(waiting) = self.0.try_update_value(Option::take).flatten() {
            waiting.clear();
        }
    }
}

/// How a message of mine stands, and what can be done about it.
#[component]
fn Standing(id: ConversationId, client_id: model::ClientId, state: State, seq: Option<u64>) -> impl IntoView {
    let store = use_store();
    let cancel = move |_| {
        store.cancel(id, client_id);
        focus("message");
    };
    match state {
        State::Sent => {
            let seen = use_context::<Seen>();
            let seen = move || {
                seen.and_then(|seen| seen.0.get())
                    .filter(|(up_to, _)| Some(*up_to) == seq)
            };
            view! {
                {move || match seen() {
                    Some((_, who)) => view! { <span class="standing standing-seen">{who}</span> }.into_any(),
                    None => view! { <span class="standing" title="Sent"><Icon name=IconName::Check /><span class="hidden">"Sent"</span></span> }.into_any(),
                }}
            }
            .into_any()
        }
        State::Pending => {
            let is_offline = move || matches!(store.connection.get(), Connection::Reconnecting | Connection::Offline);
            let told = move || {
                if is_offline() {
                    "Waiting for a connection…"
                } else {
                    "Sending…"
                }
            };
            view! {
                <span class="standing">
                    <Icon name=IconName::Clock />
                    {told}
                    {move || is_offline().then(|| view! { <button type="button" class="link-button" on:click=cancel>"Cancel"</button> })}
                </span>
            }
            .into_any()
        }
        State::Failed(why) => {
            let retry = move |_| {
                store.retry(id, client_id);
                focus("message");
            };
            view! {
                <span class="standing standing-failed">
                    <Icon name=IconName::Alert />
                    <span>"Not sent. " {why}</span>
                    <button type="button" class="link-button" on:click=retry>"Retry"</button>
                    <button type="button" class="link-button" on:click=cancel>"Cancel"</button>
                </span>
            }
            .into_any()
        }
    }
}

/// Something happened to the conversation.
#[component]
pub fn EventLine(id: ConversationId, message: Message) -> impl IntoView {
    let (wall, store, desk) = (use_wall(), use_store(), use_desk());
    let (at, seq) = (message.sent_at, message.seq);
    let words = match &message.event {
        Some(event) => event_words(&message, event, store.my_id()),
        None => message.body.clone(),
    };
    let linked = move || (store.linked.get() == Some((id, seq))).then_some("");
    view! {
        <li class="event" id=line_id(seq) tabindex="-1" data-seq=seq.to_string() data-linked=linked on:keydown=move |event| on_key(desk, &event, None)>
            <span dir="auto">{words}</span>
            <time datetime=at.to_string() title=move || wall.get().full(at)>{move || wall.get().clock(at)}</time>
        </li>
    }
}
