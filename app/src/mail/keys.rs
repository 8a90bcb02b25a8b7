//! The keys of the mailbox. They act on the letters that were chosen, or on the open one, or on the one with the focus.

use super::{answer::Answer, mailbox::Mark, place, post::Post, row::row_id};
use crate::ui::{focus, key_is_plain, target_of};
use leptos::{ev, prelude::*};
use uuid::Uuid;

/// The id of the field that looks for letters.
pub const SEARCH: &str = "find-letters";

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// To the letter so many lines further down.
    Step(i64),
    /// Opens the letter.
    Open,
    /// Back to the list.
    Back,
    /// Puts it into the archive.
    Archive,
    /// Throws it away.
    Trash,
    /// Answers it.
    Answer(Answer),
    /// Begins a letter.
    Write,
    /// Gives it a star, or takes it.
    Star,
    /// Read, or not.
    Read(bool),
    /// Its labels.
    Label,
    /// Chooses it.
    Choose,
    /// Looks for letters.
    Search,
    /// Takes back what was done last.
    Undo,
}

/// What a key stands for.
pub fn deed(key: &str, shift: bool) -> Option<Deed> {
    Some(match (key, shift) {
        ("j", false) => Deed::Step(1),
        ("k", false) => Deed::Step(-1),
        ("o" | "Enter", false) => Deed::Open,
        ("u" | "Escape", false) => Deed::Back,
        ("e", false) => Deed::Archive,
        // On some keyboards it needs Shift, on others not.
        ("#", _) | ("Delete", false) => Deed::Trash,
        ("r", false) => Deed::Answer(Answer::Reply),
        ("a", false) => Deed::Answer(Answer::All),
        ("f", false) => Deed::Answer(Answer::Forward),
        ("c", false) => Deed::Write,
        ("s", false) => Deed::Star,
        ("I", true) => Deed::Read(true),
        ("U", true) => Deed::Read(false),
        ("l", false) => Deed::Label,
        ("x", false) => Deed::Choose,
        ("/", _) => Deed::Search,
        ("z", false) => Deed::Undo,
        _ => return None,
    })
}

/// Listens as long as the mailbox is on the screen.
pub fn listen(post: Post) {
    Effect::new(move || {
        let handle = window_event_listener(ev::keydown, move |event| {
            if event.default_prevented() || !key_is_plain(&event) || is_elsewhere(&event) {
                return;
            }
            // Enter and Space belong to what has the focus.
            let pressed =
                target_of(&event).is_some_and(|at| matches!(at.tag_name().as_str(), "A" | "BUTTON" | "SUMMARY"));
            if event.key() == "Enter" && pressed {
                return;
            }
            if let Some(deed) = deed(&event.key(), event.shift_key())
                && act(post, deed)
            {
                event.prevent_default();
            }
        });
        on_cleanup(move || handle.remove());
    });
}

/// Whether a key is pressed in a dialog or a menu.
fn is_elsewhere(event: &ev::KeyboardEvent) -> bool {
    target_of(event).is_some_and(|at| at.closest("dialog, [popover]").ok().flatten().is_some())
}

fn act(post: Post, deed: Deed) -> bool {
    match deed {
        Deed::Write => post.go(place::new()),
        Deed::Search => focus(SEARCH),
        Deed::Undo => post.undo(),
        Deed::Step(by) => return step(post, by),
        Deed::Back => return back(post),
        _ => {
            let ids = post.meant();
            let Some(first) = ids.first().copied() else {
                return false;
            };
            about(post, deed, first, ids);
        }
    }
    true
}

fn about(post: Post, deed: Deed, first: Uuid, ids: Vec<Uuid>) {
    match deed {
        Deed::Open => open(post, post.cursor.get_untracked().unwrap_or(first)),
        Deed::Archive => post.archive(ids),
        Deed::Trash => post.trash(ids),
        Deed::Answer(answer) => post.answer(answer, post.open.get_untracked().unwrap_or(first)),
        Deed::Star => post.star(ids),
        Deed::Read(read) => post.mark(ids, Mark::Read(read)),
        Deed::Label => post.labelling.set(Some(ids)),
        Deed::Choose => post.choose(post.cursor.get_untracked().unwrap_or(first)),
        _ => {}
    }
}

fn open(post: Post, id: Uuid) {
    let path = post
        .held
        .with_untracked(|held| held.as_ref().map(|held| held.asked.letter(id)));
    if let Some(path) = path {
        post.go(path);
    }
}

/// To the next letter, or the one before: with the focus in the list, or by opening it when one is open.
fn step(post: Post, by: i64) -> bool {
    let open_one = post.open.get_untracked();
    let at = open_one.or_else(|| post.cursor.get_untracked());
    let next = post.held.with_untracked(|held| {
        let lines = &held.as_ref()?.page.lines;
        let here = at.and_then(|at| lines.iter().position(|line| line.id == at));
        let next = match here {
            Some(here) => usize::try_from(i64::try_from(here).ok()? + by).ok()?,
            None => 0,
        };
        lines.get(next).map(|line| line.id)
    });
    let Some(next) = next else { return false };
    post.cursor.set(Some(next));
    if open_one.is_some() {
        open(post, next);
    } else {
        focus(&row_id(next));
    }
    true
}

/// Out of the letter, or of the choice.
fn back(post: Post) -> bool {
    if let Some(open) = post.open.get_untracked() {
        post.to_list();
        post.cursor.set(Some(open));
        request_animation_frame(move || focus(&row_id(open)));
        return true;
    }
    let chose = post.chosen.with_untracked(|chosen| !chosen.is_empty());
    if chose {
        post.chosen.set(Vec::new());
    }
    chose
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_mean_what_other_mailboxes_have_taught() {
        for (key, shift, wanted) in [
            ("j", false, Some(Deed::Step(1))),
            ("#", true, Some(Deed::Trash)),
            ("a", false, Some(Deed::Answer(Answer::All))),
            ("U", true, Some(Deed::Read(false))),
            ("u", false, Some(Deed::Back)),
            ("q", false, None),
            ("J", true, None),
        ] {
            assert_eq!(deed(key, shift), wanted, "{key}");
        }
    }
}
