//! Groups over REST: who is in them, who may do what, and what a newcomer sees.

use crate::support::TestApp;
use axum::http::{Method, StatusCode};
use model::{
    limits,
    samples::{ADA, GRACE, HEDY, MALLORY},
};
use serde_json::{Value, json};

/// The names of whom a list of members or people has.
fn names(members: &Value) -> Vec<&str> {
    let all = members.as_array().expect("a list");
    all.iter().filter_map(|member| member["username"].as_str()).collect()
}

/// What happened, as the log tells it.
async fn events(app: &TestApp, token: &str, group: &str) -> Vec<String> {
    let page = app
        .get(&format!("/api/v1/conversations/{group}/messages?limit=100"), token)
        .await
        .json();
    let items = page["items"].as_array().expect("items").iter();
    items
        .filter_map(|message| message["event"]["type"].as_str().map(str::to_owned))
        .collect()
}

#[tokio::test]
async fn an_owner_runs_a_group_and_its_log_tells_everybody_what_happened() {
    let app = TestApp::start().await;
    let (ada, grace) = (app.token(ADA).await, app.token(GRACE).await);
    app.token(MALLORY).await;
    app.token(HEDY).await;
    let body = json!({"kind": "group", "title": "Nanoseconds", "members": ["grace", "@Mallory"]});
    let made = app.post("/api/v1/conversations", Some(&ada), body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let group = made.json();
    assert_eq!(
        (&group["kind"], &group["title"], &group["role"]),
        (&json!("group"), &json!("Nanoseconds"), &json!("owner"))
    );
    assert_eq!(group["member_count"], 3);
    assert_eq!(names(&group["members"])[0], "ada", "oneself first");
    let path = format!("/api/v1/conversations/{}", group["id"].as_str().expect("an id"));

    let hedy = format!("{path}/members/hedy");
    let added = app.call(Method::PUT, &hedy, Some(&ada), None).await;
    assert_eq!(
        (added.status, &added.json()["member_count"]),
        (StatusCode::CREATED, &json!(4)),
        "{}",
        added.text
    );
    let again = app.call(Method::PUT, &hedy, Some(&ada), Some(json!({}))).await;
    assert_eq!(again.status, StatusCode::OK, "who is in it already is not new");
    let promoted = app
        .call(Method::PUT, &hedy, Some(&ada), Some(json!({"role": "owner"})))
        .await;
    let roles = |answer: Value| {
        let members = answer["members"].as_array().expect("members").clone();
        let owners = members.into_iter().filter(|member| member["role"] == "owner");
        let mut owners: Vec<String> = owners
            .filter_map(|member| member["username"].as_str().map(str::to_owned))
            .collect();
        owners.sort();
        owners
    };
    assert_eq!(
        (promoted.status, roles(promoted.json())),
        (StatusCode::OK, vec!["ada".to_owned(), "hedy".to_owned()])
    );
    let renamed = json!({"title": " Microseconds ", "history": "all"});
    let renamed = app.call(Method::PATCH, &path, Some(&ada), Some(renamed)).await;
    assert_eq!(
        (renamed.status, &renamed.json()["title"]),
        (StatusCode::OK, &json!("Microseconds")),
        "{}",
        renamed.text
    );
    let removed = app
        .call(Method::DELETE, &format!("{path}/members/mallory"), Some(&ada), None)
        .await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    let told = ["created", "added", "added", "promoted", "renamed", "history", "removed"];
    assert_eq!(events(&app, &grace, group["id"].as_str().expect("an id")).await, told);
    let list = app.get("/api/v1/conversations", &grace).await.json();
    assert_eq!(
        (&list[0]["unread"], &list[0]["last_message"]["event"]["type"]),
        (&json!(0), &json!("removed")),
        "events are not unread"
    );
}

#[tokio::test]
async fn what_is_for_owners_is_refused_to_members_and_does_not_exist_for_strangers() {
    let app = TestApp::start().await;
    let (ada, grace, mallory) = (app.token(ADA).await, app.token(GRACE).await, app.token(MALLORY).await);
    app.token(HEDY).await;
    let group = app.group(&ada, "Nanoseconds", &["grace", "hedy"]).await;
    let path = format!("/api/v1/conversations/{group}");
    for (method, path, body) in [
        (Method::PATCH, path.clone(), Some(json!({"title": "Mine"}))),
        (Method::PATCH, path.clone(), Some(json!({"history": "all"}))),
        (Method::PUT, format!("{path}/members/mallory"), None),
        (
            Method::PUT,
            format!("{path}/members/grace"),
            Some(json!({"role": "owner"})),
        ),
        (Method::DELETE, format!("{path}/members/ada"), None),
    ] {
        let answer = app.call(method.clone(), &path, Some(&grace), body.clone()).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::FORBIDDEN, "not_owner"),
            "{method} {path}"
        );
        let answer = app.call(method.clone(), &path, Some(&mallory), body).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::NOT_FOUND, "not_found"),
            "{method} {path}"
        );
    }
    let mine = app
        .call(Method::PATCH, &path, Some(&grace), Some(json!({"muted": true})))
        .await;
    assert_eq!(
        (mine.status, &mine.json()["muted"]),
        (StatusCode::OK, &json!(true)),
        "but how I keep it is mine"
    );
    assert_eq!(app.get(&path, &ada).await.json()["muted"], json!(false));
    // Nobody owns a conversation of two.
    let direct = app.open(&ada, "grace").await;
    let path = format!("/api/v1/conversations/{direct}");
    for (method, path, body) in [
        (Method::PATCH, path.clone(), Some(json!({"title": "Mine"}))),
        (Method::PUT, format!("{path}/members/hedy"), None),
        (Method::DELETE, format!("{path}/members/grace"), None),
    ] {
        let answer = app.call(method.clone(), &path, Some(&ada), body).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::FORBIDDEN, "forbidden"),
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn a_newcomer_sees_what_was_written_after_they_came_unless_the_group_says_otherwise() {
    let app = TestApp::start().await;
    let (ada, _, mallory) = (app.token(ADA).await, app.token(GRACE).await, app.token(MALLORY).await);
    let group = app.group(&ada, "Nanoseconds", &["grace"]).await;
    let path = format!("/api/v1/conversations/{group}");
    let early = app.say(&ada, &group, "Before she came").await;
    let early_path = format!("/api/v1/messages/{}", early["id"].as_str().expect("an id"));
    app.call(Method::PUT, &format!("{path}/members/mallory"), Some(&ada), None)
        .await;
    let answer = json!({"client_id": app.env.new_id(), "body": "After", "reply_to": early["id"]});
    app.post(&format!("{path}/messages"), Some(&ada), answer).await;
    app.call(Method::PATCH, &early_path, Some(&ada), Some(json!({"body": "Changed"})))
        .await;

    let page = app.get(&format!("{path}/messages?before=1000"), &mallory).await.json();
    let bodies: Vec<&str> = page["items"]
        .as_array()
        .expect("items")
        .iter()
        .filter_map(|m| m["body"].as_str())
        .collect();
    assert_eq!(bodies, ["added Mallory Quinn", "After"]);
    assert_eq!(page["has_more"], false);
    assert!(page["items"][1]["quote"].is_null(), "what was answered is not for her");
    assert_eq!(app.get(&path, &mallory).await.json()["floor"], early["seq"]);
    let changes = app.get(&format!("{path}/changes"), &mallory).await.json();
    assert_eq!(
        (&changes["items"], &changes["rev"]),
        (&json!([]), &json!(1)),
        "counted, but not shown"
    );
    for (method, path) in [
        (Method::GET, early_path.clone()),
        (Method::GET, format!("{early_path}/versions")),
        (Method::PUT, format!("{early_path}/reactions/👍")),
    ] {
        let answer = app.call(method.clone(), &path, Some(&mallory), None).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::NOT_FOUND, "not_found"),
            "{method} {path}"
        );
    }
    let reply = json!({"client_id": app.env.new_id(), "body": "What?", "reply_to": early["id"]});
    let refused = app.post(&format!("{path}/messages"), Some(&mallory), reply).await;
    assert_eq!(
        refused.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "she can't answer it either"
    );

    let hedy = app.token(HEDY).await;
    app.call(Method::PATCH, &path, Some(&ada), Some(json!({"history": "all"})))
        .await;
    app.call(Method::PUT, &format!("{path}/members/hedy"), Some(&ada), None)
        .await;
    let page = app.get(&format!("{path}/messages?limit=100"), &hedy).await.json();
    assert_eq!(page["items"][0]["seq"], 1, "she may read it all");
    assert_eq!(app.get(&early_path, &hedy).await.json()["body"], "Changed");
}

#[tokio::test]
async fn who_left_finds_nothing_and_a_group_is_never_without_an_owner() {
    let app = TestApp::start().await;
    let (ada, grace) = (app.token(ADA).await, app.token(GRACE).await);
    let group = app.group(&ada, "Nanoseconds", &["grace"]).await;
    let path = format!("/api/v1/conversations/{group}");
    let message = app.say(&ada, &group, "Good bye").await;
    let demoted = app
        .call(
            Method::PUT,
            &format!("{path}/members/ada"),
            Some(&ada),
            Some(json!({"role": "member"})),
        )
        .await;
    assert_eq!(
        (demoted.status, demoted.code().as_str()),
        (StatusCode::CONFLICT, "last_owner")
    );
    let left = app
        .call(Method::DELETE, &format!("{path}/members/ada"), Some(&ada), None)
        .await;
    assert_eq!(left.status, StatusCode::NO_CONTENT);
    for gone in [
        path.clone(),
        format!("{path}/messages"),
        format!("{path}/members"),
        format!("{path}/changes"),
    ] {
        let answer = app.get(&gone, &ada).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::NOT_FOUND, "not_found"),
            "{gone}"
        );
    }
    let mine = format!("/api/v1/messages/{}", message["id"].as_str().expect("an id"));
    assert_eq!(
        app.call(Method::DELETE, &mine, Some(&ada), None).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(app.get("/api/v1/conversations", &ada).await.json(), json!([]));
    let hers = app.get(&path, &grace).await.json();
    assert_eq!((&hers["role"], &hers["member_count"]), (&json!("owner"), &json!(1)));
    assert_eq!(
        events(&app, &grace, &group).await,
        ["created", "added", "left", "promoted"]
    );
}

#[tokio::test]
async fn members_are_listed_a_page_at_a_time_and_found_by_name() {
    let app = TestApp::start().await;
    for player in [ADA, MALLORY, HEDY] {
        app.token(player).await;
    }
    // Who came last has the last id.
    let grace = app.token(GRACE).await;
    let group = app.group(&grace, "Nanoseconds", &["ada", "mallory", "hedy"]).await;
    let path = format!("/api/v1/conversations/{group}/members");
    let mut all = Vec::new();
    let mut after = String::new();
    loop {
        let page = app.get(&format!("{path}?limit=1{after}"), &grace).await.json();
        all.extend(names(&page["items"]).into_iter().map(str::to_owned));
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(all[0], "grace", "oneself first");
    all.sort();
    assert_eq!(all, ["ada", "grace", "hedy", "mallory"], "each once");
    let found = app.get(&format!("{path}?q=lov"), &grace).await.json();
    assert_eq!((names(&found["items"]), &found["next"]), (vec!["ada"], &json!(null)));
    for bad in ["limit=0", "limit=101", "after=x", "befor=1"] {
        let answer = app.get(&format!("{path}?{bad}"), &grace).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
    }
}

#[tokio::test]
async fn a_group_that_cannot_be_made_says_why() {
    let app = TestApp::start().await;
    let ada = app.token(ADA).await;
    app.token(GRACE).await;
    let many: Vec<String> = (0..=limits::MEMBERS_MAX).map(|n| format!("somebody-{n}")).collect();
    for (body, status, code) in [
        (
            json!({"kind": "group", "title": " ", "members": ["grace"]}),
            422,
            "invalid",
        ),
        (
            json!({"kind": "group", "title": "x".repeat(limits::TITLE_MAX + 1), "members": ["grace"]}),
            422,
            "invalid",
        ),
        (
            json!({"kind": "group", "title": "Nanoseconds", "members": []}),
            422,
            "invalid",
        ),
        (
            json!({"kind": "group", "title": "Nanoseconds", "members": ["nobody"]}),
            422,
            "invalid",
        ),
        (
            json!({"kind": "group", "title": "Nanoseconds", "with": "grace"}),
            422,
            "invalid",
        ),
        (
            json!({"kind": "direct", "with": "grace", "title": "Nanoseconds"}),
            422,
            "invalid",
        ),
        (
            json!({"kind": "group", "title": "Nanoseconds", "members": many}),
            409,
            "group_full",
        ),
    ] {
        let answer = app.post("/api/v1/conversations", Some(&ada), body.clone()).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (status, code),
            "{body}"
        );
    }
    assert_eq!(app.get("/api/v1/conversations", &ada).await.json(), json!([]));
}
