//! A letter and its state as a line of a list.

use model::mailbox::{Folder, Letter, LetterLine, SNIPPET_MAX, State};
use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

/// The line of a letter with this UUID. A letter about which nothing was said is new: in the inbox, and not read.
#[must_use]
pub fn line(id: Uuid, letter: &Letter, state: Option<&Map<String, Value>>) -> LetterLine {
    let mut line = LetterLine {
        id,
        thread: letter.thread.clone(),
        from: letter.from.clone(),
        to: letter.to.clone(),
        subject: letter.subject.clone(),
        snippet: snippet(&letter.body),
        sent_at: letter.sent_at,
        files: letter.attachments.len(),
        folder: Folder::Inbox,
        read: false,
        starred: false,
        labels: Vec::new(),
    };
    restate(&mut line, state);
    line
}

/// Puts another state into a line. What can't be read counts as what was never said.
pub fn restate(line: &mut LetterLine, state: Option<&Map<String, Value>>) {
    match state.and_then(|state| State::deserialize(state).ok()) {
        Some(state) => {
            line.folder = state.folder.value;
            line.read = state.read.value;
            line.starred = state.starred.value;
            line.labels = state.labels.value;
            line.labels.sort_unstable();
            line.labels.dedup();
        }
        None => {
            line.folder = Folder::Inbox;
            line.read = false;
            line.starred = false;
            line.labels.clear();
        }
    }
}

/// The beginning of a text on one line.
#[must_use]
pub fn snippet(text: &str) -> String {
    let mut snippet = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let gap = usize::from(length > 0);
        if length + gap >= SNIPPET_MAX {
            break;
        }
        snippet.extend((gap > 0).then_some(' '));
        length += gap;
        for letter in word.chars().take(SNIPPET_MAX - length) {
            snippet.push(letter);
            length += 1;
        }
    }
    snippet
}

#[cfg(test)]
pub(super) mod samples {
    //! Letters for the tests of this folder.

    use super::*;
    use model::{AccountId, Person, Timestamp};

    pub fn person(name: &str) -> Person {
        Person {
            id: AccountId(Uuid::from_u128(name.bytes().map(u128::from).sum())),
            username: name.to_lowercase(),
            display_name: name.to_owned(),
        }
    }

    pub fn letter(subject: &str) -> Letter {
        Letter {
            thread: "t1".to_owned(),
            from: person("Ada"),
            to: vec![person("Grace")],
            subject: subject.to_owned(),
            body: "On the analytical\n engine.".to_owned(),
            sent_at: Timestamp::from_millis(1_000).expect("a time"),
            in_reply_to: None,
            attachments: Vec::new(),
            seal: None,
        }
    }

    pub fn state(folder: &str, read: bool, labels: &[&str]) -> Map<String, Value> {
        let field = |value: Value| serde_json::json!({"value": value, "at": "000000000001-0000", "by": "phone"});
        let state = serde_json::json!({
            "type": "state", "folder": field(folder.into()), "read": field(read.into()), "starred": field(true.into()),
            "labels": field(labels.to_vec().into()),
        });
        state.as_object().cloned().expect("an object")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use samples::{letter, state};

    #[test]
    fn a_letter_without_a_state_is_new_and_one_with_a_state_stands_as_that_says() {
        let new = line(Uuid::from_u128(1), &letter("Notes"), None);
        assert_eq!((new.folder, new.read, new.starred), (Folder::Inbox, false, false));
        assert_eq!(new.snippet, "On the analytical engine.");
        let mut put_away = new.clone();
        restate(&mut put_away, Some(&state("archive", true, &["work", "a", "work"])));
        assert_eq!(
            (put_away.folder, put_away.read, put_away.starred),
            (Folder::Archive, true, true)
        );
        assert_eq!(put_away.labels, ["a", "work"]);
        restate(&mut put_away, None);
        assert_eq!(put_away, new, "a state that is gone");
    }

    #[test]
    fn a_state_that_nobody_understands_counts_as_none() {
        let mut odd = state("archive", true, &[]);
        odd.insert("folder".to_owned(), "attic".into());
        assert_eq!(
            line(Uuid::from_u128(1), &letter("Notes"), Some(&odd)).folder,
            Folder::Inbox
        );
    }

    #[test]
    fn a_snippet_is_one_line_of_bounded_length() {
        assert_eq!(snippet("  a\n\n b\tc  "), "a b c");
        assert_eq!(snippet(""), "");
        let long = snippet(&"ä".repeat(1_000));
        assert_eq!(long.chars().count(), SNIPPET_MAX);
        let words = snippet(&"word ".repeat(100));
        assert!(
            words.chars().count() <= SNIPPET_MAX && !words.ends_with(' '),
            "{words:?}"
        );
    }
}
