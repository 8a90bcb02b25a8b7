//! What an address of the mailbox shows, and which address shows what.

use crate::routes::{self, encoded};
use model::mailbox::{Folder, Shelf};
use uuid::Uuid;

/// What a list is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// What lies on a shelf.
    Shelf(Shelf),
    /// What has these words.
    Search(String),
}

/// What is beside the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pane {
    /// Nothing.
    Nothing,
    /// A letter, with its thread.
    Letter(Uuid),
    /// A new letter.
    New,
    /// One that was begun.
    Draft(Uuid),
}

/// The mailbox as an address asks for it. Without a list, the one that was there last stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The list.
    pub asked: Option<Asked>,
    /// What is beside it.
    pub pane: Pane,
}

const fn place(asked: Option<Asked>, pane: Pane) -> Place {
    Place { asked, pane }
}

/// Reads what stands behind `/mail/`, and the question; `None` when there is no such page.
pub fn read(rest: &str, question: Option<String>) -> Option<Place> {
    let rest = rest.trim_matches('/');
    let (first, behind) = rest.split_once('/').unwrap_or((rest, ""));
    let only = |place: Place| behind.is_empty().then_some(place);
    match first {
        "" => return Some(place(Some(Asked::Shelf(Shelf::Folder(Folder::Inbox))), Pane::Nothing)),
        "new" => return only(place(None, Pane::New)),
        "draft" => return Some(place(None, Pane::Draft(behind.parse().ok()?))),
        "search" => {
            let asked = Asked::Search(question.unwrap_or_default().trim().to_owned());
            return Some(place(Some(asked), pane(behind)?));
        }
        "label" => {
            // A label may have strokes of its own.
            let (name, letter) = match behind.rsplit_once('/') {
                Some((name, letter)) if letter.parse::<Uuid>().is_ok() => (name, letter),
                _ => (behind, ""),
            };
            let asked = Asked::Shelf(Shelf::Label(name.to_owned()));
            return (!name.is_empty()).then_some(place(Some(asked), pane(letter)?));
        }
        _ => {}
    }
    let shelf = SHELVES.iter().find(|(name, ..)| *name == first)?.1.clone();
    if matches!(shelf, Shelf::Drafts | Shelf::Outbox) && !behind.is_empty() {
        return None;
    }
    Some(place(Some(Asked::Shelf(shelf)), pane(behind)?))
}

fn pane(letter: &str) -> Option<Pane> {
    if letter.is_empty() {
        return Some(Pane::Nothing);
    }
    letter.parse().ok().map(Pane::Letter)
}

/// The shelves that everybody has: as addresses call them, and as people do.
pub const SHELVES: [(&str, Shelf, &str); 7] = [
    ("inbox", Shelf::Folder(Folder::Inbox), "Inbox"),
    ("starred", Shelf::Starred, "Starred"),
    ("drafts", Shelf::Drafts, "Drafts"),
    ("outbox", Shelf::Outbox, "Outbox"),
    ("sent", Shelf::Folder(Folder::Sent), "Sent"),
    ("archive", Shelf::Folder(Folder::Archive), "Archive"),
    ("trash", Shelf::Folder(Folder::Trash), "Trash"),
];

/// What people call a shelf.
pub fn name_of(shelf: &Shelf) -> String {
    if let Shelf::Label(label) = shelf {
        return label.clone();
    }
    let known = SHELVES.iter().find(|(_, one, _)| one == shelf);
    known.map(|(.., name)| (*name).to_owned()).unwrap_or_default()
}

impl Asked {
    /// What people call it.
    pub fn name(&self) -> String {
        match self {
            Self::Shelf(shelf) => name_of(shelf),
            Self::Search(_) => "Search".to_owned(),
        }
    }

    /// The shelf, if it is one.
    pub const fn shelf(&self) -> Option<&Shelf> {
        match self {
            Self::Shelf(shelf) => Some(shelf),
            Self::Search(_) => None,
        }
    }

    /// The folder, if it is one.
    pub const fn folder(&self) -> Option<Folder> {
        match self {
            Self::Shelf(Shelf::Folder(folder)) => Some(*folder),
            _ => None,
        }
    }

    /// The words that were looked for.
    pub fn question(&self) -> &str {
        match self {
            Self::Shelf(_) => "",
            Self::Search(question) => question,
        }
    }

    /// Where the list is.
    pub fn path(&self) -> String {
        self.address("")
    }

    /// Where one of its letters is.
    pub fn letter(&self, letter: Uuid) -> String {
        self.address(&format!("/{letter}"))
    }

    fn address(&self, behind: &str) -> String {
        let mail = routes::MAIL;
        match self {
            Self::Search(question) if question.is_empty() => format!("{mail}/search{behind}"),
            Self::Search(question) => format!("{mail}/search{behind}?q={}", encoded(question)),
            Self::Shelf(Shelf::Label(label)) => format!("{mail}/label/{}{behind}", encoded(label)),
            Self::Shelf(shelf) => {
                let known = SHELVES.iter().find(|(_, one, _)| one == shelf);
                format!("{mail}/{}{behind}", known.map_or("inbox", |(name, ..)| name))
            }
        }
    }
}

/// Where a letter that was begun is written on.
pub fn draft(id: Uuid) -> String {
    format!("{}/draft/{id}", routes::MAIL)
}

/// Where a letter is begun.
pub fn new() -> String {
    format!("{}/new", routes::MAIL)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0193f5e2-0000-7000-8000-000000000001";

    fn asked(rest: &str) -> Option<Asked> {
        read(rest, None)?.asked
    }

    #[test]
    fn every_list_has_an_address_that_leads_to_it_and_to_its_letters() {
        let letter: Uuid = ID.parse().expect("a UUID");
        let label = |name: &str| Asked::Shelf(Shelf::Label(name.to_owned()));
        let all = SHELVES.iter().map(|(_, shelf, _)| Asked::Shelf(shelf.clone()));
        for list in all.chain([label("work"), label("a/b"), label("ü & co")]) {
            let path = list.path();
            let rest = path.strip_prefix("/mail/").expect("under /mail");
            // The router takes the signs of an address for what they stand for.
            let rest = rest.replace("%2F", "/").replace("%20", " ").replace("%26", "&");
            let rest = rest.replace("%C3%BC", "ü");
            assert_eq!(asked(&rest), Some(list.clone()), "{path}");
            if !matches!(list.shelf(), Some(Shelf::Drafts | Shelf::Outbox)) {
                let read = read(&format!("{rest}/{ID}"), None);
                assert_eq!(read, Some(place(Some(list), Pane::Letter(letter))), "{path}");
            }
        }
    }

    #[test]
    fn a_question_stays_in_the_address_of_what_it_found() {
        let letter: Uuid = ID.parse().expect("a UUID");
        let search = Asked::Search("a b".to_owned());
        assert_eq!(search.path(), "/mail/search?q=a%20b");
        assert_eq!(search.letter(letter), format!("/mail/search/{ID}?q=a%20b"));
        let found = read(&format!("search/{ID}"), Some(" a b ".to_owned()));
        assert_eq!(found, Some(place(Some(search), Pane::Letter(letter))));
    }

    #[test]
    fn what_is_no_address_of_the_mailbox_is_nowhere() {
        assert_eq!(asked(""), asked("inbox"), "the beginning");
        for bad in [
            "spam", "inbox/x", "label", "label/", "draft", "draft/x", "new/x", "drafts/x",
        ] {
            assert_eq!(read(bad, None), None, "{bad}");
        }
        assert_eq!(read("new", None), Some(place(None, Pane::New)));
        assert_eq!(asked("inbox/"), Some(Asked::Shelf(Shelf::Folder(Folder::Inbox))));
    }
}
