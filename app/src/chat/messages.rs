//! The log on the screen. The scroller runs from the bottom up (`flex-direction: column-reverse` in the style), so the
//! newest message is in sight without a script, and older ones can be put on top without moving what is read.

use super::{
    line::{EventLine, MessageLine},
    rows::{Row, lay_out},
    store::use_store,
};
use crate::{
    routes,
    time::use_wall,
    ui::{Icon, IconName, focus},
};
use leptos::{ev, html::Div, prelude::*};
use model::{ConversationId, Person};

/// Nearer to the top than this, older messages are asked for.
const NEAR_TOP: i32 = 240;
/// Further from the end than this, there is a way back to it.
const FAR_FROM_END: i32 = 160;

/// All messages that are held, and the ways to more.
#[component]
pub fn MessageList(id: ConversationId, fresh_after: RwSignal<Option<u64>>) -> impl IntoView {
    let store = use_store();
    let wall = use_wall();
    let log = store.log(id);
    let scroller = NodeRef::<Div>::new();
    let far = RwSignal::new(false);
    let me = store.me.get_untracked().map_or_else(nobody, |me| me.person());
    let (rows_log, older_log, quiet_log) = (log.clone(), log.clone(), log);
    let rows = move || rows_log.with(|log| lay_out(log, &me, wall.get(), fresh_after.get()));
    let older = Memo::new(move |_| older_log.with(|log| log.has_older().then(|| log.oldest()).flatten()));
    let opened = Memo::new(move |_| quiet_log.with(|log| (log.opened(), log.items().next().is_some())));
    // What is held may not fill the pane: then nothing scrolls, and the wish to go up is all there is to see.
    let look = move || {
        if let Some(place) = scroller.get_untracked() {
            let up = place.scroll_top().abs();
            far.set(up > FAR_FROM_END);
            if place.scroll_height() - place.client_height() - up < NEAR_TOP {
                store.load_older(id);
            }
        }
    };
    let on_wheel = move |event: ev::WheelEvent| {
        if event.delta_y() < 0.0 {
            look();
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if matches!(event.key().as_str(), "ArrowUp" | "PageUp" | "Home") {
            look();
        }
    };
    view! {
        <div class="log-place">
            <div class="log" node_ref=scroller role="log" aria-label="Messages" aria-live="off" tabindex="0" on:scroll=move |_| look() on:wheel=on_wheel on:touchmove=move |_| look() on:keydown=on_key>
                <div class="log-inside">
                    {move || older.get().map(|before| view! { <Older id before /> })}
                    {move || match opened.get() {
                        (false, _) => Some(view! { <p class="log-note">"Loading…"</p> }),
                        (true, false) => Some(view! { <p class="log-note">"Nothing was written here yet. Say hello."</p> }),
                        (true, true) => None,
                    }}
                    <ol class="lines">
                        <For each=rows key=Row::key let:row>{show(id, row)}</For>
                    </ol>
                </div>
            </div>
            {move || far.get().then(|| view! { <ToEnd scroller /> })}
        </div>
    }
}

fn nobody() -> Person {
    Person {
        id: uuid::Uuid::nil().into(),
        username: String::new(),
        display_name: String::new(),
    }
}

/// The way to older messages: a link without JavaScript, and for keys.
#[component]
fn Older(id: ConversationId, before: u64) -> impl IntoView {
    let store = use_store();
    let on_click = move |event: ev::MouseEvent| {
        event.prevent_default();
        store.load_older(id);
    };
    view! {
        <p class="log-note">
            <a href=format!("{}?before={before}", routes::conversation(id)) rel="external" on:click=on_click>"Earlier messages"</a>
        </p>
    }
}

#[component]
fn ToEnd(scroller: NodeRef<Div>) -> impl IntoView {
    let on_click = move |_| {
        if let Some(place) = scroller.get_untracked() {
            place.set_scroll_top(0);
            focus("message");
        }
    };
    view! {
        <button class="to-end" type="button" on:click=on_click>
            <Icon name=IconName::Down />
            "To the newest"
        </button>
    }
}

fn show(id: ConversationId, row: Row) -> AnyView {
    match row {
        Row::Day(name) => view! { <li class="day"><span>{name}</span></li> }.into_any(),
        Row::Fresh => view! { <li class="fresh"><span>"New messages"</span></li> }.into_any(),
        Row::Event(message) => view! { <EventLine id message /> }.into_any(),
        Row::Line(line) => view! { <MessageLine id line /> }.into_any(),
    }
}
