//! Histories of a document as they may arrive: in any order, in pieces, some twice.

use proptest::prelude::*;
use sync::mailbox::{Rev, Revisions};

/// A revision that arrives, with so much of its line as the sender knew.
#[derive(Clone, Debug)]
pub struct Line {
    pub revisions: Revisions,
    pub deleted: bool,
}

#[derive(Clone, Debug)]
struct Made {
    rev: Rev,
    parent: Option<usize>,
    deleted: bool,
}

/// Up to `most` revisions, each made from an earlier one or from nothing.
fn made(most: usize) -> impl Strategy<Value = Vec<Made>> {
    let revision = (any::<prop::sample::Index>(), 0_u8..8, any::<bool>(), 0_u8..4);
    prop::collection::vec(revision, 1..most).prop_map(|choices| {
        let mut made: Vec<Made> = Vec::new();
        for (number, (from, root, deleted, salt)) in choices.into_iter().enumerate() {
            let parent = (root > 0 && !made.is_empty()).then(|| from.index(made.len()));
            let generation = parent.map_or(1 + u64::from(salt), |parent| made[parent].rev.generation() + 1);
            made.push(Made {
                // The salt in front makes later ones win or lose by their hash.
                rev: Rev::new(generation, &format!("{salt}{number}")).expect("a rev"),
                parent,
                deleted: deleted && salt == 0,
            });
        }
        made
    })
}

fn line(made: &[Made], of: usize, length: usize) -> Line {
    let ids = std::iter::successors(Some(of), |place| made[*place].parent).take(length.max(1));
    let ids = ids.map(|place| made[place].rev.hash().to_owned()).collect();
    Line {
        revisions: Revisions::new(made[of].rev.generation(), ids).expect("a line"),
        deleted: made[of].deleted,
    }
}

/// The lines of one document.
pub fn lines(most: usize) -> impl Strategy<Value = Vec<Line>> {
    made(most).prop_flat_map(move |made| {
        let count = made.len();
        let choice = (0..count, 1..=most);
        prop::collection::vec(choice, 1..most * 2).prop_map(move |choices| {
            choices
                .into_iter()
                .map(|(of, length)| line(&made, of, length))
                .collect()
        })
    })
}
