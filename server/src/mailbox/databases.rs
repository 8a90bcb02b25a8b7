//! Databases as a whole: `/mailbox/` and `/mailbox/{username}`.

use super::{
    Door,
    answer::{Refused, json_of},
    dispatch::Call,
};
use axum::{
    http::{Method, StatusCode},
    response::Response,
};
use domain::mailbox::{self, Fault, Writing};
use serde_json::{Value, json};
use sync::mailbox::Mode;

/// Who answers here: replicators name what they note by its `uuid`.
///
/// # Errors
/// 405.
pub fn root(door: &Door, method: &Method) -> Result<Response, Refused> {
    if *method != Method::GET {
        return Err(Refused::method("GET,HEAD"));
    }
    let about = json!({
        "couchdb": "Welcome",
        "version": env!("CARGO_PKG_VERSION"),
        "uuid": door.app.env.mailbox_site.uuid.simple().to_string(),
        "vendor": {"name": "Roost"},
        "features": [],
    });
    Ok(json_of(StatusCode::OK, &about))
}

/// In the laboratory, databases are made and deleted; nothing for other methods.
///
/// # Errors
/// `file_exists`, `not_found`.
pub async fn make_or_drop(door: &Door, method: &Method, name: &str) -> Result<Option<Response>, Refused> {
    let env = &door.app.env;
    match *method {
        Method::PUT => mailbox::create_database(env, name).await?,
        Method::DELETE => {
            mailbox::delete_database(env, name).await?;
            return Ok(Some(json_of(StatusCode::OK, &json!({"ok": true}))));
        }
        _ => return Ok(None),
    }
    Ok(Some(json_of(StatusCode::CREATED, &json!({"ok": true}))))
}

/// A database: what it is like, or a new document in it.
///
/// # Errors
/// In the protocol's form.
pub async fn database(call: Call, method: &Method) -> Result<Response, Refused> {
    match *method {
        Method::GET => {
            let info = mailbox::info(&call.door.app.env, &call.mailbox).await?;
            let about = json!({
                "db_name": call.mailbox.name(),
                "doc_count": info.live,
                "doc_del_count": info.dead,
                "update_seq": call.door.sequence(&info.update_seq),
                "purge_seq": 0,
                "compact_running": false,
                "disk_format_version": 8,
                "instance_start_time": "0",
            });
            Ok(json_of(StatusCode::OK, &about))
        }
        Method::POST => post(call).await,
        // PouchDB asks for it, to be sure; it is there.
        Method::PUT => Err(Fault::FileExists.into()),
        Method::DELETE => Err(Fault::Forbidden("A mailbox goes with its account.".into()).into()),
        _ => Err(Refused::method("DELETE,GET,HEAD,POST,PUT")),
    }
}

async fn post(call: Call) -> Result<Response, Refused> {
    let document = call.declared_json()?;
    if !document.is_object() {
        return Err(Fault::BadRequest("Document must be a JSON object".into()).into());
    }
    let writing = Writing {
        document,
        ..Writing::default()
    };
    let (id, rev) = mailbox::write_document(&call.door.app.env, &call.mailbox, writing, Mode::Edit).await?;
    Ok(json_of(StatusCode::CREATED, &written(&id, &rev)))
}

/// The answer to a write.
#[must_use]
pub fn written(id: &str, rev: &str) -> Value {
    json!({"ok": true, "id": id, "rev": rev})
}

/// Every write is on the disk before it is answered, so there is nothing to do.
#[must_use]
pub fn ensured() -> Response {
    json_of(StatusCode::CREATED, &json!({"ok": true, "instance_start_time": "0"}))
}

/// Compacts, also when whoever asked does not wait for it.
///
/// # Errors
/// When there is no such mailbox any more.
pub async fn compact(call: Call) -> Result<Response, Refused> {
    let work = tokio::spawn(async move { mailbox::compact(&call.door.app.env, &call.mailbox).await });
    match work.await {
        Ok(outcome) => outcome?,
        Err(error) => tracing::error!(%error, "compacting a mailbox ended early"),
    }
    Ok(json_of(StatusCode::ACCEPTED, &json!({"ok": true})))
}
