//! Whom a letter goes to: chips, and a field that finds people. Without a network it finds those whom this device knows.

use super::post::{Post, use_post};
use crate::{
    chat::{ChoiceList, Choices, find_people},
    ui::{Icon, IconName, Pause, focus},
};
use leptos::{ev, prelude::*, task::spawn_local};
use model::{Person, limits};
use std::time::Duration;

/// The id of the field.
pub const FIELD: &str = "letter-to";

/// The names in a text that was typed or pasted.
pub fn names(text: &str) -> impl Iterator<Item = String> {
    let words = text
        .split([',', ';', ' ', '\n', '\t'])
        .map(|word| word.trim().trim_start_matches('@'));
    words.filter(|word| !word.is_empty()).map(|word| word.to_lowercase())
}

/// Whether somebody is called so, from the beginning of a word.
pub fn is_called(person: &Person, wanted: &str) -> bool {
    let wanted = wanted.to_lowercase();
    let name = person.display_name.to_lowercase();
    person.username.to_lowercase().starts_with(&wanted)
        || name.starts_with(&wanted)
        || name.split_whitespace().any(|word| word.starts_with(&wanted))
}

impl Post {
    /// The people whom this device knows: of the conversations, and of the letters in the page.
    pub fn known_people(self) -> Vec<Person> {
        let me = self.my_id();
        let mut known: Vec<Person> = Vec::new();
        let mut add = |person: &Person| {
            if person.id != me && known.iter().all(|one| one.id != person.id) {
                known.push(person.clone());
            }
        };
        self.held.with_untracked(|held| {
            for line in held.iter().flat_map(|held| &held.page.lines) {
                std::iter::once(&line.from).chain(&line.to).for_each(&mut add);
            }
        });
        self.met.with_value(|met| met.iter().for_each(&mut add));
        self.store.conversations.with_untracked(|all| {
            all.iter()
                .flat_map(|place| &place.members)
                .for_each(|member| add(&member.person));
        });
        known
    }
}

/// The field.
#[component]
pub fn Recipients(
    /// Usernames.
    to: RwSignal<Vec<String>>,
    /// What is wrong with it.
    wrong: Signal<Option<String>>,
    /// Hears of every change.
    changed: Callback<()>,
) -> impl IntoView {
    let (post, typed) = (use_post(), RwSignal::new(String::new()));
    let choices = Choices::new("letter-to-list");
    let pause = Pause::new(Duration::from_millis(180));
    let add = move |more: Vec<String>| {
        typed.set(String::new());
        choices.offer(Vec::new());
        to.update(|to| {
            for name in more {
                if !to.contains(&name) && to.len() < limits::RECIPIENTS_MAX {
                    to.push(name);
                }
            }
        });
        changed.run(());
    };
    let meet = move |person: Person| {
        let name = person.username.clone();
        post.met.update_value(|met| met.push(person));
        add(vec![name]);
    };
    let offer = move |found: Vec<Person>| {
        let new = |person: &Person| to.with_untracked(|to| !to.contains(&person.username));
        choices.offer(found.into_iter().filter(new).take(8).collect());
    };
    let on_input = move |text: String| {
        typed.set(text.clone());
        let q = text.trim().trim_start_matches('@').to_owned();
        if q.is_empty() {
            return choices.offer(Vec::new());
        }
        if text.ends_with([',', ';']) {
            return add(names(&text).collect());
        }
        let near: Vec<Person> = post
            .known_people()
            .into_iter()
            .filter(|person| is_called(person, &q))
            .collect();
        offer(near.clone());
        pause.then(move || {
            spawn_local(async move {
                // Without a network, whom this device knows has to do.
                if let Ok(mut found) = find_people(q).await
                    && typed.try_get_untracked().as_ref() == Some(&text)
                {
                    let missing = near
                        .into_iter()
                        .filter(|person| found.iter().all(|one| one.id != person.id))
                        .collect::<Vec<_>>();
                    found.extend(missing);
                    offer(found);
                }
            });
        });
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() {
            return;
        }
        if let Some(person) = choices.key(&event) {
            meet(person);
        } else if event.default_prevented() || event.is_composing() {
        } else if event.key() == "Backspace" && typed.with_untracked(String::is_empty) {
            to.update(|to| _ = to.pop());
            changed.run(());
        } else if event.key() == "Enter" {
            event.prevent_default();
            add(names(&typed.get_untracked()).collect());
        }
    };
    let on_blur = move |_| {
        let rest: Vec<String> = names(&typed.get_untracked()).collect();
        if !rest.is_empty() {
            add(rest);
        }
        choices.offer(Vec::new());
    };
    let is_wrong = move || wrong.with(Option::is_some);
    view! {
        <div class="field picker letter-field" data-wrong=move || is_wrong().then_some("")>
            <label for=FIELD>"To"</label>
            <div class="letter-to-field">
                <ul class="chips">
                    <For each=move || to.get() key=Clone::clone let:name><Chip name to changed /></For>
                </ul>
                <input
                    id=FIELD
                    role="combobox"
                    aria-autocomplete="list"
                    aria-expanded=move || choices.open().to_string()
                    aria-controls=move || choices.list()
                    aria-activedescendant=move || choices.active()
                    aria-invalid=move || is_wrong().then_some("true")
                    aria-describedby=move || is_wrong().then_some("letter-to-error")
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    placeholder=move || to.with(Vec::is_empty).then_some("Names")
                    prop:value=typed
                    on:input:target=move |event| on_input(event.target().value())
                    on:keydown=on_key
                    on:blur=on_blur
                />
            </div>
            <ChoiceList choices label="People found" chosen=Callback::new(meet) />
            {move || wrong.get().map(|why| view! { <p class="field-error" id="letter-to-error" role="alert">{why}</p> })}
        </div>
    }
}

/// Somebody whom it goes to, with a way to undo that.
#[component]
fn Chip(name: String, to: RwSignal<Vec<String>>, changed: Callback<()>) -> impl IntoView {
    let post = use_post();
    let known = post.known_people().into_iter().find(|person| person.username == name);
    let (shown, title) = match known {
        Some(person) => (person.display_name, format!("@{name}")),
        None => (format!("@{name}"), String::new()),
    };
    let label = format!("Without {shown}");
    let remove = move |_| {
        to.update(|to| to.retain(|one| *one != name));
        changed.run(());
        focus(FIELD);
    };
    view! {
        <li class="chip" title=title>
            <bdi>{shown}</bdi>
            <button type="button" aria-label=label on:click=remove><Icon name=IconName::Close /></button>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::testing::person;

    #[test]
    fn names_are_read_however_they_were_separated() {
        let read: Vec<String> = names("@ada, Grace;hedy\n mallory ,").collect();
        assert_eq!(read, ["ada", "grace", "hedy", "mallory"]);
        assert_eq!(names(" , ").count(), 0);
    }

    #[test]
    fn people_are_found_by_any_of_their_names() {
        let somebody = person(7);
        for wanted in ["p7", "P", "pers", "7", "Person 7"] {
            assert!(is_called(&somebody, wanted), "{wanted}");
        }
        assert!(!is_called(&somebody, "erson"));
    }
}
