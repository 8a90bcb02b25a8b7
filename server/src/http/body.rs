//! What requests carry, parsed with errors that name what is wrong.

use crate::http::problem::Problem;
use axum::{
    body::Bytes,
    extract::{
        FromRequest, FromRequestParts, Path as AxumPath, Query as AxumQuery, Request,
        rejection::{BytesRejection, FailedToBufferBody},
    },
    http::{HeaderMap, header, request::Parts},
};
use model::{Code, Rejection};
use serde::de::DeserializeOwned;

/// A JSON body. Anything but `application/json` is refused, so that no foreign form can post one unasked.
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Code::MediaTypeUnsupported.into());
        }
        let bytes = Bytes::from_request(request, state).await.map_err(unread)?;
        // serde takes `[…]` for the fields of a struct in their order, which no document promises.
        if bytes.trim_ascii_start().first() != Some(&b'{') {
            return Err(malformed("it is not a JSON object"));
        }
        let mut deserializer = serde_json::Deserializer::from_slice(&bytes);
        let value = T::deserialize(&mut deserializer).and_then(|value| deserializer.end().map(|()| value));
        value.map(Self).map_err(|error| malformed(&error.to_string()))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    is_of(headers, &["application/json"])
}

fn is_of(headers: &HeaderMap, types: &[&str]) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let essence = value.split(';').next().unwrap_or_default().trim();
    types.iter().any(|wanted| essence.eq_ignore_ascii_case(wanted))
}

/// A JSON body that may be left out.
pub struct MaybeJson<T>(pub Option<T>);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for MaybeJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = Bytes::from_request(Request::from_parts(parts.clone(), body), state)
            .await
            .map_err(unread)?;
        if bytes.is_empty() {
            return Ok(Self(None));
        }
        let whole = Request::from_parts(parts, bytes.into());
        Json::from_request(whole, state)
            .await
            .map(|Json(value)| Self(Some(value)))
    }
}

/// A body with one JSON document a line, as text.
pub struct JsonLines(pub String);

impl<S: Send + Sync> FromRequest<S> for JsonLines {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        // There is no registered name; these are in use.
        let names = [
            "application/x-ndjson",
            "application/ndjson",
            "application/jsonl",
            "application/json-lines",
        ];
        if !is_of(request.headers(), &names) {
            let why = "Send this as application/x-ndjson.";
            return Err(Rejection::new(Code::MediaTypeUnsupported).because(why).into());
        }
        let bytes = Bytes::from_request(request, state).await.map_err(unread)?;
        let text = String::from_utf8(bytes.into()).map_err(|_| malformed("It is not in UTF-8."))?;
        Ok(Self(text))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "used as a function in map_err")]
fn unread(rejection: BytesRejection) -> Problem {
    match rejection {
        BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => Code::TooLarge.into(),
        _ => malformed("The body broke off."),
    }
}

/// serde's sentences name the field and the place: they are about the request, and safe to give back.
fn malformed(why: &str) -> Problem {
    Rejection::new(Code::MalformedBody)
        .because(format!("The request could not be read: {why}"))
        .into()
}

/// The query of a URL. Unknown or repeated parameters are errors.
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = AxumQuery::from_request_parts(parts, state).await;
        query
            .map(|AxumQuery(value)| Self(value))
            .map_err(|error| malformed(&error.body_text()))
    }
}

/// The parameters of a path. An id that is none names nothing: `not_found`.
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = AxumPath::from_request_parts(parts, state).await;
        path.map(|AxumPath(value)| Self(value))
            .map_err(|_| Code::NotFound.into())
    }
}
