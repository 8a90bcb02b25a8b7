//! `/search?q=…`

use super::{
    doors::search,
    excerpt::{Piece, excerpt},
};
use crate::{
    doors::Refused,
    facts::use_facts,
    routes,
    time::use_wall,
    ui::{Avatar, Icon, IconName, Pause, lead_to},
};
use leptos::{ev, prelude::*};
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    components::A,
    hooks::{use_navigate, use_query_map},
};
use model::{ConversationId, Hit, Hits, limits};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use wasm_bindgen::JsCast;

/// What the address asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Asked {
    q: String,
    conversation: Option<ConversationId>,
    after: Option<String>,
}

/// Messages by their words. What is asked for is in the address, so that a result can be left and come back to.
#[component]
pub fn SearchPage() -> impl IntoView {
    if use_facts().with_value(|facts| facts.me.is_none()) {
        lead_to(&routes::sign_in_for(routes::SEARCH));
        return ().into_any();
    }
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|query| Asked {
            q: query.get("q").unwrap_or_default().trim().to_owned(),
            conversation: query.get("conversation").and_then(|id| id.parse().ok()),
            after: query.get("after"),
        })
    });
    let hits = Resource::new_blocking(
        move || asked.get(),
        |asked| async move {
            if asked.q.is_empty() {
                return None;
            }
            let Asked { q, conversation, after } = asked.clone();
            Some((asked, search(q, conversation, after).await))
        },
    );
    let waiting = RwSignal::new(false);
    let title = move || {
        let q = asked.with(|asked| asked.q.clone());
        if q.is_empty() {
            "Search · Roost".to_owned()
        } else {
            format!("{q} · Search · Roost")
        }
    };
    view! {
        <Title text=title />
        <div class="search-page">
            <h1>"Search messages"</h1>
            <Question asked />
            <div class="search-results" aria-busy=move || waiting.get().then_some("true")>
                <Transition fallback=|| view! { <p class="muted" role="status">"Searching…"</p> } set_pending=waiting>
                    {move || Suspend::new(async move {
                        match hits.await {
                            None => view! { <p class="muted">"Type a word, or the beginning of one. A message has to have all words that you type."</p> }.into_any(),
                            Some((asked, found)) => answer(asked, found),
                        }
                    })}
                </Transition>
            </div>
        </div>
    }
    .into_any()
}

/// The field. Without JavaScript it is a form that asks the page anew; with it, the page follows what is typed.
#[component]
fn Question(asked: Memo<Asked>) -> impl IntoView {
    let navigate = use_navigate();
    let field = NodeRef::<leptos::html::Input>::new();
    let pause = Pause::new(Duration::from_millis(250));
    let go = move |q: String| {
        let here = asked.with_untracked(|asked| asked.conversation);
        let options = NavigateOptions {
            replace: true,
            scroll: false,
            ..NavigateOptions::default()
        };
        navigate(&address(q.trim(), here, None), options);
    };
    let typed = {
        let go = go.clone();
        move |q: String| {
            let go = go.clone();
            pause.then(move || go(q));
        }
    };
    Effect::new(move || {
        if let Some(field) = field.get().filter(|_| asked.with_untracked(|asked| asked.q.is_empty())) {
            _ = field.focus();
        }
    });
    view! {
        <form
            class="finder"
            method="get"
            action=routes::SEARCH
            role="search"
            on:submit=move |event| {
                event.prevent_default();
                go(field.get_untracked().map(|field| field.value()).unwrap_or_default());
            }
        >
            <Icon name=IconName::Find />
            <input
                id="search-messages"
                node_ref=field
                name="q"
                type="search"
                aria-label="Search messages"
                placeholder="Search messages"
                autocomplete="off"
                maxlength=limits::QUERY_MAX.to_string()
                value=asked.with_untracked(|asked| asked.q.clone())
                on:input:target=move |event| typed(event.target().value())
            />
            {asked
                .with_untracked(|asked| asked.conversation)
                .map(|id| view! { <input type="hidden" name="conversation" value=id.to_string() /> })}
            <button class="button without-script" type="submit">"Search"</button>
        </form>
    }
}

fn answer(asked: Asked, found: Result<Hits, Refused>) -> AnyView {
    let Hits { items, next } = match found {
        Ok(hits) => hits,
        Err(refused) => return view! { <p class="form-errors" role="alert">{refused.0.detail}</p> }.into_any(),
    };
    let Asked { q, conversation, after } = asked;
    let everywhere = conversation.map(|_| {
        view! { <p><A href=address(&q, None, None)>"Search all conversations"</A></p> }
    });
    if items.is_empty() && after.is_none() {
        return view! {
            <p role="status">"No message has “" <bdi>{q}</bdi> "”."</p>
            <p class="muted">"Try fewer words, or only the beginning of one."</p>
            {everywhere}
        }
        .into_any();
    }
    let told = match (items.len(), next.is_some(), after.is_some()) {
        (n, true, _) => format!("{n} messages, and there are more"),
        (n, false, true) => format!("{n} more messages"),
        (1, false, false) => "1 message".to_owned(),
        (n, false, false) => format!("{n} messages"),
    };
    let first = after.map(|_| view! { <A href=address(&q, conversation, None)>"To the best ones"</A> });
    let more = next.map(|next| {
        view! { <A href=address(&q, conversation, Some(&next)) attr:class="button">"More messages"</A> }
    });
    view! {
        <p class="search-told" role="status">{told}</p>
        {everywhere}
        <ul class="hits" on:keydown=|event| move_focus(&event)>
            {items.into_iter().map(|hit| view! { <li><Line hit /></li> }).collect_view()}
        </ul>
        <p class="search-ways">{more} {first}</p>
    }
    .into_any()
}

/// One message; it leads to its place in the conversation.
#[component]
fn Line(hit: Hit) -> impl IntoView {
    let wall = use_wall();
    let me = use_facts().with_value(|facts| facts.me.as_ref().map(|me| me.id));
    let Hit {
        message,
        title,
        highlights,
    } = hit;
    let author = message.author.clone();
    let name = if Some(author.id) == me {
        "You".to_owned()
    } else {
        author.display_name.clone()
    };
    let at = message.sent_at;
    let pieces = excerpt(&message.body, &highlights)
        .into_iter()
        .map(|piece| match piece {
            Piece { text, found: true } => view! { <mark>{text}</mark> }.into_any(),
            Piece { text, found: false } => text.into_any(),
        });
    let href = format!("{}?at={}", routes::conversation(message.conversation), message.seq);
    view! {
        <A href=href attr:class="hit">
            <Avatar person=author />
            <span class="hit-text">
                <span class="hit-line">
                    <b dir="auto">{name}</b>
                    <span class="muted">"in " <bdi>{title}</bdi></span>
                    <time datetime=at.to_string() title=move || wall.get().full(at)>{move || wall.get().brief(at)}</time>
                </span>
                <span class="hit-body" dir="auto">{pieces.collect_view()}</span>
            </span>
        </A>
    }
}

/// Up and down move the focus within the results.
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

/// The page that answers a question.
fn address(q: &str, conversation: Option<ConversationId>, after: Option<&str>) -> String {
    let mut address = routes::search(q);
    if let Some(id) = conversation {
        address += &format!("&conversation={id}");
    }
    if let Some(after) = after {
        address += &format!("&after={after}");
    }
    address
}
