//! The part of a message that a result shows.

/// How many characters stand before the first match at most, and how many in all.
const BEFORE: usize = 48;
const LENGTH: usize = 240;

/// A piece of text, and whether it matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The text, on one line.
    pub text: String,
    /// Whether it is what was looked for.
    pub found: bool,
}

/// The text around the first match, on one line, cut into what matched and what did not. `highlights` are starts and ends
/// in characters, ascending and apart.
pub fn excerpt(body: &str, highlights: &[(u32, u32)]) -> Vec<Piece> {
    let letters: Vec<char> = body.chars().collect();
    let first = highlights
        .first()
        .map_or(0, |(start, _)| *start as usize)
        .min(letters.len());
    let from = beginning(&letters, first);
    let to = letters.len().min(from + LENGTH);
    let mut pieces = Vec::new();
    let mut add = |letters: &[char], found: bool| {
        if !letters.is_empty() {
            let text = letters
                .iter()
                .map(|c| if c.is_whitespace() { ' ' } else { *c })
                .collect();
            pieces.push(Piece { text, found });
        }
    };
    if from > 0 {
        add(&['…'], false);
    }
    let mut at = from;
    for (start, end) in highlights {
        let (start, end) = ((*start as usize).clamp(at, to), (*end as usize).clamp(at, to));
        add(&letters[at..start], false);
        add(&letters[start..end], true);
        at = end;
    }
    add(&letters[at..to], false);
    if to < letters.len() {
        add(&['…'], false);
    }
    pieces
}

/// Where to begin, so that the first match is seen: at the beginning of a word, if there is one near.
fn beginning(letters: &[char], first: usize) -> usize {
    let Some(from) = first.checked_sub(BEFORE).filter(|from| *from > 0) else {
        return 0;
    };
    let space = letters[from..first].iter().position(|c| c.is_whitespace());
    space.map_or(from, |space| from + space + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(body: &str, highlights: &[(u32, u32)]) -> String {
        let piece = |piece: Piece| {
            if piece.found {
                format!("[{}]", piece.text)
            } else {
                piece.text
            }
        };
        excerpt(body, highlights).into_iter().map(piece).collect()
    }

    #[test]
    fn a_short_message_is_shown_whole_and_on_one_line() {
        assert_eq!(shown("Good\nmorning", &[(0, 2), (5, 8)]), "[Go]od [mor]ning");
        assert_eq!(shown("", &[]), "");
        assert_eq!(shown("東京都", &[(1, 3)]), "東[京都]");
    }

    #[test]
    fn of_a_long_message_the_part_around_the_first_match_is_shown_from_a_word_on() {
        let body = format!("{}needle and {}", "hay stack ".repeat(40), "more hay ".repeat(40));
        let shown = shown(&body, &[(400, 406)]);
        assert!(shown.starts_with("…stack hay") && shown.ends_with('…'), "{shown}");
        assert!(shown.contains("stack [needle] and more"), "{shown}");
    }

    #[test]
    fn marks_that_do_not_fit_the_text_do_no_harm() {
        assert_eq!(shown("short", &[(3, 99), (200, 300)]), "sho[rt]");
        let body = "x".repeat(500);
        assert_eq!(shown(&body, &[(0, 500)]).chars().count(), LENGTH + 3);
    }
}
