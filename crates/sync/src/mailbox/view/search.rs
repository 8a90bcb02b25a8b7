//! What a letter is found by.

use crate::words::{Wanted, has_all};
use model::mailbox::Letter;

/// All that is searched of a letter: its subject, its text, and the people, each apart.
#[must_use]
pub fn searched(letter: &Letter) -> String {
    let people = std::iter::once(&letter.from).chain(&letter.to);
    let names = people.flat_map(|person| [person.display_name.as_str(), person.username.as_str()]);
    let texts = [letter.subject.as_str(), letter.body.as_str()];
    texts.into_iter().chain(names).collect::<Vec<_>>().join("\n")
}

/// Whether a letter has all words of a question.
#[must_use]
pub fn answers(letter: &Letter, wanted: &[Wanted]) -> bool {
    has_all(&searched(letter), wanted, false)
}

#[cfg(test)]
mod tests {
    use super::super::line::samples::letter;
    use super::*;
    use crate::words::{wanted, words};

    #[test]
    fn a_letter_is_found_by_its_subject_its_text_and_its_people() {
        let letter = letter("Notes");
        for question in ["note", "ENGINE", "ada", "grace notes", "analytical engine", ""] {
            assert!(answers(&letter, &wanted(question)), "{question}");
        }
        for question in ["hedy", "notes hedy", "ngine"] {
            assert!(!answers(&letter, &wanted(question)), "{question}");
        }
        assert!(
            !words(&searched(&letter)).contains("notesada"),
            "words do not run into each other"
        );
    }
}
