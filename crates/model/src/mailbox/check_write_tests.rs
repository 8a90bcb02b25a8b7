use super::*;
use serde_json::json;

const UUID: &str = "0193f5e2-0000-7000-8000-000000000001";

fn refused_with(id: &str, body: Value, before: Before, deleted: bool, blobs: &[Blob<'_>]) -> Option<String> {
    let Value::Object(body) = body else { panic!("an object") };
    let proposal = Proposal {
        id,
        deleted,
        body: &body,
        blobs,
        before,
        sealed: false,
    };
    check_write(&proposal).err().map(Cow::into_owned)
}

fn refused(id: &str, body: Value) -> Option<String> {
    refused_with(id, body, Before::Nothing, false, &[])
}

fn with(mut body: Value, key: &str, value: impl Into<Value>) -> Value {
    body[key] = value.into();
    body
}

fn order() -> Value {
    json!({"type": "order", "to": ["grace"], "subject": "Notes", "body": "On the engine.",
           "in_reply_to": format!("l:{UUID}"), "attachments": [format!("b:{}", "ab".repeat(32))]})
}

fn draft() -> Value {
    json!({"type": "draft", "to": [], "subject": "", "body": "", "updated_at": "2026-11-21T09:30:00.000Z"})
}

fn field(value: impl Into<Value>) -> Value {
    let value = value.into();
    json!({"value": value, "at": "019a4d3f2c80-0001", "by": "phone"})
}

fn state() -> Value {
    json!({"type": "state", "folder": field(json!("inbox")), "read": field(json!(false)),
           "starred": field(json!(true)), "labels": field(json!(["engine"]))})
}

#[test]
fn what_the_owner_may_write_is_taken() {
    assert_eq!(refused(&format!("o:{UUID}"), order()), None);
    assert_eq!(refused(&format!("d:{UUID}"), draft()), None);
    assert_eq!(refused(&format!("s:{UUID}"), state()), None);
    let settings = json!({"type": "preferences", "fields": {"theme": field(json!("dark"))}});
    assert_eq!(refused("p:screen", settings), None);
}

#[test]
fn letters_and_receipts_are_the_servers_to_write_and_to_delete() {
    for id in [format!("l:{UUID}"), format!("r:{UUID}")] {
        for deleted in [false, true] {
            let reason = refused_with(&id, json!({}), Before::Alive, deleted, &[]).expect("refused");
            assert!(reason.contains("by the server"), "{reason}");
        }
    }
}

#[test]
fn what_the_server_wrote_and_lost_may_come_back_by_its_seal() {
    let body = json!({"type": "letter"});
    let id = format!("l:{UUID}");
    let lost = Proposal {
        id: &id,
        deleted: false,
        body: body.as_object().expect("an object"),
        blobs: &[],
        before: Before::Nothing,
        sealed: true,
    };
    assert_eq!(check_write(&lost), Ok(()));
    for not_lost in [
        Proposal { sealed: false, ..lost },
        Proposal { deleted: true, ..lost },
        Proposal {
            before: Before::Alive,
            ..lost
        },
        Proposal {
            before: Before::Deleted,
            ..lost
        },
        Proposal {
            id: &format!("r:{UUID}"),
            ..lost
        },
    ] {
        assert!(check_write(&not_lost).is_err(), "{not_lost:?}");
    }
}

#[test]
fn an_order_is_written_once_and_may_be_taken_off_the_list() {
    let id = format!("o:{UUID}");
    for before in [Before::Alive, Before::Deleted] {
        assert_eq!(
            refused_with(&id, order(), before, false, &[]).as_deref(),
            Some("An order is written once.")
        );
    }
    assert_eq!(refused_with(&id, json!({}), Before::Alive, true, &[]), None);
    assert_eq!(
        refused_with(&id, json!({}), Before::Nothing, true, &[]),
        None,
        "cancelled before it was sent"
    );
    assert!(
        refused_with(&id, order(), Before::Alive, true, &[]).is_some(),
        "a deletion with content"
    );
}

#[test]
fn orders_that_could_not_be_delivered_as_they_are_meant_are_refused() {
    let id = format!("o:{UUID}");
    for (key, value) in [
        ("type", json!("draft")),
        ("to", json!([])),
        ("to", json!(["grace", "grace"])),
        ("to", json!("grace")),
        ("to", json!(vec!["x"; limits::RECIPIENTS_MAX + 1])),
        ("subject", json!("two\nlines")),
        ("subject", json!("x".repeat(limits::SUBJECT_MAX + 1))),
        ("body", json!("x".repeat(limits::LETTER_MAX + 1))),
        ("body", json!(null)),
        ("in_reply_to", json!(format!("d:{UUID}"))),
        ("attachments", json!([format!("l:{UUID}")])),
        ("attachments", json!(["b:1"])),
        ("bcc", json!(["hedy"])),
    ] {
        let reason = refused(&id, with(order(), key, value));
        assert!(reason.is_some(), "{key}");
    }
}

#[test]
fn a_state_has_all_its_fields_each_with_a_moment_and_a_device() {
    let id = format!("s:{UUID}");
    for (key, value) in [
        ("folder", field(json!("spam"))),
        ("read", json!(true)),
        ("read", json!({"value": true, "at": "now", "by": "phone"})),
        ("read", json!({"value": true, "at": "019a4d3f2c80-0001", "by": ""})),
        (
            "read",
            json!({"value": true, "at": "019a4d3f2c80-0001", "by": "phone", "why": "x"}),
        ),
        ("labels", field(json!(["a", "a"]))),
        ("labels", field(json!([" "]))),
        ("starred", json!(null)),
        ("colour", field(json!("red"))),
    ] {
        assert!(refused(&id, with(state(), key, value)).is_some(), "{key}");
    }
}

#[test]
fn a_file_is_called_by_the_hash_of_its_bytes_and_never_changes() {
    let sha256 = "ab".repeat(32);
    let id = format!("b:{sha256}");
    let body = || json!({"type": "attachment", "name": "engine.png", "media_type": "image/png", "size": 3});
    let blob = Blob {
        name: ATTACHMENT_NAME,
        sha256: &sha256,
        bytes: 3,
    };
    assert_eq!(refused_with(&id, body(), Before::Nothing, false, &[blob]), None);
    assert_eq!(
        refused_with(&id, body(), Before::Deleted, false, &[blob]),
        None,
        "it may come again"
    );
    assert!(refused_with(&id, body(), Before::Alive, false, &[blob]).is_some());
    assert!(refused(&id, body()).is_some(), "no bytes");
    let other = "cd".repeat(32);
    for wrong in [
        Blob { sha256: &other, ..blob },
        Blob { bytes: 4, ..blob },
        Blob { name: "other", ..blob },
    ] {
        assert!(
            refused_with(&id, body(), Before::Nothing, false, &[wrong]).is_some(),
            "{wrong:?}"
        );
    }
    assert!(
        refused_with(
            &id,
            with(body(), "name", json!("../x")),
            Before::Nothing,
            false,
            &[blob]
        )
        .is_some()
    );
    assert!(refused_with(&format!("d:{UUID}"), draft(), Before::Nothing, false, &[blob]).is_some());
}

#[test]
fn other_documents_are_none_of_a_mailbox() {
    for id in ["x", "_design/x", "c:general:202611:1", "o:1", "p:", ""] {
        assert!(refused(id, json!({})).is_some(), "{id}");
    }
}

#[test]
fn documents_survive_being_written_and_are_read_by_their_type() {
    for (body, kind) in [(order(), Kind::Order), (draft(), Kind::Draft), (state(), Kind::State)] {
        let Value::Object(map) = body else { panic!("an object") };
        let document = Document::from_body(&map).expect("is read");
        assert_eq!(document.to_body(), map);
        assert_eq!(map["type"], kind.word());
    }
}
