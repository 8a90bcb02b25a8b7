//! Which errors an operation answers. Most follow from its shape: whether it has a body, takes parameters, changes
//! something, or wants somebody. The rest is in [`SPECIFIC`], a line for each operation that has any.
//! `server/tests/doors/support.rs` fails a test whose answer is not told here.

use model::{
    Code::{self, *},
    samples,
};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, iter};

/// What an operation answers that can't be told from its shape. In the order of ARCHITECTURE.md's tour: accounts, then
/// conversations, then what is done for others.
const SPECIFIC: &[(&str, &str, &[Code])] = &[
    (
        "POST",
        "/api/v1/registration",
        &[UsernameTaken, InvitationInvalid, RegistrationClosed],
    ),
    ("GET", "/api/v1/invitation_token/{code}", &[CodeInvalid]),
    (
        "POST",
        "/api/v1/password",
        &[
            CodeInvalid,
            UsernameTaken,
            AccountDisabled,
            InvitationInvalid,
            RegistrationClosed,
        ],
    ),
    ("POST", "/api/v1/session", &[CredentialsInvalid, AccountDisabled]),
    ("POST", "/api/v1/session/refresh", &[AccountDisabled]),
    ("PATCH", "/api/v1/me", &[CredentialsInvalid]),
    ("DELETE", "/api/v1/me", &[CredentialsInvalid, AdminProtected]),
    ("PUT", "/api/v1/me/password", &[CredentialsInvalid]),
    ("POST", "/api/v1/me/email", &[CodeInvalid]),
    ("POST", "/api/v1/conversations", &[Blocked, GroupFull]),
    ("PATCH", "/api/v1/conversations/{id}", &[NotOwner]),
    (
        "PUT",
        "/api/v1/conversations/{id}/members/{user}",
        &[NotOwner, LastOwner, Blocked, GroupFull],
    ),
    ("DELETE", "/api/v1/conversations/{id}/members/{user}", &[NotOwner]),
    (
        "POST",
        "/api/v1/conversations/{id}/messages",
        &[ClientIdReused, Blocked, NobodyThere],
    ),
    (
        "PATCH",
        "/api/v1/messages/{id}",
        &[NotAuthor, MessageDeleted, Blocked, NobodyThere],
    ),
    ("DELETE", "/api/v1/messages/{id}", &[NotAuthor]),
    (
        "PUT",
        "/api/v1/messages/{id}/reactions/{emoji}",
        &[Invalid, MessageDeleted, Blocked, NobodyThere],
    ),
    (
        "DELETE",
        "/api/v1/messages/{id}/reactions/{emoji}",
        &[Invalid, MessageDeleted],
    ),
    ("PUT", "/api/v1/blocks/{user}", &[Invalid]),
    ("GET", "/api/v1/search", &[NotFound]),
    ("GET", "/api/v1/letters/{id}", &[NotFound]),
    ("POST", "/api/v1/users", &[UsernameTaken, EmailTaken]),
    ("POST", "/api/v1/users/register", &[UsernameTaken, EmailTaken]),
    ("PATCH", "/api/v1/users/{id}", &[EmailTaken, LastAdmin]),
    ("DELETE", "/api/v1/users/{id}", &[AdminProtected]),
    ("POST", "/api/v1/users/{id}/reset", &[AccountDisabled]),
    (
        "POST",
        "/api/v1/users/login",
        &[CredentialsInvalid, AccountDisabled, EmailTaken, UsernameTaken],
    ),
    // Only people may do these, and a key is told so.
    ("GET", "/api/v1/api-keys", &[ScopeMissing]),
    ("POST", "/api/v1/api-keys", &[ScopeMissing]),
    ("DELETE", "/api/v1/api-keys/{id}", &[ScopeMissing]),
    ("PUT", "/api/v1/registration_policy", &[ScopeMissing]),
];

/// The security scheme of API keys.
const FOR_KEYS: &str = "api_key";

/// The codes of an operation, by status. `operation` is its entry in the document.
pub(super) fn of(method: &str, path: &str, operation: &Value) -> BTreeMap<u16, Vec<Code>> {
    // Any request can be too much, come with a bad token, or find us in trouble.
    let mut codes = vec![TokenInvalid, RateLimited, Internal, Unavailable, Busy];
    let needs = |scheme: &str| {
        let ways = operation["security"].as_array();
        ways.is_some_and(|ways| ways.iter().any(|way| way.get(scheme).is_some()))
    };
    let takes = |place: &str| {
        let parameters = operation["parameters"].as_array();
        parameters.is_some_and(|all| all.iter().any(|one| one["in"] == place))
    };
    if !is_public(operation) {
        // A member is no administrator, and a key is no member.
        codes.extend([NotSignedIn, Forbidden]);
    }
    if method != "GET" {
        codes.push(ForeignOrigin);
    }
    if operation["requestBody"].is_object() {
        codes.extend([TooLarge, MediaTypeUnsupported, MalformedBody, Invalid]);
    }
    if takes("query") {
        codes.extend([MalformedBody, Invalid]);
    }
    if takes("path") {
        codes.push(NotFound);
    }
    if needs(FOR_KEYS) {
        codes.push(ScopeMissing);
    }
    let specific = SPECIFIC.iter().filter(|(m, p, _)| (*m, *p) == (method, path));
    codes.extend(specific.flat_map(|(.., codes)| *codes));
    codes.sort_unstable();
    codes.dedup();
    let mut by_status = BTreeMap::<u16, Vec<Code>>::new();
    for code in codes {
        by_status.entry(code.status()).or_default().push(code);
    }
    by_status
}

/// Whether an operation can be called by nobody: then no session is among the ways to call it.
pub(super) fn is_public(operation: &Value) -> bool {
    let ways = operation["security"].as_array();
    ways.is_none_or(|ways| ways.iter().all(|way| way.get("token").is_none()))
}

/// The name under which the response with these codes stands among the components.
pub(super) fn name(codes: &[Code]) -> String {
    codes.iter().map(|code| code.as_str()).collect::<Vec<_>>().join(".")
}

/// The response with these codes, which share a status: what it looks like, and an example of each.
pub(super) fn response(status: u16, codes: &[Code]) -> Value {
    let told = codes.iter().map(|code| format!("- `{code}`: {}", code.detail()));
    let description = iter::once("One of:".to_owned())
        .chain(told)
        .collect::<Vec<_>>()
        .join("\n");
    let names: Vec<_> = codes.iter().map(|code| code.as_str()).collect();
    let examples: Map<String, Value> = codes
        .iter()
        .map(|code| (code.as_str().to_owned(), json!({ "value": example(*code) })))
        .collect();
    let mut response = json!({
        "description": description,
        "content": {"application/problem+json": {
            "schema": {
                "allOf": [
                    {"$ref": "#/components/schemas/ProblemDocument"},
                    {"properties": {"status": {"const": status}, "code": {"enum": names}}},
                ],
            },
            "examples": examples,
        }},
    });
    let header = |name: &str, what: &str, schema: Value| json!({ name: {"description": what, "schema": schema} });
    match status {
        401 => {
            let what = "How to sign in, as RFC 9110 wants it.";
            response["headers"] = header("WWW-Authenticate", what, json!({"type": "string"}));
        }
        429 | 503 => {
            let what = "Seconds after which trying again makes sense, where that is known.";
            response["headers"] = header("Retry-After", what, json!({"type": "integer", "minimum": 0}));
        }
        _ => {}
    }
    response
}

fn example(code: Code) -> Value {
    let errors = match code {
        Invalid => json!({"username": ["A username has 3 to 32 characters."]}),
        UsernameTaken => json!({"username": [format!("{} is taken.", samples::ADA.username)]}),
        _ => json!({}),
    };
    json!({
        "type": format!("urn:roost:problem:{code}"),
        "title": http::StatusCode::from_u16(code.status()).ok().and_then(|status| status.canonical_reason()),
        "status": code.status(),
        "code": code,
        "detail": code.detail(),
        "errors": errors,
    })
}
