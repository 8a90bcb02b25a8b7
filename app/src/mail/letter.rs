//! A letter with its thread: what was written before it is folded.

use super::{
    answer::Answer,
    files::FileList,
    fold::open_at_first,
    place::Asked,
    post::{Post, Reading, use_post},
    row::{pieces, subject_of},
    tool::Tool,
};
use crate::{
    chat::{Text, brief},
    time::use_wall,
    ui::{Avatar, Icon, IconName, Problem, focus, step_to, target_of},
};
use leptos::{ev, prelude::*};
use model::mailbox::{Folder, LetterLine, LetterView, SNIPPET_MAX};
use std::collections::BTreeSet;
use uuid::Uuid;

/// The id of what is read, for the focus.
pub const TITLE: &str = "letter-title";

/// The pane of a letter.
#[component]
pub fn LetterPane(
    /// Which.
    letter: Uuid,
    /// The list that it was opened from.
    asked: Memo<Asked>,
) -> impl IntoView {
    let post = use_post();
    let reading = Memo::new(move |_| {
        post.reading
            .with(|reading| reading.clone().filter(|one| one.letter == letter))
    });
    let open = RwSignal::new(reading.with_untracked(|reading| {
        reading
            .as_ref()
            .map(|one| open_at_first(&one.thread, letter))
            .unwrap_or_default()
    }));
    follow(post, letter, reading, open);
    let ids = move || {
        let ids = |reading: &Option<Reading>| {
            reading
                .iter()
                .flat_map(|one| &one.thread)
                .map(|one| one.line.id)
                .collect::<Vec<_>>()
        };
        reading.with(ids)
    };
    let line = Memo::new(move |_| {
        reading.with(|reading| {
            let thread = &reading.as_ref()?.thread;
            thread
                .iter()
                .find(|one| one.line.id == letter)
                .map(|one| one.line.clone())
        })
    });
    Effect::new(move || {
        if line.with(Option::is_some) && post.attending.get() {
            post.attending.set(false);
            request_animation_frame(|| focus(TITLE));
        }
    });
    let missing = move || reading.with(|reading| reading.is_some()) && line.with(Option::is_none);
    view! {
        <Head letter line asked />
        <Show when=missing>
            <Problem title="No such letter">
                <p>"It is not in your mailbox, or not on this device yet."</p>
                <p><a class="button" href=move || asked.with(Asked::path)>"To the list"</a></p>
            </Problem>
        </Show>
        {move || reading.with(Option::is_none).then(|| view! { <div class="skeleton-list mail-wait"><i></i><i></i></div> })}
        <div class="thread" on:keydown=|event| on_key(&event)>
            <For each=ids key=|id| *id let:id><OneLetter id reading open /></For>
        </div>
        {move || line.with(Option::is_some).then(|| view! { <Answers letter /> })}
    }
}

/// Reads the letter anew when documents changed, and marks as read what was shown for the first time.
fn follow(post: Post, letter: Uuid, reading: Memo<Option<Reading>>, open: RwSignal<BTreeSet<Uuid>>) {
    let whole = Memo::new(move |_| post.state.with(|state| state.complete));
    Effect::new(move || {
        let fresh = whole.get().then(|| post.fresh.get());
        if fresh.is_some() || reading.with_untracked(Option::is_none) {
            post.read(letter);
        }
    });
    let marked = StoredValue::new(BTreeSet::<Uuid>::new());
    Effect::new(move |before: Option<bool>| {
        let Some(one) = reading.get() else { return false };
        let thread = one.thread;
        let known = before == Some(true);
        let fresh = if known {
            // What has come since, to who reads the thread.
            let is_new =
                |one: &&LetterView| marked.with_value(|marked| !marked.contains(&one.line.id)) && !one.line.read;
            thread.iter().filter(is_new).map(|one| one.line.id).collect()
        } else {
            open_at_first(&thread, letter)
        };
        if !fresh.is_empty() {
            open.update(|open| open.extend(fresh.iter().copied()));
        }
        if whole.get() {
            let unread = thread.iter().filter(|one| !one.line.read).map(|one| one.line.id);
            let unread = unread
                .filter(|id| marked.with_value(|marked| !marked.contains(id)))
                .collect();
            marked.update_value(|marked| marked.extend(thread.iter().map(|one| one.line.id)));
            post.mark_read(unread);
        }
        true
    });
}

/// Up and down move through the letters of the thread.
fn on_key(event: &ev::KeyboardEvent) {
    let here = target_of(event).filter(|at| at.class_list().contains("letter-head"));
    let forward = match event.key().as_str() {
        "ArrowDown" => true,
        "ArrowUp" => false,
        _ => return,
    };
    let item = here.and_then(|here| here.closest("article").ok().flatten());
    if item.is_some_and(|item| step_to(&item, forward)) {
        event.prevent_default();
    }
}

/// Subject, labels, and what can be done. Its elements stay when a flag changes, and so does the focus on one of them.
#[component]
fn Head(letter: Uuid, line: Memo<Option<LetterLine>>, asked: Memo<Asked>) -> impl IntoView {
    let post = use_post();
    let question = asked.with_untracked(|asked| asked.question().to_owned());
    let is = move |what: fn(&LetterLine) -> bool| Memo::new(move |_| line.with(|line| line.as_ref().is_some_and(what)));
    let there = is(|_| true);
    let away = is(|line| matches!(line.folder, Folder::Archive | Folder::Trash));
    let (thrown, read, starred) = (
        is(|line| line.folder == Folder::Trash),
        is(|line| line.read),
        is(|line| line.starred),
    );
    let subject = Memo::new(move |_| line.with(|line| line.as_ref().map(|line| subject_of(&line.subject))));
    let labels =
        Memo::new(move |_| line.with(|line| line.as_ref().map(|line| line.labels.clone()).unwrap_or_default()));
    let shown = move || pieces(super::fold::marked(&subject.get().unwrap_or_default(), &question));
    let tags = move || {
        labels
            .get()
            .into_iter()
            .map(|label| view! { <span class="tag" dir="auto">{label}</span> })
            .collect_view()
    };
    let archive = move || {
        let (icon, label) = if away.get() {
            (IconName::Inbox, "Move back")
        } else {
            (IconName::Archive, "Archive")
        };
        view! { <Tool icon label key="E" act=move || post.archive(vec![letter]) /> }
    };
    let trash = move || {
        (!thrown.get()).then(
            || view! { <Tool icon=IconName::Bin label="To the trash" key="#" act=move || post.trash(vec![letter]) /> },
        )
    };
    let star = Signal::derive(move || if starred.get() { "Take the star away" } else { "Star" });
    let unread = Signal::derive(move || if read.get() { "Mark as unread" } else { "Mark as read" });
    let turn = move || post.mark(vec![letter], super::Mark::Read(!read.get_untracked()));
    view! {
        <header class="letter-top">
            <a class="icon-button mail-back" href=move || asked.with(Asked::path) aria-label="Back to the list" title="Back to the list">
                <Icon name=IconName::Back />
            </a>
            <Show when=move || there.get()>
                <div class="letter-tools" role="toolbar" aria-label="This letter">
                    {archive}
                    {trash}
                    <Tool icon=IconName::Star label=star key="S" pressed=starred act=move || post.star(vec![letter]) />
                    <Tool icon=IconName::Mail label=unread key="Shift U" act=turn />
                    <Tool icon=IconName::Label label="Labels" key="L" act=move || post.labelling.set(Some(vec![letter])) />
                    <Tool icon=IconName::Print label="Print" key="" act=|| _ = window().print() />
                </div>
            </Show>
        </header>
        <h2 class="letter-title" id=TITLE tabindex="-1" dir="auto" hidden=move || !there.get()>
            {shown} " " {tags}
        </h2>
    }
}

#[component]
fn OneLetter(id: Uuid, reading: Memo<Option<Reading>>, open: RwSignal<BTreeSet<Uuid>>) -> impl IntoView {
    let wall = use_wall();
    // The text of a letter never changes, so it is not drawn anew when a flag does.
    let view = reading.with_untracked(|reading| {
        let thread = &reading.as_ref()?.thread;
        thread.iter().find(|one| one.line.id == id).cloned()
    });
    view.map(|LetterView { line, body, files, .. }| {
        let is_open = Memo::new(move |_| open.with(|open| open.contains(&id)));
        let toggle = move |_| {
            open.update(|open| {
                if !open.remove(&id) {
                    open.insert(id);
                }
            });
        };
        let at = line.sent_at;
        let to = line.to.iter().map(|person| person.display_name.as_str()).collect::<Vec<_>>().join(", ");
        let (snippet, held) = (brief(&line.snippet, SNIPPET_MAX), StoredValue::new((body, files)));
        view! {
            <article class="letter" tabindex="-1" data-open=move || is_open.get().then_some("") data-testid="letter">
                <button type="button" class="letter-head" aria-expanded=move || is_open.get().to_string() on:click=toggle>
                    <Avatar person=line.from.clone() />
                    <span class="letter-who">
                        <b dir="auto">{line.from.display_name}</b>
                        <span class="letter-to" dir="auto">{move || if is_open.get() { format!("to {to}") } else { snippet.clone() }}</span>
                    </span>
                    <time datetime=at.to_string() title=move || wall.get().full(at)>{move || wall.get().brief(at)}</time>
                </button>
                {move || {
                    is_open.get().then(|| {
                        held.with_value(|(body, files)| {
                            view! {
                                <div class="line-body letter-body" dir="auto"><Text body=body.clone() me=None /></div>
                                <FileList files=files.clone() />
                            }
                        })
                    })
                }}
            </article>
        }
    })
}

/// The ways to answer.
#[component]
fn Answers(letter: Uuid) -> impl IntoView {
    let post = use_post();
    let way = move |icon: IconName, label: &'static str, key: &'static str, answer: Answer| {
        view! {
            <button type="button" class="button" aria-keyshortcuts=key title=format!("{label} ({})", key.to_uppercase()) on:click=move |_| post.answer(answer, letter)>
                <Icon name=icon />
                {label}
            </button>
        }
    };
    view! {
        <div class="letter-answers">
            {way(IconName::Reply, "Reply", "r", Answer::Reply)}
            {way(IconName::Group, "Reply all", "a", Answer::All)}
            {way(IconName::Forward, "Forward", "f", Answer::Forward)}
        </div>
    }
}

impl Post {
    /// Begins an answer to a letter that is in the page, or in the copy.
    pub fn answer(self, answer: Answer, letter: Uuid) {
        let wall = self.wall.get_untracked();
        leptos::task::spawn_local(async move {
            let found = match self.thread(letter).await {
                Ok(thread) => thread.into_iter().find(|one| one.line.id == letter),
                Err(why) => return self.tell(why, None),
            };
            if let Some(found) = found {
                self.begin(super::answer::begin(answer, &found, self.my_id(), wall));
            }
        });
    }

    /// Begins a letter with what is known of it.
    pub fn begin(self, draft: model::mailbox::Draft) {
        if let Some(id) = self.store.new_uuid() {
            self.begun.set_value(Some((id, draft)));
            self.go(super::place::draft(id));
        }
    }
}

impl Post {
    /// A letter is opened by hand: whoever listens hears its subject next.
    pub fn attend(self) {
        self.attending.set(true);
    }
}
