//! How the copy on this device stands with the server: in a line below the folders, and as a notice where somebody has to do
//! something.

use super::{
    mailbox::{MailTrouble, SyncState},
    place::Asked,
    post::{Post, use_post, words},
};
use crate::{
    routes,
    time::{Wall, use_wall},
    ui::{Icon, IconName},
};
use leptos::{prelude::*, task::spawn_local};
use model::{Timestamp, mailbox::Shelf};

/// So many changes before that, it is told how far the first filling has come.
const MANY: u64 = 50;

/// The line below the folders.
pub fn told(state: &SyncState, wall: Wall) -> String {
    if let Some((done, all)) = state.filling.filter(|_| !state.complete) {
        return match all {
            0 => "Looking for letters…".to_owned(),
            all if all < MANY => "Getting letters…".to_owned(),
            all => format!("{done} of {all} letters are here"),
        };
    }
    let agreed = state
        .agreed_at
        .and_then(Timestamp::from_millis)
        .map(|at| wall.brief(at));
    match (state.online, agreed) {
        (true, Some(at)) => format!("In step since {at}"),
        (false, Some(at)) => format!("Offline. In step at {at}"),
        (_, None) if state.online || state.busy => "Getting letters…".to_owned(),
        (_, None) => "Offline".to_owned(),
    }
}

/// Letters that are not sent yet, in words.
pub fn unsent(count: u64) -> Option<String> {
    match count {
        0 => None,
        1 => Some("1 letter not yet sent".to_owned()),
        count => Some(format!("{count} letters not yet sent")),
    }
}

/// How it stands, and a way to have it tried now.
#[component]
pub fn Standing() -> impl IntoView {
    let (post, wall) = (use_post(), use_wall());
    let there = move || post.mailbox.with(Option::is_some);
    let line = move || post.state.with(|state| told(state, wall.get()));
    let busy = move || post.state.with(|state| state.busy);
    let now = move |_| {
        if let Some(mailbox) = post.mailbox.get_untracked() {
            mailbox.sync_now();
        }
    };
    let waiting = move || post.state.with(|state| unsent(state.unsent));
    let outbox = Asked::Shelf(Shelf::Outbox).path();
    let filled = move || {
        let (done, all) = post
            .state
            .with(|state| state.filling.filter(|(_, all)| !state.complete && *all >= MANY))?;
        Some((done.to_string(), all.to_string()))
    };
    view! {
        <div class="mail-standing" data-testid="standing">
            {move || {
                let outbox = outbox.clone();
                waiting().map(|text| view! { <p><a href=outbox>{text}</a></p> })
            }}
            {move || {
                filled().map(|(done, all)| view! { <progress value=done max=all aria-label="Letters on this device"></progress> })
            }}
            <Show when=there>
                <Show when=move || post.state.with(|state| state.complete && !state.persisted && state.trouble.is_none())>
                    <p title="Browsers may throw away what they keep when room is scarce, or after weeks without a visit. What is on the server comes back by itself.">
                        "This browser may forget its copy."
                    </p>
                </Show>
                <p class="mail-standing-line">
                    <span>{line}</span>
                    <button type="button" class="icon-button" title="Look for letters now" aria-label="Look for letters now" aria-busy=move || busy().then_some("true") on:click=now>
                        <Icon name=IconName::Sync />
                    </button>
                </p>
            </Show>
        </div>
    }
}

/// What somebody has to do something about, above the list.
#[component]
pub fn Worries() -> impl IntoView {
    let post = use_post();
    let signed_out = move || post.state.with(|state| state.signed_out);
    let trouble = move || post.state.with(|state| state.trouble.clone());
    view! {
        <Show when=signed_out>
            <div class="mail-worry" role="status">
                <p>"You are signed out. Your letters stay here, and what you write waits until you are back."</p>
                <a class="button" href=routes::sign_in_for(routes::MAIL) rel="external">"Sign in"</a>
            </div>
        </Show>
        {move || trouble().map(|trouble| view! { <Trouble trouble post /> })}
        {move || post.trouble.get().map(|text| view! { <div class="mail-worry" role="alert"><p>{text}</p></div> })}
    }
}

#[component]
fn Trouble(trouble: MailTrouble, post: Post) -> impl IntoView {
    let saved = RwSignal::new(false);
    let text = words(&trouble);
    let save = move |_| {
        if let Some(mailbox) = post.mailbox.get_untracked() {
            spawn_local(async move {
                match mailbox.export_waiting().await {
                    Ok(json) => {
                        super::files::hand_over("roost-letters.json", json.as_bytes());
                        saved.set(true);
                    }
                    Err(trouble) => post.warn(&trouble),
                }
            });
        }
    };
    let reset = move |_| {
        if let Some(mailbox) = post.mailbox.get_untracked() {
            spawn_local(async move {
                match mailbox.reset().await {
                    Ok(()) => post.tell("The copy is made anew.", None),
                    Err(trouble) => post.warn(&trouble),
                }
            });
        }
    };
    let ways = match trouble {
        MailTrouble::Newer => {
            view! { <a class="button" href=routes::MAIL rel="external">"Load again"</a> }.into_any()
        }
        _ => view! {
            <button type="button" class="button" on:click=save>{move || if saved.get() { "Saved" } else { "Save what waits" }}</button>
            <button type="button" class="button" on:click=reset>"Make the copy anew"</button>
        }
        .into_any(),
    };
    view! {
        <div class="mail-worry" role="alert">
            <p>{text}</p>
            <p class="mail-worry-ways">{ways}</p>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_the_copy_stands_is_told_in_a_few_words() {
        let wall = Wall {
            offset_minutes: 0,
            now_millis: 1_795_262_400_000,
        };
        let state = |change: fn(&mut SyncState)| {
            let mut state = SyncState {
                online: true,
                complete: true,
                agreed_at: Some(1_795_262_340_000),
                ..SyncState::default()
            };
            change(&mut state);
            told(&state, wall)
        };
        assert_eq!(state(|_| {}), "In step since 11:59");
        assert_eq!(state(|state| state.online = false), "Offline. In step at 11:59");
        let filling = |state: &mut SyncState| {
            state.complete = false;
            state.filling = Some((1_200, 20_000));
        };
        assert_eq!(state(filling), "1200 of 20000 letters are here");
        assert_eq!(unsent(0), None);
        assert_eq!(unsent(1).as_deref(), Some("1 letter not yet sent"));
        assert_eq!(unsent(3).as_deref(), Some("3 letters not yet sent"));
    }
}
