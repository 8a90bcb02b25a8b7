//! What every accepted connection is told before it is used.

use std::{io, time::Duration};
use tokio::net::TcpStream;

/// A peer that takes nothing of what waits for it for this long is gone, or might as well be.
pub const STALLED_FOR: Duration = Duration::from_secs(30);

/// Sends small frames at once, and has the system cut whoever does not take them.
///
/// # Errors
/// When the system refuses; the connection works without it.
pub fn prepare(stream: &TcpStream, stalled_for: Duration) -> io::Result<()> {
    // A small frame must not wait until the peer has acknowledged the one before (Nagle's algorithm).
    stream.set_nodelay(true)?;
    // An answer that goes on for hours, such as a stream of events, has no other end when its reader stops reading: the
    // server is not even asked for more. RFC 5482 calls it the user timeout.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    socket2::SockRef::from(stream).set_tcp_user_timeout(Some(stalled_for))?;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let _ = stalled_for;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{
        io::AsyncWriteExt,
        net::TcpListener,
        time::{Instant, timeout},
    };

    #[tokio::test]
    async fn a_peer_that_stops_reading_is_cut() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let addr = listener.local_addr().expect("an address");
        let reader = TcpStream::connect(addr).await.expect("connects");
        let (mut writer, _) = listener.accept().await.expect("accepts");
        prepare(&writer, Duration::from_secs(1)).expect("is prepared");
        let began = Instant::now();
        let cut = timeout(Duration::from_secs(20), async {
            loop {
                if let Err(error) = writer.write_all(&[0; 64 * 1024]).await {
                    return error;
                }
            }
        });
        let error = cut.await.expect("is cut in time");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut, "{error}");
        assert!(began.elapsed() >= Duration::from_secs(1), "and not before");
        drop(reader);
    }
}
