//! What people write, read as a safe part of Markdown.
//!
//! A message is text. This turns it into a tree of a few kinds of things ([`Block`], [`Span`]); there is no way from
//! here to HTML, so whatever shows the tree can only show these. Any text has a tree: what is not markup is text, and no
//! letter gets lost. The time taken grows with the length of the text, and nesting is bounded ([`DEPTH_MAX`]).
//!
//! | written | read as |
//! |---|---|
//! | `**bold**` `*italic*` `__bold__` `_italic_` `~~struck~~` | emphasis; within a word only in scripts without spaces |
//! | `` `code` ``, fences of three backticks with a language | code, as it is |
//! | `> …` | a quote |
//! | `- …`, `* …`, `1. …` | lists; lines that are indented belong to the item before |
//! | `[text](https://…)`, `https://…`, `mailto:…` | links: to the web and to mail, nowhere else |
//! | `@ada` | a mention |
//! | `\*` | the character itself |

mod blocks;
mod inline;
mod link;

pub use link::Link;

/// So deep are quotes and lists nested within each other; what is deeper is text.
pub const DEPTH_MAX: u8 = 4;

/// A piece that stands for itself, below what comes before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Text. Its lines end where it was written so.
    Paragraph(Vec<Span>),
    /// Code, as it was written.
    Code {
        /// In which language, as its author says.
        language: Option<String>,
        /// The code.
        text: String,
    },
    /// What somebody else said.
    Quote(Vec<Block>),
    /// A list.
    List {
        /// The number of the first item; none when they are not counted.
        start: Option<u64>,
        /// The items.
        items: Vec<Vec<Block>>,
    },
}

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    /// Text, with its line breaks.
    Text(String),
    /// Important.
    Bold(Vec<Span>),
    /// Stressed.
    Italic(Vec<Span>),
    /// No longer so.
    Strike(Vec<Span>),
    /// Code.
    Code(String),
    /// A way to elsewhere.
    Link(Link),
    /// Somebody's username, without its `@`.
    Mention(String),
}

/// Reads a text.
#[must_use]
pub fn parse(text: &str) -> Vec<Block> {
    let lines: Vec<&str> = text
        .split('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line))
        .collect();
    blocks::read(&lines, 0)
}

/// The usernames that a text mentions, as they are written, each as often as it is; not those within code.
#[must_use]
pub fn mentions(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    walk(&parse(text), &mut |span| {
        if let Span::Mention(name) = span {
            found.push(name.clone());
        }
    });
    found
}

/// The text in one line, without its markup and without characters that reorder what stands around them: for lists,
/// notices and titles.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut all = String::with_capacity(text.len());
    flatten(&parse(text), &mut all);
    let seen = |c: &char| !crate::account::is_bidi_control(*c) && (!c.is_control() || c.is_whitespace());
    let all: String = all.chars().filter(seen).collect();
    all.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn flatten(blocks: &[Block], out: &mut String) {
    for block in blocks {
        match block {
            Block::Paragraph(spans) => flatten_spans(spans, out),
            Block::Code { text, .. } => out.push_str(text),
            Block::Quote(blocks) => flatten(blocks, out),
            Block::List { start, items } => {
                for (number, item) in (start.unwrap_or(0)..).zip(items) {
                    match start {
                        Some(_) => out.push_str(&format!("{number}. ")),
                        None => out.push_str("• "),
                    }
                    flatten(item, out);
                }
            }
        }
        out.push('\n');
    }
}

fn flatten_spans(spans: &[Span], out: &mut String) {
    for span in spans {
        match span {
            Span::Text(text) | Span::Code(text) => out.push_str(text),
            Span::Bold(spans) | Span::Italic(spans) | Span::Strike(spans) => flatten_spans(spans, out),
            Span::Link(link) => flatten_spans(&link.label, out),
            Span::Mention(name) => {
                out.push('@');
                out.push_str(name);
            }
        }
    }
}

fn walk(blocks: &[Block], see: &mut impl FnMut(&Span)) {
    for block in blocks {
        match block {
            Block::Paragraph(spans) => walk_spans(spans, see),
            Block::Code { .. } => {}
            Block::Quote(blocks) => walk(blocks, see),
            Block::List { items, .. } => items.iter().for_each(|item| walk(item, see)),
        }
    }
}

fn walk_spans(spans: &[Span], see: &mut impl FnMut(&Span)) {
    for span in spans {
        see(span);
        match span {
            Span::Bold(spans) | Span::Italic(spans) | Span::Strike(spans) => walk_spans(spans, see),
            Span::Link(link) => walk_spans(&link.label, see),
            Span::Text(_) | Span::Code(_) | Span::Mention(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
