//! Reads, as replicators ask for them.

use super::{testing::*, *};
use crate::{Env, fixtures};
use serde_json::json;
use std::collections::BTreeMap;
use sync::mailbox::Rev;

fn rev(text: &str) -> Rev {
    text.parse().expect("a revision")
}

/// A document with a conflict, and another that is deleted.
async fn branched(env: &Env) -> Mailbox {
    let db = database(env).await;
    bring(
        env,
        &db,
        &[
            json!({"_id": "a", "_rev": "3-c", "_revisions": {"start": 3, "ids": ["c", "b", "a"]}, "n": "winner"}),
            json!({"_id": "a", "_rev": "2-x", "_revisions": {"start": 2, "ids": ["x", "a"]}, "n": "loser"}),
            json!({"_id": "a", "_rev": "2-y", "_revisions": {"start": 2, "ids": ["y", "a"]}, "_deleted": true}),
            json!({"_id": "b", "_rev": "1-b", "_deleted": true}),
        ],
    )
    .await;
    db
}

#[tokio::test]
async fn a_document_tells_its_history_when_it_is_asked() {
    let (env, _) = fixtures::env().await;
    let db = branched(&env).await;
    let all = Reading {
        revs: true,
        revs_info: true,
        conflicts: true,
        deleted_conflicts: true,
        local_seq: true,
        ..Reading::default()
    };
    let found = get_document(&env, &db, "a", &Which::default(), all)
        .await
        .expect("reads");
    assert_eq!(
        serde_json::Value::Object(found),
        json!({
            "_id": "a", "_rev": "3-c", "n": "winner", "_local_seq": 3,
            "_revisions": {"start": 3, "ids": ["c", "b", "a"]},
            "_revs_info": [{"rev": "3-c", "status": "available"}, {"rev": "2-b", "status": "missing"}, {"rev": "1-a", "status": "missing"}],
            "_conflicts": ["2-x"],
            "_deleted_conflicts": ["2-y"],
        })
    );
    let read = async |which: Which| get_document(&env, &db, "a", &which, Reading::default()).await;
    let old = Which {
        rev: Some(rev("1-a")),
        latest: false,
    };
    assert_eq!(
        fault(read(old.clone()).await),
        Fault::missing(),
        "its body was never here"
    );
    let newer = Which { latest: true, ..old };
    assert_eq!(read(newer).await.expect("reads")["_rev"], "3-c");
    let unknown = Which {
        rev: Some(rev("9-z")),
        latest: true,
    };
    assert_eq!(fault(read(unknown).await), Fault::missing());
    let dead = Which {
        rev: Some(rev("2-y")),
        latest: false,
    };
    assert_eq!(read(dead).await.expect("reads")["_deleted"], true);
}

#[tokio::test]
async fn leaves_are_read_all_or_by_name_and_what_is_not_there_is_told() {
    let (env, _) = fixtures::env().await;
    let db = branched(&env).await;
    let name = |leaf: Leaf| match leaf {
        Leaf::Found(document) => document["_rev"].as_str().expect("a revision").to_owned(),
        Leaf::Missing(rev) => format!("{rev}?"),
    };
    let read = async |revs: Option<Vec<Rev>>, latest| {
        let leaves = get_leaves(&env, &db, "a", revs, latest, Reading::default())
            .await
            .expect("reads");
        leaves.into_iter().map(name).collect::<Vec<_>>()
    };
    assert_eq!(read(None, false).await, ["3-c", "2-x", "2-y"]);
    assert_eq!(
        read(Some(vec![rev("2-x"), rev("9-z"), rev("2-b")]), false).await,
        ["2-x", "9-z?", "2-b?"]
    );
    assert_eq!(
        read(Some(vec![rev("2-b"), rev("3-c")]), true).await,
        ["3-c"],
        "told once"
    );
    assert_eq!(
        fault(get_leaves(&env, &db, "none", None, false, Reading::default()).await),
        Fault::missing()
    );
}

#[tokio::test]
async fn many_revisions_are_answered_one_by_one_in_the_order_in_which_they_were_asked_for() {
    let (env, _) = fixtures::env().await;
    let db = branched(&env).await;
    let want = |id: &str, text: Option<&str>| Wanted {
        id: id.into(),
        rev: text.map(rev),
    };
    let wanted = [
        want("b", Some("1-b")),
        want("a", Some("2-x")),
        want("a", Some("2-b")),
        want("none", Some("1-n")),
        want("none", None),
        want("a", None),
        want("a", Some("2-x")),
    ];
    let got = bulk_get(&env, &db, &wanted, false, Reading::default())
        .await
        .expect("reads");
    let told: Vec<(String, usize, bool)> = got
        .into_iter()
        .map(|got| {
            (
                got.id,
                got.leaves.len(),
                got.leaves.iter().all(|leaf| matches!(leaf, Leaf::Found(_))),
            )
        })
        .collect();
    let expected = [
        ("b", 1, true),
        ("a", 1, true),
        ("a", 1, false),
        ("none", 1, false),
        ("none", 0, true),
        ("a", 3, true),
        ("a", 1, true),
    ];
    assert_eq!(told, expected.map(|(id, n, all)| (id.to_owned(), n, all)));
    let newest = bulk_get(&env, &db, &[want("a", Some("2-b"))], true, Reading::default())
        .await
        .expect("reads");
    assert!(matches!(&newest[0].leaves[..], [Leaf::Found(document)] if document["_rev"] == "3-c"));
}

#[tokio::test]
async fn only_what_is_missing_is_missing() {
    let (env, _) = fixtures::env().await;
    let db = branched(&env).await;
    let offered: BTreeMap<String, Vec<Rev>> = [
        ("a", vec!["3-c", "2-b", "4-d"]),
        ("b", vec!["1-b"]),
        ("new", vec!["1-n"]),
    ]
    .map(|(id, revs)| (id.to_owned(), revs.into_iter().map(rev).collect()))
    .into();
    let missing = revs_diff(&env, &db, &offered).await.expect("compares");
    assert_eq!(
        json!(missing),
        json!({
            "a": {"missing": ["4-d"], "possible_ancestors": ["3-c", "2-x", "2-y"]},
            "new": {"missing": ["1-n"]},
        })
    );
}

async fn listed(env: &Env, db: &Mailbox, query: AllDocsQuery) -> Vec<String> {
    let list = all_docs(env, db, &query).await.expect("lists");
    let name = |row| match row {
        ListedDoc::Found { id, deleted, .. } => format!("{id}{}", if deleted { "!" } else { "" }),
        ListedDoc::Missing(key) => format!("{key}?"),
    };
    list.rows.into_iter().map(name).collect()
}

#[tokio::test]
async fn documents_are_listed_in_the_order_of_their_ids_whatever_is_in_them() {
    let (env, _) = fixtures::env().await;
    let db = database(&env).await;
    let long = "x".repeat(1_000);
    let odd = ["", "a/b", "a+b c", "%2F", "🐔", "é", "A", "~", "\u{1}", long.as_str()];
    for id in odd.iter().filter(|id| !id.is_empty()) {
        put(&env, &db, json!({"_id": id})).await;
        assert_eq!(get(&env, &db, id).await.expect("reads")["_id"], *id);
    }
    let mut sorted: Vec<&str> = odd.iter().copied().filter(|id| !id.is_empty()).collect();
    sorted.sort_unstable();
    assert_eq!(listed(&env, &db, AllDocsQuery::default()).await, sorted);
}

#[tokio::test]
async fn a_part_of_the_documents_is_listed_by_every_measure() {
    let (env, _) = fixtures::env().await;
    let db = database(&env).await;
    for id in ["a", "b", "c", "d"] {
        put(&env, &db, json!({"_id": id})).await;
    }
    bring(&env, &db, &[json!({"_id": "gone", "_rev": "1-g", "_deleted": true})]).await;
    let text = |text: &str| Some(text.to_owned());
    let range = |start: &str, end: &str| AllDocsQuery {
        start: text(start),
        end: text(end),
        ..AllDocsQuery::default()
    };
    for (query, expected) in [
        (AllDocsQuery::default(), vec!["a", "b", "c", "d"]),
        (range("b", "c"), vec!["b", "c"]),
        (range("c", "b"), vec![]),
        (range("aa", "cc"), vec!["b", "c"]),
        (
            AllDocsQuery {
                without_end: true,
                ..range("a", "c")
            },
            vec!["a", "b"],
        ),
        (
            AllDocsQuery {
                descending: true,
                ..range("c", "b")
            },
            vec!["c", "b"],
        ),
        (
            AllDocsQuery {
                descending: true,
                without_end: true,
                ..range("c", "a")
            },
            vec!["c", "b"],
        ),
        (
            AllDocsQuery {
                skip: 1,
                limit: Some(2),
                ..AllDocsQuery::default()
            },
            vec!["b", "c"],
        ),
        (
            AllDocsQuery {
                descending: true,
                limit: Some(1),
                ..AllDocsQuery::default()
            },
            vec!["d"],
        ),
        (
            AllDocsQuery {
                keys: Some(["d", "gone", "none", "a", "d"].map(str::to_owned).into()),
                ..AllDocsQuery::default()
            },
            vec!["d", "gone!", "none?", "a", "d"],
        ),
    ] {
        assert_eq!(listed(&env, &db, query.clone()).await, expected, "{query:?}");
    }
    let list = all_docs(
        &env,
        &db,
        &AllDocsQuery {
            skip: 3,
            ..AllDocsQuery::default()
        },
    )
    .await
    .expect("lists");
    assert_eq!((list.total, list.offset), (4, 3));
}

#[tokio::test]
async fn local_documents_are_numbered_are_in_no_list_and_make_room_for_newer_ones() {
    let (env, clock) = fixtures::env().await;
    let db = database(&env).await;
    let body = |value: serde_json::Value| value.as_object().expect("an object").clone();
    let write = async |rev: Option<&str>| put_local(&env, &db, "note", body(json!({"_rev": rev, "n": 1}))).await;
    assert_eq!(write(None).await.expect("writes"), "0-1");
    assert_eq!(fault(write(None).await), Fault::Conflict);
    assert_eq!(write(Some("0-1")).await.expect("writes"), "0-2");
    assert_eq!(fault(write(Some("0-1")).await), Fault::Conflict);
    let found = get_local(&env, &db, "note").await.expect("reads");
    assert_eq!((found.rev.as_str(), &found.body["n"]), ("0-2", &json!(1)));
    assert!(changes(&env, &db).await.is_empty());
    for n in 0..model::limits::LOCAL_DOCUMENTS_MAX {
        clock.advance_s(1);
        put_local(&env, &db, &format!("device-{n}"), body(json!({})))
            .await
            .expect("writes");
    }
    assert_eq!(
        fault(get_local(&env, &db, "note").await),
        Fault::missing(),
        "the oldest made room"
    );
    get_local(&env, &db, "device-0").await.expect("the next is still there");
    assert_eq!(fault(delete_local(&env, &db, "device-0", "0-9").await), Fault::Conflict);
    delete_local(&env, &db, "device-0", "0-1").await.expect("deletes");
    assert_eq!(
        fault(delete_local(&env, &db, "device-0", "0-1").await),
        Fault::missing()
    );
}

#[tokio::test]
async fn somebody_elses_mailbox_does_not_exist() {
    let (env, _) = fixtures::env().await;
    let (ada, grace) = Owner::two(&env).await;
    for name in ["grace", "nobody", "", "ada/", "../grace"] {
        assert_eq!(
            fault(open_mailbox(&env, &ada.actor, name).await),
            Fault::NoDatabase,
            "{name}"
        );
    }
    assert_eq!(
        open_mailbox(&env, &ada.actor, "ADA").await.expect("hers").id(),
        ada.actor.id().uuid()
    );
    put(&env, &grace.mailbox, order(&env, &["nobody"], "Mine")).await;
    assert!(changes(&env, &ada.mailbox).await.is_empty());
    assert_eq!(
        fault(open_database(&env, "ada").await),
        Fault::NoDatabase,
        "the laboratory is elsewhere"
    );
}
