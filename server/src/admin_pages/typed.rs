//! A form as it was posted, with what is wrong beside its fields.

use axum::{
    Form,
    extract::{FromRequest, Request, rejection::FormRejection},
    http::StatusCode,
};
use model::Rejection;

/// What somebody typed; empty for a form that nobody has posted yet.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    pairs: Vec<(String, String)>,
    /// Why it was refused.
    pub rejection: Option<Rejection>,
}

impl<S: Send + Sync> FromRequest<S> for Typed {
    type Rejection = FormRejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, FormRejection> {
        let Form(pairs) = Form::from_request(request, state).await?;
        Ok(Self { pairs, rejection: None })
    }
}

impl Typed {
    /// A form that begins with these.
    pub fn with(pairs: &[(&str, &str)]) -> Self {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self {
            pairs: pairs.iter().map(own).collect(),
            rejection: None,
        }
    }

    /// The same, refused.
    pub fn refused(mut self, rejection: Rejection) -> Self {
        self.rejection = Some(rejection);
        self
    }

    /// The value of a field; empty when there is none.
    pub fn get(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default()
    }

    /// Every value of a field that may be chosen several times.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.pairs
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether this was chosen.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|chosen| chosen == value)
    }

    /// The value of a field that may stay empty.
    pub fn some(&self, name: &str) -> Option<String> {
        Some(self.get(name).trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// A whole number that may be left out.
    ///
    /// # Errors
    /// When something else was typed.
    pub fn number(&self, name: &'static str) -> Result<Option<u32>, Rejection> {
        let number = |text: String| text.parse().map_err(|_| Rejection::field(name, "Type a whole number."));
        self.some(name).map(number).transpose()
    }

    /// What is wrong with a field.
    pub fn error(&self, name: &str) -> Option<String> {
        self.rejection.as_ref().and_then(|rejection| rejection.about(name))
    }

    /// What is wrong with which field.
    pub fn errors(&self) -> Vec<(&str, String)> {
        let errors = self.rejection.iter().flat_map(|rejection| &rejection.errors);
        errors.map(|(field, reasons)| (&**field, reasons.join(" "))).collect()
    }

    /// The status of the page that shows it.
    pub fn status(&self) -> StatusCode {
        let code = self.rejection.as_ref().map_or(200, |rejection| rejection.code.status());
        StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_tells_what_was_typed_and_what_is_wrong_with_it() {
        let typed = Typed::with(&[
            ("days", " 7 "),
            ("scopes", "a"),
            ("scopes", "b"),
            ("uses", "many"),
            ("note", " "),
        ]);
        assert_eq!(typed.number("days"), Ok(Some(7)));
        assert_eq!(typed.number("none"), Ok(None));
        assert!(typed.has("scopes", "b") && !typed.has("scopes", "c"));
        assert_eq!((typed.some("note"), typed.status()), (None, StatusCode::OK));
        let rejection = typed.number("uses").expect_err("is refused");
        let refused = typed.refused(rejection);
        assert_eq!(refused.error("uses").as_deref(), Some("Type a whole number."));
        assert_eq!(refused.errors().len(), 1);
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
}
