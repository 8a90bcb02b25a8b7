//! What the document says of fields beyond their type: their limits, from `model::limits`, and an example of each, from the
//! cast. A field of the same name means the same everywhere; where it does not, the name of its type stands before it.

use model::{limits, samples};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

static WORDS: LazyLock<Value> = LazyLock::new(|| {
    let mut words = people();
    for more in [
        ids(),
        secrets(),
        conversations(),
        messages(),
        letters(),
        frames(),
        admin(),
    ] {
        if let (Some(words), Value::Object(more)) = (words.as_object_mut(), more) {
            words.extend(more);
        }
    }
    words
});

/// Names, addresses, passwords.
fn people() -> Value {
    let ada = samples::ADA;
    let new_password = || json!({"minLength": limits::PASSWORD_MIN, "maxLength": limits::PASSWORD_MAX_BYTES, "format": "password", "examples": [ada.password]});
    // What no username has anywhere; more is said in words.
    let username = "^[^\\s!-,/:-@\\[-^`{-~]+$";
    json!({
        "email": {"format": "email", "maxLength": limits::EMAIL_MAX_BYTES, "examples": [ada.email]},
        "username": {"minLength": limits::USERNAME_MIN, "maxLength": limits::USERNAME_MAX, "pattern": username, "examples": [ada.username]},
        "display_name": {"maxLength": limits::DISPLAY_NAME_MAX, "examples": [ada.display_name]},
        "login": {"examples": [ada.username]},
        "password": {"format": "password", "examples": [ada.password]},
        "current_password": {"format": "password", "examples": [ada.password]},
        "SetPassword.password": new_password(),
        "SetPassword.password_confirmation": new_password(),
        "ChangePassword.password": {"minLength": limits::PASSWORD_MIN, "maxLength": limits::PASSWORD_MAX_BYTES, "format": "password", "examples": ["analytical-engine-1837"]},
        "ChangePassword.password_confirmation": {"minLength": limits::PASSWORD_MIN, "maxLength": limits::PASSWORD_MAX_BYTES, "format": "password", "examples": ["analytical-engine-1837"]},
        "CreateUser.password": new_password(),
        "user_agent": {"examples": ["Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"]},
        "role": {"examples": ["user"]},
        "read_receipts": {"examples": [true]},
        "presence": {"examples": [true]},
        "disabled": {"examples": [true]},
        "disabled_at": {"examples": [null]},
    })
}

/// Types that are one value.
fn ids() -> Value {
    let id = |n: u8| json!({"examples": [format!("019aa5b4-7c00-7000-8000-0000000000{n:02}")]});
    json!({
        "AccountId": id(1), "SessionId": id(2), "RegistrationId": id(3), "ConversationId": id(4), "MessageId": id(5),
        "ClientId": id(6), "MailId": id(7), "ApiKeyId": id(8), "InvitationId": id(9), "AuditId": id(10),
        "Timestamp": {"examples": ["2026-11-21T09:30:00.000Z"]},
        "SessionKind": {"examples": ["token"]},
        "session": {"examples": ["token"]},
        "id": {"examples": ["019aa5b4-7c00-7000-8000-000000000004"]},
    })
}

/// Codes and tokens, none of which opens anything.
fn secrets() -> Value {
    let token = "hYy3uM0yWJb7o2kTQ0b8rX5dPp1mZfV4sLcN6gAeKjU";
    json!({
        "code": {"minLength": 1, "maxLength": 100, "examples": ["7K2QF-9XW4M"]},
        "Registered.code": {"examples": [null]},
        "token": {"minLength": 1, "maxLength": 100, "examples": [token]},
        "invitation": {"examples": [null]},
        "access_token": {"examples": ["eyJhbGciOiJFZERTQSIsImtpZCI6IjEifQ.eyJzdWIiOiIwMTlhIn0.c2lnbmF0dXJl"]},
        "refresh_token": {"minLength": 1, "maxLength": 200, "examples": [token]},
        "expires_in": {"examples": [900]},
        "secret": {"examples": [format!("roost_{token}")]},
        "link": {"format": "uri", "examples": [format!("https://chat.example.org/sign-up?invitation={token}")]},
    })
}

/// Conversations, who is in them, and lists of anything.
fn conversations() -> Value {
    let grace = samples::GRACE;
    json!({
        "with": {"minLength": 1, "maxLength": 64, "examples": [grace.username]},
        "kind": {"examples": ["direct"]},
        "title": {"examples": [grace.display_name]},
        // For the direct conversation with Grace; docs/api.md shows a group.
        "OpenConversation.title": {"minLength": 1, "maxLength": limits::TITLE_MAX, "examples": [null]},
        "OpenConversation.members": {"maxItems": limits::MEMBERS_MAX, "examples": [null]},
        "OpenConversation.history": {"examples": [null]},
        "UpdateConversation.title": {"minLength": 1, "maxLength": limits::TITLE_MAX, "examples": ["Nanoseconds"]},
        "SetMember.role": {"examples": ["owner"]},
        "Member.role": {"examples": ["member"]},
        "Conversation.role": {"examples": ["member"]},
        "member_count": {"minimum": 1, "examples": [2]},
        "history": {"examples": ["joined"]},
        "floor": {"format": null, "examples": [0]},
        "last_message": {"examples": [null]},
        "last_seq": {"format": null, "examples": [0]},
        "read_seq": {"format": null, "examples": [0]},
        "unread": {"format": null, "maximum": limits::UNREAD_MAX, "examples": [0]},
        "Conversation.mentions": {"format": null, "maximum": limits::UNREAD_MAX, "examples": [0]},
        "highlights": {"examples": [[[0, 4]]]},
        "/api/v1/search.q": {"maxLength": null, "examples": ["good morn"]},
        "/api/v1/search.in": {"examples": ["messages"]},
        "/api/v1/search.conversation": {"examples": ["019aa5b4-7c00-7000-8000-000000000004"]},
        "/api/v1/search.after": {"examples": ["w.1795253400000000001.019aa5b4-7c00-7000-8000-000000000005"]},
        "muted": {"examples": [false]},
        "archived": {"examples": [false]},
        "writable": {"examples": [true]},
        "current": {"examples": [true]},
        "has_more": {"examples": [false]},
        "q": {"maxLength": null, "examples": ["gra"]},
        "limit": {"minimum": 1, "maximum": limits::PAGE_MAX, "examples": [10]},
        "before": {"format": null, "examples": [40]},
        "/api/v1/conversations/{id}/members.after": {"examples": ["019aa5b4-7c00-7000-8000-000000000005"]},
        "after": {"format": null, "examples": [30]},
    })
}

/// Letters, and how many there are.
fn letters() -> Value {
    let id = json!({"examples": ["019aa5b4-7c00-8000-8000-000000000011"]});
    let count = |n: u64| json!({"format": null, "examples": [n]});
    json!({
        "LetterLine.id": id,
        "/api/v1/letters/{id}.id": id,
        "thread": {"examples": ["019aa5b4-7c00-8000-8000-000000000011"]},
        "subject": {"maxLength": limits::SUBJECT_MAX, "examples": ["Notes"]},
        "snippet": {"examples": ["On the analytical engine."]},
        "LetterLine.files": count(0),
        "LetterView.files": {"examples": [[]]},
        "LetterView.body": {"maxLength": limits::LETTER_MAX, "examples": ["On the analytical engine."]},
        "folder": {"examples": ["inbox"]},
        "LetterLine.read": {"examples": [false]},
        "LetterLine.starred": {"examples": [false]},
        "LetterLine.labels": {"examples": [["engines"]]},
        "in_reply_to": {"examples": [null]},
        "FileLine.id": {"examples": [format!("b:{}", "0123456789abcdef".repeat(4))]},
        "FileLine.name": {"examples": ["engine.pdf"]},
        "media_type": {"examples": ["application/pdf"]},
        "size": count(1_843),
        "inbox_unread": count(1), "inbox": count(1), "sent": count(0), "archive": count(0), "trash": count(0),
        "Counts.starred": count(0), "drafts": count(0), "outbox": count(0),
        "Counts.labels": {"examples": [[["engines", 1]]]},
        "total": count(1),
        "/api/v1/letters.shelf": {"examples": ["inbox"]},
        "/api/v1/letters.label": {"examples": ["engines"]},
        "/api/v1/letters.q": {"maxLength": null, "examples": ["engi"]},
        "/api/v1/letters.skip": count(0),
        "/api/v1/letters.limit": {"format": null, "minimum": 1, "maximum": limits::PAGE_MAX, "examples": [50]},
    })
}

/// Messages.
fn messages() -> Value {
    json!({
        "body": {"minLength": 1, "maxLength": limits::MESSAGE_MAX, "examples": ["Good morning, Grace"]},
        "Message.body": {"maxLength": limits::MESSAGE_MAX, "examples": ["Good morning, Grace"]},
        "Version.body": {"examples": ["Good morming, Grace"]},
        "seq": {"format": null, "examples": [1]},
        "rev": {"format": null, "examples": [0]},
        "Changes.rev": {"format": null, "examples": [30]},
        "reply_to": {"examples": [null]},
        "quote": {"examples": [null]},
        "excerpt": {"examples": ["Good morning, Grace"]},
        "deleted": {"examples": [false]},
        "mentions": {"maxItems": limits::MENTIONS_MAX, "examples": [[]]},
        "event": {"examples": [null]},
        "edited_at": {"examples": [null]},
        "deleted_at": {"examples": [null]},
        "emoji": {"minLength": 1, "maxLength": limits::EMOJI_MAX_BYTES, "examples": ["👍"]},
        "count": {"examples": [1]},
        "mine": {"examples": [true]},
    })
}

/// What only frames have.
fn frames() -> Value {
    json!({
        "detail": {"examples": [model::Code::NotFound.detail()]},
        "frame auth.token": {"examples": ["eyJhbGciOiJFZERTQSIsImtpZCI6IjEifQ.eyJzdWIiOiIwMTlhIn0.c2lnbmF0dXJl"]},
        "frame ready.session": {"examples": ["019aa5b4-7c00-7000-8000-000000000002"]},
        "frame letter.id": {"examples": ["l:019aa5b4-7c00-8000-8000-000000000011"]},
        "frame reject.code": {"examples": ["not_found"]},
        "frame watch.conversations": {"maxItems": limits::WATCH_MAX},
        "state": {"examples": ["online"]},
        "reason": {"examples": ["signed_out"]},
    })
}

/// What is done for others.
fn admin() -> Value {
    json!({
        "CreateUser.password": {"minLength": limits::PASSWORD_MIN, "maxLength": limits::PASSWORD_MAX_BYTES, "format": "password", "examples": [null]},
        "name": {"minLength": 1, "maxLength": limits::LABEL_MAX, "examples": ["example.org"]},
        "scopes": {"examples": [["users:read", "registration"]]},
        "policy": {"examples": ["open"]},
        "days": {"minimum": 1, "maximum": limits::INVITATION_DAYS_MAX, "examples": [7]},
        "uses": {"examples": [1]},
        "CreateInvitation.email": {"examples": [null]},
        "CreateApiKey.days": {"minimum": 1, "maximum": limits::API_KEY_DAYS_MAX, "examples": [365]},
        "CreateInvitation.uses": {"minimum": 1, "maximum": limits::INVITATION_USES_MAX, "examples": [10]},
        "uses_max": {"examples": [10]},
        "note": {"maxLength": limits::LABEL_MAX, "examples": ["For the chess club"]},
        "created_by": {"examples": [samples::HEDY.username]},
        "used_at": {"examples": [null]},
        "by_name": {"examples": [samples::HEDY.username]},
        "action": {"examples": ["user.disable"]},
        "target_name": {"examples": [samples::MALLORY.username]},
        "AuditEntry.detail": {"examples": [""]},
        "RejectedLine.code": {"examples": ["email_taken"]},
        "RejectedLine.detail": {"examples": ["There is an account with this e-mail address already."]},
        "line": {"minimum": 1, "examples": [3]},
        "dry_run": {"examples": [false]},
        "created": {"examples": [12]},
        "unchanged": {"examples": [3]},
        "next": {"examples": [null]},
    })
}

/// What is known of a field of a type.
fn known(of: &str, field: &str) -> Option<&'static Map<String, Value>> {
    let words = WORDS.as_object()?;
    words
        .get(&format!("{of}.{field}"))
        .or_else(|| words.get(field))
        .and_then(Value::as_object)
}

/// Writes what is known into the schemas of the components.
pub(super) fn describe_schemas(schemas: &mut Map<String, Value>) {
    for (name, schema) in schemas.iter_mut() {
        if let Some(known) = known("", name) {
            add(schema, known);
        }
        describe(name, schema);
    }
}

/// Writes what is known into a frame.
pub(super) fn describe_frame(name: &str, payload: &mut Value) {
    describe(&format!("frame {name}"), payload);
}

/// A schema may be made of several that each have fields.
fn describe(name: &str, schema: &mut Value) {
    if let Some(parts) = schema.get_mut("allOf").and_then(Value::as_array_mut) {
        for part in parts {
            describe(name, part);
        }
    }
    if let Some(fields) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for (field, schema) in fields.iter_mut() {
            if let Some(known) = known(name, field) {
                add(schema, known);
            }
        }
    }
    // Lists of anything: their items stand in place.
    if let Some(items) = schema.get_mut("items") {
        describe(name, items);
    }
}

/// Writes what is known into a parameter.
pub(super) fn describe_parameter(path: &str, parameter: &mut Value) {
    let name = parameter["name"].as_str().unwrap_or_default().to_owned();
    if let (Some(known), Some(schema)) = (known(path, &name), parameter.get_mut("schema")) {
        add(schema, known);
        if let Some(example) = known.get("examples").and_then(|all| all.get(0)) {
            parameter["example"] = example.clone();
        }
    }
}

/// A reference stays one: its limits are those of what it refers to.
fn add(schema: &mut Value, known: &Map<String, Value>) {
    let refers = ["$ref", "oneOf"].iter().any(|key| schema.get(key).is_some());
    if let Some(schema) = schema.as_object_mut() {
        for (key, value) in known.iter().filter(|(key, _)| *key == "examples" || !refers) {
            // What utoipa says without being right is taken away: a `u64` is no int64.
            if value.is_null() {
                schema.remove(key);
            } else {
                schema.insert(key.clone(), value.clone());
            }
        }
    }
}
