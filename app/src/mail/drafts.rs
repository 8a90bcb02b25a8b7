//! What is being written, as a list.

use super::{
    mailbox::{DraftView, Mailbox},
    place,
    post::{Post, use_post, words},
    row::subject_of,
};
use crate::{
    chat::brief,
    time::use_wall,
    ui::{Icon, IconName},
};
use leptos::{prelude::*, task::spawn_local};
use std::sync::Arc;
use uuid::Uuid;

/// So much of a text is in the list; the style cuts it where the line ends.
const WORDS: usize = 120;

/// Reads something of the copy now, and whenever documents change.
pub fn follow<T: Clone + PartialEq + Send + Sync + 'static>(
    post: Post,
    ask: impl Fn(Arc<dyn Mailbox>) -> super::Told<T> + 'static,
) -> RwSignal<Option<T>> {
    let told = RwSignal::new(None);
    Effect::new(move || {
        post.fresh.get();
        let Some(mailbox) = post.mailbox.get() else { return };
        let answer = ask(mailbox);
        spawn_local(async move {
            match answer.await {
                Ok(answer) => {
                    let answer = Some(answer);
                    if told.try_with_untracked(|told| *told != answer) == Some(true) {
                        told.set(answer);
                    }
                }
                Err(trouble) => post.trouble.set(Some(words(&trouble))),
            }
        });
    });
    told
}

/// The list.
#[component]
pub fn DraftList(
    /// The draft that is open.
    open: Signal<Option<Uuid>>,
) -> impl IntoView {
    let drafts = follow(use_post(), |mailbox| mailbox.drafts());
    view! {
        <div class="letters">
            <ul aria-label="Drafts">
                <For each=move || drafts.get().unwrap_or_default() key=|draft| (draft.id, draft.shown.rev.clone(), draft.others.len()) let:draft>
                    <Line draft open />
                </For>
            </ul>
            {move || match drafts.with(|drafts| drafts.as_ref().map(Vec::len)) {
                None => view! { <p class="places-empty">"Drafts are kept on your devices; this one is being opened."</p> }.into_any(),
                Some(0) => view! { <p class="places-empty">"Nothing is being written. C begins a letter."</p> }.into_any(),
                Some(_) => ().into_any(),
            }}
        </div>
    }
}

#[component]
fn Line(draft: DraftView, open: Signal<Option<Uuid>>) -> impl IntoView {
    let (post, wall) = (use_post(), use_wall());
    let DraftView { id, shown, others } = draft;
    let to = if shown.draft.to.is_empty() {
        "Nobody yet".to_owned()
    } else {
        format!("To {}", shown.draft.to.join(", "))
    };
    let subject = subject_of(&shown.draft.subject);
    let (at, label) = (shown.draft.updated_at, format!("Throw “{subject}” away"));
    let (snippet, held) = (brief(&shown.draft.body, WORDS), shown.draft);
    view! {
        <li class="letter-row" data-here=move || (open.get() == Some(id)).then_some("")>
            <a class="letter-link" href=place::draft(id)>
                <span class="letter-line">
                    <b dir="auto">{to}</b>
                    {(!others.is_empty()).then(|| view! { <span class="tag">{format!("{} versions", others.len() + 1)}</span> })}
                    <time datetime=at.to_string() title=move || wall.get().full(at)>{move || wall.get().brief(at)}</time>
                </span>
                <span class="letter-line">
                    <span class="letter-words">
                        <span class="letter-subject" dir="auto">{subject}</span>
                        <span class="letter-snippet" dir="auto">{snippet}</span>
                    </span>
                </span>
            </a>
            <button type="button" class="icon-button letter-star" aria-label=label title="Throw away" on:click=move |_| post.discard(id, held.clone())>
                <Icon name=IconName::Bin />
            </button>
        </li>
    }
}
