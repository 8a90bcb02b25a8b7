//! People to choose from while one types: a listbox that is moved through by arrows, with the focus in the field.

use crate::ui::Avatar;
use leptos::{ev, prelude::*};
use model::Person;

/// What is offered, and which of it is next.
#[derive(Clone, Copy)]
pub struct Choices {
    /// The people.
    pub people: RwSignal<Vec<Person>>,
    /// The place of the one that Enter takes.
    pub at: RwSignal<usize>,
    name: &'static str,
}

impl Choices {
    /// With nobody yet. The name is the id of the list.
    pub fn new(name: &'static str) -> Self {
        Self {
            people: RwSignal::default(),
            at: RwSignal::new(0),
            name,
        }
    }

    /// Offers these.
    pub fn offer(self, people: Vec<Person>) {
        self.at.set(0);
        self.people.set(people);
    }

    /// Whether anybody is offered.
    pub fn open(self) -> bool {
        self.people.with(|people| !people.is_empty())
    }

    /// For `aria-controls`: the list, while it is there.
    pub fn list(self) -> Option<&'static str> {
        self.open().then_some(self.name)
    }

    /// For `aria-activedescendant`.
    pub fn active(self) -> Option<String> {
        self.open().then(|| format!("{}-{}", self.name, self.at.get()))
    }

    /// Takes a key. Answers with who was chosen by it; the key is then used up.
    pub fn key(self, event: &ev::KeyboardEvent) -> Option<Person> {
        let count = self.people.with_untracked(Vec::len);
        if count == 0 || event.is_composing() {
            return None;
        }
        let at = self.at.get_untracked();
        let chosen = match event.key().as_str() {
            "ArrowDown" => {
                self.at.set((at + 1) % count);
                None
            }
            "ArrowUp" => {
                self.at.set((at + count - 1) % count);
                None
            }
            "Enter" | "Tab" if !event.shift_key() => self.people.with_untracked(|people| people.get(at).cloned()),
            "Escape" => {
                self.offer(Vec::new());
                None
            }
            _ => return None,
        };
        event.prevent_default();
        event.stop_propagation();
        chosen
    }
}

/// The list.
#[component]
pub fn ChoiceList(
    /// What is offered.
    choices: Choices,
    /// What the list is called.
    label: &'static str,
    /// Hears of a choice made by hand.
    chosen: Callback<Person>,
) -> impl IntoView {
    let option = move |(n, person): (usize, Person)| {
        let held = person.clone();
        // The focus stays in the field.
        let on_down = move |event: ev::PointerEvent| {
            event.prevent_default();
            chosen.run(held.clone());
        };
        view! {
            <li
                role="option"
                class="offer"
                id=format!("{}-{n}", choices.name)
                aria-selected=move || (choices.at.get() == n).to_string()
                on:pointerdown=on_down
            >
                <Avatar person=person.clone() small=true />
                <b dir="auto">{person.display_name}</b>
                <small dir="auto">"@" {person.username}</small>
            </li>
        }
    };
    move || {
        choices.open().then(|| {
            let people = choices.people.get().into_iter().enumerate();
            view! { <ul class="offers" role="listbox" id=choices.name aria-label=label>{people.map(option).collect_view()}</ul> }
        })
    }
}
