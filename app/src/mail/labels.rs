//! The labels of letters: one's own words for them.

use super::{
    letter::TITLE,
    mailbox::Mark,
    post::{Post, use_post},
    post_marks::letters,
    row::row_id,
};
use crate::ui::{Modal, focus, is_nowhere, value_of};
use leptos::{ev, prelude::*};
use model::limits;
use std::collections::BTreeSet;
use uuid::Uuid;

/// The dialog, whenever somebody asks for it.
#[component]
pub fn Labels() -> impl IntoView {
    let post = use_post();
    move || post.labelling.get().map(|ids| view! { <Sheet ids /> })
}

/// Closes the dialog; whoever used keys is back where they were.
fn close(post: Post) {
    post.labelling.set(None);
    request_animation_frame(move || {
        let line = post
            .cursor
            .get_untracked()
            .filter(|_| post.open.with_untracked(Option::is_none));
        if is_nowhere() {
            focus(&line.map_or_else(|| TITLE.to_owned(), row_id));
        }
    });
}

/// Whether all of the letters have a label, as far as they are in the page.
fn all_have(post: Post, ids: &[Uuid], label: &str) -> bool {
    let mut lines = ids.iter().filter_map(|id| post.line(*id)).peekable();
    lines.peek().is_some() && lines.all(|line| line.labels.iter().any(|one| one == label))
}

#[component]
fn Sheet(ids: Vec<Uuid>) -> impl IntoView {
    let post = use_post();
    let title = format!(
        "Labels of {}",
        if ids.len() == 1 {
            "this letter".to_owned()
        } else {
            letters(ids.len())
        }
    );
    let known: BTreeSet<String> = post
        .counts
        .with_untracked(|counts| counts.labels.iter().map(|(label, _)| label.clone()).collect());
    let mut on: BTreeSet<String> = known
        .iter()
        .filter(|label| all_have(post, &ids, label))
        .cloned()
        .collect();
    on.extend(
        ids.first()
            .and_then(|id| post.line(*id))
            .filter(|_| ids.len() == 1)
            .map(|line| line.labels)
            .unwrap_or_default(),
    );
    let all = RwSignal::new(known.union(&on).cloned().collect::<Vec<_>>());
    let on = RwSignal::new(on);
    let ids = StoredValue::new(ids);
    let set = move |label: String, wanted: bool| {
        on.update(|on| {
            if wanted {
                on.insert(label.clone());
            } else {
                on.remove(&label);
            }
        });
        let mark = if wanted {
            Mark::Label(label)
        } else {
            Mark::Unlabel(label)
        };
        post.mark(ids.get_value(), mark);
    };
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let label = value_of("new-label").trim().to_owned();
        if label.is_empty() {
            return close(post);
        }
        all.update(|all| {
            if !all.contains(&label) {
                all.push(label.clone());
            }
        });
        set(label, true);
        close(post);
    };
    let choice = move |label: String| {
        let (name, shown) = (label.clone(), label.clone());
        view! {
            <label class="check">
                <input
                    type="checkbox"
                    prop:checked=move || on.with(|on| on.contains(&name))
                    on:change:target=move |event| set(label.clone(), event.target().checked())
                />
                <span dir="auto">{shown}</span>
            </label>
        }
    };
    view! {
        <Modal title=title closed=Callback::new(move |()| close(post))>
            <form class="form" on:submit=on_submit>
                <div class="labels-all">
                    <For each=move || all.get() key=Clone::clone let:label>{choice(label)}</For>
                </div>
                <div class="field">
                    <label for="new-label">"New label"</label>
                    <input id="new-label" autocomplete="off" autofocus maxlength=limits::LABEL_MAX.to_string() />
                </div>
                <button class="button button-main" type="submit">"Done"</button>
            </form>
        </Modal>
    }
}
