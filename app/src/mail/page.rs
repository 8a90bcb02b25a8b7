//! `/mail` and all below it: folders, a list, and what is beside it.

use super::{
    compose::Compose,
    drafts::DraftList,
    head::{ListHead, Search},
    keys,
    labels::Labels,
    letter::LetterPane,
    list::LetterList,
    outbox::OutboxList,
    place::{self, Asked, Pane, Place},
    post::{Held, Post, Reading, use_post},
    row::row_id,
    shelves::Shelves,
    standing::Worries,
    toast::Passing,
};
use crate::{
    chat::count,
    doors::Refused,
    facts::use_facts,
    routes,
    ui::{Icon, IconName, Problem, focus, lead_to},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    hooks::{use_location, use_query_map},
    location::Url,
};
use model::mailbox::{Counts, Draft, Folder, LetterPage, LetterView, Shelf};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

const INBOX: Asked = Asked::Shelf(Shelf::Folder(Folder::Inbox));

/// What the page begins with, as the server knows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Beginning {
    page: LetterPage,
    counts: Counts,
    thread: Option<Vec<LetterView>>,
}

/// The page. A stranger is led to the sign-in and back.
#[component]
pub fn MailPage() -> impl IntoView {
    let location = use_location();
    if use_facts().with_value(|facts| facts.me.is_none()) {
        lead_to(&routes::sign_in_for(&location.pathname.get_untracked()));
        return ().into_any();
    }
    // Both halves of the address change at once; the router's parameters come a moment later.
    let place = Memo::new(move |before: Option<&Option<Place>>| {
        let path = location.pathname.get();
        match path.strip_prefix(routes::MAIL) {
            Some(rest) => place::read(&Url::unescape(rest), location.query.with(|query| query.get("q"))),
            // Whoever leaves does not see it change.
            None => before.cloned().flatten(),
        }
    });
    #[cfg(feature = "ssr")]
    if place.with_untracked(Option::is_none) {
        crate::context::status(404);
    }
    let post = use_post();
    let beginning = OnceResource::new_blocking(begin(place.get_untracked()));
    view! {
        <Suspense fallback=|| view! { <div class="mail" aria-busy="true"></div> }>
            {move || Suspend::new(async move {
                match beginning.await {
                    Ok(beginning) => {
                        absorb(post, place.get_untracked(), beginning);
                        view! { <Panes place /> }.into_any()
                    }
                    Err(refused) => {
                        view! {
                            <Problem title="The mailbox can’t be shown">
                                <p role="alert">{refused.0.detail}</p>
                                <p><a class="button" href=routes::MAIL rel="external">"Try again"</a></p>
                            </Problem>
                        }
                        .into_any()
                    }
                }
            })}
        </Suspense>
    }
    .into_any()
}

/// On the server: the first page. In the browser there is nothing to wait for: whoever comes from elsewhere has a copy, or the list
/// asks by itself.
async fn begin(place: Option<Place>) -> Result<Option<Beginning>, Refused> {
    #[cfg(feature = "ssr")]
    if let Some(place) = place {
        use super::{doors, window::HELD};
        let asked = place.asked.unwrap_or(INBOX);
        let page = match &asked {
            Asked::Search(question) if question.is_empty() => LetterPage {
                lines: Vec::new(),
                total: 0,
            },
            Asked::Shelf(_) => doors::letters(list_of(&asked), None, 0, HELD).await?,
            Asked::Search(question) => doors::letters(list_of(&asked), Some(question.clone()), 0, HELD).await?,
        };
        let counts = doors::letter_counts().await?;
        let thread = match place.pane {
            Pane::Letter(id) => match doors::letter(id).await {
                Ok(thread) => Some(thread),
                Err(refused) if refused.0.code == model::Code::NotFound => Some(Vec::new()),
                Err(refused) => return Err(refused),
            },
            _ => None,
        };
        return Ok(Some(Beginning { page, counts, thread }));
    }
    #[cfg(not(feature = "ssr"))]
    drop(place);
    Ok(None)
}

/// What stands behind `/mail/` for a list.
pub fn list_of(asked: &Asked) -> String {
    match asked {
        // The address would be written in signs.
        Asked::Shelf(Shelf::Label(label)) => format!("label/{label}"),
        asked => {
            let path = asked.path();
            let path = path.split('?').next().unwrap_or_default();
            path.trim_start_matches(routes::MAIL).trim_matches('/').to_owned()
        }
    }
}

fn absorb(post: Post, place: Option<Place>, beginning: Option<Beginning>) {
    let (Some(place), Some(Beginning { page, counts, thread })) = (place, beginning) else {
        return;
    };
    let asked = place.asked.unwrap_or(INBOX);
    post.held.set(Some(Held { asked, skip: 0, page }));
    post.counts.set(counts);
    if let (Pane::Letter(letter), Some(thread)) = (place.pane, thread) {
        post.reading.set(Some(Reading { letter, thread }));
    }
}

/// What is beside the list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Missing,
    Letter(Uuid),
    Draft(Uuid),
    Nothing,
}

/// Folders, list, and letter.
#[component]
fn Panes(place: Memo<Option<Place>>) -> impl IntoView {
    let post = use_post();
    // Beside a letter that is written, the list stays.
    let asked = Memo::new(move |before: Option<&Asked>| {
        let asked = place.with(|place| place.as_ref().and_then(|place| place.asked.clone()));
        asked.or_else(|| before.cloned()).unwrap_or(INBOX)
    });
    let pane = Memo::new(move |_| place.with(|place| place.as_ref().map_or(Pane::Nothing, |place| place.pane.clone())));
    let reads = Memo::new(move |_| match pane.get() {
        Pane::Letter(id) => Some(id),
        _ => None,
    });
    let writes = writing(post, pane);
    // One value, so that a letter that is written stays on the screen when its address changes.
    let shown = Memo::new(
        move |_| match (place.with(Option::is_none), reads.get(), writes.get()) {
            (true, ..) => Shown::Missing,
            (_, Some(letter), _) => Shown::Letter(letter),
            (_, None, Some(id)) => Shown::Draft(id),
            (_, None, None) => Shown::Nothing,
        },
    );
    post.open.set(reads.get_untracked());
    follow_open(post, reads);
    keys::listen(post);
    let is_open = move || (pane.get() != Pane::Nothing || place.with(Option::is_none)).then_some("");
    let title = move || title_of(&asked.get(), post.counts.with(|counts| counts.inbox_unread));
    // The server writes the title at the very end, when what this component owns may be gone; there it is a text.
    #[cfg(feature = "ssr")]
    let title = title();
    view! {
        <Title text=title />
        <div class="mail" data-open=is_open>
            <h1 class="hidden">"Mail"</h1>
            <Shelves asked />
            <section class="mail-side" aria-labelledby="mail-list-title">
                <Search asked />
                <ListHead asked />
                <Worries />
                {move || match asked.with(|asked| asked.shelf().cloned()) {
                    Some(Shelf::Drafts) => view! { <DraftList open=writes.into() /> }.into_any(),
                    Some(Shelf::Outbox) => view! { <OutboxList /> }.into_any(),
                    _ => view! { <LetterList asked /> }.into_any(),
                }}
            </section>
            <section class="mail-main" aria-label="Letter">
                {move || match shown.get() {
                    Shown::Missing => view! { <Missing /> }.into_any(),
                    Shown::Letter(letter) => view! { <LetterPane letter asked /> }.into_any(),
                    Shown::Draft(id) => view! { <Compose id /> }.into_any(),
                    Shown::Nothing => view! { <Nothing /> }.into_any(),
                }}
            </section>
            <Labels />
            <Passing />
        </div>
    }
}

/// The draft that is written. A new letter has its id from the beginning, and keeps it when its address becomes its own.
fn writing(post: Post, pane: Memo<Pane>) -> Memo<Option<Uuid>> {
    let fresh = RwSignal::new(None::<Uuid>);
    let query = use_query_map();
    Effect::new(move |before: Option<Pane>| {
        let now = pane.get();
        if now == Pane::New && before != Some(Pane::New) {
            let id = post.store.new_uuid();
            if let (Some(id), Some(to)) = (id, query.with_untracked(|query| query.get("to"))) {
                let draft = Draft {
                    to: super::recipients::names(&to).collect(),
                    subject: String::new(),
                    body: String::new(),
                    in_reply_to: None,
                    attachments: Vec::new(),
                    updated_at: super::writing::now(),
                };
                post.begun.set_value(Some((id, draft)));
            }
            fresh.set(id);
        }
        now
    });
    Memo::new(move |_| match pane.get() {
        Pane::New => fresh.get(),
        Pane::Draft(id) => Some(id),
        _ => None,
    })
}

/// The focus follows what is opened and closed by hand: to the letter, and back to its line.
fn follow_open(post: Post, reads: Memo<Option<Uuid>>) {
    Effect::new(move |before: Option<Option<Uuid>>| {
        let now = reads.get();
        post.open.set(now);
        match (before, now) {
            (None, _) => {}
            (Some(before), Some(now)) if before != Some(now) => {
                post.cursor.set(Some(now));
                post.attend();
            }
            (Some(Some(left)), None) => request_animation_frame(move || {
                if crate::ui::is_nowhere() {
                    let next = post.cursor.get_untracked().unwrap_or(left);
                    focus(&row_id(next));
                }
            }),
            _ => {}
        }
        now
    });
}

/// What the browser's tab says.
fn title_of(asked: &Asked, unread: u64) -> String {
    let name = match asked {
        Asked::Search(question) if !question.is_empty() => question.clone(),
        asked => asked.name(),
    };
    match unread {
        0 => format!("{name} · Roost"),
        unread => format!("({}) {name} · Roost", count(unread)),
    }
}

#[component]
fn Nothing() -> impl IntoView {
    view! {
        <div class="chat-empty">
            <span class="chat-empty-mark"><Icon name=IconName::Mail /></span>
            <p>"Choose a letter, or write one."</p>
            <p class="muted"><kbd>"J"</kbd> " " <kbd>"K"</kbd> " move, " <kbd>"C"</kbd> " writes, " <kbd>"?"</kbd> " shows all keys."</p>
        </div>
    }
}

#[component]
fn Missing() -> impl IntoView {
    view! {
        <Problem title="No such page of the mailbox">
            <p>"The address may be mistyped."</p>
            <p><a class="button" href=INBOX.path()>"To the inbox"</a></p>
        </Problem>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tab_says_where_one_is_and_how_much_is_unread() {
        assert_eq!(title_of(&INBOX, 0), "Inbox · Roost");
        assert_eq!(title_of(&INBOX, 3), "(3) Inbox · Roost");
        assert_eq!(title_of(&Asked::Search("loom".into()), 0), "loom · Roost");
    }

    #[test]
    fn a_list_is_asked_for_by_its_name() {
        assert_eq!(list_of(&INBOX), "inbox");
        assert_eq!(list_of(&Asked::Shelf(Shelf::Label("a b/c".into()))), "label/a b/c");
        assert_eq!(list_of(&Asked::Search("x y".into())), "search");
    }
}
