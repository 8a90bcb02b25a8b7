//! What an address below a mailbox's names. Ids and names of attachments may contain anything, also `/` and `%2F`, so the
//! path is taken apart here, as it was sent, and not by the router.

use percent_encoding::percent_decode_str;

/// What is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Where all databases are.
    Root,
    /// A database.
    Database(String),
    /// Something that a database does or tells, such as `_changes`.
    Service(String, String),
    /// A local document: database, name without `_local/`.
    Local(String, String),
    /// A document: database, id.
    Document(String, String),
    /// An attachment: database, document, name.
    Attachment(String, String, String),
    /// Nothing can be there.
    Nowhere,
}

impl Target {
    /// Takes the rest of a path apart, such as `ada/l%3A1` behind `/mailbox/`.
    #[must_use]
    pub fn of(rest: &str) -> Self {
        let Some(parts) = rest.split('/').map(decode).collect::<Option<Vec<_>>>() else {
            return Self::Nowhere;
        };
        // A slash at the end of a database's address says nothing.
        let parts = match parts.as_slice() {
            [database, last] if last.is_empty() => vec![database.clone()],
            _ => parts,
        };
        let mut parts = parts.into_iter();
        let database = parts.next().unwrap_or_default();
        let rest: Vec<String> = parts.collect();
        match (database.as_str(), rest.as_slice()) {
            ("", []) => Self::Root,
            ("", _) => Self::Nowhere,
            (_, []) => Self::Database(database),
            (_, [id]) => Self::of_one(database, id),
            (_, [prefix, name @ ..]) if prefix == "_local" => Self::Local(database, name.join("/")),
            (_, [prefix, id]) if prefix == "_design" => Self::Document(database, format!("_design/{id}")),
            (_, [prefix, id, name @ ..]) if prefix == "_design" => {
                Self::Attachment(database, format!("_design/{id}"), name.join("/"))
            }
            (_, [prefix, ..]) if prefix.starts_with('_') && !prefix.starts_with("_design/") => Self::Nowhere,
            (_, [id, name @ ..]) => Self::Attachment(database, id.clone(), name.join("/")),
        }
    }

    fn of_one(database: String, part: &str) -> Self {
        match part.strip_prefix("_local/") {
            Some(name) => Self::Local(database, name.to_owned()),
            None if part.starts_with('_') && !part.starts_with("_design/") => Self::Service(database, part.to_owned()),
            None => Self::Document(database, part.to_owned()),
        }
    }

    /// The database in which it is.
    #[must_use]
    pub fn database(&self) -> Option<&str> {
        match self {
            Self::Root | Self::Nowhere => None,
            Self::Database(name)
            | Self::Service(name, _)
            | Self::Local(name, _)
            | Self::Document(name, _)
            | Self::Attachment(name, ..) => Some(name),
        }
    }
}

/// A part of a path; `None` when it is no UTF-8.
fn decode(part: &str) -> Option<String> {
    percent_decode_str(part).decode_utf8().ok().map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_names_are_what_they_are_whatever_is_in_them() {
        let s = str::to_owned;
        for (rest, target) in [
            ("", Target::Root),
            ("ada", Target::Database(s("ada"))),
            ("ada/", Target::Database(s("ada"))),
            ("ada/_changes", Target::Service(s("ada"), s("_changes"))),
            ("ada/_local/abc", Target::Local(s("ada"), s("abc"))),
            ("ada/_local%2Fabc", Target::Local(s("ada"), s("abc"))),
            ("ada/_local/a%2Fb/c", Target::Local(s("ada"), s("a/b/c"))),
            ("ada/l%3A1", Target::Document(s("ada"), s("l:1"))),
            ("ada/a%2Fb", Target::Document(s("ada"), s("a/b"))),
            ("ada/a+b%20c", Target::Document(s("ada"), s("a+b c"))),
            ("ada/%25252F", Target::Document(s("ada"), s("%252F"))),
            ("ada/%F0%9F%90%94", Target::Document(s("ada"), s("🐔"))),
            ("ada/_design/x", Target::Document(s("ada"), s("_design/x"))),
            ("ada/_design%2Fx", Target::Document(s("ada"), s("_design/x"))),
            ("ada/_design/x/y", Target::Attachment(s("ada"), s("_design/x"), s("y"))),
            (
                "ada/_design%2Fx/y",
                Target::Attachment(s("ada"), s("_design/x"), s("y")),
            ),
            ("ada/d/a.txt", Target::Attachment(s("ada"), s("d"), s("a.txt"))),
            (
                "ada/d/a/b%2Fc.txt",
                Target::Attachment(s("ada"), s("d"), s("a/b/c.txt")),
            ),
            ("ada/_changes/x", Target::Nowhere),
            ("ada/%FF", Target::Nowhere),
            ("/ada", Target::Nowhere),
        ] {
            assert_eq!(Target::of(rest), target, "{rest}");
        }
    }
}
