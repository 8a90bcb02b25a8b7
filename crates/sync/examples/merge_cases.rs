//! Prints histories, one JSON object a line, with what our tree makes of them: `end2end/merge/check.mjs` asks PouchDB's merge about
//! the same.
//!
//! ```text
//! cargo run -p roost-sync --example merge_cases -- 1000 | node end2end/merge/check.mjs
//! ```
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a program for tests, whose output is its purpose"
)]

extern crate roost_sync as sync;

#[path = "../tests/trees/histories.rs"]
mod histories;

use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};
use serde_json::{Value, json};
use sync::mailbox::{Outcome, Rev, RevTree};

fn main() {
    let count = std::env::args()
        .nth(1)
        .and_then(|count| count.parse().ok())
        .unwrap_or(1_000);
    let mut runner = TestRunner::deterministic();
    let histories = histories::lines(12);
    for _ in 0..count {
        let lines = histories.new_tree(&mut runner).expect("a history").current();
        println!("{}", case(&lines));
    }
}

fn case(lines: &[histories::Line]) -> Value {
    let mut tree = RevTree::new();
    let steps: Vec<Value> = lines
        .iter()
        .map(|line| {
            let known = line.revisions.newest().is_some_and(|rev| tree.contains(&rev));
            let outcome = match tree.insert(&line.revisions, line.deleted) {
                Outcome::NewLeaf => "new_leaf",
                Outcome::NewBranch => "new_branch",
                Outcome::InternalNode => "internal_node",
            };
            json!({"line": line.revisions, "deleted": line.deleted, "known": known, "outcome": outcome})
        })
        .collect();
    let names = |revs: Vec<&Rev>| revs.into_iter().map(ToString::to_string).collect::<Vec<_>>();
    json!({"steps": steps, "leaves": names(tree.leaves()), "conflicts": names(tree.conflicts()),
        "winner": tree.winner(), "deleted": tree.is_deleted()})
}
