//! Frames as they leave: serialized once, shared by all who get them.

use axum::extract::ws::Utf8Bytes;
use model::realtime::{ServerFrame, Versioned};

/// A frame's text.
pub fn encode(frame: &ServerFrame) -> Utf8Bytes {
    match serde_json::to_string(&Versioned::from(frame)) {
        Ok(text) => text.into(),
        // No frame holds what JSON can't say; should one ever, its readers fetch instead.
        Err(error) => {
            tracing::error!(%error, "a frame could not be written");
            Utf8Bytes::from_static(r#"{"v":1,"type":"resync"}"#)
        }
    }
}
