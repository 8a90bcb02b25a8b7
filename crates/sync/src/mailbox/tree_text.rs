//! A tree as a short text, for a row of a database.
//!
//! The text is a list of *chains*, separated by `;`. A chain is a run of revisions in which each is the parent of the next:
//! the first generation, `<` and the parent's hash when the chain branches off another, `:`, and the hashes from the oldest to
//! the newest, separated by `,`. Behind a hash, `!` says tombstone and `~` that its body is not held.
//!
//! ```text
//! 1:a~,b,c!;3<b:x          1-a (body gone) ← 2-b ← 3-c (tombstone), and 3-x beside it
//! ```
//!
//! Hashes may be any text, so these signs and `%` are written as `%` and two hex digits in them. Equal trees have equal texts.

use super::{Rev, RevTree, tree::Node};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::{
    collections::BTreeSet,
    fmt::{self, Write},
    str::FromStr,
};

const SIGNS: [char; 7] = ['%', ';', ':', ',', '<', '!', '~'];

/// This is no tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a tree of revisions")]
pub struct NotATree;

fn write_hash(hash: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for letter in hash.chars() {
        if SIGNS.contains(&letter) {
            write!(f, "%{:02x}", u32::from(letter))?;
        } else {
            f.write_char(letter)?;
        }
    }
    Ok(())
}

fn read_hash(text: &str) -> Result<String, NotATree> {
    let mut parts = text.split('%');
    let mut hash = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part.get(..2).ok_or(NotATree)?;
        let sign = u8::from_str_radix(code, 16).map_err(|_| NotATree)?;
        hash.push(char::from(sign));
        hash.push_str(part.get(2..).unwrap_or_default());
    }
    Ok(hash)
}

impl fmt::Display for RevTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut leaves = self.leaves();
        leaves.sort_unstable();
        let mut written: BTreeSet<Rev> = BTreeSet::new();
        for (index, leaf) in leaves.into_iter().enumerate() {
            let mut chain: Vec<Rev> = self.line(leaf).take_while(|rev| !written.contains(rev)).collect();
            chain.reverse();
            if index > 0 {
                f.write_char(';')?;
            }
            let parent = chain.first().and_then(|oldest| Some((oldest, self.nodes.get(oldest)?)));
            if let Some((oldest, node)) = parent {
                write!(f, "{}", oldest.generation())?;
                if let Some(hash) = &node.parent {
                    f.write_char('<')?;
                    write_hash(hash, f)?;
                }
            }
            for (place, rev) in chain.into_iter().enumerate() {
                f.write_char(if place == 0 { ':' } else { ',' })?;
                write_hash(rev.hash(), f)?;
                let node = self.nodes.get(&rev).cloned().unwrap_or_default();
                f.write_str(if node.deleted { "!" } else { "" })?;
                f.write_str(if node.body { "" } else { "~" })?;
                written.insert(rev);
            }
        }
        Ok(())
    }
}

impl FromStr for RevTree {
    type Err = NotATree;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut tree = Self::new();
        for chain in text.split(';').filter(|_| !text.is_empty()) {
            let (head, hashes) = chain.split_once(':').ok_or(NotATree)?;
            let (generation, parent) = match head.split_once('<') {
                Some((generation, parent)) => (generation, Some(read_hash(parent)?.into_boxed_str())),
                None => (head, None),
            };
            let mut generation: u64 = generation.parse().map_err(|_| NotATree)?;
            let mut parent = parent;
            for word in hashes.split(',') {
                let hash = word.trim_end_matches(['!', '~']);
                let flags = word.get(hash.len()..).unwrap_or_default();
                let rev = Rev::new(generation, &read_hash(hash)?).ok_or(NotATree)?;
                let node = Node {
                    parent: parent.replace(rev.hash().into()),
                    deleted: flags.contains('!'),
                    body: !flags.contains('~'),
                };
                tree.nodes.insert(rev, node);
                generation = generation.checked_add(1).ok_or(NotATree)?;
            }
        }
        Ok(tree)
    }
}

impl Serialize for RevTree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RevTree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree_tests_support::tree;
    use super::*;

    #[test]
    fn a_tree_is_written_as_the_module_says() {
        let tree = tree(&["2-b<1-a", "3-c!<2-b", "3-x<2-b", "7-g"]);
        assert_eq!(tree.to_string(), "1:a~,b,c!;3<b:x;7:g");
        assert_eq!("1:a~,b,c!;3<b:x;7:g".parse(), Ok(tree));
        assert_eq!(RevTree::new().to_string(), "");
        assert_eq!("".parse(), Ok(RevTree::new()));
    }

    #[test]
    fn hashes_may_contain_the_signs_of_the_text() {
        let mut odd = RevTree::new();
        let hash = "a;b:c,d<e!f~g%h%25 Ä";
        odd.insert(
            &super::super::Revisions::new(2, vec![hash.to_owned(), "!".to_owned()]).expect("a line"),
            true,
        );
        let text = odd.to_string();
        assert_eq!(text.parse(), Ok(odd), "{text}");
    }

    #[test]
    fn other_texts_are_no_trees() {
        for bad in [";", "1", "1:", "x:a", "0:a", "1:a,", "1:%", "1:%zz", "1:a;"] {
            assert_eq!(bad.parse::<RevTree>(), Err(NotATree), "{bad}");
        }
    }
}
