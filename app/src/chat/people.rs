//! Finding: a conversation by its name, somebody to write to, or what was written.

use super::{
    doors::{OpenConversation, open_conversation, people},
    store::use_store,
};
use crate::{
    routes,
    ui::{Avatar, Icon, IconName, Pause},
};
use leptos::{ev, prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use model::{Person, limits};
use serde::{Deserialize, Serialize};
use server_fn::ServerFn;
use std::time::Duration;

/// An answer of the directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// What was asked.
    pub query: String,
    /// Who matches.
    pub people: Vec<Person>,
}

/// The field, and the people under it. Without JavaScript it is a form that asks the page anew.
#[component]
pub fn Finder(found: RwSignal<Option<Found>>, typed: RwSignal<String>) -> impl IntoView {
    let pause = Pause::new(Duration::from_millis(180));
    let on_typed = move |text: String| {
        typed.set(text.clone());
        let q = text.trim().to_owned();
        if q.is_empty() {
            found.set(None);
        } else {
            pause.then(move || {
                spawn_local(async move {
                    if let Ok(people) = people(q.clone()).await
                        && typed.get_untracked().trim() == q
                    {
                        found.set(Some(Found { query: q, people }));
                    }
                });
            });
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" {
            event.stop_propagation();
            on_typed(String::new());
        }
    };
    view! {
        <form class="finder" method="get" action=routes::CHAT role="search" on:submit=|event| event.prevent_default()>
            <Icon name=IconName::Find />
            <input
                id="find-people"
                name="q"
                type="search"
                aria-label="Find people and conversations"
                placeholder="Find people and chats"
                autocomplete="off"
                maxlength=limits::QUERY_MAX.to_string()
                value=typed.get_untracked()
                prop:value=typed
                on:input:target=move |event| on_typed(event.target().value())
                on:keydown=on_key
            />
        </form>
    }
}

/// Who was found, and the way to what was written.
#[component]
pub fn FoundPeople(found: RwSignal<Option<Found>>, typed: RwSignal<String>) -> impl IntoView {
    let clear = Callback::new(move |()| {
        typed.set(String::new());
        found.set(None);
    });
    move || found.get().map(|found| view! { <Results found clear /> })
}

#[component]
fn Results(found: Found, clear: Callback<()>) -> impl IntoView {
    let told = match found.people().len() {
        0 => format!("Nobody is called “{}”.", found.query),
        1 => "1 person".to_owned(),
        n => format!("{n} people"),
    };
    let query = found.query.clone();
    let search = routes::search(&query);
    view! {
        <div class="found">
            <h3 class="found-title">"People"</h3>
            <p class="found-told" role="status">{told}</p>
            <form method="post" action=OpenConversation::url()>
                <ul class="people">
                    {found.people.into_iter().map(|person| view! { <li><Someone person clear /></li> }).collect_view()}
                </ul>
            </form>
            <p class="found-more">
                <a href=search rel="external"><Icon name=IconName::Find /><span>"Search messages for “"<bdi>{query}</bdi>"”"</span></a>
            </p>
        </div>
    }
}

#[component]
fn Someone(person: Person, clear: Callback<()>) -> impl IntoView {
    let store = use_store();
    let navigate = use_navigate();
    let username = person.username.clone();
    let wanted = username.clone();
    let at = format!("@{}", person.username);
    let problem = RwSignal::new(None::<String>);
    let on_click = move |event: ev::MouseEvent| {
        event.prevent_default();
        let (navigate, with) = (navigate.clone(), wanted.clone());
        spawn_local(async move {
            match open_conversation(with).await {
                Ok(page) => {
                    clear.run(());
                    store.refresh();
                    navigate(&page, NavigateOptions::default());
                }
                Err(refused) => problem.set(Some(refused.0.detail.into_owned())),
            }
        });
    };
    view! {
        <button class="place" name="with" value=username on:click=on_click>
            <Avatar person=person.clone() />
            <span class="place-text">
                <b dir="auto">{person.display_name}</b>
                <small dir="auto">{at}</small>
            </span>
        </button>
        {move || problem.get().map(|problem| view! { <p class="field-error" role="alert">{problem}</p> })}
    }
}
