//! Which address and method leads where.

use super::{
    Door, PATH,
    answer::Refused,
    attachments, bulk, changes, databases, documents,
    entry::{self, Guest},
    query::Query,
    target::Target,
};
use axum::{
    body::{Body, Bytes},
    extract::{
        FromRequest, Request,
        rejection::{BytesRejection, FailedToBufferBody},
    },
    http::{HeaderMap, Method, StatusCode, header},
    response::Response,
};
use domain::mailbox::{Fault, Mailbox};
use serde_json::Value;

/// A request to a mailbox.
pub struct Call {
    /// Where it came in.
    pub door: Door,
    /// Who asks.
    pub guest: Guest,
    /// The mailbox it is about.
    pub mailbox: Mailbox,
    /// What it says.
    pub headers: HeaderMap,
    /// Its parameters.
    pub query: Query,
    /// Its body.
    pub body: Bytes,
}

impl Call {
    /// The body as JSON.
    ///
    /// # Errors
    /// `bad_request`.
    pub fn json(&self) -> Result<Value, Refused> {
        serde_json::from_slice(&self.body).map_err(|_| Fault::BadRequest("invalid UTF-8 JSON".into()).into())
    }

    /// The body as JSON of a request that must say that it is: no foreign form can send one.
    ///
    /// # Errors
    /// `bad_content_type`, `bad_request`.
    pub fn declared_json(&self) -> Result<Value, Refused> {
        let declared = self.header(header::CONTENT_TYPE.as_str()).unwrap_or_default();
        let essence = declared.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/json") {
            let reason = "Content-Type must be application/json";
            return Err(Refused::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "bad_content_type",
                reason,
            ));
        }
        self.json()
    }

    /// A header field.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// Answers a request.
///
/// # Errors
/// In the protocol's form.
pub async fn dispatch(door: &Door, request: Request) -> Result<Response, Refused> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path();
    let base = if door.is_laboratory {
        super::LABORATORY_PATH
    } else {
        PATH
    };
    let target = Target::of(path.strip_prefix(base).unwrap_or_default());
    let method = parts.method.clone();
    let guest = entry::identify(door, &parts).await?;
    let is_head = method == Method::HEAD;
    let method = if is_head { Method::GET } else { method };
    if target == Target::Root {
        let response = databases::root(door, &method)?;
        return Ok(stripped(response, is_head));
    }
    if door.is_laboratory
        && let Target::Database(name) = &target
        && let Some(done) = databases::make_or_drop(door, &method, name).await?
    {
        return Ok(done);
    }
    let query = Query::of(parts.uri.query());
    let headers = parts.headers.clone();
    let mailbox = entry::open(door, &guest, &target).await?;
    let body = Bytes::from_request(Request::from_parts(parts, body), &())
        .await
        .map_err(|rejection| unread(&rejection))?;
    let call = Call {
        door: door.clone(),
        guest,
        mailbox,
        headers,
        query,
        body,
    };
    let response = route(call, &method, target).await?;
    Ok(stripped(response, is_head))
}

async fn route(call: Call, method: &Method, target: Target) -> Result<Response, Refused> {
    match target {
        Target::Database(_) => databases::database(call, method).await,
        Target::Service(_, service) => serve(call, method, &service).await,
        Target::Local(_, id) => documents::local(call, method, &id).await,
        Target::Document(_, id) => documents::document(call, method, &id).await,
        Target::Attachment(_, id, name) => attachments::attachment(call, method, &id, &name).await,
        Target::Root | Target::Nowhere => Err(Fault::missing().into()),
    }
}

async fn serve(call: Call, method: &Method, service: &str) -> Result<Response, Refused> {
    let reads = [Method::GET, Method::POST].contains(method);
    let posts = *method == Method::POST;
    match service {
        "_changes" if reads => changes::changes(call, method).await,
        "_all_docs" if reads => bulk::all_docs(call, method).await,
        "_bulk_docs" if posts => bulk::bulk_docs(call).await,
        "_bulk_get" if posts && call.door.has_bulk_get => bulk::bulk_get(call).await,
        "_revs_diff" if posts => bulk::revs_diff(call).await,
        "_ensure_full_commit" if posts => Ok(databases::ensured()),
        "_compact" if posts => databases::compact(call).await,
        "_changes" | "_all_docs" => Err(Refused::method("GET,HEAD,POST")),
        "_bulk_get" if !call.door.has_bulk_get => Err(Fault::missing().into()),
        "_bulk_docs" | "_bulk_get" | "_revs_diff" | "_ensure_full_commit" | "_compact" => Err(Refused::method("POST")),
        _ => Err(Fault::missing().into()),
    }
}

/// What asks only for the head of an answer gets only that.
fn stripped(response: Response, is_head: bool) -> Response {
    match is_head {
        true => Response::from_parts(response.into_parts().0, Body::empty()),
        false => response,
    }
}

fn unread(rejection: &BytesRejection) -> Refused {
    match rejection {
        BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => Fault::TooLarge.into(),
        _ => Fault::BadRequest("The body broke off.".into()).into(),
    }
}
