//! What all server functions share: how they learn who asks, and how they answer, with and without JavaScript.

use model::{Code, Rejection};
use serde::{Deserialize, Serialize};
use server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};

/// Why a server function did nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Refused(pub Rejection);

impl FromServerFnError for Refused {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let rejection = match error {
            ServerFnErrorErr::Request(_) => {
                Rejection::new(Code::Unavailable).because("Roost can't be reached. Are you online?")
            }
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => Rejection::new(Code::MalformedBody),
            // In the browser, it is the answer that can't be read.
            ServerFnErrorErr::Deserialization(_) if cfg!(feature = "ssr") => Rejection::new(Code::MalformedBody),
            _ => Rejection::new(Code::Internal),
        };
        // Left alone, any failure would be answered with 500.
        #[cfg(feature = "ssr")]
        crate::context::status(rejection.code.status());
        Self(rejection)
    }
}

impl From<Rejection> for Refused {
    fn from(rejection: Rejection) -> Self {
        Self(rejection)
    }
}

#[cfg(feature = "ssr")]
mod server {
    use super::{Code, Refused, Rejection};
    use crate::{
        context::{Visitor, lead_to, set_cookie, set_header, status, wants_html},
        cookies, device_cookie,
        facts::{DONE, Flash},
        routes, session_cookie,
    };
    use leptos::context::use_context;

    /// Who asks. Absent only when the request was cut off.
    pub fn visitor() -> Result<Visitor, Refused> {
        use_context::<Visitor>().ok_or_else(|| Refused(Code::Internal.into()))
    }

    impl Visitor {
        /// The one who is signed in, or a refusal.
        pub(crate) fn member(&self) -> Result<&domain::Actor, Refused> {
            self.actor
                .as_ref()
                .ok_or_else(|| refused(domain::Error::Rejected(Code::NotSignedIn.into())))
        }
    }

    /// Maps what a verb failed with, once for all screens, and sets the status of the reply.
    pub fn refused(error: domain::Error) -> Refused {
        let rejection = match error {
            domain::Error::Rejected(rejection) => rejection,
            domain::Error::Unavailable(cause) => {
                tracing::error!(%cause, "the database is unavailable");
                Code::Unavailable.into()
            }
            domain::Error::Broken { doing, source } => {
                tracing::error!(doing, %source, "a verb broke");
                Code::Internal.into()
            }
        };
        status(rejection.code.status());
        if let Some(seconds) = rejection.retry_after_s {
            set_header(http::header::RETRY_AFTER, &seconds.to_string());
        }
        Refused(rejection)
    }

    /// A form as it was posted: where it stands, and what of it may be shown again.
    pub struct Posted {
        form: &'static str,
        page: String,
        values: Vec<(&'static str, String)>,
    }

    impl Posted {
        /// The form `form` of the page at `page`.
        pub fn new(form: &'static str, page: impl Into<String>) -> Self {
            Self {
                form,
                page: page.into(),
                values: Vec::new(),
            }
        }

        /// With a field that may be shown again.
        pub fn with(mut self, name: &'static str, value: &str) -> Self {
            self.values.push((name, value.to_owned()));
            self
        }

        /// The verb's answer, for the one who posted: with JavaScript as data, without by leading the browser on, or
        /// back to the form with the reasons beside their fields.
        pub fn answer<T>(self, result: domain::Result<T>, next: impl FnOnce(T) -> String) -> Result<String, Refused> {
            match result {
                Ok(value) => {
                    let next = next(value);
                    if wants_html() {
                        lead_to(&next);
                    }
                    Ok(next)
                }
                Err(error) => self.refuse(refused(error)),
            }
        }

        /// Back to the form, or to the sign-in for a stranger.
        pub fn refuse(self, refused: Refused) -> Result<String, Refused> {
            if !wants_html() {
                return Err(refused);
            }
            let page = if refused.0.code == Code::NotSignedIn {
                routes::sign_in_for(&self.page)
            } else {
                let page = self.page.clone();
                self.leave(Some(refused.0));
                page
            };
            lead_to(&page);
            Ok(page)
        }

        /// Leaves for the next page what was done.
        pub fn done(what: impl Into<String>) {
            Self::new(DONE, "").with(DONE, &what.into()).leave(None);
        }

        /// Leaves what was typed for the next page.
        pub fn leave(self, rejection: Option<Rejection>) {
            let values = self
                .values
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect();
            cookies::leave_flash(Flash {
                form: self.form.to_owned(),
                values,
                rejection,
            });
        }
    }

    /// Lets the browser carry the session that was opened.
    pub fn carry(opened: &domain::accounts::Opened, secure: bool) {
        if let Some(value) = &opened.cookie {
            set_cookie(&session_cookie::set(value, secure));
        }
        if let Some(value) = &opened.device {
            set_cookie(&device_cookie::set(value, secure));
        }
    }
}

#[cfg(feature = "ssr")]
pub(crate) use server::{Posted, carry, refused, visitor};
