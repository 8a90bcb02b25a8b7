//! Attachments of a document that comes in: bytes, or the promise that they are here already.

use super::{
    fault::Fault,
    store::{Body, digest},
};
use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use model::limits;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};
use sync::mailbox::{Stub, Stubs};

/// What a client says of an attachment.
#[derive(Clone, Debug, PartialEq)]
pub enum Attached {
    /// Here are its bytes.
    Bytes {
        /// The media type.
        content_type: String,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// It is as in the revision before, or as in another replica's.
    Stub {
        /// Its digest, if it is told.
        digest: Option<String>,
    },
}

/// Attachments by name.
pub type Attachments = BTreeMap<String, Attached>;

/// The type of what has none.
pub const UNKNOWN_TYPE: &str = "application/octet-stream";

/// Some encoders leave the padding out.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Reads `_attachments`. `following` are bytes that came in other parts of the message.
///
/// # Errors
/// [`Fault::BadRequest`] for what is no attachment, [`Fault::AttachmentTooLarge`].
pub fn read(attachments: Map<String, Value>, following: &mut HashMap<String, Vec<u8>>) -> Result<Attachments, Fault> {
    let mut read = Attachments::new();
    for (name, value) in attachments {
        if name.starts_with('_') {
            let why = format!("Attachment name '{name}' starts with prohibited underscore '_'");
            return Err(Fault::BadRequest(why.into()));
        }
        let Value::Object(mut fields) = value else {
            return Err(Fault::BadRequest("Attachments must be JSON objects".into()));
        };
        let is_set = |fields: &Map<String, Value>, name: &str| fields.get(name) == Some(&Value::Bool(true));
        let attached = if is_set(&fields, "follows") {
            let missing = || Fault::BadRequest(format!("The bytes of the attachment {name} did not follow").into());
            bytes_of(&name, &fields, following.remove(&name).ok_or_else(missing)?)?
        } else if let Some(data) = fields.remove("data") {
            bytes_of(&name, &fields, decode(&data)?)?
        } else if is_set(&fields, "stub") {
            let digest = fields.get("digest").and_then(Value::as_str).map(str::to_owned);
            Attached::Stub { digest }
        } else {
            return Err(Fault::BadRequest("An attachment has data, or is a stub".into()));
        };
        read.insert(name, attached);
    }
    Ok(read)
}

fn decode(data: &Value) -> Result<Vec<u8>, Fault> {
    let text = data.as_str().unwrap_or_default();
    let bytes = LENIENT.decode(text).ok().filter(|_| data.is_string());
    bytes.ok_or(Fault::BadRequest("Invalid attachment data: it is not base64".into()))
}

fn bytes_of(name: &str, fields: &Map<String, Value>, bytes: Vec<u8>) -> Result<Attached, Fault> {
    if bytes.len() > limits::ATTACHMENT_MAX_BYTES {
        return Err(Fault::AttachmentTooLarge(name.to_owned().into()));
    }
    let content_type = fields.get("content_type").and_then(Value::as_str);
    Ok(Attached::Bytes {
        content_type: content_type.unwrap_or(UNKNOWN_TYPE).to_owned(),
        bytes,
    })
}

/// Attachments whose bytes are accounted for.
#[derive(Clone, Debug, Default)]
pub struct Settled {
    /// What a revision's body says of them.
    pub stubs: Stubs,
    /// New bytes, by digest.
    pub bytes: BTreeMap<String, Vec<u8>>,
}

/// Finds what stubs stand for in `known`, bodies of the document's earlier revisions, the one that is followed first.
///
/// # Errors
/// [`Fault::MissingStub`].
pub fn settle(attachments: Attachments, known: &[&Body], generation: u64) -> Result<Settled, Fault> {
    let mut settled = Settled::default();
    for (name, attached) in attachments {
        let stub = match attached {
            Attached::Bytes { content_type, bytes } => {
                let digest = digest(&bytes);
                let stub = Stub {
                    content_type,
                    digest: digest.clone(),
                    length: bytes.len() as u64,
                    revpos: generation,
                };
                settled.bytes.insert(digest, bytes);
                stub
            }
            Attached::Stub { digest } => find(known, &name, digest.as_deref())?,
        };
        settled.stubs.insert(name, stub);
    }
    Ok(settled)
}

fn find(known: &[&Body], name: &str, digest: Option<&str>) -> Result<Stub, Fault> {
    let all = || known.iter().filter_map(|body| body.stubs.get(name));
    let same = digest.and_then(|digest| all().find(|stub| stub.digest == digest));
    let found = same.or_else(|| all().next()).cloned();
    found.ok_or_else(|| {
        let why = format!("Invalid attachment stub in the document for {name}");
        Fault::MissingStub(why.into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn attachments(value: Value) -> Result<Attachments, Fault> {
        let Value::Object(map) = value else { panic!("an object") };
        read(map, &mut HashMap::from([("far".to_owned(), b"far".to_vec())]))
    }

    #[test]
    fn bytes_come_in_base64_or_behind_the_document_and_stubs_stand_for_what_is_here() {
        let read = attachments(json!({
            "a.txt": {"content_type": "text/plain", "data": "aGk="},
            "unpadded": {"data": "aGk"},
            "far": {"follows": true},
            "old": {"stub": true, "digest": "md5-x"},
        }))
        .expect("reads");
        let bytes = |name: &str| match &read[name] {
            Attached::Bytes { bytes, .. } => bytes.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(
            [bytes("a.txt"), bytes("unpadded"), bytes("far")],
            [b"hi".to_vec(), b"hi".to_vec(), b"far".to_vec()]
        );
        let mut before = Body::default();
        let stub = Stub {
            content_type: "text/plain".into(),
            digest: "md5-x".into(),
            length: 1,
            revpos: 1,
        };
        before.stubs.insert("old".into(), stub.clone());
        let settled = settle(read.clone(), &[&before], 3).expect("all are here");
        assert_eq!(settled.stubs["old"], stub);
        assert_eq!((settled.stubs["far"].revpos, settled.stubs["far"].length), (3, 3));
        assert_eq!(settled.bytes.len(), 2, "what is the same is kept once");
        assert!(matches!(settle(read, &[], 3), Err(Fault::MissingStub(_))));
    }

    #[test]
    fn what_is_no_attachment_is_refused() {
        for bad in [
            json!({"a": "text"}),
            json!({"a": {}}),
            json!({"a": {"data": "this is certainly not base64"}}),
            json!({"a": {"data": 7}}),
            json!({"a": {"follows": true}}),
            json!({"_a": {"data": ""}}),
        ] {
            assert!(matches!(attachments(bad.clone()), Err(Fault::BadRequest(_))), "{bad}");
        }
    }
}
