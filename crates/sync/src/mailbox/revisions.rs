//! A revision with those it came from: the protocol's `_revisions`.

use super::Rev;
use serde::{Deserialize, Serialize};

/// A revision and its ancestors without a gap, the newest first, as `{"start": 3, "ids": ["c", "b", "a"]}` for `3-c`, `2-b`,
/// `1-a`. It may end before generation 1: whoever sent it has forgotten the rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revisions {
    start: u64,
    ids: Vec<String>,
}

/// These are no revisions of one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("_revisions does not fit")]
pub struct NotALine;

impl Revisions {
    /// A line from the newest to the oldest.
    ///
    /// # Errors
    /// When it is empty, has an empty hash, or is longer than its generations reach down.
    pub fn new(start: u64, ids: Vec<String>) -> Result<Self, NotALine> {
        let long = u64::try_from(ids.len()).map_err(|_| NotALine)?;
        if ids.is_empty() || long > start || ids.iter().any(String::is_empty) {
            return Err(NotALine);
        }
        Ok(Self { start, ids })
    }

    /// The line that knows of no ancestor.
    #[must_use]
    pub fn only(rev: &Rev) -> Self {
        Self {
            start: rev.generation(),
            ids: vec![rev.hash().to_owned()],
        }
    }

    /// The line of a new revision after `parent`; for one without a parent, `parent` is `None`.
    #[must_use]
    pub fn after(parent: Option<&Rev>, hash: &str) -> Self {
        Self {
            start: parent.map_or(0, Rev::generation).saturating_add(1),
            ids: std::iter::once(hash)
                .chain(parent.map(Rev::hash))
                .map(str::to_owned)
                .collect(),
        }
    }

    /// The generation of the newest.
    #[must_use]
    pub const fn start(&self) -> u64 {
        self.start
    }

    /// The hashes, newest first.
    #[must_use]
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// The newest revision; `None` only for what was read from a stranger and is no line.
    #[must_use]
    pub fn newest(&self) -> Option<Rev> {
        self.revs().next()
    }

    /// All revisions, newest first.
    pub fn revs(&self) -> impl Iterator<Item = Rev> {
        (0..self.start)
            .rev()
            .zip(&self.ids)
            .filter_map(|(below, hash)| Rev::new(below + 1, hash))
    }

    /// Whether this is a line of this revision: what comes from others has to be asked.
    #[must_use]
    pub fn is_of(&self, rev: &Rev) -> bool {
        Self::new(self.start, self.ids.clone()).is_ok() && self.newest().as_ref() == Some(rev)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_newest_first_and_says_which_revision_it_is_of() {
        let line: Revisions = serde_json::from_str(r#"{"start":3,"ids":["c","b"]}"#).expect("parses");
        let revs: Vec<_> = line.revs().map(|rev| rev.to_string()).collect();
        assert_eq!(revs, ["3-c", "2-b"]);
        assert!(line.is_of(&"3-c".parse().expect("a rev")));
        assert!(!line.is_of(&"2-b".parse().expect("a rev")));
    }

    #[test]
    fn what_is_no_line_is_told() {
        for (start, ids) in [(1, vec!["b", "a"]), (2, vec![]), (0, vec![]), (2, vec!["b", ""])] {
            let ids: Vec<_> = ids.into_iter().map(str::to_owned).collect();
            assert_eq!(Revisions::new(start, ids.clone()), Err(NotALine));
            assert!(!Revisions { start, ids }.is_of(&"2-b".parse().expect("a rev")));
        }
    }
}
