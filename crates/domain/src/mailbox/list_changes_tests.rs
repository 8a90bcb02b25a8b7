use super::super::{Fault, change_epochs, testing::*};
use super::*;
use crate::fixtures;
use serde_json::json;

async fn page(env: &Env, db: &Mailbox, query: ChangesQuery) -> ChangesPage {
    list_changes(env, db, &query).await.expect("lists")
}

fn ids(page: &ChangesPage) -> Vec<&str> {
    page.results.iter().map(|row| row.id.as_str()).collect()
}

async fn five(env: &Env) -> Mailbox {
    let db = database(env).await;
    for id in ["a", "b", "c", "d", "e"] {
        put(env, &db, json!({"_id": id, "n": id})).await;
    }
    db
}

#[tokio::test]
async fn pages_follow_each_other_without_a_hole_also_where_documents_left_their_places() {
    let (env, _) = fixtures::env().await;
    let db = database(&env).await;
    let mut rev = put(&env, &db, json!({"_id": "busy"})).await;
    for n in 0..20 {
        put(&env, &db, json!({"_id": format!("doc-{n:02}")})).await;
        for _ in 0..20 {
            rev = put(&env, &db, json!({"_id": "busy", "_rev": rev})).await;
        }
    }
    let mut since = Since::Start;
    let mut seen = Vec::new();
    loop {
        let query = ChangesQuery {
            since: since.clone(),
            limit: Some(3),
            ..ChangesQuery::default()
        };
        let page = page(&env, &db, query).await;
        if page.results.is_empty() {
            break;
        }
        seen.extend(page.results.iter().map(|row| row.id.clone()));
        assert_eq!(page.pending, 21 - seen.len() as u64);
        since = Since::Seq(page.last_seq);
    }
    let mut expected: Vec<String> = (0..20).map(|n| format!("doc-{n:02}")).collect();
    expected.push("busy".into());
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn the_last_sequence_is_told_also_of_nothing_and_the_future_and_other_epochs_are_understood() {
    let (env, _) = fixtures::env().await;
    let empty = database(&env).await;
    let nothing = page(
        &env,
        &empty,
        ChangesQuery {
            since: Since::Now,
            ..ChangesQuery::default()
        },
    )
    .await;
    assert!(
        nothing.results.is_empty() && nothing.last_seq.starts_with("0-"),
        "{nothing:?}"
    );
    for id in ["a", "b", "c"] {
        put(&env, &empty, json!({"_id": id})).await;
    }
    let since = |text: String| ChangesQuery {
        since: Since::Seq(text),
        ..ChangesQuery::default()
    };
    let all = page(&env, &empty, ChangesQuery::default()).await;
    let epoch = all.last_seq.split_once('-').expect("an epoch").1.to_owned();
    let future = page(&env, &empty, since(format!("99-{epoch}"))).await;
    assert_eq!(
        (ids(&future), future.last_seq.as_str()),
        (vec![], format!("3-{epoch}").as_str())
    );
    assert_eq!(ids(&page(&env, &empty, since(format!("2-{epoch}"))).await), ["c"]);
    assert_eq!(
        ids(&page(&env, &empty, since("2-elsewhere".into())).await),
        ["a", "b", "c"]
    );
    let none = page(
        &env,
        &empty,
        ChangesQuery {
            limit: Some(0),
            ..ChangesQuery::default()
        },
    )
    .await;
    assert_eq!(ids(&none), ["a"], "as CouchDB has it");
    crate::mailbox::put_local(&env, &empty, "note", serde_json::Map::new())
        .await
        .expect("writes");
    assert_eq!(change_epochs(&env).await.expect("changes"), 1);
    assert_eq!(
        ids(&page(&env, &empty, since(all.last_seq)).await),
        ["a", "b", "c"],
        "after a restored backup"
    );
    assert_eq!(
        fault(crate::mailbox::get_local(&env, &empty, "note").await),
        Fault::missing()
    );
}

#[tokio::test]
async fn changes_come_backwards_filtered_and_with_their_documents() {
    let (env, _) = fixtures::env().await;
    let db = five(&env).await;
    put(&env, &db, json!({"_id": "_design/x"})).await;
    let backwards = ChangesQuery {
        descending: true,
        limit: Some(2),
        ..ChangesQuery::default()
    };
    assert_eq!(ids(&page(&env, &db, backwards).await), ["_design/x", "e"]);
    let of = |filter| ChangesQuery {
        filter,
        include_docs: true,
        ..ChangesQuery::default()
    };
    let named = of(Filter::DocIds(["d", "b", "nothing"].map(str::to_owned).into()));
    let named = page(&env, &db, named).await;
    assert_eq!(ids(&named), ["b", "d"]);
    assert_eq!(named.results[0].doc.as_ref().expect("a document")["n"], "b");
    assert!(named.last_seq.starts_with("6-"), "all was looked at");
    assert_eq!(ids(&page(&env, &db, of(Filter::Design)).await), ["_design/x"]);
    let late = Selector::parse(&json!({"n": {"$gt": "b"}})).expect("a selector");
    let mut late = of(Filter::Selector(late));
    assert_eq!(ids(&page(&env, &db, late.clone()).await), ["c", "d", "e"]);
    late.limit = Some(2);
    let first = page(&env, &db, late.clone()).await;
    assert_eq!(ids(&first), ["c", "d"]);
    late.since = Since::Seq(first.last_seq);
    assert_eq!(ids(&page(&env, &db, late).await), ["e"]);
}

#[tokio::test]
async fn a_ring_between_reading_and_waiting_is_heard_whoever_wrote() {
    let (env, _) = fixtures::env().await;
    let db = database(&env).await;
    let mut listening = crate::mailbox::listen(&env, &db);
    assert!(page(&env, &db, ChangesQuery::default()).await.results.is_empty());
    put(&env, &db, json!({"_id": "a"})).await;
    listening.rung().await;
    assert_eq!(ids(&page(&env, &db, ChangesQuery::default()).await), ["a"]);
}
