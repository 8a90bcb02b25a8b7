//! Errors as people and programs get them: RFC 9457 problem documents. The one place that maps a verb's error for
//! REST, and the one that logs it.

use axum::{
    Json,
    body::Body,
    http::{HeaderValue, Response, StatusCode, header},
    response::IntoResponse,
};
use domain::Error;
use model::{Code, Rejection};
use serde::Serialize;
use std::{any::Any, collections::BTreeMap};
use utoipa::ToSchema;

/// What a handler fails with.
#[derive(Debug)]
pub struct Problem(Rejection);

/// The body of every error.
#[derive(Serialize, ToSchema)]
pub struct ProblemDocument {
    /// A name for the kind of problem, as a URN.
    #[schema(example = "urn:roost:problem:not_found")]
    r#type: String,
    /// The status in words.
    #[schema(example = "Not Found")]
    title: String,
    /// The status.
    #[schema(example = 404)]
    status: u16,
    /// The stable name, for programs.
    #[schema(example = "not_found")]
    code: String,
    /// What to tell a person.
    #[schema(example = "There is nothing here, or it is not yours.")]
    detail: String,
    /// What is wrong with which field.
    errors: BTreeMap<String, Vec<String>>,
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Rejected(rejection) => Self(rejection),
            Error::Unavailable(cause) => {
                tracing::error!(%cause, "the database is unavailable");
                Self(Rejection::new(Code::Unavailable).retry_after(1))
            }
            Error::Broken { doing, source } => {
                tracing::error!(doing, %source, "a verb broke");
                Self(Code::Internal.into())
            }
        }
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        Self(rejection)
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self(code.into())
    }
}

impl Problem {
    /// The rejection inside.
    #[must_use]
    pub fn into_rejection(self) -> Rejection {
        self.0
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response<Body> {
        let Rejection {
            code,
            detail,
            errors,
            retry_after_s,
        } = self.0;
        let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let owned =
            |(field, reasons): (_, Vec<_>)| (String::from(field), reasons.into_iter().map(String::from).collect());
        let document = ProblemDocument {
            r#type: format!("urn:roost:problem:{code}"),
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            code: code.as_str().to_owned(),
            detail: detail.into(),
            errors: errors.into_iter().map(owned).collect(),
        };
        let mut response = (status, Json(document)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = retry_after_s {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if status == StatusCode::UNAUTHORIZED {
            // RFC 9110 §11.6.1 wants it. Not Basic: no browser shall ask for a password by itself.
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"Roost\""),
            );
        }
        response
    }
}

/// What is answered when a handler panicked: the process lives on.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature that CatchPanicLayer asks for"
)]
pub fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response<Body> {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(panic = text.unwrap_or("of unknown kind"), "a handler panicked");
    Problem::from(Code::Internal).into_response()
}
