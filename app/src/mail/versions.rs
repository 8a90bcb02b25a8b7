//! Two versions of one draft, written on two devices at the same time: nothing is thrown away before its author has chosen.

use super::{mailbox::DraftVersion, writing::Writing};
use crate::time::{Wall, use_wall};
use leptos::prelude::*;
use model::mailbox::{Draft, FileLine};

/// Both texts in one letter, the one on the screen first.
pub fn both(here: &Draft, there: &Draft, wall: Wall) -> Draft {
    let mut to = here.to.clone();
    to.extend(there.to.iter().filter(|name| !here.to.contains(name)).cloned());
    let mut attachments = here.attachments.clone();
    attachments.extend(
        there
            .attachments
            .iter()
            .filter(|id| !here.attachments.contains(id))
            .cloned(),
    );
    let subject = if here.subject.trim().is_empty() {
        &there.subject
    } else {
        &here.subject
    };
    let body = match (here.body.trim().is_empty(), there.body.trim().is_empty()) {
        (true, _) => there.body.clone(),
        (_, true) => here.body.clone(),
        _ if here.body == there.body => here.body.clone(),
        _ => format!(
            "{}\n\n— Other version, {} —\n\n{}",
            here.body.trim_end(),
            wall.brief(there.updated_at),
            there.body
        ),
    };
    Draft {
        to,
        subject: subject.clone(),
        body,
        in_reply_to: here.in_reply_to.clone().or_else(|| there.in_reply_to.clone()),
        attachments,
        updated_at: here.updated_at.max(there.updated_at),
    }
}

/// The lines of a text, and whether the other text lacks them.
pub fn lines(text: &str, other: &str) -> Vec<(String, bool)> {
    let known: std::collections::HashSet<&str> = other.lines().map(str::trim).collect();
    let line = |line: &str| (line.to_owned(), !line.trim().is_empty() && !known.contains(line.trim()));
    text.lines().map(line).collect()
}

/// The notice above the fields, and both versions side by side.
#[component]
pub fn Versions(writing: Writing) -> impl IntoView {
    let wall = use_wall();
    let compare = RwSignal::new(false);
    let notice = move || {
        let others = writing.others.get();
        let newest = others.first()?.draft.updated_at;
        Some((others.len(), wall.get().brief(newest)))
    };
    view! {
        {move || {
            notice().map(|(count, at)| {
                let text = match count {
                    1 => format!("There is another version of this letter, from {at}."),
                    count => format!("There are {count} other versions of this letter, the newest from {at}."),
                };
                view! {
                    <div class="mail-worry" role="status">
                        <p>{text}</p>
                        <button type="button" class="button" aria-expanded=move || compare.get().to_string() on:click=move |_| compare.update(|on| *on = !*on)>
                            {move || if compare.get() { "Hide" } else { "Compare" }}
                        </button>
                    </div>
                }
            })
        }}
        <Show when=move || compare.get() && writing.others.with(|others| !others.is_empty())>
            <div class="versions-side" data-testid="versions">
                {move || {
                    let here = here(writing);
                    let others = writing.others.get();
                    let against = others.first().map(|other| other.draft.body.clone()).unwrap_or_default();
                    let keep = here.clone();
                    view! {
                        <section class="version" aria-label="This version">
                            <Text title="This version".to_owned() draft=here.clone() against />
                            <button type="button" class="button" on:click=move |_| writing.choose(keep.clone())>"Keep this"</button>
                        </section>
                        {others.into_iter().map(|other| view! { <Other writing other here=here.clone() /> }).collect_view()}
                    }
                }}
            </div>
        </Show>
    }
}

fn here(writing: Writing) -> Draft {
    writing.body.track();
    writing.subject.track();
    writing.to.track();
    writing.draft()
}

#[component]
fn Other(writing: Writing, other: DraftVersion, here: Draft) -> impl IntoView {
    let wall = use_wall();
    let DraftVersion { draft, files, .. } = other;
    let title = format!("Other version, {}", wall.get_untracked().brief(draft.updated_at));
    let (that, merged) = (draft.clone(), both(&here, &draft, wall.get_untracked()));
    let names = files
        .iter()
        .map(|file: &FileLine| file.name.clone())
        .collect::<Vec<_>>()
        .join(", ");
    view! {
        <section class="version" aria-label="Other version">
            <Text title draft against=here.body />
            {(!names.is_empty()).then(|| view! { <p class="muted">"Files: " {names}</p> })}
            <button type="button" class="button" on:click=move |_| writing.choose(that.clone())>"Keep that"</button>
            <button type="button" class="button" on:click=move |_| writing.choose(merged.clone())>"Keep both texts"</button>
        </section>
    }
}

#[component]
fn Text(title: String, draft: Draft, against: String) -> impl IntoView {
    let to = draft
        .to
        .iter()
        .map(|name| format!("@{name}"))
        .collect::<Vec<_>>()
        .join(", ");
    let line = |(text, differs): (String, bool)| {
        if differs {
            view! { <mark>{text}</mark> "\n" }.into_any()
        } else {
            view! { {text} "\n" }.into_any()
        }
    };
    let body = lines(&draft.body, &against).into_iter().map(line).collect_view();
    view! {
        <h3>{title}</h3>
        <p class="muted" dir="auto">"To " {to}</p>
        <p dir="auto"><b>{super::row::subject_of(&draft.subject)}</b></p>
        <pre class="version-text" dir="auto" tabindex="0">{body}</pre>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Timestamp;

    fn draft(to: &[&str], subject: &str, body: &str, minute: i64) -> Draft {
        Draft {
            to: to.iter().map(|name| (*name).to_owned()).collect(),
            subject: subject.to_owned(),
            body: body.to_owned(),
            in_reply_to: None,
            attachments: Vec::new(),
            updated_at: Timestamp::from_millis(1_795_262_400_000 + minute * 60_000).expect("in range"),
        }
    }

    #[test]
    fn both_texts_are_kept_with_everybody_in_either() {
        let wall = Wall {
            offset_minutes: 0,
            now_millis: 1_795_262_400_000,
        };
        let kept = both(
            &draft(&["ada"], "", "from here\n", 0),
            &draft(&["grace", "ada"], "S", "from there", 5),
            wall,
        );
        assert_eq!(kept.to, ["ada", "grace"]);
        assert_eq!(kept.subject, "S");
        assert_eq!(kept.body, "from here\n\n— Other version, 12:05 —\n\nfrom there");
        let alike = both(&draft(&[], "a", "same", 0), &draft(&[], "b", "same", 1), wall);
        assert_eq!((alike.subject.as_str(), alike.body.as_str()), ("a", "same"));
        let empty = both(&draft(&[], "", " ", 0), &draft(&[], "", "text", 1), wall);
        assert_eq!(empty.body, "text");
    }

    #[test]
    fn a_line_that_the_other_text_lacks_is_marked() {
        let marked = lines("one\n\n two\nthree", "two\nONE");
        let told: Vec<bool> = marked.iter().map(|(_, differs)| *differs).collect();
        assert_eq!(told, [true, false, false, true]);
    }
}
