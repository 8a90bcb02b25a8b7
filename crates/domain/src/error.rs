//! What a verb can fail with. Doors map this once: `server::http::error` for REST, `app::error` for screens.

use model::Rejection;

/// The result of a verb.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a verb did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The person can fix it; nothing was changed.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The database can't be reached at the moment; nothing is known to have changed.
    #[error("the database is unavailable: {0}")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A fault of ours. The text is for the log, never for a person.
    #[error("{doing}: {source}")]
    Broken {
        /// What was being done.
        doing: &'static str,
        /// What went wrong.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Error {
    /// Wraps a fault of ours with what was being done; for `map_err`.
    pub fn broken<E>(doing: &'static str) -> impl FnOnce(E) -> Self
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        move |source| Self::Broken {
            doing,
            source: source.into(),
        }
    }
}

impl From<model::Code> for Error {
    fn from(code: model::Code) -> Self {
        Self::Rejected(code.into())
    }
}

impl From<surrealdb::Error> for Error {
    fn from(error: surrealdb::Error) -> Self {
        if error.is_connection() {
            Self::Unavailable(error.into())
        } else {
            Self::Broken {
                doing: "asking the database",
                source: error.into(),
            }
        }
    }
}
