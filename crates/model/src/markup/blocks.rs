//! Lines into blocks: fences, quotes, lists, and paragraphs for all the rest.

use super::{Block, DEPTH_MAX, inline};

/// Longest name of a language that is taken for one.
const LANGUAGE_MAX: usize = 32;
/// The most digits a list's number has.
const DIGITS_MAX: usize = 9;

/// Reads lines that stand so deep.
pub fn read(lines: &[&str], depth: u8) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut rest = lines;
    while let Some((line, after)) = rest.split_first() {
        if line.trim().is_empty() {
            rest = after;
            continue;
        }
        let (block, left) = match begins(line, depth) {
            Some(Begin::Fence(ticks)) => code(line, ticks, after),
            Some(Begin::Quote) => quote(rest, depth),
            Some(Begin::Item(marker)) => list(rest, marker, depth),
            None => paragraph(rest, depth),
        };
        blocks.push(block);
        rest = left;
    }
    blocks
}

enum Begin {
    /// Code, between so many backticks.
    Fence(usize),
    Quote,
    Item(Marker),
}

/// What stands before an item.
#[derive(Clone, Copy)]
struct Marker {
    /// The item's number, if it has one.
    number: Option<u64>,
    /// The character that ends the marker: items of one list share it.
    sign: char,
    /// Where the item's text begins, in bytes.
    width: usize,
}

fn begins(line: &str, depth: u8) -> Option<Begin> {
    if let Some(ticks) = fence(line) {
        return Some(Begin::Fence(ticks));
    }
    if depth >= DEPTH_MAX {
        return None;
    }
    if line.starts_with('>') {
        return Some(Begin::Quote);
    }
    marker(line).map(Begin::Item)
}

/// How many backticks open a fence here.
fn fence(line: &str) -> Option<usize> {
    let ticks = line.bytes().take_while(|byte| *byte == b'`').count();
    let named = line.get(ticks..).is_some_and(|name| !name.contains('`'));
    (ticks >= 3 && named).then_some(ticks)
}

fn marker(line: &str) -> Option<Marker> {
    let indent = line.bytes().take_while(|byte| *byte == b' ').count();
    let text = line.get(indent..)?;
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let sign = text.get(digits..)?.chars().next()?;
    let known = if digits == 0 {
        matches!(sign, '-' | '*')
    } else {
        digits <= DIGITS_MAX && matches!(sign, '.' | ')')
    };
    let spaced = text.get(digits + 1..)?.strip_prefix(' ')?;
    (known && indent <= 3 && !spaced.trim().is_empty()).then(|| Marker {
        number: text.get(..digits).and_then(|digits| digits.parse().ok()),
        sign,
        width: indent + digits + 2,
    })
}

fn code<'a, 'b>(first: &str, ticks: usize, rest: &'b [&'a str]) -> (Block, &'b [&'a str]) {
    let closes = |line: &&&str| {
        let line = line.trim();
        line.len() >= ticks && line.bytes().all(|byte| byte == b'`')
    };
    let end = rest.iter().position(|line| closes(&line)).unwrap_or(rest.len());
    let name = first.trim_start_matches('`').trim();
    let (language, mut lines) = if name.chars().count() <= LANGUAGE_MAX {
        ((!name.is_empty()).then(|| name.to_owned()), Vec::new())
    } else {
        (None, vec![name])
    };
    lines.extend(&rest[..end]);
    let text = lines.join("\n");
    (Block::Code { language, text }, rest.get(end + 1..).unwrap_or_default())
}

fn quote<'a, 'b>(rest: &'b [&'a str], depth: u8) -> (Block, &'b [&'a str]) {
    let inner: Vec<&str> = rest
        .iter()
        .map_while(|line| line.strip_prefix('>'))
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect();
    (Block::Quote(read(&inner, depth + 1)), &rest[inner.len()..])
}

fn list<'a, 'b>(rest: &'b [&'a str], first: Marker, depth: u8) -> (Block, &'b [&'a str]) {
    let mut items: Vec<Vec<&str>> = Vec::new();
    let (mut at, mut width) = (0, first.width);
    while let Some(line) = rest.get(at) {
        let next = marker(line).filter(|marker| marker.sign == first.sign && marker.width < width + 2);
        if let Some(marker) = next {
            width = marker.width;
            items.push(vec![line.get(width..).unwrap_or_default()]);
        } else if let (true, Some(item)) = (line.starts_with("  "), items.last_mut()) {
            let indent = line.bytes().take(width).take_while(|byte| *byte == b' ').count();
            item.push(line.get(indent..).unwrap_or_default());
        } else if let (true, Some(item)) = (line.is_empty() && goes_on(rest, at + 1, first), items.last_mut()) {
            item.push("");
        } else {
            break;
        }
        at += 1;
    }
    let items = items.iter().map(|lines| read(lines, depth + 1)).collect();
    let start = first.number;
    (Block::List { start, items }, &rest[at..])
}

/// Whether a list goes on after one empty line.
fn goes_on(rest: &[&str], at: usize, first: Marker) -> bool {
    rest.get(at).is_some_and(|line| {
        line.starts_with("  ") && !line.trim().is_empty() || marker(line).is_some_and(|next| next.sign == first.sign)
    })
}

fn paragraph<'a, 'b>(rest: &'b [&'a str], depth: u8) -> (Block, &'b [&'a str]) {
    let ends = |line: &&str| {
        line.trim().is_empty()
            || match begins(line, depth) {
                // "It was in\n1843. A good year." is no list.
                Some(Begin::Item(marker)) => marker.number.is_none_or(|number| number == 1),
                Some(_) => true,
                None => false,
            }
    };
    let more = rest.iter().skip(1).take_while(|line| !ends(line)).count();
    let (lines, left) = rest.split_at(1 + more);
    (Block::Paragraph(inline::read(&lines.join("\n"))), left)
}
