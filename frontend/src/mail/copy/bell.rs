//! A bell: who waits for it hears it, and who comes later hears that it rang.

use gloo_timers::callback::Timeout;
use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    rc::Rc,
    task::{Poll, Waker},
    time::Duration,
};

/// A bell with one listener.
#[derive(Clone, Default)]
pub struct Bell(Rc<Inner>);

#[derive(Default)]
struct Inner {
    rung: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl Bell {
    /// Rings it.
    pub fn ring(&self) {
        self.0.rung.set(true);
        if let Some(waker) = self.0.waker.take() {
            waker.wake();
        }
    }

    /// Waits until it rings, unless it rang since it was last heard.
    pub async fn heard(&self) {
        poll_fn(|context| {
            if self.0.rung.take() {
                return Poll::Ready(());
            }
            self.0.waker.replace(Some(context.waker().clone()));
            Poll::Pending
        })
        .await;
    }

    /// The same, and no longer than this.
    pub async fn heard_within(&self, time: Duration) {
        let bell = self.clone();
        let millis = u32::try_from(time.as_millis()).unwrap_or(u32::MAX);
        let alarm = Timeout::new(millis, move || bell.ring());
        self.heard().await;
        drop(alarm);
    }
}
