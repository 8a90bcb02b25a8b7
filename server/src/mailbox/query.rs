//! Parameters of a request, as CouchDB has them: some are words, some are JSON.

use domain::mailbox::{Fault, Reading};
use serde_json::Value;
use std::collections::HashMap;
use sync::mailbox::Rev;
use url::form_urlencoded;

/// The parameters. Those that nobody asks for mean nothing, as in CouchDB.
#[derive(Clone, Debug, Default)]
pub struct Query(HashMap<String, String>);

impl Query {
    /// Reads the query of an address.
    #[must_use]
    pub fn of(query: Option<&str>) -> Self {
        let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        Self(pairs.into_owned().collect())
    }

    /// Adds what stands in a body, which some clients send instead; it wins.
    pub fn take(&mut self, body: &Value) {
        for (name, value) in body.as_object().into_iter().flatten() {
            self.0.insert(name.clone(), value.to_string());
        }
    }

    /// A parameter as it is.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A word that may also stand there as JSON.
    #[must_use]
    pub fn word(&self, name: &str) -> Option<String> {
        let text = self.text(name)?;
        Some(serde_json::from_str(text).unwrap_or_else(|_| text.to_owned()))
    }

    /// True, false, or not there.
    ///
    /// # Errors
    /// [`Fault::QueryParse`].
    pub fn flag(&self, name: &str) -> Result<bool, Fault> {
        match self.text(name) {
            None | Some("false" | "\"false\"") => Ok(false),
            Some("true" | "\"true\"") => Ok(true),
            Some(other) => Err(wrong("boolean", other)),
        }
    }

    /// A number that is not negative.
    ///
    /// # Errors
    /// [`Fault::QueryParse`].
    pub fn number(&self, name: &str) -> Result<Option<u64>, Fault> {
        let read = |text: &str| {
            text.trim_matches('"')
                .parse()
                .map_err(|_| wrong("non-negative integer", text))
        };
        self.text(name).map(read).transpose()
    }

    /// JSON.
    ///
    /// # Errors
    /// [`Fault::BadRequest`].
    pub fn json(&self, name: &str) -> Result<Option<Value>, Fault> {
        let read = |text: &str| serde_json::from_str(text).map_err(|_| Fault::BadRequest("invalid UTF-8 JSON".into()));
        self.text(name).map(read).transpose()
    }

    /// JSON under one of two names.
    ///
    /// # Errors
    /// [`Fault::BadRequest`].
    pub fn either(&self, name: &str, other: &str) -> Result<Option<Value>, Fault> {
        match self.json(name)? {
            Some(value) => Ok(Some(value)),
            None => self.json(other),
        }
    }

    /// A revision.
    ///
    /// # Errors
    /// [`Fault::BadRequest`].
    pub fn rev(&self, name: &str) -> Result<Option<Rev>, Fault> {
        self.text(name).map(|text| rev(text.trim_matches('"'))).transpose()
    }

    /// What is to be shown of documents.
    ///
    /// # Errors
    /// [`Fault::QueryParse`].
    pub fn reading(&self) -> Result<Reading, Fault> {
        let everything = self.flag("meta")?;
        Ok(Reading {
            revs: self.flag("revs")?,
            revs_info: everything || self.flag("revs_info")?,
            conflicts: everything || self.flag("conflicts")?,
            deleted_conflicts: everything || self.flag("deleted_conflicts")?,
            local_seq: self.flag("local_seq")?,
            attachments: self.flag("attachments")?,
            follows: false,
        })
    }
}

/// Reads a revision.
///
/// # Errors
/// [`Fault::BadRequest`].
pub fn rev(text: &str) -> Result<Rev, Fault> {
    text.parse().map_err(|_| Fault::BadRequest("Invalid rev format".into()))
}

/// Reads a list of revisions.
///
/// # Errors
/// [`Fault::BadRequest`].
pub fn revs(value: &Value) -> Result<Vec<Rev>, Fault> {
    let bad = || Fault::BadRequest("Revisions are a list of texts".into());
    let texts = value.as_array().ok_or_else(bad)?;
    texts.iter().map(|text| rev(text.as_str().ok_or_else(bad)?)).collect()
}

fn wrong(what: &str, value: &str) -> Fault {
    Fault::QueryParse(format!("Invalid value for {what}: {value:?}").into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn words_numbers_and_json_are_read_and_nonsense_is_told() {
        let mut query = Query::of(Some(
            "limit=3&revs=true&startkey=%22a+b%22&since=7-x&style=all_docs&bad=maybe",
        ));
        assert_eq!(query.number("limit"), Ok(Some(3)));
        assert_eq!(query.number("skip"), Ok(None));
        assert_eq!((query.flag("revs"), query.flag("conflicts")), (Ok(true), Ok(false)));
        assert_eq!(query.json("startkey"), Ok(Some(json!("a b"))));
        assert_eq!(query.word("since").as_deref(), Some("7-x"));
        assert!(matches!(query.flag("bad"), Err(Fault::QueryParse(_))));
        assert!(matches!(query.number("bad"), Err(Fault::QueryParse(_))));
        assert!(matches!(query.json("style"), Err(Fault::BadRequest(_))));
        query.take(&json!({"limit": 9, "include_docs": true, "since": "8-x", "keys": ["a"]}));
        assert_eq!(query.number("limit"), Ok(Some(9)));
        assert_eq!(query.flag("include_docs"), Ok(true));
        assert_eq!(query.word("since").as_deref(), Some("8-x"));
        assert_eq!(query.json("keys"), Ok(Some(json!(["a"]))));
    }
}
