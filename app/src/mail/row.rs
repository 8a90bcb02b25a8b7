//! A letter as a line of a list.

use super::{
    fold::{Piece, marked},
    place::Asked,
    post::{Post, use_post},
    window::range,
};
use crate::{
    chat::brief,
    time::use_wall,
    ui::{Avatar, Icon, IconName},
};
use leptos::{ev, prelude::*};
use model::{
    AccountId, Person,
    mailbox::{Folder, LetterLine, SNIPPET_MAX},
};
use uuid::Uuid;

/// The id of a letter's line.
pub fn row_id(id: Uuid) -> String {
    format!("letter-{id}")
}

/// The people of a letter, as its owner wants to see them: who wrote it, or whom I wrote to.
pub fn people(line: &LetterLine, me: AccountId) -> String {
    let names = |people: &[Person]| {
        let names = people.iter().map(|person| person.display_name.as_str());
        names.collect::<Vec<_>>().join(", ")
    };
    if line.from.id == me && line.to.iter().any(|person| person.id != me) {
        format!("To {}", names(&line.to))
    } else {
        line.from.display_name.clone()
    }
}

/// Text with what was looked for marked.
pub fn pieces(all: Vec<Piece>) -> AnyView {
    let piece = |(text, found): Piece| {
        if found {
            view! { <mark>{text}</mark> }.into_any()
        } else {
            text.into_any()
        }
    };
    all.into_iter().map(piece).collect_view().into_any()
}

/// The line.
#[component]
pub fn Row(
    /// Of which letter.
    id: Uuid,
    /// In which list.
    asked: Memo<Asked>,
    /// Whether there are keys that move through the list, and the one line that is a stop for Tab then.
    stop: Memo<(bool, Option<Uuid>)>,
) -> impl IntoView {
    let post = use_post();
    let line = Memo::new(move |before: Option<&Option<LetterLine>>| {
        let found = post.held.with(|held| {
            let held = held.as_ref()?;
            held.page.lines.iter().find(|line| line.id == id).cloned()
        });
        // Until the line is taken away, it shows what it did.
        found.or_else(|| before.cloned().flatten())
    });
    let is = move |what: fn(&LetterLine) -> bool| line.with(|line| line.as_ref().is_some_and(what));
    let chosen = Memo::new(move |_| post.chosen.with(|chosen| chosen.contains(&id)));
    let here = move || (post.open.get() == Some(id)).then_some("");
    let stop = move || {
        let (alive, at) = stop.get();
        (alive && at != Some(id)).then_some("-1")
    };
    let pick = move |event: ev::MouseEvent| {
        pick(post, id, event.shift_key());
        post.cursor.set(Some(id));
    };
    let starred = move || is(|line| line.starred);
    let star = move |_| post.star(vec![id]);
    let subject = move || line.with(|line| line.as_ref().map(|line| subject_of(&line.subject)).unwrap_or_default());
    view! {
        <li
            class="letter-row"
            data-unread=move || is(|line| !line.read).then_some("")
            data-chosen=move || chosen.get().then_some("")
            data-here=here
        >
            <a
                class="letter-link"
                id=row_id(id)
                href=move || asked.with(|asked| asked.letter(id))
                tabindex=stop
                on:focus=move |_| post.cursor.set(Some(id))
            >
                {move || line.get().map(|line| view! { <Inside line asked /> })}
            </a>
            <label class="letter-check">
                {move || line.get().map(|line| view! { <Avatar person=line.from /> })}
                <input
                    type="checkbox"
                    tabindex="-1"
                    aria-label=move || format!("Choose “{}”", subject())
                    prop:checked=move || chosen.get()
                    on:click=pick
                />
            </label>
            <button
                type="button"
                class="icon-button letter-star"
                tabindex="-1"
                aria-label=move || format!("Star “{}”", subject())
                aria-pressed=move || starred().to_string()
                on:click=star
            >
                <Icon name=IconName::Star />
            </button>
        </li>
    }
}

/// Chooses a letter; with Shift, all from the one that was chosen last.
fn pick(post: Post, id: Uuid, through: bool) {
    let last = post.chosen.with_untracked(|chosen| chosen.last().copied());
    match last.filter(|_| through) {
        Some(last) => {
            let lines = post
                .held
                .with_untracked(|held| held.as_ref().map(|held| range(&held.page.lines, last, id)));
            post.chosen.update(|chosen| {
                for id in lines.unwrap_or_default() {
                    if !chosen.contains(&id) {
                        chosen.push(id);
                    }
                }
            });
        }
        None => post.choose(id),
    }
}

/// A subject, also when there is none.
pub fn subject_of(subject: &str) -> String {
    if subject.trim().is_empty() {
        "(no subject)".to_owned()
    } else {
        subject.to_owned()
    }
}

#[component]
fn Inside(line: LetterLine, asked: Memo<Asked>) -> impl IntoView {
    let (post, wall) = (use_post(), use_wall());
    let at = line.sent_at;
    let question = asked.with_untracked(|asked| asked.question().to_owned());
    let people = people(&line, post.my_id());
    // In a list of several folders it is told where a letter lies.
    let elsewhere = asked.with_untracked(|asked| asked.folder().is_none());
    let place = match line.folder {
        Folder::Archive if elsewhere => Some("Archive"),
        Folder::Trash if elsewhere => Some("Trash"),
        _ => None,
    };
    let labels = line
        .labels
        .into_iter()
        .map(|label| view! { <span class="tag" dir="auto">{label}</span> });
    let subject = marked(&subject_of(&line.subject), &question);
    view! {
        <span class="letter-line">
            {(!line.read).then(|| view! { <span class="hidden">"Unread: "</span> })}
            <b dir="auto">{pieces(marked(&people, &question))}</b>
            {place.map(|place| view! { <span class="tag">{place}</span> })}
            {(line.files > 0)
                .then(|| view! { <span class="letter-clip" title="With files"><Icon name=IconName::Clip /><span class="hidden">"with files"</span></span> })}
            <time datetime=at.to_string() title=move || wall.get().full(at)>{move || wall.get().brief(at)}</time>
        </span>
        <span class="letter-line">
            <span class="letter-words">
                <span class="letter-subject" dir="auto">{pieces(subject)}</span>
                <span class="letter-snippet" dir="auto">{pieces(marked(&brief(&line.snippet, SNIPPET_MAX), &question))}</span>
            </span>
            {labels.collect_view()}
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::testing::{line, person};

    #[test]
    fn a_line_tells_who_wrote_or_whom_i_wrote_to() {
        let mut letter = line(1);
        letter.to = vec![person(2), person(3)];
        assert_eq!(people(&letter, person(2).id), "Person 1");
        assert_eq!(people(&letter, person(1).id), "To Person 2, Person 3");
        letter.to = vec![person(1)];
        assert_eq!(people(&letter, person(1).id), "Person 1", "a letter to myself");
    }
}
