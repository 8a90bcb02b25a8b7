//! Waiting until somebody stops typing.

use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*};
use std::time::Duration;

/// Does only the last of many things, once nothing new has come for a while. It holds nothing that belongs to one
/// thread, since the server makes it on one and drops it on another.
#[derive(Clone, Copy)]
pub struct Pause {
    length: Duration,
    waiting: StoredValue<Option<TimeoutHandle>>,
}

impl Pause {
    /// Of this length.
    pub fn new(length: Duration) -> Self {
        Self {
            length,
            waiting: StoredValue::new(None),
        }
    }

    /// Does this after the pause, in place of what waited until now.
    pub fn then(self, act: impl FnOnce() + 'static) {
        if let Some(waiting) = self.waiting.get_value() {
            waiting.clear();
        }
        self.waiting.set_value(set_timeout_with_handle(act, self.length).ok());
    }
}
