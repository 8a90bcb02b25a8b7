//! Trees from a few words, for tests.

use super::{Rev, RevTree, Revisions};

/// `3-c` as a revision.
pub fn rev(text: &str) -> Rev {
    text.parse().unwrap_or_else(|_| panic!("{text} is no rev"))
}

/// `3-c<2-b<1-a` as a line, and whether it begins with a tombstone (`3-c!<2-b`).
pub fn line(text: &str) -> (Revisions, bool) {
    let mut revs = text.split('<');
    let first = revs.next().unwrap_or_default();
    let deleted = first.ends_with('!');
    let first = rev(first.trim_end_matches('!'));
    let ids = std::iter::once(first.hash().to_owned()).chain(revs.map(|text| rev(text).hash().to_owned()));
    (
        Revisions::new(first.generation(), ids.collect()).expect("a line"),
        deleted,
    )
}

/// The tree of these lines.
pub fn tree(lines: &[&str]) -> RevTree {
    let mut tree = RevTree::new();
    for text in lines {
        let (line, deleted) = line(text);
        tree.insert(&line, deleted);
    }
    tree
}
