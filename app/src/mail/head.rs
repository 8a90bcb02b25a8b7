//! What stands above a list: the search, its name, and what can be done with the letters that were chosen.

use super::{
    keys::SEARCH,
    mailbox::Mark,
    place::{self, Asked},
    post::use_post,
    tool::Tool,
};
use crate::{
    routes,
    ui::{Icon, IconName, Pause, focus},
};
use leptos::{ev, html::Input, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use model::{
    limits,
    mailbox::{Folder, Shelf},
};
use std::time::Duration;

/// The field. Without JavaScript it is a form that asks the page anew; with it, the list follows what is typed.
#[component]
pub fn Search(asked: Memo<Asked>) -> impl IntoView {
    let (post, navigate, pause) = (use_post(), use_navigate(), Pause::new(Duration::from_millis(150)));
    let field = NodeRef::<Input>::new();
    let go = move |q: &str| {
        let searching = asked.with_untracked(|asked| matches!(asked, Asked::Search(_)));
        let options = NavigateOptions {
            // One step back leaves the search, however many letters were typed.
            replace: searching,
            scroll: false,
            ..NavigateOptions::default()
        };
        let to = match q.trim() {
            "" => Asked::Shelf(Shelf::Folder(Folder::Inbox)),
            q => Asked::Search(q.to_owned()),
        };
        navigate(&to.path(), options);
    };
    let (go_typed, go_back) = (go.clone(), go.clone());
    let typed = move |q: String| {
        let go = go_typed.clone();
        pause.then(move || go(&q));
    };
    // Elsewhere the field is empty.
    Effect::new(move || {
        let q = asked.with(|asked| asked.question().to_owned());
        if let Some(field) = field.get()
            && field.value().trim() != q
            && document().active_element().is_none_or(|at| at.id() != SEARCH)
        {
            field.set_value(&q);
        }
    });
    let on_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" {
            event.prevent_default();
            if let Some(field) = field.get_untracked() {
                field.set_value("");
            }
            if asked.with_untracked(|asked| matches!(asked, Asked::Search(_))) {
                go_back("");
            }
            focus("mail-list-title");
        } else if event.key() == "ArrowDown"
            && let Some(first) = post
                .held
                .with_untracked(|held| Some(held.as_ref()?.page.lines.first()?.id))
        {
            event.prevent_default();
            focus(&super::row::row_id(first));
        }
    };
    view! {
        <form
            class="finder"
            method="get"
            action=format!("{}/search", routes::MAIL)
            role="search"
            on:submit=move |event| {
                event.prevent_default();
                go(&field.get_untracked().map(|field| field.value()).unwrap_or_default());
            }
        >
            <Icon name=IconName::Find />
            <input
                id=SEARCH
                node_ref=field
                name="q"
                type="search"
                aria-label="Find letters"
                placeholder="Find letters"
                autocomplete="off"
                maxlength=limits::QUERY_MAX.to_string()
                value=asked.with_untracked(|asked| asked.question().to_owned())
                on:input:target=move |event| typed(event.target().value())
                on:keydown=on_key
            />
        </form>
    }
}

/// The name of the list and how much is in it; while letters are chosen, what can be done with them.
#[component]
pub fn ListHead(asked: Memo<Asked>) -> impl IntoView {
    let post = use_post();
    let chosen = Memo::new(move |_| post.chosen.with(Vec::len));
    let total = Memo::new(move |_| {
        post.held.with(|held| {
            held.as_ref()
                .filter(|held| held.asked == asked.get())
                .map(|held| held.page.total)
        })
    });
    let letters = move || asked.with(|asked| !matches!(asked.shelf(), Some(Shelf::Drafts | Shelf::Outbox)));
    let name = move || match chosen.get() {
        0 => asked.with(Asked::name),
        count => format!("{count} chosen"),
    };
    let count = move || match total.get().filter(|_| letters() && chosen.get() == 0) {
        None | Some(0) => None,
        Some(1) => Some("1 letter".to_owned()),
        Some(count) => Some(format!("{count} letters")),
    };
    let shelves = RwSignal::new(false);
    // On a narrow screen the folders lie over the list, until one was chosen.
    Effect::new(move || {
        asked.track();
        shelves.set(false);
    });
    view! {
        <header class="mail-head" data-shelves=move || shelves.get().then_some("")>
            <button
                type="button"
                class="icon-button mail-menu"
                aria-label="Folders"
                title="Folders"
                aria-controls="mail-shelves"
                aria-expanded=move || shelves.get().to_string()
                on:click=move |_| shelves.update(|on| *on = !*on)
            >
                <Icon name=IconName::Menu />
            </button>
            <h2 id="mail-list-title" tabindex="-1" dir="auto">{name}</h2>
            <Show when=move || chosen.get() == 0 fallback=move || view! { <Choice asked /> }>
                <span class="mail-count">{count}</span>
                <a class="icon-button mail-menu" href=place::new() aria-label="Write" title="Write (C)"><Icon name=IconName::Edit /></a>
            </Show>
        </header>
    }
}

/// What can be done with the letters that were chosen.
#[component]
fn Choice(asked: Memo<Asked>) -> impl IntoView {
    let post = use_post();
    let ids = move || post.chosen.get_untracked();
    let folder = asked.with_untracked(Asked::folder);
    let away = matches!(folder, Some(Folder::Archive | Folder::Trash));
    let archive = if away {
        (IconName::Inbox, "Move back")
    } else {
        (IconName::Archive, "Archive")
    };
    let starred = move || post.star(ids());
    view! {
        <div class="letter-tools" role="toolbar" aria-label="Chosen letters">
            <button type="button" class="link-button" on:click=move |_| post.choose_all()>"All"</button>
            <Tool icon=archive.0 label=archive.1 key="E" act=move || post.archive(ids()) />
            {(folder != Some(Folder::Trash)).then(|| view! { <Tool icon=IconName::Bin label="To the trash" key="#" act=move || post.trash(ids()) /> })}
            <Tool icon=IconName::Star label="Star" key="S" act=starred />
            <Tool icon=IconName::Check label="Mark as read" key="Shift I" act=move || post.mark(ids(), Mark::Read(true)) />
            <Tool icon=IconName::Mail label="Mark as unread" key="Shift U" act=move || post.mark(ids(), Mark::Read(false)) />
            <Tool icon=IconName::Label label="Labels" key="L" act=move || post.labelling.set(Some(ids())) />
            <Tool icon=IconName::Close label="Choose none" key="Esc" act=move || post.chosen.set(Vec::new()) />
        </div>
    }
}
