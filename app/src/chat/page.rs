//! `/chat` and `/chat/{id}`.

use super::{
    conversation::ConversationPane,
    desk::{Desk, Sheet},
    doors::{conversations, messages, people},
    list::{ConversationList, count, place_id},
    menus::Menus,
    people::{Finder, Found, FoundPeople},
    sheets::Sheets,
    store::{Store, use_store},
    store_notices::NoticesOffer,
};
use crate::{
    doors::Refused,
    facts::use_facts,
    routes,
    ui::{Icon, IconName, Problem, focus, lead_to},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_params_map, use_query_map},
};
use model::{Code, Conversation, ConversationId, Page, Person, Rejection, limits};
use serde::{Deserialize, Serialize};
use sync::Direction;

/// What the page begins with.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Beginning {
    conversations: Vec<Conversation>,
    page: Option<(ConversationId, Page)>,
    found: Option<Found>,
    /// What the address asks for is not there, or not mine.
    missing: bool,
}

/// The page. A stranger is led to the sign-in and back.
#[component]
pub fn ChatPage() -> impl IntoView {
    let store = use_store();
    let params = use_params_map();
    let asked = params.with_untracked(|params| params.get("id"));
    if use_facts().with_value(|facts| facts.me.is_none()) {
        let here = asked.map_or_else(|| routes::CHAT.to_owned(), |id| format!("{}/{id}", routes::CHAT));
        lead_to(&routes::sign_in_for(&here));
        return ().into_any();
    }
    let query = use_query_map().get_untracked();
    let found = RwSignal::new(None::<Found>);
    if store.loaded.get_untracked() {
        store.refresh();
        return view! { <Panes found missing=false /> }.into_any();
    }
    let part = part_of_log(&query);
    let beginning = OnceResource::new_blocking(begin(asked, query.get("q"), part));
    view! {
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                match beginning.await {
                    Ok(beginning) => {
                        let missing = beginning.missing;
                        found.set(beginning.found.clone());
                        absorb(store, beginning, part.0);
                        view! { <Panes found missing /> }.into_any()
                    }
                    Err(refused) => view! { <Broken rejection=refused.0 /> }.into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}

/// Gathers what the page begins with: three questions, one answer.
async fn begin(
    asked: Option<String>,
    q: Option<String>,
    part: (Direction, Option<usize>),
) -> Result<Beginning, Refused> {
    let list = conversations().await?;
    let id = asked.as_deref().and_then(|id| id.parse::<ConversationId>().ok());
    let page = match id {
        Some(id) => match messages(id, part.1, None, part.0.bounds().1).await {
            Ok(page) => Some((id, page)),
            Err(refused) if refused.0.code == Code::NotFound => None,
            Err(refused) => return Err(refused),
        },
        None => None,
    };
    let missing = asked.is_some() && page.is_none();
    #[cfg(feature = "ssr")]
    if missing {
        crate::context::status(404);
    }
    let found = match q.filter(|q| !q.trim().is_empty()) {
        Some(q) => Some(Found {
            people: people(q.clone()).await?,
            query: q,
        }),
        None => None,
    };
    Ok(Beginning {
        conversations: list,
        page,
        found,
        missing,
    })
}

/// Which part of the log the address asks for; numbers are dense, so "before" can be said as "after".
fn part_of_log(query: &leptos_router::params::ParamsMap) -> (Direction, Option<usize>) {
    let number = |name: &str| query.get(name).and_then(|number| number.parse::<u64>().ok());
    let page = limits::MESSAGES_PAGE as u64;
    match (number("at"), number("before"), number("after")) {
        // A linked message is shown with what is around it.
        (Some(at), ..) => (Direction::around(at), Some(6 * limits::MESSAGES_PAGE)),
        (_, Some(before), _) => (Direction::From(before.saturating_sub(page + 1)), None),
        (_, _, Some(after)) => (Direction::From(after), None),
        _ => (Direction::Latest, None),
    }
}

fn absorb(store: Store, beginning: Beginning, part: Direction) {
    store.absorb_conversations(beginning.conversations);
    if let Some((id, page)) = beginning.page {
        store.log(id).update(|log| log.apply_page(page, log.ask(part)));
    }
}

/// List and conversation.
#[component]
fn Panes(found: RwSignal<Option<Found>>, missing: bool) -> impl IntoView {
    let store = use_store();
    let desk = Desk::new();
    provide_context(desk);
    let typed =
        RwSignal::new(found.with_untracked(|found| found.as_ref().map(|f| f.query.clone()).unwrap_or_default()));
    let params = use_params_map();
    let id =
        Memo::new(move |_| params.with(|params| params.get("id").and_then(|id| id.parse::<ConversationId>().ok())));
    let any = move || params.with(|params| params.get("id").is_some());
    let missing_at = missing
        .then(|| params.with_untracked(|params| params.get("id")))
        .flatten();
    let missing = move || any() && (id.get().is_none() || params.with(|params| params.get("id")) == missing_at);
    Effect::new(move |before: Option<Option<ConversationId>>| {
        let now = id.get();
        if let (Some(Some(left)), None) = (before, now) {
            request_animation_frame(move || focus(&place_id(left)));
        }
        now
    });
    leave_what_is_gone(desk, id);
    let title = move || title_of(store, id.get());
    // The server writes the title at the very end, when what this component owns may be gone; there it is a text.
    #[cfg(feature = "ssr")]
    let title = title();
    view! {
        <Title text=title />
        <div class="chat" data-open=move || any().then_some("")>
            // On a phone, one of the two sections is away; the page keeps its heading.
            <h1 class="hidden">"Chat"</h1>
            <section class="chat-side" aria-label="Conversations">
                <header class="chat-side-head">
                    <h2>"Chat"</h2>
                    <button type="button" id="new-group" class="icon-button" title="New group" aria-label="New group" on:click=move |_| desk.show(Sheet::NewGroup)>
                        <Icon name=IconName::Group />
                    </button>
                </header>
                <Finder found typed />
                <ConversationList open=id filter=typed.into() />
                <FoundPeople found typed />
                <div hidden=move || found.with(Option::is_some)>
                    <NoticesOffer />
                </div>
            </section>
            <section class="chat-main">
                {move || {
                    if missing() {
                        view! { <Missing /> }.into_any()
                    } else if let Some(id) = id.get() {
                        view! { <ConversationPane id /> }.into_any()
                    } else {
                        view! { <Nothing /> }.into_any()
                    }
                }}
            </section>
            <Menus />
            <Sheets />
            <p class="toast" role="alert">{move || desk.told.get()}</p>
        </div>
    }
}

/// What the browser's tab says.
fn title_of(store: Store, open: Option<ConversationId>) -> String {
    let name = open
        .and_then(|id| store.conversation(id))
        .map_or_else(|| "Chat".to_owned(), |c| c.title);
    match store.unread() {
        0 => format!("{name} · Roost"),
        unread => format!("({}) {name} · Roost", count(unread)),
    }
}

/// When the open conversation goes from my list — I left it, was taken out, or deleted it — so do I.
fn leave_what_is_gone(desk: Desk, open: Memo<Option<ConversationId>>) {
    let navigate = use_navigate();
    Effect::new(move |before: Option<Option<(ConversationId, String)>>| {
        let now = open
            .get()
            .and_then(|id| desk.store.conversation(id).map(|place| (id, place.title)));
        let gone = before
            .flatten()
            .filter(|(id, _)| now.is_none() && open.get_untracked() == Some(*id));
        if let Some((_, title)) = gone {
            desk.store.said.set(format!("“{title}” is no longer in your list"));
            navigate(routes::CHAT, NavigateOptions::default());
            focus("find-people");
        }
        now
    });
}

#[component]
fn Nothing() -> impl IntoView {
    view! {
        <div class="chat-empty">
            <span class="chat-empty-mark"><Icon name=IconName::Chat /></span>
            <p>"Choose a conversation, or find somebody to write to."</p>
            <p class="muted"><kbd>"Ctrl"</kbd> <kbd>"K"</kbd> " finds people, " <kbd>"?"</kbd> " shows all keys."</p>
        </div>
    }
}

#[component]
fn Missing() -> impl IntoView {
    view! {
        <Problem title="No such conversation">
            <p>"It is not here, or not yours."</p>
            <p><a class="button" href=routes::CHAT>"To your conversations"</a></p>
        </Problem>
    }
}

#[component]
fn Broken(rejection: Rejection) -> impl IntoView {
    view! {
        <Problem title="The chat can’t be shown">
            <p role="alert">{rejection.detail}</p>
            <p><a class="button" href=routes::CHAT rel="external">"Try again"</a></p>
        </Problem>
    }
}

#[component]
fn Loading() -> impl IntoView {
    view! {
        <div class="chat" aria-busy="true">
            <section class="chat-side"><div class="skeleton-list"><i></i><i></i><i></i><i></i></div></section>
            <section class="chat-main"></section>
        </div>
    }
}

impl Found {
    /// Whether anybody was found.
    pub fn people(&self) -> &[Person] {
        &self.people
    }
}
