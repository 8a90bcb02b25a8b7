use super::super::testing::*;
use super::*;
use crate::{
    doctor, fixtures,
    mailbox::{Reading, Which, get_document},
};
use model::samples::ADA;
use serde_json::json;

#[tokio::test]
async fn a_write_without_the_current_revision_is_a_conflict() {
    let (env, _) = fixtures::env().await;
    let db = database(&env).await;
    let first = put(&env, &db, json!({"_id": "a", "n": 1})).await;
    let second = put(&env, &db, json!({"_id": "a", "_rev": first, "n": 2})).await;
    assert!(second.starts_with("2-"));
    for stale in [
        json!({"_id": "a", "n": 3}),
        json!({"_id": "a", "_rev": first, "n": 3}),
        json!({"_id": "b", "_rev": first}),
    ] {
        let refused = write_all_of(&env, &db, Mode::Edit, &[stale]).await.remove(0);
        assert_eq!(refused.outcome, Err(Fault::Conflict));
    }
    assert_eq!(get(&env, &db, "a").await.expect("reads")["n"], 2);
    assert_eq!(changes(&env, &db).await, [format!("a: {second}")]);
}

#[tokio::test]
async fn the_same_replicated_write_twice_gives_no_new_number_and_no_new_leaf() {
    let (env, _) = fixtures::env().await;
    let db = database(&env).await;
    let documents = [
        json!({"_id": "a", "_rev": "2-x", "_revisions": {"start": 2, "ids": ["x", "w"]}, "n": 1}),
        json!({"_id": "b", "_rev": "1-y", "_deleted": true}),
    ];
    bring(&env, &db, &documents).await;
    let before = (changes(&env, &db).await, head(&env, db.id()).await.expect("a head"));
    assert_eq!(before.0, ["a: 2-x", "b: 1-y!"]);
    bring(&env, &db, &documents).await;
    assert_eq!(
        (changes(&env, &db).await, head(&env, db.id()).await.expect("a head")),
        before
    );
    assert_eq!((before.1.live, before.1.dead), (1, 1));
}

#[tokio::test]
async fn a_branch_that_loses_moves_its_document_and_a_branch_survives_its_winner() {
    let (env, _) = fixtures::env().await;
    let db = database(&env).await;
    bring(
        &env,
        &db,
        &[
            json!({"_id": "a", "_rev": "1-b", "n": "winner"}),
            json!({"_id": "z", "_rev": "1-z"}),
        ],
    )
    .await;
    bring(&env, &db, &[json!({"_id": "a", "_rev": "1-a", "n": "loser"})]).await;
    assert_eq!(
        changes(&env, &db).await,
        ["z: 1-z", "a: 1-b 1-a"],
        "the row moved, the winner stayed"
    );
    let deletion = json!({"_id": "a", "_rev": "1-b", "_deleted": true});
    put(&env, &db, deletion).await;
    let now = get(&env, &db, "a").await.expect("reads");
    assert_eq!((&now["n"], &now["_rev"]), (&json!("loser"), &json!("1-a")));
    assert!(
        changes(&env, &db).await[1].starts_with("a: 1-a 2-"),
        "and it is not deleted"
    );
}

#[tokio::test]
async fn a_write_without_revision_onto_a_tombstone_is_its_child() {
    let (env, _) = fixtures::env().await;
    let db = database(&env).await;
    let first = put(&env, &db, json!({"_id": "a"})).await;
    put(&env, &db, json!({"_id": "a", "_rev": first, "_deleted": true})).await;
    assert_eq!(fault(get(&env, &db, "a").await), Fault::Deleted);
    let again = put(&env, &db, json!({"_id": "a", "n": 2})).await;
    assert!(again.starts_with("3-"), "{again}");
    let head = head(&env, db.id()).await.expect("a head");
    assert_eq!((head.live, head.dead), (1, 0));
}

#[tokio::test]
async fn writers_of_two_processes_lose_nothing_and_give_each_number_once() {
    let (env, _) = fixtures::env().await;
    let elsewhere = another(&env).await;
    let db = database(&env).await;
    let writes = (0..40).map(|n| {
        let env = if n % 2 == 0 { &env } else { &elsewhere };
        let db = &db;
        async move { put(env, db, json!({"_id": format!("doc-{:02}", n / 2 * 2 + n % 2), "n": n})).await }
    });
    futures::future::join_all(writes).await;
    let head = head(&env, db.id()).await.expect("a head");
    assert_eq!((head.seq, head.live), (40, 40));
    assert_eq!(changes(&env, &db).await.len(), 40);
    // One document, many hands: of each generation one wins, and the others hear it.
    let first = put(&env, &db, json!({"_id": "one"})).await;
    let rivals = (0..10).map(|n| {
        let env = if n % 2 == 0 { &env } else { &elsewhere };
        let document = json!({"_id": "one", "_rev": first, "n": n});
        let db = &db;
        async move { write_all_of(env, db, Mode::Edit, &[document]).await.remove(0).outcome }
    });
    let outcomes = futures::future::join_all(rivals).await;
    assert_eq!(
        outcomes.iter().filter(|outcome| outcome.is_ok()).count(),
        1,
        "{outcomes:?}"
    );
    assert_eq!(doctor::examine(&env).await.expect("looks").findings, []);
}

#[tokio::test]
async fn what_is_wrong_with_one_document_harms_none_of_the_others() {
    let (env, _) = fixtures::env().await;
    let ada = Owner::sign_up(&env, ADA).await;
    let draft = |n: u128| {
        let id = format!("d:{}", Uuid::from_u128(n));
        json!({"_id": id, "type": "draft", "to": [], "subject": "", "body": "", "updated_at": env.now()})
    };
    let bad = json!({"_id": format!("l:{}", Uuid::from_u128(7)), "type": "letter"});
    let large = json!({"_id": format!("d:{}", Uuid::from_u128(8)), "type": "draft", "body": "x".repeat(1_100_000)});
    let written = write_all_of(
        &env,
        &ada.mailbox,
        Mode::Edit,
        &[draft(1), bad, json!({"_id": "x"}), large, draft(2)],
    )
    .await;
    let names: Vec<_> = written
        .iter()
        .map(|one| one.outcome.as_ref().map(|_| ()).map_err(Fault::error))
        .collect();
    assert_eq!(
        names,
        [
            Ok(()),
            Err("forbidden"),
            Err("forbidden"),
            Err("document_too_large"),
            Ok(())
        ]
    );
    assert_eq!(changes(&env, &ada.mailbox).await.len(), 2);
    let nameless = write_documents(
        &env,
        &ada.mailbox,
        vec![Writing {
            document: json!({"_id": "_x"}),
            ..Writing::default()
        }],
        Mode::Edit,
    )
    .await;
    assert!(matches!(fault(nameless), Fault::IllegalDocid(_)));
    let many = (0..1_001)
        .map(|_| Writing {
            document: json!({}),
            ..Writing::default()
        })
        .collect();
    assert_eq!(
        fault(write_documents(&env, &ada.mailbox, many, Mode::Edit).await),
        Fault::TooLarge
    );
}

#[tokio::test]
async fn bytes_are_kept_once_and_stubs_stand_for_them_until_the_last_revision_that_has_them_is_gone() {
    let (env, _) = fixtures::env().await;
    let db = database(&env).await;
    let first = put(
        &env,
        &db,
        json!({"_id": "a", "_attachments": {"t.txt": {"content_type": "text/plain", "data": "aGVsbG8="}}}),
    )
    .await;
    let second = put(
        &env,
        &db,
        json!({"_id": "a", "_rev": first, "n": 2, "_attachments": {"t.txt": {"stub": true}}}),
    )
    .await;
    let file = crate::mailbox::get_attachment(&env, &db, "a", &Which::default(), "t.txt")
        .await
        .expect("reads");
    assert_eq!(
        (file.bytes.as_slice(), file.stub.revpos, file.stub.length),
        (b"hello".as_slice(), 1, 5)
    );
    assert_eq!(file.stub.digest, "md5-XUFAKrxLKna5cZ2REBfFkg==");
    let missing = json!({"_id": "a", "_rev": second, "_attachments": {"u.txt": {"stub": true}}});
    let refused = write_all_of(&env, &db, Mode::Edit, &[missing]).await.remove(0);
    assert!(matches!(refused.outcome, Err(Fault::MissingStub(_))));
    let third = put(&env, &db, json!({"_id": "a", "_rev": second, "n": 3})).await;
    let old = Which {
        rev: Some(second.parse().expect("a revision")),
        latest: false,
    };
    crate::mailbox::get_attachment(&env, &db, "a", &old, "t.txt")
        .await
        .expect("still there");
    crate::mailbox::compact(&env, &db).await.expect("compacts");
    assert_eq!(
        fault(get_document(&env, &db, "a", &old, Reading::default()).await),
        Fault::missing()
    );
    assert_eq!(get(&env, &db, "a").await.expect("reads")["_rev"], third.as_str());
    let rows: Vec<surrealdb::types::Value> = env
        .db
        .list("SELECT VALUE id FROM attachment", crate::db::vars! {})
        .await
        .expect("lists");
    assert!(rows.is_empty(), "{rows:?}");
    assert_eq!(doctor::examine(&env).await.expect("looks").findings, []);
}
