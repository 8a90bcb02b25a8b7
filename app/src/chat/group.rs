//! A new group, and choosing its people.

use super::{
    choices::{ChoiceList, Choices},
    deeds::{Deed, act},
    desk::use_desk,
    doors::people,
};
use crate::{
    routes,
    ui::{Icon, IconName, Modal, Pause, focus, value_of},
};
use leptos::{ev, prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use model::{History, Person, limits, realtime::ServerFrame};
use std::time::Duration;

/// The dialog for a new group.
#[component]
pub fn NewGroup(closed: Callback<()>) -> impl IntoView {
    let desk = use_desk();
    let navigate = use_navigate();
    let chosen = RwSignal::new(Vec::<Person>::new());
    let all = RwSignal::new(false);
    let problem = RwSignal::new(None::<String>);
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let title = value_of("group-title");
        let names = chosen.with_untracked(|people| people.iter().map(|person| person.username.clone()).collect());
        let history = if all.get_untracked() {
            History::All
        } else {
            History::Joined
        };
        let navigate = navigate.clone();
        spawn_local(async move {
            match act(Deed::Group(title, names, history)).await {
                Ok(frames) => {
                    desk.close_sheet();
                    for frame in frames {
                        let made = match &frame {
                            ServerFrame::Conversation { conversation } => Some(conversation.id),
                            _ => None,
                        };
                        desk.store.receive(frame);
                        if let Some(id) = made {
                            navigate(&routes::conversation(id), NavigateOptions::default());
                        }
                    }
                }
                Err(refused) => {
                    let why = refused.0;
                    let about = why.about("title").or_else(|| why.about("members"));
                    problem.set(Some(about.unwrap_or_else(|| why.detail.to_string())));
                }
            }
        });
    };
    view! {
        <Modal title="New group" closed>
            <form class="form" on:submit=on_submit>
                <div class="field">
                    <label for="group-title">"Name of the group"</label>
                    <input id="group-title" autocomplete="off" required autofocus maxlength=limits::TITLE_MAX.to_string() />
                </div>
                <Picker chosen />
                <label class="check">
                    <input type="checkbox" on:change:target=move |event| all.set(event.target().checked()) />
                    <span>"Who is added later may read what was written before"</span>
                </label>
                <div class="form-errors-place" role="alert">
                    {move || problem.get().map(|why| view! { <p class="field-error">{why}</p> })}
                </div>
                <button class="button button-main" type="submit">"Create group"</button>
            </form>
        </Modal>
    }
}

/// A field that finds people, and those found as chips before it.
#[component]
pub fn Picker(
    /// Who was chosen.
    chosen: RwSignal<Vec<Person>>,
    /// What the field is called.
    #[prop(default = "People")]
    label: &'static str,
) -> impl IntoView {
    let (desk, typed) = (use_desk(), RwSignal::new(String::new()));
    let choices = Choices::new("picker-list");
    let pause = Pause::new(Duration::from_millis(180));
    let choose = move |person: Person| {
        chosen.update(|all| all.push(person));
        typed.set(String::new());
        choices.offer(Vec::new());
    };
    let on_input = move |text: String| {
        typed.set(text.clone());
        let q = text.trim().trim_start_matches('@').to_owned();
        if q.is_empty() {
            choices.offer(Vec::new());
            return;
        }
        pause.then(move || {
            spawn_local(async move {
                match people(q).await {
                    Ok(found) if typed.get_untracked() == text => {
                        let new =
                            |person: &Person| chosen.with_untracked(|all| all.iter().all(|one| one.id != person.id));
                        choices.offer(found.into_iter().filter(new).collect());
                    }
                    Ok(_) => {}
                    Err(refused) => desk.tell(&refused.0),
                }
            });
        });
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if let Some(person) = choices.key(&event) {
            choose(person);
        } else if event.key() == "Backspace" && typed.with_untracked(String::is_empty) {
            chosen.update(|all| _ = all.pop());
        } else if event.key() == "Enter" {
            // A name that is not chosen yet is no reason to be done.
            event.prevent_default();
        }
    };
    view! {
        <div class="field picker">
            <label for="picker">{label}</label>
            <div class="picker-field">
                <ul class="chips">{move || chosen.get().into_iter().map(|person| view! { <Chip person chosen /> }).collect_view()}</ul>
                <input
                    id="picker"
                    role="combobox"
                    aria-autocomplete="list"
                    aria-expanded=move || choices.open().to_string()
                    aria-controls=move || choices.list()
                    aria-activedescendant=move || choices.active()
                    autocomplete="off"
                    placeholder="Type a name"
                    maxlength=limits::QUERY_MAX.to_string()
                    prop:value=typed
                    on:input:target=move |event| on_input(event.target().value())
                    on:keydown=on_key
                />
            </div>
            <ChoiceList choices label="People found" chosen=Callback::new(choose) />
        </div>
    }
}

/// Somebody who was chosen, with a way to undo that.
#[component]
fn Chip(person: Person, chosen: RwSignal<Vec<Person>>) -> impl IntoView {
    let label = format!("Without {}", person.display_name);
    let id = person.id;
    let remove = move |_| {
        chosen.update(|all| all.retain(|one| one.id != id));
        focus("picker");
    };
    view! {
        <li class="chip">
            <bdi>{person.display_name}</bdi>
            <button type="button" aria-label=label on:click=remove>
                <Icon name=IconName::Close />
            </button>
        </li>
    }
}
