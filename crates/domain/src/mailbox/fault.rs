//! Why a mailbox did not do what it was asked, in the words of the CouchDB protocol: clients compare them letter by
//! letter, so they are not those of [`model::Code`].

use crate::Error;
use std::borrow::Cow;

/// The result of a verb of the mailbox.
pub type Outcome<T, E = Failure> = std::result::Result<T, E>;

/// What a client asked for that can't be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// There is no such mailbox, or it is not the actor's.
    NoDatabase,
    /// There is a database of that name already (only in the laboratory).
    FileExists,
    /// There is no such document, revision or attachment.
    Missing(Cow<'static, str>),
    /// The document's last word is that it is deleted.
    Deleted,
    /// The revision that a write builds on is not a leaf any more.
    Conflict,
    /// The rules of the documents do not allow it.
    Forbidden(Cow<'static, str>),
    /// The request makes no sense.
    BadRequest(Cow<'static, str>),
    /// A parameter makes no sense.
    QueryParse(Cow<'static, str>),
    /// No document can have this id.
    IllegalDocid(Cow<'static, str>),
    /// A document has fields that are the protocol's, or lacks some.
    DocValidation(Cow<'static, str>),
    /// A document names an attachment that is not there.
    MissingStub(Cow<'static, str>),
    /// The document is too large.
    DocumentTooLarge(Cow<'static, str>),
    /// The attachment is too large.
    AttachmentTooLarge(Cow<'static, str>),
    /// The whole request is too large.
    TooLarge,
    /// Too much is asked for at once, or too often: after so many seconds again.
    TooMany(Cow<'static, str>, u64),
}

impl Fault {
    /// The HTTP status that belongs to it.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::NoDatabase | Self::Missing(_) | Self::Deleted => 404,
            Self::FileExists | Self::MissingStub(_) => 412,
            Self::Conflict => 409,
            Self::Forbidden(_) => 403,
            Self::BadRequest(_) | Self::QueryParse(_) | Self::IllegalDocid(_) | Self::DocValidation(_) => 400,
            Self::DocumentTooLarge(_) | Self::AttachmentTooLarge(_) | Self::TooLarge => 413,
            Self::TooMany(..) => 429,
        }
    }

    /// Its stable name.
    #[must_use]
    pub const fn error(&self) -> &'static str {
        match self {
            Self::NoDatabase | Self::Missing(_) | Self::Deleted => "not_found",
            Self::FileExists => "file_exists",
            Self::Conflict => "conflict",
            Self::Forbidden(_) => "forbidden",
            Self::BadRequest(_) => "bad_request",
            Self::QueryParse(_) => "query_parse_error",
            Self::IllegalDocid(_) => "illegal_docid",
            Self::DocValidation(_) => "doc_validation",
            Self::MissingStub(_) => "missing_stub",
            Self::DocumentTooLarge(_) => "document_too_large",
            Self::AttachmentTooLarge(_) => "attachment_too_large",
            Self::TooLarge => "too_large",
            Self::TooMany(..) => "too_many_requests",
        }
    }

    /// What it is about, in words.
    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Self::NoDatabase => "Database does not exist.",
            Self::FileExists => "The database could not be created, the file already exists.",
            Self::Deleted => "deleted",
            Self::Conflict => "Document update conflict.",
            Self::TooLarge => "the request entity is too large",
            Self::Missing(why)
            | Self::Forbidden(why)
            | Self::BadRequest(why)
            | Self::QueryParse(why)
            | Self::IllegalDocid(why)
            | Self::DocValidation(why)
            | Self::MissingStub(why)
            | Self::DocumentTooLarge(why)
            | Self::AttachmentTooLarge(why)
            | Self::TooMany(why, _) => why,
        }
    }

    /// There is no such document.
    #[must_use]
    pub const fn missing() -> Self {
        Self::Missing(Cow::Borrowed("missing"))
    }
}

/// What a verb of the mailbox fails with.
#[derive(Debug)]
pub enum Failure {
    /// The client can mend it; nothing was changed.
    Fault(Fault),
    /// All else, as everywhere.
    Error(Error),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<model::Code> for Failure {
    fn from(code: model::Code) -> Self {
        Self::Error(code.into())
    }
}
