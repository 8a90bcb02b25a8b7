//! Where a letter is written.

use super::{
    files::{carries_files, files_of, size},
    place,
    post::use_post,
    post_drafts::Standing,
    recipients::{FIELD, Recipients},
    versions::Versions,
    writing::Writing,
};
use crate::ui::{Icon, IconName, Problem, focus, target_of};
use leptos::{ev, html::Input, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use model::{limits, mailbox::FileLine};
use uuid::Uuid;
use wasm_bindgen::JsCast;

/// So near to the limit it is told.
const NEARLY: usize = 2_000;

/// The pane of a letter that is written.
#[component]
pub fn Compose(
    /// The draft's UUID.
    id: Uuid,
) -> impl IntoView {
    let writing = Writing::new(id);
    writing.open(move || {
        // Where somebody goes on writing: at what is missing.
        let to = writing.to.with_untracked(Vec::is_empty);
        request_animation_frame(move || {
            focus(if to { FIELD } else { "letter-body" });
            to_the_beginning();
        });
    });
    keep_whatever_happens(writing);
    name_it(writing);
    leave_when_over(writing);
    view! {
        {move || match (writing.gone.get(), writing.ready.get()) {
            (true, _) => view! { <Gone /> }.into_any(),
            (false, true) => view! { <Fields writing /> }.into_any(),
            (false, false) => view! { <div class="skeleton-list mail-wait"><i></i><i></i></div> }.into_any(),
        }}
    }
}

/// An answer is written above what it quotes.
fn to_the_beginning() {
    let field = document().get_element_by_id("letter-body");
    let field = field.and_then(|field| field.dyn_into::<web_sys::HtmlTextAreaElement>().ok());
    if let Some(field) = field.filter(|field| field.value().starts_with('\n')) {
        _ = field.set_selection_range(0, 0);
    }
}

/// The letter is kept when the page is hidden, closed or left, without waiting for a pause.
fn keep_whatever_happens(writing: Writing) {
    Effect::new(move || {
        let hidden = window_event_listener_untyped("visibilitychange", move |_| writing.keep_at_once());
        let gone = window_event_listener_untyped("pagehide", move |_| writing.keep_at_once());
        on_cleanup(move || {
            hidden.remove();
            gone.remove();
        });
    });
    // On the server, where no effect runs, there is nobody to leave.
    let alive = StoredValue::new(false);
    Effect::new(move || alive.set_value(true));
    on_cleanup(move || {
        if alive.try_get_value() == Some(true) {
            writing.leave();
        }
    });
}

/// Once something of it is kept, its address is its own: loading the page anew finds it.
fn name_it(writing: Writing) {
    let navigate = use_navigate();
    let kept = Memo::new(move |_| writing.post.standing(writing.id) == Standing::Saved);
    Effect::new(move || {
        let path = window().location().pathname().unwrap_or_default();
        if kept.get() && path == place::new() {
            let options = NavigateOptions {
                replace: true,
                scroll: false,
                ..NavigateOptions::default()
            };
            navigate(&place::draft(writing.id), options);
        }
    });
}

/// When it is sent or thrown away, the list is next.
fn leave_when_over(writing: Writing) {
    let over = Memo::new(move |_| writing.post.standing(writing.id) == Standing::Over);
    Effect::new(move |before: Option<bool>| {
        let now = over.get();
        if before == Some(false) && now {
            writing.post.to_list();
            request_animation_frame(|| focus("mail-list-title"));
        }
        now
    });
}

#[component]
fn Gone() -> impl IntoView {
    view! {
        <Problem title="This letter is not here any more">
            <p>"It was sent, or thrown away, perhaps on another device."</p>
            <p><a class="button" href=place::new()>"Write another"</a></p>
        </Problem>
    }
}

#[component]
fn Fields(writing: Writing) -> impl IntoView {
    let over = RwSignal::new(false);
    let wrong = move |field: &'static str| {
        Signal::derive(move || writing.problem.get().filter(|(at, _)| *at == field).map(|(_, why)| why))
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if (event.ctrl_key() || event.meta_key()) && event.key() == "Enter" {
            event.prevent_default();
            event.stop_propagation();
            writing.send();
        } else if event.key() == "Escape" && !event.default_prevented() {
            event.prevent_default();
            writing.post.to_list();
            focus("mail-list-title");
        }
    };
    let on_drop = move |event: ev::DragEvent| {
        over.set(false);
        if carries_files(&event) {
            event.prevent_default();
            writing.add(files_of(event.data_transfer().and_then(|data| data.files())));
        }
    };
    let on_over = move |event: ev::DragEvent| {
        if carries_files(&event) {
            event.prevent_default();
            over.set(true);
        }
    };
    let on_paste = move |event: ev::ClipboardEvent| {
        let files = files_of(event.clipboard_data().and_then(|data| data.files()));
        if !files.is_empty() {
            event.prevent_default();
            writing.add(files);
        }
    };
    let body_wrong = wrong("letter-body");
    view! {
        <form
            class="compose"
            aria-label="Letter"
            data-over=move || over.get().then_some("")
            on:submit=move |event| {
                event.prevent_default();
                writing.send();
            }
            on:keydown=on_key
            on:dragover=on_over
            on:dragleave=move |event| if target_of(&event).is_some_and(|at| at.class_list().contains("compose")) { over.set(false) }
            on:drop=on_drop
            on:paste=on_paste
        >
            <Top writing />
            <Versions writing />
            <Recipients to=writing.to wrong=wrong(FIELD) changed=Callback::new(move |()| writing.touch()) />
            <div class="field letter-field">
                <label for="letter-subject">"Subject"</label>
                <input
                    id="letter-subject"
                    dir="auto"
                    autocomplete="off"
                    maxlength=limits::SUBJECT_MAX.to_string()
                    prop:value=writing.subject
                    on:input:target=move |event| {
                        writing.subject.set(event.target().value());
                        writing.touch();
                    }
                />
            </div>
            <textarea
                id="letter-body"
                class="compose-text"
                dir="auto"
                aria-label="Text"
                aria-describedby="letter-left"
                aria-invalid=move || body_wrong.with(Option::is_some).then_some("true")
                prop:value=writing.body
                on:input:target=move |event| {
                    writing.body.set(event.target().value());
                    writing.touch();
                }
            ></textarea>
            <p class="field-error" id="letter-left" role="status">
                {move || body_wrong.get().or_else(|| left(writing.body.with(|body| body.chars().count())))}
            </p>
            <Files writing wrong=wrong("letter-files") />
        </form>
    }
}

/// How much room is left, once that is worth telling.
fn left(length: usize) -> Option<String> {
    match limits::LETTER_MAX.checked_sub(length) {
        Some(left) if left > NEARLY => None,
        Some(left) => Some(format!("{left} characters left")),
        None => Some(format!(
            "Too long: a letter has at most {} characters",
            limits::LETTER_MAX
        )),
    }
}

/// Sending, throwing away, and whether all of it is kept.
#[component]
fn Top(writing: Writing) -> impl IntoView {
    let post = use_post();
    let standing = Memo::new(move |_| post.standing(writing.id));
    let told = move || match standing.get() {
        Standing::Untouched | Standing::Over => String::new(),
        Standing::Typing | Standing::Saving => "Saving…".to_owned(),
        Standing::Saved => "Saved".to_owned(),
        Standing::Failed(why) => why,
    };
    let failed = move || standing.with(|standing| matches!(standing, Standing::Failed(_)));
    let chosen = NodeRef::<Input>::new();
    let pick = move |_| {
        if let Some(field) = chosen.get_untracked() {
            field.click();
        }
    };
    let on_files = move |_| {
        if let Some(field) = chosen.get_untracked() {
            writing.add(files_of(field.files()));
            // The same file may be chosen again.
            field.set_value("");
        }
    };
    view! {
        <div class="compose-top">
            <button type="button" class="icon-button mail-back" aria-label="Back to the list" title="Back to the list" on:click=move |_| post.to_list()>
                <Icon name=IconName::Back />
            </button>
            <button class="button button-main" type="submit" title="Send (Ctrl Enter)"><Icon name=IconName::Send />"Send"</button>
            <button type="button" class="icon-button" aria-label="Attach files" title="Attach files" on:click=pick><Icon name=IconName::Clip /></button>
            <input type="file" multiple class="hidden" tabindex="-1" aria-hidden="true" node_ref=chosen on:change=on_files data-testid="files" />
            <p class="compose-saved" role="status" data-failed=move || failed().then_some("") data-testid="saved">{told}</p>
            <button type="button" class="icon-button" aria-label="Throw away" title="Throw away" on:click=move |_| writing.discard()><Icon name=IconName::Bin /></button>
        </div>
    }
}

#[component]
fn Files(writing: Writing, wrong: Signal<Option<String>>) -> impl IntoView {
    let one = move |file: FileLine| {
        let (id, label) = (file.id.clone(), format!("Without {}", file.name));
        let remove = move |_| {
            writing.files.update(|files| files.retain(|file| file.id != id));
            writing.touch();
            focus("letter-body");
        };
        view! {
            <li class="file">
                <Icon name=IconName::Clip />
                <span class="file-name" dir="auto">{file.name}</span>
                <small>{size(file.size)}</small>
                <button type="button" class="icon-button" aria-label=label on:click=remove><Icon name=IconName::Close /></button>
            </li>
        }
    };
    view! {
        {move || wrong.get().map(|why| view! { <p class="field-error" role="alert">{why}</p> })}
        <ul class="files" aria-label="Files">
            <For each=move || writing.files.get() key=|file| file.id.clone() let:file>{one(file)}</For>
        </ul>
    }
}
