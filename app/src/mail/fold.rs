//! Which letters of a thread are open when it is shown, and how a question's words stand in a line.

use model::mailbox::LetterView;
use std::collections::BTreeSet;
use uuid::Uuid;

/// The letter that was asked for, the last one, and whatever was not read yet. The others are folded to a line.
pub fn open_at_first(thread: &[LetterView], asked: Uuid) -> BTreeSet<Uuid> {
    let unread = thread.iter().filter(|letter| !letter.line.read);
    let last = thread.last();
    unread.chain(last).map(|letter| letter.line.id).chain([asked]).collect()
}

/// A piece of text, and whether it was looked for.
pub type Piece = (String, bool);

/// A line cut into what was looked for and what was not.
pub fn marked(text: &str, question: &str) -> Vec<Piece> {
    if question.is_empty() {
        return vec![(text.to_owned(), false)];
    }
    let letters: Vec<char> = text.chars().collect();
    let mut pieces = Vec::new();
    let mut add = |from: usize, to: usize, found: bool| {
        if let Some(part) = letters.get(from..to).filter(|part| !part.is_empty()) {
            pieces.push((part.iter().collect(), found));
        }
    };
    let mut at = 0;
    for (start, end) in sync::words::highlights(text, &sync::words::wanted(question)) {
        let (start, end) = (start as usize, (end as usize).min(letters.len()));
        add(at, start, false);
        add(start, end, true);
        at = end;
    }
    add(at, letters.len(), false);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::testing::view;

    #[test]
    fn older_letters_are_folded_but_none_that_was_not_read() {
        let mut thread: Vec<LetterView> = (1..=5).map(|n| view(n, "text")).collect();
        thread.iter_mut().for_each(|letter| letter.line.read = true);
        thread[1].line.read = false;
        let open = open_at_first(&thread, Uuid::from_u128(3));
        assert_eq!(open, [2, 3, 5].map(Uuid::from_u128).into());
    }

    #[test]
    fn what_was_looked_for_is_marked_and_nothing_is_lost() {
        let pieces = marked("Ein Café, bitte", "cafe");
        let shown: Vec<(&str, bool)> = pieces.iter().map(|(text, found)| (text.as_str(), *found)).collect();
        assert_eq!(shown, [("Ein ", false), ("Café", true), (", bitte", false)]);
        assert_eq!(marked("as it is", ""), [("as it is".to_owned(), false)]);
        assert!(marked("", "x").is_empty());
    }
}
