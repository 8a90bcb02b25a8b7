//! An answer that is made while it is sent. One piece waits at a time: who does not read is not written for.

use axum::body::{Body, Bytes};
use std::io;
use tokio::{sync::mpsc, time::Instant};

/// Where the pieces go.
pub struct Out {
    pieces: mpsc::Sender<io::Result<Bytes>>,
    last_said: Instant,
}

impl Out {
    /// Says something, when the one before was taken.
    ///
    /// # Errors
    /// When nobody listens any more.
    pub async fn say(&mut self, text: String) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        let sent = self.pieces.send(Ok(text.into())).await;
        self.last_said = Instant::now();
        sent.map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    /// When something was said last.
    pub const fn last_said(&self) -> Instant {
        self.last_said
    }

    /// Waits until nobody listens any more.
    pub async fn closed(&self) {
        self.pieces.closed().await;
    }
}

/// The body that `tell` says. An error of it breaks the answer off.
pub fn told<F>(tell: impl FnOnce(Out) -> F + Send + 'static) -> Body
where
    F: Future<Output = io::Result<()>> + Send + 'static,
{
    let (pieces, mut said) = mpsc::channel(1);
    let out = Out {
        pieces: pieces.clone(),
        last_said: Instant::now(),
    };
    let telling = tell(out);
    tokio::spawn(async move {
        if let Err(error) = telling.await {
            // It is of no use to tell somebody who is gone.
            let _ = pieces.send(Err(error)).await;
        }
    });
    Body::from_stream(futures::stream::poll_fn(move |context| said.poll_recv(context)))
}
