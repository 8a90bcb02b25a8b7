//! What becomes of messages over REST: edits, tombstones, reactions, and how nobody misses any of it.

use crate::support::TestApp;
use axum::http::{Method, StatusCode};
use model::samples::{ADA, GRACE, MALLORY};
use serde_json::{Value, json};

fn path_of(message: &Value) -> String {
    format!("/api/v1/messages/{}", message["id"].as_str().expect("an id"))
}

async fn edit(app: &TestApp, token: &str, message: &Value, body: &str) -> Value {
    let answer = app
        .call(
            Method::PATCH,
            &path_of(message),
            Some(token),
            Some(json!({"body": body})),
        )
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()
}

#[tokio::test]
async fn an_edited_message_keeps_its_place_and_what_it_said_before() {
    let app = TestApp::start().await;
    let (ada, grace) = (app.token(ADA).await, app.token(GRACE).await);
    let id = app.open(&ada, "grace").await;
    let message = app.say(&ada, &id, "Good morming").await;
    let edited = edit(&app, &ada, &message, "Good morning").await;
    assert_eq!(
        (&edited["seq"], &edited["rev"], &edited["id"]),
        (&json!(1), &json!(1), &message["id"])
    );
    assert!(edited["edited_at"].is_string());
    assert_eq!(
        edit(&app, &ada, &message, "Good morning").await,
        edited,
        "the same text changes nothing"
    );
    edit(&app, &ada, &message, "Good evening").await;
    let versions = app.get(&format!("{}/versions", path_of(&message)), &grace).await.json();
    let texts: Vec<&Value> = versions["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|one| &one["body"])
        .collect();
    assert_eq!(texts, ["Good morming", "Good morning"]);
    assert_eq!(app.get(&path_of(&message), &grace).await.json()["body"], "Good evening");
    for (body, code) in [
        (json!({"body": " "}), "invalid"),
        (json!({"text": "x"}), "malformed_body"),
    ] {
        let answer = app
            .call(Method::PATCH, &path_of(&message), Some(&ada), Some(body))
            .await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::UNPROCESSABLE_ENTITY, code)
        );
    }
}

#[tokio::test]
async fn a_deleted_message_leaves_a_tombstone_and_nothing_else() {
    let app = TestApp::start().await;
    let (ada, grace) = (app.token(ADA).await, app.token(GRACE).await);
    let id = app.open(&ada, "grace").await;
    let message = app.say(&ada, &id, "I take it back").await;
    let answer = json!({"client_id": app.env.new_id(), "body": "Why?", "reply_to": message["id"]});
    app.post(&format!("/api/v1/conversations/{id}/messages"), Some(&grace), answer)
        .await;
    edit(&app, &ada, &message, "I take it back!").await;
    app.call(
        Method::PUT,
        &format!("{}/reactions/👍", path_of(&message)),
        Some(&grace),
        None,
    )
    .await;
    let deleted = app.call(Method::DELETE, &path_of(&message), Some(&ada), None).await;
    assert_eq!(deleted.status, StatusCode::OK, "{}", deleted.text);
    let tombstone = deleted.json();
    assert_eq!(
        (&tombstone["seq"], &tombstone["body"], &tombstone["reactions"]),
        (&json!(1), &json!(""), &json!([]))
    );
    assert!(tombstone["deleted_at"].is_string());
    let again = app.call(Method::DELETE, &path_of(&message), Some(&ada), None).await;
    assert_eq!(
        (again.status, again.json()),
        (StatusCode::OK, tombstone.clone()),
        "deleting it again changes nothing"
    );
    let log = app
        .get(&format!("/api/v1/conversations/{id}/messages"), &grace)
        .await
        .json();
    assert_eq!(log["items"][0], tombstone);
    assert_eq!(log["items"][1]["quote"]["excerpt"], "");
    let versions = app.get(&format!("{}/versions", path_of(&message)), &grace).await.json();
    assert_eq!(versions["items"], json!([]));
    for (method, path, body) in [
        (Method::PATCH, path_of(&message), Some(json!({"body": "Again"}))),
        (Method::PUT, format!("{}/reactions/👍", path_of(&message)), None),
    ] {
        let answer = app.call(method.clone(), &path, Some(&ada), body).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::CONFLICT, "message_deleted"),
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn messages_are_changed_by_their_authors_and_do_not_exist_for_strangers() {
    let app = TestApp::start().await;
    let (ada, grace, mallory) = (app.token(ADA).await, app.token(GRACE).await, app.token(MALLORY).await);
    let id = app.open(&ada, "grace").await;
    let message = app.say(&ada, &id, "Mine").await;
    let path = path_of(&message);
    for (method, path, body, for_members) in [
        (
            Method::PATCH,
            path.clone(),
            Some(json!({"body": "Hers"})),
            Some("not_author"),
        ),
        (Method::DELETE, path.clone(), None, Some("not_author")),
        (Method::GET, path.clone(), None, None),
        (Method::GET, format!("{path}/versions"), None, None),
        (Method::PUT, format!("{path}/reactions/👍"), None, None),
        (Method::DELETE, format!("{path}/reactions/👍"), None, None),
    ] {
        let answer = app.call(method.clone(), &path, Some(&grace), body.clone()).await;
        match for_members {
            Some(code) => assert_eq!(
                (answer.status, answer.code().as_str()),
                (StatusCode::FORBIDDEN, code),
                "{method} {path}"
            ),
            None => assert_eq!(answer.status, StatusCode::OK, "{method} {path}"),
        }
        let answer = app.call(method.clone(), &path, Some(&mallory), body).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::NOT_FOUND, "not_found"),
            "{method} {path}"
        );
    }
    let unchanged = app.get(&path, &ada).await.json();
    assert_eq!(
        (&unchanged["body"], &unchanged["edited_at"]),
        (&json!("Mine"), &json!(null))
    );
}

#[tokio::test]
async fn a_reaction_counts_once_and_is_mine_only_for_me() {
    let app = TestApp::start().await;
    let (ada, grace) = (app.token(ADA).await, app.token(GRACE).await);
    let id = app.open(&ada, "grace").await;
    let message = app.say(&ada, &id, "It works").await;
    // As a program sends it: percent-encoded.
    let thumb = format!("{}/reactions/%F0%9F%91%8D", path_of(&message));
    let one = json!([{"emoji": "👍", "count": 1, "mine": true}]);
    for _ in 0..2 {
        let reacted = app.call(Method::PUT, &thumb, Some(&grace), None).await;
        assert_eq!((reacted.status, &reacted.json()["reactions"]), (StatusCode::OK, &one));
        assert_eq!(reacted.json()["rev"], 1, "the second changes nothing");
    }
    let his = app.get(&path_of(&message), &ada).await.json();
    assert_eq!(his["reactions"], json!([{"emoji": "👍", "count": 1, "mine": false}]));
    for _ in 0..2 {
        let taken = app.call(Method::DELETE, &thumb, Some(&grace), None).await;
        assert_eq!(
            (taken.status, &taken.json()["reactions"], &taken.json()["rev"]),
            (StatusCode::OK, &json!([]), &json!(2))
        );
    }
    for method in [Method::PUT, Method::DELETE] {
        let answer = app
            .call(
                method,
                &format!("{}/reactions/thumb", path_of(&message)),
                Some(&grace),
                None,
            )
            .await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::UNPROCESSABLE_ENTITY, "invalid")
        );
    }
}

#[tokio::test]
async fn who_was_away_reads_what_became_of_messages_in_pages_without_a_hole() {
    let app = TestApp::start().await;
    let (ada, grace) = (app.token(ADA).await, app.token(GRACE).await);
    let id = app.open(&ada, "grace").await;
    let mut messages = Vec::new();
    for n in 1..=4 {
        messages.push(app.say(&ada, &id, &format!("Number {n}")).await);
    }
    edit(&app, &ada, &messages[0], "The first").await;
    edit(&app, &ada, &messages[1], "The second").await;
    app.call(Method::DELETE, &path_of(&messages[2]), Some(&ada), None).await;
    edit(&app, &ada, &messages[0], "The very first").await;
    let (mut rev, mut seen) = (0, Vec::new());
    loop {
        let page = app
            .get(
                &format!("/api/v1/conversations/{id}/changes?after={rev}&limit=2"),
                &grace,
            )
            .await
            .json();
        assert!(page["rev"].as_u64() > Some(rev), "{page}");
        rev = page["rev"].as_u64().expect("a rev");
        seen.extend(
            page["items"]
                .as_array()
                .expect("items")
                .iter()
                .map(|one| (one["seq"].clone(), one["rev"].clone())),
        );
        if page["has_more"] == false {
            break;
        }
    }
    assert_eq!(rev, 4);
    assert_eq!(
        app.get(&format!("/api/v1/conversations/{id}"), &grace).await.json()["rev"],
        4
    );
    assert_eq!(
        seen,
        [(json!(2), json!(2)), (json!(3), json!(3)), (json!(1), json!(4))],
        "each as it is now"
    );
    let nothing = app
        .get(&format!("/api/v1/conversations/{id}/changes?after=4"), &grace)
        .await
        .json();
    assert_eq!(nothing, json!({"items": [], "rev": 4, "has_more": false}));
    for bad in ["limit=0", "limit=101", "after=-1", "after=x", "before=1"] {
        let answer = app
            .get(&format!("/api/v1/conversations/{id}/changes?{bad}"), &grace)
            .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
    }
}

#[tokio::test]
async fn a_reply_quotes_what_it_answers_and_a_mention_counts() {
    let app = TestApp::start().await;
    let (ada, grace) = (app.token(ADA).await, app.token(GRACE).await);
    let (id, other) = (
        app.open(&ada, "grace").await,
        app.group(&ada, "Nanoseconds", &["grace"]).await,
    );
    let question = app.say(&grace, &id, "Does it work?").await;
    let path = format!("/api/v1/conversations/{id}/messages");
    let reply = json!({"client_id": app.env.new_id(), "body": "Yes, @grace", "reply_to": question["id"]});
    let sent = app.post(&path, Some(&ada), reply.clone()).await.json();
    assert_eq!(
        (&sent["quote"]["seq"], &sent["quote"]["excerpt"]),
        (&json!(1), &json!("Does it work?"))
    );
    assert_eq!(sent["mentions"], json!([question["author"]["id"]]));
    let seen = app.get(&format!("/api/v1/conversations/{id}"), &grace).await.json();
    assert_eq!((&seen["unread"], &seen["mentions"]), (&json!(1), &json!(1)));
    // The same client_id in another conversation, and an answer to what is not there.
    let elsewhere = app
        .post(&format!("/api/v1/conversations/{other}/messages"), Some(&ada), reply)
        .await;
    assert_eq!(
        elsewhere.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "what it answers is not here: {}",
        elsewhere.text
    );
    let reused = json!({"client_id": sent["client_id"], "body": "Yes"});
    let elsewhere = app
        .post(&format!("/api/v1/conversations/{other}/messages"), Some(&ada), reused)
        .await;
    assert_eq!(
        (elsewhere.status, elsewhere.code().as_str()),
        (StatusCode::CONFLICT, "client_id_reused")
    );
}

#[tokio::test]
async fn a_chat_deleted_for_me_is_gone_for_me_alone_and_comes_back_empty() {
    let app = TestApp::start().await;
    let (ada, grace) = (app.token(ADA).await, app.token(GRACE).await);
    let id = app.open(&ada, "grace").await;
    let path = format!("/api/v1/conversations/{id}");
    let old = app.say(&ada, &id, "Old news").await;
    let cleared = app.call(Method::DELETE, &path, Some(&grace), None).await;
    assert_eq!(cleared.status, StatusCode::NO_CONTENT, "{}", cleared.text);
    assert_eq!(app.get("/api/v1/conversations", &grace).await.json(), json!([]));
    assert_eq!(app.get(&path_of(&old), &grace).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        app.get("/api/v1/conversations", &ada).await.json()[0]["last_message"]["body"],
        "Old news"
    );
    app.say(&ada, &id, "News").await;
    let list = app.get("/api/v1/conversations", &grace).await.json();
    assert_eq!((&list[0]["unread"], &list[0]["floor"]), (&json!(1), &json!(1)));
    let log = app.get(&format!("{path}/messages"), &grace).await.json();
    assert_eq!(log["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(log["items"][0]["body"], "News");
}

#[tokio::test]
async fn a_conversation_is_put_away_until_something_new_is_written_unless_it_is_muted() {
    let app = TestApp::start().await;
    let (ada, grace) = (app.token(ADA).await, app.token(GRACE).await);
    let id = app.open(&ada, "grace").await;
    let path = format!("/api/v1/conversations/{id}");
    app.say(&ada, &id, "One").await;
    let keep = async |body: Value| app.call(Method::PATCH, &path, Some(&grace), Some(body)).await.json();
    let archived = async || app.get(&path, &grace).await.json()["archived"].clone();
    assert_eq!(keep(json!({"archived": true})).await["archived"], true);
    app.say(&ada, &id, "Two").await;
    assert_eq!(archived().await, false);
    assert_eq!(keep(json!({"archived": true, "muted": true})).await["muted"], true);
    app.say(&ada, &id, "Three").await;
    assert_eq!(archived().await, true, "a muted one stays where it is");
    assert_eq!(keep(json!({"archived": false})).await["archived"], false);
}
