//! The mailbox's doors, as a replicator uses them: documents, in bulk and one by one.

use crate::support::{Answer, TestApp};
use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::fixtures;
use model::samples::{ADA, GRACE};
use serde_json::{Value, json};

/// A laboratory with one empty database, `/lab/db`.
pub async fn laboratory() -> TestApp {
    let (env, _) = fixtures::env().await;
    let app = TestApp::with(env, json!({"env": "development", "mailbox_lab": "on"}));
    let made = call(&app, Method::PUT, "/lab/db", None).await;
    assert_eq!((made.status, made.json()), (StatusCode::CREATED, json!({"ok": true})));
    app
}

/// A request without anybody, to the laboratory.
pub async fn call(app: &TestApp, method: Method, path: &str, body: Option<Value>) -> Answer {
    app.call(method, path, None, body).await
}

async fn put(app: &TestApp, path: &str, body: Value) -> Value {
    let answer = call(app, Method::PUT, path, Some(body)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{path}: {}", answer.text);
    answer.json()
}

fn refused(answer: &Answer) -> (u16, String) {
    let body = answer.json();
    assert!(body["reason"].is_string(), "{body}");
    (
        answer.status.as_u16(),
        body["error"].as_str().unwrap_or_default().to_owned(),
    )
}

#[tokio::test]
async fn the_root_and_a_database_say_what_replicators_ask() {
    let app = laboratory().await;
    let root = call(&app, Method::GET, "/lab/", None).await.json();
    assert_eq!(root["couchdb"], "Welcome");
    assert_eq!(
        call(&app, Method::GET, "/lab/", None).await.json()["uuid"],
        root["uuid"],
        "for ever"
    );
    put(&app, "/lab/db/a", json!({})).await;
    for path in ["/lab/db", "/lab/db/"] {
        let info = call(&app, Method::GET, path, None).await.json();
        assert_eq!((&info["db_name"], &info["doc_count"]), (&json!("db"), &json!(1)));
        assert_eq!(info["update_seq"], 1);
        assert_eq!(info["instance_start_time"], "0");
    }
    let head = call(&app, Method::HEAD, "/lab/db", None).await;
    assert_eq!((head.status, head.text.as_str()), (StatusCode::OK, ""));
    assert_eq!(
        refused(&call(&app, Method::PUT, "/lab/db", None).await),
        (412, "file_exists".into())
    );
    let full = call(&app, Method::POST, "/lab/db/_ensure_full_commit", None).await;
    assert_eq!(full.status, StatusCode::CREATED);
    assert_eq!(call(&app, Method::DELETE, "/lab/db", None).await.status, StatusCode::OK);
    assert_eq!(
        refused(&call(&app, Method::GET, "/lab/db", None).await),
        (404, "not_found".into())
    );
}

#[tokio::test]
async fn a_document_is_written_read_and_deleted_by_its_revisions() {
    let app = laboratory().await;
    let first = put(&app, "/lab/db/a", json!({"n": 1})).await;
    let rev = first["rev"].as_str().expect("a revision");
    assert_eq!(
        refused(&call(&app, Method::PUT, "/lab/db/a", Some(json!({"n": 2}))).await),
        (409, "conflict".into())
    );
    let second = put(&app, &format!("/lab/db/a?rev={rev}"), json!({"n": 2})).await;
    let found = call(&app, Method::GET, "/lab/db/a?revs=true", None).await;
    assert_eq!(
        found.header("etag"),
        format!("\"{}\"", second["rev"].as_str().expect("a revision"))
    );
    assert_eq!(found.json()["_revisions"]["start"], 2);
    let old = call(&app, Method::GET, &format!("/lab/db/a?rev={rev}"), None).await;
    assert_eq!(old.json()["n"], 1);
    assert_eq!(
        refused(&call(&app, Method::DELETE, "/lab/db/a", None).await),
        (409, "conflict".into())
    );
    let rev = second["rev"].as_str().expect("a revision");
    let gone = call(&app, Method::DELETE, &format!("/lab/db/a?rev={rev}"), None).await;
    assert_eq!(gone.status, StatusCode::OK, "{}", gone.text);
    let now = call(&app, Method::GET, "/lab/db/a", None).await.json();
    assert_eq!(
        (&now["error"], &now["reason"]),
        (&json!("not_found"), &json!("deleted"))
    );
    assert_eq!(
        call(&app, Method::GET, "/lab/db/none", None).await.json()["reason"],
        "missing"
    );
    assert_eq!(
        refused(&call(&app, Method::DELETE, "/lab/db/none?rev=1-a", None).await),
        (404, "not_found".into())
    );
    let posted = call(&app, Method::POST, "/lab/db", Some(json!({"n": 3}))).await;
    assert_eq!(posted.status, StatusCode::CREATED);
    assert_eq!(posted.json()["id"].as_str().map(str::len), Some(32));
}

#[tokio::test]
async fn ids_and_names_may_contain_anything() {
    let app = laboratory().await;
    let long = "x".repeat(1_024);
    for (path, id) in [
        ("a%2Fb", "a/b"),
        ("a+b%20c", "a+b c"),
        ("%252F", "%2F"),
        ("%F0%9F%90%94", "🐔"),
        ("_design/x", "_design/x"),
        (&long, &long),
    ] {
        put(&app, &format!("/lab/db/{path}"), json!({"n": 1})).await;
        let found = call(&app, Method::GET, &format!("/lab/db/{path}"), None).await;
        assert_eq!(found.json()["_id"], id, "{path}");
        let attached = format!(
            "/lab/db/{path}/dir/na%2Fme.txt?rev={}",
            found.json()["_rev"].as_str().expect("a revision")
        );
        let request = Request::put(attached.as_str()).header(header::CONTENT_TYPE, "text/plain");
        let attached = app.send(request.body(Body::from("bytes")).expect("a request")).await;
        assert_eq!(attached.status, StatusCode::CREATED, "{}", attached.text);
        let read = call(&app, Method::GET, &format!("/lab/db/{path}/dir/na/me.txt"), None).await;
        assert_eq!(
            (read.text.as_str(), read.header("content-type")),
            ("bytes", "text/plain")
        );
        assert_eq!(read.header("content-disposition"), "attachment", "never a page of ours");
    }
    for bad in ["_nothing", "_local", "%FF"] {
        let answer = call(&app, Method::PUT, &format!("/lab/db/{bad}"), Some(json!({}))).await;
        assert!(answer.status.is_client_error(), "{bad}: {}", answer.text);
    }
}

#[tokio::test]
async fn many_documents_are_written_compared_and_read_at_once() {
    let app = laboratory().await;
    let docs = json!({"docs": [{"_id": "a", "n": 1}, {"_id": "b", "n": 2}]});
    let rows = call(&app, Method::POST, "/lab/db/_bulk_docs", Some(docs.clone())).await;
    assert_eq!(rows.status, StatusCode::CREATED);
    let rev = rows.json()[0]["rev"].as_str().expect("a revision").to_owned();
    let again = call(&app, Method::POST, "/lab/db/_bulk_docs", Some(docs)).await.json();
    assert_eq!((&again[0]["error"], &again[1]["id"]), (&json!("conflict"), &json!("b")));
    let foreign = json!({"new_edits": false, "docs": [{"_id": "a", "_rev": "1-zzz", "_revisions": {"start": 1, "ids": ["zzz"]}, "n": 9}]});
    for _ in 0..2 {
        let rows = call(&app, Method::POST, "/lab/db/_bulk_docs", Some(foreign.clone())).await;
        assert_eq!(rows.json(), json!([]));
    }
    let diff = json!({"a": [rev, "1-zzz", "2-new"], "b": []});
    let diff = call(&app, Method::POST, "/lab/db/_revs_diff", Some(diff)).await.json();
    assert_eq!(diff["a"]["missing"], json!(["2-new"]));
    assert_eq!(diff.get("b"), None);
    let wanted = json!({"docs": [{"id": "a", "rev": "1-zzz"}, {"id": "none", "rev": "1-x"}, {"id": "b"}]});
    let got = call(
        &app,
        Method::POST,
        "/lab/db/_bulk_get?revs=true&latest=true",
        Some(wanted),
    )
    .await
    .json();
    let got = &got["results"];
    assert_eq!(got[0]["docs"][0]["ok"]["_revisions"]["ids"], json!(["zzz"]));
    assert_eq!(
        got[1]["docs"][0]["error"],
        json!({"id": "none", "rev": "1-x", "error": "not_found", "reason": "missing"})
    );
    assert_eq!(got[2]["docs"][0]["ok"]["n"], 2);
    for (path, body, error) in [
        ("_bulk_docs", json!({}), "bad_request"),
        ("_bulk_docs", json!({"docs": [7]}), "bad_request"),
        ("_bulk_docs", json!({"docs": [{"_id": "_x"}]}), "illegal_docid"),
        (
            "_bulk_docs",
            json!({"docs": [{"_id": "x", "_zing": 1}]}),
            "doc_validation",
        ),
        ("_bulk_docs", json!({"docs": vec![json!({}); 1_001]}), "too_large"),
        ("_bulk_get", json!({"docs": 1}), "bad_request"),
        ("_revs_diff", json!({"a": ["x"]}), "bad_request"),
    ] {
        let answer = call(&app, Method::POST, &format!("/lab/db/{path}"), Some(body)).await;
        assert_eq!(refused(&answer).1, error, "{path}");
    }
    let large = format!("{{\"docs\": [{{\"n\": \"{}\"}}]}}", "x".repeat(9 * 1024 * 1024));
    let request = Request::post("/lab/db/_bulk_docs").header(header::CONTENT_TYPE, "application/json");
    let answer = app.send(request.body(Body::from(large)).expect("a request")).await;
    assert_eq!(refused(&answer), (413, "too_large".into()));
    let form = Request::post("/lab/db/_bulk_docs").header(header::CONTENT_TYPE, "text/plain");
    let answer = app.send(form.body(Body::from("{}")).expect("a request")).await;
    assert_eq!(refused(&answer), (415, "bad_content_type".into()));
}

#[tokio::test]
async fn all_documents_are_listed_by_address_and_by_body() {
    let app = laboratory().await;
    for id in ["a", "b", "c"] {
        put(&app, &format!("/lab/db/{id}"), json!({"n": id})).await;
    }
    let list = call(
        &app,
        Method::GET,
        "/lab/db/_all_docs?startkey=%22b%22&include_docs=true&update_seq=true",
        None,
    )
    .await
    .json();
    assert_eq!(
        (&list["total_rows"], list["rows"].as_array().map(Vec::len)),
        (&json!(3), Some(2))
    );
    assert_eq!(
        (&list["rows"][0]["key"], &list["rows"][0]["doc"]["n"]),
        (&json!("b"), &json!("b"))
    );
    assert_eq!(list["update_seq"], 3);
    let body = json!({"keys": ["c", "none"], "include_docs": true});
    let list = call(&app, Method::POST, "/lab/db/_all_docs", Some(body)).await.json();
    assert_eq!(list["rows"][0]["doc"]["n"], "c");
    assert_eq!(list["rows"][1], json!({"key": "none", "error": "not_found"}));
    let both = call(
        &app,
        Method::GET,
        "/lab/db/_all_docs?key=%22a%22&keys=%5B%22a%22%5D",
        None,
    )
    .await;
    assert_eq!(refused(&both), (400, "query_parse_error".into()));
    let bad = call(&app, Method::GET, "/lab/db/_all_docs?limit=many", None).await;
    assert_eq!(refused(&bad), (400, "query_parse_error".into()));
    let nothing = call(&app, Method::GET, "/lab/db/_all_docs?startkey=%5B%5D", None)
        .await
        .json();
    assert_eq!(nothing["rows"], json!([]));
}

#[tokio::test]
async fn documents_with_attachments_travel_in_one_message() {
    let app = laboratory().await;
    let document = json!({"_rev": "1-a", "_revisions": {"start": 1, "ids": ["a"]}, "_attachments": {"t.txt": {"follows": true, "content_type": "text/plain", "length": 5}}});
    let message = format!(
        "--xyz\r\nContent-Type: application/json\r\n\r\n{document}\r\n--xyz\r\nContent-Disposition: attachment; filename=\"t.txt\"\r\n\r\nhello\r\n--xyz--"
    );
    let request =
        Request::put("/lab/db/d?new_edits=false").header(header::CONTENT_TYPE, "multipart/related; boundary=\"xyz\"");
    let answer = app.send(request.body(Body::from(message)).expect("a request")).await;
    assert_eq!(
        (answer.status, &answer.json()["rev"]),
        (StatusCode::CREATED, &json!("1-a")),
        "{}",
        answer.text
    );
    let inline = call(&app, Method::GET, "/lab/db/d?attachments=true", None).await.json();
    assert_eq!(inline["_attachments"]["t.txt"]["data"], "aGVsbG8=");
    let stub = call(&app, Method::GET, "/lab/db/d", None).await.json();
    assert_eq!(
        (
            &stub["_attachments"]["t.txt"]["stub"],
            &stub["_attachments"]["t.txt"]["length"]
        ),
        (&json!(true), &json!(5))
    );
    let request = Request::get("/lab/db/d?open_revs=%5B%221-a%22,%222-b%22%5D&revs=true")
        .header(header::ACCEPT, "multipart/mixed");
    let mixed = app.send(request.body(Body::empty()).expect("a request")).await;
    assert!(
        mixed.header("content-type").starts_with("multipart/mixed; boundary="),
        "{:?}",
        mixed.headers
    );
    for part in [
        "multipart/related",
        "\"follows\":true",
        "filename=\"t.txt\"",
        "\r\n\r\nhello\r\n",
        "error=\"true\"",
        "2-b",
    ] {
        assert!(mixed.text.contains(part), "{part} is not in {}", mixed.text);
    }
    let leaves = call(&app, Method::GET, "/lab/db/d?open_revs=all", None).await.json();
    assert_eq!(leaves[0]["ok"]["_rev"], "1-a");
    let request = Request::post("/lab/db/_bulk_get")
        .header(header::ACCEPT, "multipart/mixed")
        .header(header::CONTENT_TYPE, "application/json");
    let body = json!({"docs": [{"id": "d", "rev": "1-a"}]}).to_string();
    let parts = app.send(request.body(Body::from(body)).expect("a request")).await;
    assert!(
        parts.text.contains("X-Doc-Id: d") && parts.text.contains("\r\n\r\nhello\r\n"),
        "{}",
        parts.text
    );
}

#[tokio::test]
async fn compaction_takes_the_bodies_that_nobody_needs() {
    let app = laboratory().await;
    let first = put(&app, "/lab/db/a", json!({"n": 1})).await["rev"]
        .as_str()
        .expect("a revision")
        .to_owned();
    put(&app, &format!("/lab/db/a?rev={first}"), json!({"n": 2})).await;
    let answer = call(&app, Method::POST, "/lab/db/_compact", Some(json!({}))).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert_eq!(
        refused(&call(&app, Method::GET, &format!("/lab/db/a?rev={first}"), None).await),
        (404, "not_found".into())
    );
    assert_eq!(call(&app, Method::GET, "/lab/db/a", None).await.json()["n"], 2);
}

#[tokio::test]
async fn local_documents_are_written_with_their_number() {
    let app = laboratory().await;
    let written = put(&app, "/lab/db/_local/note", json!({"n": 1})).await;
    assert_eq!(written, json!({"ok": true, "id": "_local/note", "rev": "0-1"}));
    assert_eq!(
        call(&app, Method::GET, "/lab/db/_local/note", None).await.json()["_rev"],
        "0-1"
    );
    assert_eq!(
        refused(&call(&app, Method::PUT, "/lab/db/_local/note", Some(json!({}))).await),
        (409, "conflict".into())
    );
    let bulk = json!({"docs": [{"_id": "_local/other", "n": 1}]});
    assert_eq!(
        call(&app, Method::POST, "/lab/db/_bulk_docs", Some(bulk)).await.json()[0]["rev"],
        "0-1"
    );
    let gone = call(&app, Method::DELETE, "/lab/db/_local/note?rev=0-1", None).await;
    assert_eq!(gone.status, StatusCode::OK);
    assert_eq!(
        refused(&call(&app, Method::GET, "/lab/db/_local%2Fnote", None).await),
        (404, "not_found".into())
    );
}

#[tokio::test]
async fn a_letter_goes_from_one_mailbox_to_the_other_and_rules_are_told_as_forbidden() {
    let app = TestApp::start().await;
    let (ada, grace) = (app.token(ADA).await, app.token(GRACE).await);
    let order = json!({"_id": format!("o:{}", app.env.new_id()), "type": "order", "to": ["grace"], "subject": "Notes", "body": "On the engine."});
    let forged = json!({"_id": format!("l:{}", app.env.new_id()), "type": "letter"});
    let rows = app
        .post("/mailbox/ada/_bulk_docs", Some(&ada), json!({"docs": [order, forged]}))
        .await
        .json();
    assert_eq!((&rows[0]["ok"], &rows[1]["error"]), (&json!(true), &json!("forbidden")));
    let inbox = app
        .get(
            "/mailbox/grace/_all_docs?startkey=%22l:%22&endkey=%22l;%22&include_docs=true",
            &grace,
        )
        .await
        .json();
    assert_eq!(inbox["rows"][0]["doc"]["subject"], "Notes");
    assert_eq!(
        refused(&app.get("/mailbox/grace", &ada).await),
        (404, "not_found".into())
    );
    assert_eq!(
        refused(&app.call(Method::PUT, "/mailbox/ada", Some(&ada), None).await),
        (412, "file_exists".into())
    );
    assert_eq!(
        refused(&app.call(Method::DELETE, "/mailbox/ada", Some(&ada), None).await),
        (403, "forbidden".into())
    );
}

#[tokio::test]
async fn a_body_may_come_compressed() {
    let app = laboratory().await;
    // {"docs":[{"_id":"zipped","n":1}]}
    let zipped = "H4sIAAAAAAACA6tWSslPLlayiq5Wis9MUbJSqsosKEhNUdJRylOyMqyNrQUAEfUqGSEAAAA=";
    let request = |encoding: &str| {
        Request::post("/lab/db/_bulk_docs")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::CONTENT_ENCODING, encoding)
            .body(Body::from(STANDARD.decode(zipped).expect("base64")))
            .expect("a request")
    };
    let answer = app.send(request("gzip")).await;
    assert_eq!(
        (answer.status, &answer.json()[0]["id"]),
        (StatusCode::CREATED, &json!("zipped"))
    );
    assert_eq!(app.send(request("identity")).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        app.send(request("lzma")).await.status,
        StatusCode::UNSUPPORTED_MEDIA_TYPE
    );
}
