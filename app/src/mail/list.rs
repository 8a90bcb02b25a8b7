//! A list of letters. The page holds a part of it, with room for the rest above and below, so that ten thousand letters scroll as
//! ten do; and what somebody reads stays where it is when letters come or go above it.

use super::{
    place::Asked,
    post::{Held, Post, use_post},
    row::{Row, row_id},
    window::{Part, moved, start},
};
use crate::ui::{focus, is_nowhere};
use leptos::{
    html::{Div, Ul},
    prelude::*,
};
use model::mailbox::{Folder, LetterPage, Shelf};
use wasm_bindgen::JsCast;

/// A line's height before one was measured, as the style has it.
const ROW: f64 = 64.0;

/// The scroller and what it knows. Copying it copies a handle.
#[derive(Clone, Copy)]
struct Scroller {
    post: Post,
    asked: Memo<Asked>,
    place: NodeRef<Div>,
    list: NodeRef<Ul>,
    /// The first line to be held.
    start: RwSignal<u64>,
    due: StoredValue<bool>,
    /// The height of a line, as it was measured last.
    row: StoredValue<f64>,
}

/// The list.
#[component]
pub fn LetterList(asked: Memo<Asked>) -> impl IntoView {
    let post = use_post();
    let scroller = Scroller {
        post,
        asked,
        place: NodeRef::new(),
        list: NodeRef::new(),
        start: RwSignal::new(0),
        due: StoredValue::new(false),
        row: StoredValue::new(ROW),
    };
    scroller.follow_list();
    scroller.load();
    scroller.follow_lines();
    let lines = Memo::new(move |_| {
        let mine = |held: &&Held| held.asked == asked.get();
        post.held
            .with(|held| held.as_ref().filter(mine).map(|held| held.page.lines.clone()))
    });
    let ids = move || {
        lines
            .get()
            .unwrap_or_default()
            .into_iter()
            .map(|line| line.id)
            .collect::<Vec<_>>()
    };
    let alive = RwSignal::new(false);
    Effect::new(move || alive.set(true));
    // For Tab the list is one stop: the letter that keys act on, or the first in the page.
    let stop = Memo::new(move |_| {
        let cursor = post.cursor.get().filter(|id| ids().contains(id));
        (alive.get(), cursor.or_else(|| ids().first().copied()))
    });
    let name = move || asked.with(Asked::name);
    view! {
        <div class="letters" node_ref=scroller.place on:scroll=move |_| scroller.soon()>
            <ul node_ref=scroller.list aria-label=name aria-busy=move || lines.with(Option::is_none).then_some("true")>
                <For each=ids key=|id| *id let:id><Row id asked stop /></For>
            </ul>
            {move || {
                lines.with(|lines| lines.as_ref().is_some_and(Vec::is_empty)).then(|| view! { <Empty asked=asked.get() /> })
            }}
            {move || {
                lines.with(Option::is_none).then(|| view! { <div class="skeleton-list mail-wait"><i></i><i></i><i></i><i></i></div> })
            }}
        </div>
    }
}

impl Scroller {
    /// The scroller itself, as long as it is there.
    fn element(self) -> Option<web_sys::HtmlDivElement> {
        self.place.try_get_untracked().flatten()
    }

    /// Another list begins at its top, with nothing chosen.
    fn follow_list(self) {
        let post = self.post;
        Effect::new(move |before: Option<Asked>| {
            let now = self.asked.get();
            if before.is_some_and(|before| before != now) {
                self.start.set(0);
                post.chosen.set(Vec::new());
                post.cursor.set(None);
                if let Some(place) = self.element() {
                    place.set_scroll_top(0);
                }
            }
            now
        });
    }

    /// Holds what is in sight, also when documents have changed.
    fn load(self) {
        let (post, asked, start) = (self.post, self.asked, self.start);
        // While the copy is being filled, it is not asked.
        let fresh = Memo::new(move |_| post.state.with(|state| state.complete).then(|| post.fresh.get()));
        Effect::new(move || {
            let (list, skip, fresh) = (asked.get(), start.get(), fresh.get());
            let known = |held: &Held| held.asked == list && held.skip == skip;
            if fresh.is_none() && post.held.with_untracked(|held| held.as_ref().is_some_and(known)) {
                return;
            }
            if list == Asked::Search(String::new()) {
                let page = LetterPage {
                    lines: Vec::new(),
                    total: 0,
                };
                return post.held.set(Some(Held {
                    asked: list,
                    skip,
                    page,
                }));
            }
            let still = {
                let list = list.clone();
                move || asked.try_get_untracked().as_ref() == Some(&list) && start.try_get_untracked() == Some(skip)
            };
            post.hold(list, skip, still);
        });
    }

    /// When lines have changed: room for those that are not in the page, and the place of whoever reads.
    fn follow_lines(self) {
        Effect::new(move |before: Option<Option<Held>>| {
            let now = self.post.held.get();
            let (old, new) = (before.flatten(), now.clone());
            request_animation_frame(move || self.settle(old, new));
            now
        });
    }

    fn settle(self, old: Option<Held>, new: Option<Held>) {
        let (Some(place), Some(list), Some(new)) = (self.element(), self.list.try_get_untracked().flatten(), new)
        else {
            return;
        };
        // Nothing may be measured before there is room for what is not in the page: the browser would cut the way down to it.
        let known = self.row.try_get_value().unwrap_or(ROW);
        make_room(&list, &new, known);
        let row = self.row_height();
        if (row - known).abs() > f64::EPSILON {
            _ = self.row.try_set_value(row);
            make_room(&list, &new, row);
        }
        let top = f64::from(place.scroll_top());
        if let Some(old) = old.filter(|old| old.asked == new.asked && top > 0.0) {
            let shift = moved(part(&old), part(&new), number(top / row));
            if shift != 0 {
                set_top(&place, top + count_of(shift) * row);
            }
        }
        self.focus_wanted(&new);
    }

    /// Gives the focus to the line that was to get it, now that it is there.
    fn focus_wanted(self, held: &Held) {
        let wanted = self.post.wanted.get_value();
        if let Some(id) = wanted.filter(|id| held.page.lines.iter().any(|line| line.id == *id)) {
            self.post.wanted.set_value(None);
            self.post.cursor.set(Some(id));
            if is_nowhere() || document().active_element().is_some_and(|at| self.holds(&at)) {
                focus(&row_id(id));
            }
        }
    }

    fn holds(self, element: &web_sys::Element) -> bool {
        self.element().is_some_and(|place| place.contains(Some(element)))
    }

    fn row_height(self) -> f64 {
        let first = self
            .list
            .try_get_untracked()
            .flatten()
            .and_then(|list| list.first_element_child());
        let first = first.and_then(|row| row.dyn_into::<web_sys::HtmlElement>().ok());
        first.map_or(ROW, |row| f64::from(row.offset_height())).max(1.0)
    }

    /// Looks with the next picture whether other lines are in sight.
    fn soon(self) {
        if self.due.try_update_value(|due| std::mem::replace(due, true)) == Some(false) {
            request_animation_frame(move || {
                _ = self.due.try_update_value(|due| *due = false);
                if let Some(place) = self.element() {
                    let first = number(f64::from(place.scroll_top()) / self.row_height());
                    let start = start(first);
                    if self.start.try_get_untracked().is_some_and(|known| known != start) {
                        self.start.set(start);
                    }
                }
            });
        }
    }
}

/// Room for the lines above and below those that are in the page.
fn make_room(list: &web_sys::HtmlElement, held: &Held, row: f64) {
    let count = u64::try_from(held.page.lines.len()).unwrap_or_default();
    let after = held.page.total.saturating_sub(held.skip + count);
    // Set by script, so the content security policy has nothing to say.
    let looks = web_sys::HtmlElement::style(list);
    for (name, lines) in [("--before", held.skip), ("--after", after)] {
        _ = looks.set_property(name, &format!("{}px", count_of(lines.cast_signed()) * row));
    }
}

fn part(held: &Held) -> Part<'_> {
    Part {
        skip: held.skip,
        lines: &held.page.lines,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "lines and pixels of a page are far below the limits"
)]
fn number(lines: f64) -> u64 {
    lines.max(0.0) as u64
}

#[expect(clippy::cast_precision_loss, reason = "lines of a list are far below the limits")]
fn count_of(lines: i64) -> f64 {
    lines as f64
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "pixels of a page are far below the limits"
)]
fn set_top(place: &web_sys::Element, top: f64) {
    place.set_scroll_top(top as i32);
}

/// A list without letters: why, and what to do.
#[component]
fn Empty(asked: Asked) -> impl IntoView {
    let post = use_post();
    let filling = move || post.state.with(|state| !state.complete && state.filling.is_some());
    let words = match &asked {
        Asked::Search(question) if question.is_empty() => {
            "Type a word, or the beginning of one. A letter has to have all words that you type.".to_owned()
        }
        Asked::Search(question) => {
            format!("No letter has “{question}”. Try fewer words, or only the beginning of one.")
        }
        Asked::Shelf(Shelf::Folder(Folder::Inbox)) => "Nothing left to read. Enjoy the quiet.".to_owned(),
        Asked::Shelf(Shelf::Folder(Folder::Sent)) => "What you send is kept here.".to_owned(),
        Asked::Shelf(Shelf::Folder(Folder::Archive)) => "What you are done with, you put here with E.".to_owned(),
        Asked::Shelf(Shelf::Folder(Folder::Trash)) => "The trash is empty.".to_owned(),
        Asked::Shelf(Shelf::Starred) => "Letters with a star are found here again. S gives one.".to_owned(),
        Asked::Shelf(shelf) => format!("No letter is labelled “{}”.", super::place::name_of(shelf)),
    };
    view! {
        <p class="places-empty">
            {move || if filling() { "Letters are on their way to this device.".to_owned() } else { words.clone() }}
        </p>
    }
}
