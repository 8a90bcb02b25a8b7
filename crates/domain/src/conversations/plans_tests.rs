//! Every list and page is answered by ids or by an index, and no range of ids is as long as a log is.

use super::{
    blocks, get_conversation, get_message, list_changes, list_conversations, list_members, list_messages, wake,
};
use crate::{Env, conversations::testing::Talk, fixtures};
use surrealdb::types::Variables;

/// Binds for any of them.
fn binds(env: &Env) -> Variables {
    let mut binds = super::row::membership_binds(env.new_id().into());
    for (name, value) in [("from", 1_i64), ("to", 9), ("limit", 5), ("seq", 3), ("after", 0)] {
        binds.insert(name, value);
    }
    binds.insert("conversation", env.new_id());
    binds.insert("uid", env.new_id());
    binds.insert("since", env.now().datetime());
    binds
}

const ALL: &[(&str, &str)] = &[
    ("the list", list_conversations::LIST),
    ("one conversation", get_conversation::GET),
    ("a page of a log", list_messages::RANGE),
    ("changes", list_changes::CHANGED),
    ("members", list_members::MEMBERS),
    ("where a message is", get_message::WHERE_IS),
    ("one message", get_message::GET),
    ("versions", get_message::VERSIONS),
    ("whom I block", blocks::LIST),
    ("who hears of it", wake::LISTENERS),
    ("what has grown", wake::GROWN),
    ("how far it is", wake::HEAD),
];

#[tokio::test]
async fn every_list_and_page_is_answered_by_ids_or_by_an_index() {
    let (env, _) = fixtures::env().await;
    for (what, statement) in ALL {
        let plan = env.db.plan(statement, binds(&env)).await;
        assert!(plan.starts_with("Ok"), "{what}: {plan}");
        assert!(!plan.contains("TableScan"), "{what} reads a whole table: {plan}");
    }
    let whole = env
        .db
        .plan("SELECT body FROM message WHERE author = $uid", binds(&env))
        .await;
    assert!(whole.contains("TableScan"), "what reads a whole table is seen: {whole}");
}

/// SurrealDB reads all of a range (decision 23), so one whose end is that of the table may only be of what is small: members
/// and blocks. `EXPLAIN` does not tell; the statement does.
#[test]
fn no_range_of_ids_is_as_long_as_a_log_is() {
    let small = ["membership:", "block:"];
    let mut ranges = 0;
    for (what, statement) in ALL {
        for (at, _) in statement.match_indices("..[") {
            ranges += 1;
            let before = &statement[..at];
            let table = before
                .rfind(" FROM ")
                .map_or("", |from| before[from + 6..].trim_start());
            let end = statement[at..].split("]").next().unwrap_or_default();
            let bounded = !end.contains("$last") || small.iter().any(|small| table.starts_with(small));
            assert!(bounded, "{what}: {table}{end}]");
        }
    }
    assert!(ranges > 6, "there are ranges to look at: {ranges}");
}

#[tokio::test]
async fn pages_of_a_long_log_are_what_they_are_of_a_short_one() {
    let talk = Talk::between_ada_and_grace().await;
    let authors = [talk.ada.id(), talk.grace.id()];
    super::fill(&talk.env, talk.id, &authors, 2_500, |seq| format!("number {seq}"))
        .await
        .expect("fills");
    let page = list_messages::list_messages(&talk.env, &talk.ada, talk.id, Default::default())
        .await
        .expect("reads");
    assert_eq!(
        page.items.last().map(|message| message.body.as_str()),
        Some("number 2500")
    );
    let seen = get_conversation::get_conversation(&talk.env, &talk.grace, talk.id)
        .await
        .expect("reads");
    assert_eq!(
        (seen.last_seq, seen.rev, seen.unread),
        (2_500, 250, 500),
        "of the first thousand after my marker"
    );
    let changes = list_changes::list_changes(&talk.env, &talk.ada, talk.id, 240, None)
        .await
        .expect("reads");
    assert_eq!((changes.items.len(), changes.rev, changes.has_more), (10, 250, false));
    let healthy = crate::doctor::examine(&talk.env).await.expect("looks");
    assert_eq!(healthy.findings, [], "what is filled in is as if it had been written");
}
