//! When to stop.

use tokio::signal::unix::{SignalKind, signal};

/// Waits for Ctrl-C or a SIGTERM. They are listened for from this call on, not only when the waiting begins: one that comes
/// while Roost still starts is not lost.
pub fn asked() -> impl Future<Output = ()> + Send + 'static {
    let terminate = signal(SignalKind::terminate());
    async move {
        let Ok(mut terminate) = terminate else {
            let _ = tokio::signal::ctrl_c().await;
            return;
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    }
}
