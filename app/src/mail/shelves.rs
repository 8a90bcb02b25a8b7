//! Where letters lie: folders, labels, and how the copy on this device stands.

use super::{
    place::{self, Asked, SHELVES},
    post::use_post,
    standing::Standing,
};
use crate::ui::{Icon, IconName};
use leptos::prelude::*;
use model::mailbox::{Counts, Folder, Shelf};

/// How many are told beside a shelf, and in which words to those who listen. Only what waits to be looked at is counted.
pub fn counted(counts: &Counts, shelf: &Shelf) -> Option<(u64, &'static str)> {
    let (count, words) = match shelf {
        Shelf::Folder(Folder::Inbox) => (counts.inbox_unread, " unread"),
        Shelf::Drafts => (counts.drafts, " begun"),
        Shelf::Outbox => (counts.outbox, " not sent"),
        Shelf::Label(label) => {
            let found = counts.labels.iter().find(|(known, _)| known == label);
            (found.map_or(0, |(_, count)| *count), " letters")
        }
        Shelf::Starred => (counts.starred, " letters"),
        Shelf::Folder(_) => (0, ""),
    };
    (count > 0).then_some((count, words))
}

const fn icon(shelf: &Shelf) -> IconName {
    match shelf {
        Shelf::Folder(Folder::Inbox) => IconName::Inbox,
        Shelf::Folder(Folder::Sent) => IconName::Check,
        Shelf::Folder(Folder::Archive) => IconName::Archive,
        Shelf::Folder(Folder::Trash) => IconName::Bin,
        Shelf::Starred => IconName::Star,
        Shelf::Label(_) => IconName::Label,
        Shelf::Drafts => IconName::Edit,
        Shelf::Outbox => IconName::Send,
    }
}

/// The pane of folders.
#[component]
pub fn Shelves(
    /// The list that is shown.
    asked: Memo<Asked>,
) -> impl IntoView {
    let post = use_post();
    let labels = Memo::new(move |_| {
        let labels = |counts: &Counts| counts.labels.iter().map(|(label, _)| label.clone()).collect::<Vec<_>>();
        post.counts.with(labels)
    });
    view! {
        <nav class="mail-shelves" id="mail-shelves" aria-label="Folders">
            <a class="button button-main mail-new" href=place::new()><Icon name=IconName::Edit />"Write"</a>
            <ul>
                {SHELVES.map(|(_, shelf, _)| view! { <ShelfLink shelf asked /> }).collect_view()}
            </ul>
            <Show when=move || labels.with(|labels| !labels.is_empty())>
                <h2 class="mail-labels-title">"Labels"</h2>
                <ul>
                    <For each=move || labels.get() key=Clone::clone let:label><ShelfLink shelf=Shelf::Label(label) asked /></For>
                </ul>
            </Show>
            <Standing />
        </nav>
    }
}

#[component]
fn ShelfLink(shelf: Shelf, asked: Memo<Asked>) -> impl IntoView {
    let post = use_post();
    let list = Asked::Shelf(shelf.clone());
    let (path, name, picture) = (list.path(), list.name(), icon(&shelf));
    let here = Memo::new(move |_| asked.with(|asked| *asked == list));
    let count = Memo::new(move |_| post.counts.with(|counts| counted(counts, &shelf)));
    view! {
        <li>
            <a class="shelf" href=path aria-current=move || here.get().then_some("page")>
                <Icon name=picture />
                <span class="shelf-name" dir="auto">{name}</span>
                {move || count.get().map(|(count, words)| view! { <b>{count}<span class="hidden">{words}</span></b> })}
            </a>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_waits_to_be_looked_at_is_counted() {
        let counts = Counts {
            inbox_unread: 2,
            inbox: 9,
            sent: 7,
            archive: 5,
            trash: 3,
            starred: 1,
            drafts: 4,
            outbox: 0,
            labels: vec![("work".into(), 6)],
        };
        let told = |shelf: Shelf| counted(&counts, &shelf).map(|(count, _)| count);
        assert_eq!(told(Shelf::Folder(Folder::Inbox)), Some(2));
        assert_eq!(told(Shelf::Folder(Folder::Sent)), None);
        assert_eq!(told(Shelf::Drafts), Some(4));
        assert_eq!(told(Shelf::Outbox), None, "none is not worth a number");
        assert_eq!(told(Shelf::Label("work".into())), Some(6));
        assert_eq!(told(Shelf::Label("play".into())), None);
    }
}
