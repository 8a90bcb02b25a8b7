//! Every list of a mailbox is answered by ids or by an index, and no range of ids is longer than what is wanted but those
//! that ask for everything.

use super::{all_docs, catalogue_rows, list_changes, read_thread, search_letters, store, wake};
use crate::{db::vars, fixtures};
use surrealdb::types::{RecordId, RecordIdKey};

#[tokio::test]
async fn every_list_is_answered_by_ids_or_by_an_index() {
    let (env, _) = fixtures::env().await;
    let ids: Vec<RecordId> = vec![RecordId::new("document", RecordIdKey::Uuid(env.new_id().into()))];
    for (what, statement) in [
        ("a page of changes", list_changes::RANGE),
        ("how many are left", list_changes::COUNT),
        ("documents in order", all_docs::RANGE),
        ("documents from the end", all_docs::BACKWARDS),
        ("documents", store::DOCUMENTS),
        ("bodies", store::BODIES),
        ("attachments", store::ATTACHMENTS),
        ("what has grown", wake::GROWN),
        ("catalogues", catalogue_rows::CATALOGUES),
        ("sheets", catalogue_rows::SHEETS),
        ("where letters are", catalogue_rows::PLACES),
        ("a thread", read_thread::THREAD),
        ("which thread", read_thread::THREAD_OF),
        ("letters with words", search_letters::LOOK),
    ] {
        let binds = vars! {
            ids: ids.clone(),
            mailbox: env.new_id(),
            from: 1_i64,
            to: 9_i64,
            limit: 5_i64,
            since: env.now().datetime(),
            letter: ids[0].clone(),
            thread: "t".to_owned(),
            last: env.new_id(),
            needles: vec!["\nengine".to_owned()],
        };
        let plan = env.db.plan(statement, binds).await;
        assert!(plan.starts_with("Ok"), "{what}: {plan}");
        assert!(!plan.contains("TableScan"), "{what} reads a whole table: {plan}");
    }
    for statement in [list_changes::RANGE, list_changes::COUNT] {
        assert!(statement.contains("..[$mailbox, $to]"), "{statement}");
    }
}
