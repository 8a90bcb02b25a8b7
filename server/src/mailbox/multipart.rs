//! Documents with their attachments in one message: `multipart/related` (RFC 2387) is a document and then the bytes of
//! its attachments, and `multipart/mixed` (RFC 2046 §5.1.3) is several of those.

use super::answer::Refused;
use axum::body::Bytes;
use domain::mailbox::Fault;
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};
use serde_json::Value;
use std::{collections::HashMap, convert::Infallible, fmt};

/// The boundary that a content type names, if it is of this kind, such as `multipart/related`.
#[must_use]
pub fn boundary_of(content_type: &str, kind: &str) -> Option<String> {
    let mut parts = content_type.split(';').map(str::trim);
    if !parts.next()?.eq_ignore_ascii_case(kind) {
        return None;
    }
    let named = parts.filter_map(|part| part.split_once('='));
    let boundary = named
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case("boundary"))
        .map(|(_, value)| value.trim().trim_matches('"').to_owned())
        .next();
    boundary.filter(|boundary| !boundary.is_empty())
}

/// A document, and the bytes of the attachments of which it says that they follow, by name.
pub struct Related {
    /// The document.
    pub document: Value,
    /// The bytes.
    pub attachments: HashMap<String, Bytes>,
}

/// Reads a document and its attachments. A part that does not say which attachment it is, is the next of those that follow,
/// in the order in which the document names them.
///
/// # Errors
/// `bad_request` for what is not of this form, or lacks an attachment.
pub async fn read_related(body: Bytes, boundary: &str) -> Result<Related, Refused> {
    let bad = |why: &str| Refused::from(Fault::BadRequest(why.to_owned().into()));
    let body = headed(body, boundary);
    let whole = futures::stream::once(async move { Ok::<_, Infallible>(body) });
    let mut parts = multer::Multipart::new(whole, boundary);
    let unread = |error: multer::Error| bad(&format!("invalid multipart message: {error}"));
    let first = parts.next_field().await.map_err(unread)?;
    let first = first.ok_or_else(|| bad("the multipart message has no document"))?;
    let text = first.bytes().await.map_err(unread)?;
    let document: Value = serde_json::from_slice(&text).map_err(|_| bad("invalid UTF-8 JSON"))?;
    let named: Named = serde_json::from_slice(&text).unwrap_or_default();
    let mut following = named.attachments.0.into_iter().filter(|(_, follows)| *follows);
    let mut attachments = HashMap::new();
    while let Some(part) = parts.next_field().await.map_err(unread)? {
        let own = part.file_name().map(str::to_owned);
        let name = own.or_else(|| following.next().map(|(name, _)| name));
        let bytes = part.bytes().await.map_err(unread)?;
        if let Some(name) = name {
            attachments.insert(name, bytes);
        }
    }
    Ok(Related { document, attachments })
}

/// Gives a header to parts that have none: RFC 2046 §5.1 allows them, older replicators send them, and the parser would take
/// their content for headers.
fn headed(body: Bytes, boundary: &str) -> Bytes {
    let bare = format!("--{boundary}\r\n\r\n").into_bytes();
    let mut rest = &body[..];
    let mut whole = Vec::new();
    while let Some(at) = rest.windows(bare.len()).position(|window| window == bare) {
        let (before, after) = rest.split_at(at + bare.len() - b"\r\n".len());
        whole.extend_from_slice(before);
        whole.extend_from_slice(b"Content-Type: application/octet-stream\r\n");
        rest = after;
    }
    if whole.is_empty() {
        return body;
    }
    whole.extend_from_slice(rest);
    whole.into()
}

/// The attachments of a document, in the order in which it names them.
#[derive(Default, Deserialize)]
struct Named {
    #[serde(default, rename = "_attachments")]
    attachments: Order,
}

#[derive(Default)]
struct Order(Vec<(String, bool)>);

#[derive(Deserialize)]
struct Stub {
    #[serde(default)]
    follows: bool,
}

impl<'de> Deserialize<'de> for Order {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Order;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("attachments by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Order, A::Error> {
                let mut order = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    let stub: Stub = map.next_value()?;
                    order.push((name, stub.follows));
                }
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Order(order))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

/// Writes a message of several parts.
pub struct Writer {
    boundary: String,
    bytes: Vec<u8>,
}

impl Writer {
    /// Begins one. The boundary must be in none of the parts: chance.
    #[must_use]
    pub const fn new(boundary: String) -> Self {
        Self {
            boundary,
            bytes: Vec::new(),
        }
    }

    /// Adds a part with these header fields.
    pub fn part(&mut self, headers: &[(&str, &str)], content: &[u8]) {
        self.bytes
            .extend_from_slice(format!("--{}\r\n", self.boundary).as_bytes());
        for (name, value) in headers {
            // What somebody named an attachment must not end the line.
            let value: String = value.chars().filter(|c| !c.is_control()).collect();
            self.bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        self.bytes.extend_from_slice(b"\r\n");
        self.bytes.extend_from_slice(content);
        self.bytes.extend_from_slice(b"\r\n");
    }

    /// Adds an attachment.
    pub fn attachment(&mut self, name: &str, content_type: &str, content: &[u8]) {
        let name = name.replace('\\', "\\\\").replace('"', "\\\"");
        let headers = [
            ("Content-Disposition", format!("attachment; filename=\"{name}\"")),
            ("Content-Type", content_type.to_owned()),
            ("Content-Length", content.len().to_string()),
        ];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        self.part(&headers, content);
    }

    /// The whole message.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        self.bytes
            .extend_from_slice(format!("--{}--", self.boundary).as_bytes());
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_boundary_is_found_with_and_without_quotes_and_only_in_its_own_kind() {
        let kind = "multipart/related";
        assert_eq!(
            boundary_of("multipart/related; boundary=abc", kind).as_deref(),
            Some("abc")
        );
        let quoted = "Multipart/Related;charset=utf-8;boundary=\"a b\"";
        assert_eq!(boundary_of(quoted, kind).as_deref(), Some("a b"));
        assert_eq!(boundary_of("multipart/mixed; boundary=abc", kind), None);
        assert_eq!(boundary_of("multipart/related", kind), None);
    }

    #[tokio::test]
    async fn what_is_written_is_read_by_name_or_in_the_order_of_the_document() {
        let document = json!({"_id": "d", "_attachments": {"b.txt": {"follows": true}, "a.txt": {"stub": true}}});
        let mut message = Writer::new("xyz".into());
        message.part(&[("Content-Type", "application/json")], document.to_string().as_bytes());
        message.attachment("b.txt", "text/plain", b"--not the end\r\n");
        let read = read_related(message.finish().into(), "xyz").await.expect("reads");
        assert_eq!(read.document, document);
        assert_eq!(read.attachments["b.txt"], b"--not the end\r\n".as_slice());

        let text = r#"{"_attachments": {"z": {"follows": true}, "s": {"stub": true}, "a": {"follows": true}}}"#;
        let mut message = Writer::new("xyz".into());
        message.part(&[("Content-Type", "application/json")], text.as_bytes());
        message.part(&[], b"first");
        message.part(&[], b"second");
        let read = read_related(message.finish().into(), "xyz").await.expect("reads");
        assert_eq!(read.attachments["z"], b"first".as_slice());
        assert_eq!(read.attachments["a"], b"second".as_slice());
    }

    #[tokio::test]
    async fn what_is_no_such_message_is_refused() {
        for bad in ["", "--xyz--", "--xyz\r\n\r\nno JSON\r\n--xyz--", "nothing"] {
            assert!(read_related(bad.to_owned().into(), "xyz").await.is_err(), "{bad}");
        }
    }
}
