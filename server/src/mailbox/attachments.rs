//! One attachment of a document.

use super::{
    answer::{Refused, json_of},
    databases::written,
    dispatch::Call,
    documents::named_rev,
};
use axum::{
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::mailbox::{self, Fault, Which};
use model::limits;

/// An attachment.
///
/// # Errors
/// In the protocol's form.
pub async fn attachment(call: Call, method: &Method, id: &str, name: &str) -> Result<Response, Refused> {
    let env = &call.door.app.env;
    match *method {
        Method::GET => get(&call, id, name).await,
        Method::PUT => {
            if call.body.len() > limits::ATTACHMENT_MAX_BYTES {
                return Err(Fault::AttachmentTooLarge(name.to_owned().into()).into());
            }
            let kind = call.header("content-type").unwrap_or("application/octet-stream");
            let rev = named_rev(&call, None)?;
            let bytes = call.body.to_vec();
            let (id, rev) = mailbox::put_attachment(env, &call.mailbox, id, rev, name, kind, bytes).await?;
            Ok(json_of(StatusCode::CREATED, &written(&id, &rev)))
        }
        Method::DELETE => {
            let rev = named_rev(&call, None)?;
            let (id, rev) = mailbox::delete_attachment(env, &call.mailbox, id, rev, name).await?;
            Ok(json_of(StatusCode::OK, &written(&id, &rev)))
        }
        _ => Err(Refused::method("DELETE,GET,HEAD,PUT")),
    }
}

/// The bytes, as what somebody says they are: never as a page of ours. A browser saves them, and runs nothing.
async fn get(call: &Call, id: &str, name: &str) -> Result<Response, Refused> {
    let which = Which {
        rev: call.query.rev("rev")?,
        latest: false,
    };
    let file = mailbox::get_attachment(&call.door.app.env, &call.mailbox, id, &which, name).await?;
    let etag = format!("\"{}\"", file.stub.digest);
    let etag = HeaderValue::from_str(&etag).unwrap_or(HeaderValue::from_static("\"\""));
    if call.headers.get(header::IF_NONE_MATCH) == Some(&etag) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    let kind = HeaderValue::from_str(&file.stub.content_type);
    let kind = kind.unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::ETAG, etag),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment")),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("sandbox; default-src 'none'"),
        ),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, must-revalidate"),
        ),
    ];
    Ok((headers, file.bytes).into_response())
}
