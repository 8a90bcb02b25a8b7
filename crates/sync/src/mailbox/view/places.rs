//! The lists that a line is in.

use model::mailbox::{Folder, LetterLine, Shelf};
use uuid::Uuid;

/// A place in a list: which, and by what it is sorted. Lists are shown from their end, so that of two letters of one moment all show the
/// same one first.
pub type Place = (String, i64, Uuid);

/// The list of what is in the inbox and was not read.
pub const UNREAD: &str = "unread";
const STARRED: &str = "starred";

/// The list that a shelf shows; none for what is no letter yet.
#[must_use]
pub fn shelf_key(shelf: &Shelf) -> Option<String> {
    match shelf {
        Shelf::Folder(folder) => Some(folder_key(*folder).to_owned()),
        Shelf::Starred => Some(STARRED.to_owned()),
        Shelf::Label(label) => Some(label_key(label)),
        Shelf::Drafts | Shelf::Outbox => None,
    }
}

/// The list of a thread's letters.
#[must_use]
pub fn thread_key(thread: &str) -> String {
    format!("thread/{thread}")
}

fn label_key(label: &str) -> String {
    format!("label/{label}")
}

const fn folder_key(folder: Folder) -> &'static str {
    match folder {
        Folder::Inbox => "inbox",
        Folder::Sent => "sent",
        Folder::Archive => "archive",
        Folder::Trash => "trash",
    }
}

/// All places of a line.
#[must_use]
pub fn places(line: &LetterLine) -> Vec<Place> {
    let mut keys = vec![folder_key(line.folder).to_owned()];
    if line.folder == Folder::Inbox && !line.read {
        keys.push(UNREAD.to_owned());
    }
    if line.folder != Folder::Trash {
        keys.push(thread_key(&line.thread));
        keys.extend(line.starred.then(|| STARRED.to_owned()));
        keys.extend(line.labels.iter().map(|label| label_key(label)));
    }
    let sent_at = line.sent_at.millis();
    keys.into_iter().map(|key| (key, sent_at, line.id)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::line::{line, samples};
    use super::*;

    fn keys(folder: &str, read: bool) -> Vec<String> {
        let state = samples::state(folder, read, &["work"]);
        let line = line(Uuid::from_u128(1), &samples::letter("Notes"), Some(&state));
        places(&line).into_iter().map(|(key, ..)| key).collect()
    }

    #[test]
    fn a_letter_is_on_the_shelves_that_it_says() {
        let shelf = |shelf: Shelf| shelf_key(&shelf).expect("letters");
        let inbox = keys("inbox", false);
        assert_eq!(inbox, ["inbox", UNREAD, "thread/t1", "starred", "label/work"]);
        assert!(inbox.contains(&shelf(Shelf::Starred)) && inbox.contains(&shelf(Shelf::Label("work".to_owned()))));
        assert_eq!(keys("inbox", true)[1], thread_key("t1"), "what was read is not unread");
        assert!(!keys("archive", false).contains(&UNREAD.to_owned()), "put away unread");
        assert_eq!(
            keys("trash", false),
            [shelf(Shelf::Folder(Folder::Trash))],
            "and nowhere else"
        );
        assert_eq!(shelf_key(&Shelf::Drafts), None);
    }

    #[test]
    fn later_letters_stand_further_on() {
        let mut early = line(Uuid::from_u128(2), &samples::letter("Notes"), None);
        let first = places(&early);
        early.sent_at = model::Timestamp::from_millis(1_001).expect("a time");
        assert!(places(&early)[0] > first[0]);
    }
}
