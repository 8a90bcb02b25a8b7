//! Words: how texts and questions are cut into them, and where in a text those asked for stand.

use std::{collections::BTreeSet, ops::Range};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// So much of a word is indexed; a longer one is found by its beginning, and looked at whole afterwards.
const KEPT: usize = 32;
/// Most words of a question that count.
const WANTED_MAX: usize = 8;
/// After every word that begins so.
const LAST: char = '\u{10ffff}';

/// Letters and digits of a text that follow each other and are written alike, folded.
struct Run {
    letters: Vec<char>,
    /// For each letter, the place of the character it comes from; and at the end, the first place after the run.
    places: Vec<usize>,
    /// Of a script that puts no spaces between words.
    dense: bool,
}

impl Run {
    /// The places of these letters in the text, with the accents that follow them.
    fn place(&self, letters: Range<usize>) -> (u32, u32) {
        let start = self.places[letters.start];
        let end = self.places[letters.end].max(self.places[letters.end - 1] + 1);
        let small = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
        (small(start), small(end))
    }

    fn kept(&self) -> String {
        self.letters.iter().take(KEPT).collect()
    }

    /// Each two signs that follow each other, and the last one: so every sign begins a word, and is found alone, too.
    fn pairs(&self) -> impl Iterator<Item = String> {
        (0..self.letters.len()).map(|at| self.letters[at..].iter().take(2).collect())
    }
}

/// Scripts whose words can't be told apart by spaces.
const fn is_dense(c: char) -> bool {
    matches!(c, '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{2e80}'..='\u{2fdf}'
        | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Letters that are another's with a mark, but do not come apart in Unicode; people type them without.
const fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ħ' => "h",
        'ı' => "i",
        'ς' => "σ",
        _ => return None,
    })
}

/// A character in lower case, without accents; nothing for an accent itself.
fn fold(c: char, into: &mut Vec<char>) {
    for c in c.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match plain(c) {
            Some(letters) => into.extend(letters.chars()),
            // A small letter may come apart once more, as İ does.
            None => into.extend(c.nfkd().filter(|c| c.is_alphanumeric() && !is_combining_mark(*c))),
        }
    }
}

fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut open = false;
    let mut folded = Vec::new();
    let mut length = 0;
    for (place, c) in text.chars().enumerate() {
        length = place + 1;
        folded.clear();
        fold(c, &mut folded);
        if folded.is_empty() {
            // An accent belongs to what stands before it; anything else ends the word.
            if !is_combining_mark(c) {
                close(&mut runs, &mut open, place);
            }
            continue;
        }
        let dense = is_dense(c);
        if open && runs.last().is_some_and(|run| run.dense != dense) {
            close(&mut runs, &mut open, place);
        }
        if !open {
            open = true;
            runs.push(Run {
                letters: Vec::new(),
                places: Vec::new(),
                dense,
            });
        }
        if let Some(run) = runs.last_mut() {
            run.places.extend(folded.iter().map(|_| place));
            run.letters.extend(folded.iter());
        }
    }
    close(&mut runs, &mut open, length);
    runs
}

fn close(runs: &mut [Run], open: &mut bool, place: usize) {
    if let Some(run) = runs.last_mut().filter(|_| *open) {
        run.places.push(place);
    }
    *open = false;
}

/// The words under which a text is found.
pub fn words(text: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for run in runs(text) {
        if run.dense {
            words.extend(run.pairs());
        } else {
            words.insert(run.kept());
        }
    }
    words
}

/// A word of a question.
#[derive(Debug)]
pub struct Wanted {
    letters: Vec<char>,
    dense: bool,
}

/// The words of a question, as far as they count; each once.
pub fn wanted(question: &str) -> Vec<Wanted> {
    let mut wanted: Vec<Wanted> = Vec::new();
    for run in runs(question) {
        if wanted.len() < WANTED_MAX && !wanted.iter().any(|known| known.letters == run.letters) {
            wanted.push(Wanted {
                letters: run.letters,
                dense: run.dense,
            });
        }
    }
    wanted
}

impl Wanted {
    /// Whether it may be the beginning of a longer word.
    pub const fn may_begin(&self) -> bool {
        !self.dense
    }

    /// The ranges of words that a text must have, each one of: from the first, up to before the second.
    pub fn ranges(&self, whole: bool) -> Vec<(String, String)> {
        let exactly = |word: String| {
            let after = format!("{word}\0");
            (word, after)
        };
        let begins = |word: String| {
            let after = format!("{word}{LAST}");
            (word, after)
        };
        let kept = || self.letters.iter().take(KEPT).collect::<String>();
        match (self.dense, self.letters.len()) {
            (true, 1) => vec![begins(kept())],
            (true, _) => self
                .letters
                .windows(2)
                .map(|pair| exactly(pair.iter().collect()))
                .collect(),
            (false, _) if whole => vec![exactly(kept())],
            (false, _) => vec![begins(kept())],
        }
    }

    /// Which letters of a run it is, if any; as a whole word, if it has to be.
    fn within(&self, run: &Run, whole: bool) -> Vec<Range<usize>> {
        let length = self.letters.len();
        if self.dense != run.dense || run.letters.len() < length {
            return Vec::new();
        }
        if self.dense {
            let starts = (0..=run.letters.len() - length).filter(|at| run.letters[*at..].starts_with(&self.letters));
            return starts.map(|at| at..at + length).collect();
        }
        let fits = run.letters.starts_with(&self.letters) && (!whole || run.letters.len() == length);
        if fits {
            std::iter::once(0..length).collect()
        } else {
            Vec::new()
        }
    }
}

/// Whether a text has every word; as whole words, if they have to be.
pub fn has_all(text: &str, wanted: &[Wanted], whole: bool) -> bool {
    let runs = runs(text);
    wanted
        .iter()
        .all(|word| runs.iter().any(|run| !word.within(run, whole).is_empty()))
}

/// Where in a text the words stand: starts and ends, in characters, ascending and apart.
pub fn highlights(text: &str, wanted: &[Wanted]) -> Vec<(u32, u32)> {
    let runs = runs(text);
    let mut places: Vec<(u32, u32)> = runs
        .iter()
        .flat_map(|run| {
            let of = move |word: &Wanted| word.within(run, false).into_iter().map(|letters| run.place(letters));
            wanted.iter().flat_map(of).collect::<Vec<_>>()
        })
        .collect();
    places.sort_unstable();
    let mut apart: Vec<(u32, u32)> = Vec::with_capacity(places.len());
    for (start, end) in places {
        match apart.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => apart.push((start, end)),
        }
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn marked(text: &str, question: &str) -> String {
        let letters: Vec<char> = text.chars().collect();
        let mut marked = String::new();
        let mut at = 0;
        for (start, end) in highlights(text, &wanted(question)) {
            let [before, inside] = [&letters[at..start as usize], &letters[start as usize..end as usize]];
            marked.extend(before);
            marked.push('[');
            marked.extend(inside);
            marked.push(']');
            at = end as usize;
        }
        marked.extend(&letters[at..]);
        marked
    }

    #[test]
    fn beginnings_are_marked_whatever_their_case_and_accents() {
        for (text, question, expected) in [
            ("Good morning, Grace", "GRA morn", "Good [morn]ing, [Gra]ce"),
            ("Ein Café an der Straße", "cafe strasse", "Ein [Café] an der [Straße]"),
            ("Cafe\u{301}s", "café", "[Cafe\u{301}]s"),
            ("strasse", "straß", "[strass]e"),
            ("Łódź, ΣΊΣΥΦΟΣ", "lodz σισυφοσ", "[Łódź], [ΣΊΣΥΦΟΣ]"),
            ("東京都へ行く", "京都", "東[京都]へ行く"),
            ("東京tower", "tower 東", "[東]京[tower]"),
            ("a-b_c", "b", "a-[b]_c"),
            ("banana ananas", "ana", "banana [ana]nas"),
            ("x½y", "x1", "[x½]y"),
            ("nothing", "", "nothing"),
            ("nothing", "?!", "nothing"),
        ] {
            assert_eq!(marked(text, question), expected, "{question} in {text}");
        }
    }

    #[test]
    fn every_word_has_to_be_there_and_whole_words_are_told_from_beginnings() {
        let has = |text: &str, question: &str, whole: bool| has_all(text, &wanted(question), whole);
        assert!(has("Good morning", "good morning", true));
        assert!(has("Good morning", "go mo", false) && !has("Good morning", "go mo", true));
        assert!(!has("Good morning", "good evening", false));
        assert!(has("東京都", "東京", true) && !has("東の京", "東京", false));
    }

    #[test]
    fn a_sign_alone_is_found_wherever_it_stands() {
        let indexed = words("東京都");
        assert_eq!(indexed.into_iter().collect::<Vec<_>>(), ["京都", "東京", "都"]);
        assert_eq!(
            wanted("京")[0].ranges(true),
            [("京".to_owned(), "京\u{10ffff}".to_owned())]
        );
        assert_eq!(wanted("東京都")[0].ranges(false).len(), 2);
    }

    proptest! {
        /// What is found by looking at a text is found by the index, and is marked.
        #[test]
        fn whatever_a_text_has_the_index_leads_to_and_is_marked(text in "\\PC{0,40}", question in "\\PC{0,6}", whole: bool) {
            let wanted = wanted(&question);
            let indexed = words(&text);
            let led_to = wanted.iter().all(|word| {
                word.ranges(whole).iter().all(|(from, to)| indexed.range(from.clone()..to.clone()).next().is_some())
            });
            if has_all(&text, &wanted, whole) {
                prop_assert!(led_to);
                prop_assert_eq!(highlights(&text, &wanted).is_empty(), wanted.is_empty());
            }
            let length = text.chars().count();
            for (start, end) in highlights(&text, &wanted) {
                prop_assert!(start < end && end as usize <= length);
            }
        }
    }
}
