//! Answers as the CouchDB protocol has them: JSON, and errors as `{"error", "reason"}`. The one place that maps what a verb
//! of the mailbox fails with.

use super::text::text_of;
use crate::http::problem::Problem;
use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header},
    response::IntoResponse,
};
use domain::{
    Error,
    mailbox::{Failure, Fault},
};
use model::{Code, Rejection};
use serde_json::{Value, json};

/// What a door of the mailbox answers with when it can't do what it was asked.
#[derive(Debug)]
pub struct Refused {
    status: StatusCode,
    error: String,
    reason: String,
    retry_after_s: Option<u64>,
}

impl Refused {
    /// An error of the door's own.
    #[must_use]
    pub fn new(status: StatusCode, error: &str, reason: impl Into<String>) -> Self {
        Self {
            status,
            error: error.to_owned(),
            reason: reason.into(),
            retry_after_s: None,
        }
    }

    /// The method does nothing at this address.
    #[must_use]
    pub fn method(allowed: &str) -> Self {
        let reason = format!("Only {allowed} allowed");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", reason)
    }

    /// Nobody has said who they are.
    #[must_use]
    pub fn stranger() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "You are not authorized to access this db.",
        )
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        let status = StatusCode::from_u16(fault.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after_s = match &fault {
            Fault::TooMany(_, seconds) => Some(*seconds),
            _ => None,
        };
        Self {
            retry_after_s,
            ..Self::new(status, fault.error(), fault.reason())
        }
    }
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Fault(fault) => fault.into(),
            Failure::Error(error) => error.into(),
        }
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Problem::from(error).into_rejection().into()
    }
}

impl From<Rejection> for Refused {
    fn from(rejection: Rejection) -> Self {
        let status = StatusCode::from_u16(rejection.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let error = match status.as_u16() {
            401 => "unauthorized",
            403 => "forbidden",
            404 => "not_found",
            413 => "too_large",
            429 => "too_many_requests",
            503 => "service_unavailable",
            500 => "internal_server_error",
            _ => "bad_request",
        };
        Self {
            retry_after_s: rejection.retry_after_s,
            ..Self::new(status, error, rejection.detail)
        }
    }
}

impl From<Code> for Refused {
    fn from(code: Code) -> Self {
        Rejection::new(code).into()
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response<Body> {
        let mut response = json_of(self.status, &json!({ "error": self.error, "reason": self.reason }));
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            // Not Basic: no browser shall ask for a password by itself. Programs send it without being asked.
            let value = HeaderValue::from_static("Bearer realm=\"Roost\"");
            headers.insert(header::WWW_AUTHENTICATE, value);
        }
        response
    }
}

/// An answer in JSON. What is in a mailbox is kept by nobody on the way.
#[must_use]
pub fn json_of(status: StatusCode, value: &Value) -> Response<Body> {
    let mut text = text_of(value);
    text.push('\n');
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, must-revalidate, no-store"),
        ),
    ];
    (status, headers, text).into_response()
}
