//! One paragraph into spans, in one pass. What opens something waits on a stack, at most once of each kind, so the stack
//! stays short; what is never closed turns back into the text that it is.

use super::{
    Span,
    link::{HREF_MAX, Link, ends_address, scheme},
};
use crate::limits;

/// Emphasis that waits for its end.
struct Open<'a> {
    /// Of which character, and how many of them.
    sign: (char, usize),
    /// As it was written.
    literal: &'a str,
    /// What it holds so far.
    spans: Vec<Span>,
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// From here to `at`, it is plain text that is not in a span yet.
    from: usize,
    open: Vec<Open<'a>>,
    done: Vec<Span>,
    /// Whether there are no more runs of one, or of two, backticks.
    no_ticks: [bool; 2],
    /// The place of the next `]`, once it was looked for.
    bracket: Option<usize>,
    /// Within the text of a link there is no other.
    in_link: bool,
}

/// Reads a paragraph.
pub fn read(text: &str) -> Vec<Span> {
    Reader::new(text, false).all()
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, in_link: bool) -> Self {
        Self {
            text,
            at: 0,
            from: 0,
            open: Vec::new(),
            done: Vec::new(),
            no_ticks: [false; 2],
            bracket: None,
            in_link,
        }
    }

    fn all(mut self) -> Vec<Span> {
        while let Some(c) = self.rest().chars().next() {
            let read = match c {
                '`' => self.code(),
                '*' | '_' | '~' => {
                    self.emphasis(c);
                    Some(())
                }
                '\\' => self.escaped(),
                '[' if !self.in_link => self.link(),
                '@' if !self.in_link => self.mention(),
                'h' | 'H' | 'm' | 'M' if !self.in_link => self.address(),
                _ => None,
            };
            if read.is_none() {
                self.at += c.len_utf8();
            }
        }
        self.flush();
        self.close_down_to(0);
        self.done
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn before(&self) -> Option<char> {
        self.text.get(..self.at)?.chars().next_back()
    }

    fn flush(&mut self) {
        let text = self.text.get(self.from..self.at).unwrap_or_default();
        self.from = self.at;
        if !text.is_empty() {
            push_text(self.place(), text);
        }
    }

    /// Where the next span goes.
    fn place(&mut self) -> &mut Vec<Span> {
        self.open.last_mut().map_or(&mut self.done, |open| &mut open.spans)
    }

    /// Takes a span that ends `length` bytes on.
    fn take(&mut self, span: Span, length: usize) -> Option<()> {
        self.flush();
        self.place().push(span);
        self.at += length;
        self.from = self.at;
        Some(())
    }

    fn code(&mut self) -> Option<()> {
        let ticks = run(self.rest(), '`');
        let after = self.rest().get(ticks..)?;
        let known = self.no_ticks.get(ticks - 1).copied();
        let end = if known == Some(false) {
            find_ticks(after, ticks)
        } else {
            None
        };
        let Some(end) = end.filter(|end| *end > 0) else {
            if let Some(none) = self.no_ticks.get_mut(ticks - 1) {
                *none = true;
            }
            self.at += ticks;
            return Some(());
        };
        let inside = after.get(..end)?;
        // "`` `x` ``" is "`x`".
        let trimmed = inside.strip_prefix(' ').and_then(|text| text.strip_suffix(' '));
        let code = trimmed.filter(|text| !text.trim().is_empty()).unwrap_or(inside);
        self.take(Span::Code(code.to_owned()), 2 * ticks + end)
    }

    fn emphasis(&mut self, c: char) {
        let length = run(self.rest(), c);
        let (left, right) = (
            self.before(),
            self.rest().get(length..).and_then(|rest| rest.chars().next()),
        );
        let within = |is: fn(&char) -> bool| left.as_ref().is_some_and(is) && right.as_ref().is_some_and(is);
        let in_word = if c == '_' {
            within(|c| c.is_alphanumeric())
        } else {
            within(char::is_ascii_alphanumeric)
        };
        let sound = !in_word && if c == '~' { length == 2 } else { length <= 3 };
        let (closes, opens) = (sound && is_dark(left), sound && is_dark(right));
        let (start, mut left_over) = (self.at, length);
        self.flush();
        while closes && left_over > 0 {
            let fits = |open: &Open<'_>| open.sign.0 == c && open.sign.1 <= left_over;
            let Some(place) = self.open.iter().rposition(fits) else {
                break;
            };
            left_over -= self.close(place);
        }
        self.at = start + length;
        self.from = self.at;
        let sizes: &[usize] = match (opens, left_over) {
            (true, 3) => &[2, 1],
            (true, 2) => &[2],
            (true, 1) => &[1],
            _ => &[],
        };
        let mut literal = start + length - left_over;
        for size in sizes {
            let text = self.text.get(literal..literal + size).unwrap_or_default();
            if self.open.iter().all(|open| open.sign != (c, *size)) {
                self.open.push(Open {
                    sign: (c, *size),
                    literal: text,
                    spans: Vec::new(),
                });
            } else {
                push_text(self.place(), text);
            }
            literal += size;
        }
        let text = self.text.get(literal..self.at).unwrap_or_default();
        push_text(self.place(), text);
    }

    /// Ends the emphasis at this place of the stack. Answers with how many characters ended it.
    fn close(&mut self, place: usize) -> usize {
        self.close_down_to(place + 1);
        let Some(Open { sign, spans, .. }) = self.open.pop() else {
            return 0;
        };
        let span = match sign {
            ('~', _) => Span::Strike(spans),
            (_, 1) => Span::Italic(spans),
            _ => Span::Bold(spans),
        };
        self.place().push(span);
        sign.1
    }

    /// Whatever is open above this height was no emphasis after all.
    fn close_down_to(&mut self, height: usize) {
        while self.open.len() > height
            && let Some(Open { literal, spans, .. }) = self.open.pop()
        {
            let place = self.place();
            push_text(place, literal);
            for span in spans {
                match span {
                    Span::Text(text) => push_text(place, &text),
                    span => place.push(span),
                }
            }
        }
    }

    fn escaped(&mut self) -> Option<()> {
        let next = self.rest().chars().nth(1).filter(|c| "\\`*_~[]()>#@-.".contains(*c))?;
        self.flush();
        self.at += 1 + next.len_utf8();
        self.from = self.at - next.len_utf8();
        Some(())
    }

    fn link(&mut self) -> Option<()> {
        let inside = self.at + 1;
        if self.bracket.is_none_or(|place| place < inside) {
            let found = self.text.get(inside..)?.find(']').map(|place| inside + place);
            self.bracket = Some(found.unwrap_or(usize::MAX));
        }
        let end = self.bracket?;
        let label = self.text.get(inside..end)?;
        let target = self.text.get(end + 1..)?.strip_prefix('(')?;
        if label.contains('[') {
            return None;
        }
        let href = target.get(..end_of_target(target)?)?;
        let link = Link::new(href, Reader::new(label, true).all())?;
        let length = 1 + label.len() + 2 + href.len() + 1;
        self.take(Span::Link(link), length)
    }

    fn address(&mut self) -> Option<()> {
        if self.before().is_some_and(char::is_alphanumeric) {
            return None;
        }
        scheme(self.rest())?;
        let rest = self.rest();
        let href = without_end(rest.get(..rest.find(ends_address).unwrap_or(rest.len()))?);
        match Link::bare(href) {
            Some(link) => self.take(Span::Link(link), href.len()),
            None => {
                self.at += href.len().max(1);
                Some(())
            }
        }
    }

    fn mention(&mut self) -> Option<()> {
        if self
            .before()
            .is_some_and(|c| c.is_alphanumeric() || matches!(c, '@' | '/'))
        {
            return None;
        }
        let rest = self.rest().get(1..)?;
        let in_name = |c: &char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
        // One more than a name has: what is longer is none.
        let length: usize = rest
            .chars()
            .take(limits::USERNAME_MAX + 8)
            .take_while(in_name)
            .map(char::len_utf8)
            .sum();
        let name = rest.get(..length)?.trim_end_matches(|c: char| !c.is_alphanumeric());
        let sound = name.chars().next().is_some_and(char::is_alphanumeric)
            && (limits::USERNAME_MIN..=limits::USERNAME_MAX).contains(&name.chars().count());
        if !sound {
            return None;
        }
        self.take(Span::Mention(name.to_owned()), 1 + name.len())
    }
}

fn is_dark(c: Option<char>) -> bool {
    c.is_some_and(|c| !c.is_whitespace())
}

/// How often a text begins with this character.
fn run(text: &str, c: char) -> usize {
    text.chars().take_while(|next| *next == c).count()
}

/// Where the next run of just so many backticks begins.
fn find_ticks(text: &str, ticks: usize) -> Option<usize> {
    let mut at = 0;
    while let Some(place) = text.get(at..)?.find('`') {
        let length = run(text.get(at + place..)?, '`');
        if length == ticks {
            return Some(at + place);
        }
        at += place + length;
    }
    None
}

/// Where the address of a link ends, whose parentheses may hold others.
fn end_of_target(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (place, c) in text.char_indices().take_while(|(place, _)| *place <= HREF_MAX) {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => return Some(place),
            ')' => depth -= 1,
            c if ends_address(c) => return None,
            _ => {}
        }
    }
    None
}

/// An address in running text, without what belongs to the sentence around it.
fn without_end(text: &str) -> &str {
    let opened = text.matches('(').count();
    let mut closed = text.matches(')').count();
    text.trim_end_matches(|c| match c {
        ')' if closed > opened => {
            closed -= 1;
            true
        }
        c => matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '_' | '~' | ']'),
    })
}

fn push_text(place: &mut Vec<Span>, text: &str) {
    if let Some(Span::Text(last)) = place.last_mut() {
        last.push_str(text);
    } else if !text.is_empty() {
        place.push(Span::Text(text.to_owned()));
    }
}
