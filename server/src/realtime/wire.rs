//! The outgoing half of a socket. Whoever has something to say writes it to the network at once; only what the network
//! does not take waits, and the socket's own task writes it later. So a frame for a thousand sockets wakes no task, and a
//! peer that does not read delays nobody.

use super::hub::End;
use axum::body::Bytes;
use std::{
    collections::VecDeque,
    io::{self, ErrorKind, IoSlice},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::{net::TcpStream, sync::Notify, time::Instant};

/// What may wait for one socket, in bytes. A reader that falls further behind is closed with `resync`: its client comes
/// back and reads the log, and this process's memory stays bounded. What waits is shared by all who wait for it.
const BACKLOG: usize = 256 * 1024;
/// How long a peer may take nothing at all while something waits for it.
const STALLED_FOR: Duration = Duration::from_secs(20);
/// Pieces given to the network at once.
const PIECES: usize = 32;

/// The outgoing half of a socket.
pub struct Wire {
    tcp: TcpStream,
    out: Mutex<Backlog>,
    /// There is something for the socket's task to do.
    kick: Notify,
    /// When the peer was last heard, in ticks of whoever keeps count.
    heard: AtomicU32,
}

#[derive(Default)]
struct Backlog {
    pieces: VecDeque<Bytes>,
    bytes: usize,
    /// Since when the peer has taken nothing, while something waits.
    since: Option<Instant>,
    end: Option<Ending>,
}

/// Why a wire is no longer written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The peer is to be told.
    Told(End),
    /// There is nobody to tell.
    Gone,
}

impl Wire {
    /// Over a connection that speaks WebSocket from here on.
    pub fn new(tcp: TcpStream) -> Self {
        Self {
            tcp,
            out: Mutex::default(),
            kick: Notify::new(),
            heard: AtomicU32::new(0),
        }
    }

    /// The connection, to read from.
    pub const fn tcp(&self) -> &TcpStream {
        &self.tcp
    }

    /// Writes whole frames, now or as soon as the peer takes them. Nobody is waited for.
    pub fn send(&self, packet: &Bytes) {
        let mut out = self.lock();
        if out.end.is_some() {
            return;
        }
        let mut written = 0;
        if out.pieces.is_empty() {
            match self.tcp.try_write(packet) {
                Ok(n) if n == packet.len() => return,
                Ok(n) => written = n,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => return self.finish(out, Ending::Gone),
            }
            out.since = Some(Instant::now());
            self.kick.notify_one();
        }
        out.bytes += packet.len() - written;
        if out.bytes > BACKLOG {
            return self.finish(out, Ending::Told(End::Behind));
        }
        out.pieces.push_back(packet.slice(written..));
    }

    /// Ends it: nothing more is taken, and the socket's task says why.
    pub fn end(&self, why: Ending) {
        self.finish(self.lock(), why);
    }

    fn finish(&self, mut out: MutexGuard<'_, Backlog>, why: Ending) {
        out.end.get_or_insert(why);
        drop(out);
        self.kick.notify_one();
    }

    /// Notes that the peer was heard.
    pub fn heard(&self, at: u32) {
        self.heard.store(at, Ordering::Relaxed);
    }

    /// When the peer was last heard.
    pub fn last_heard(&self) -> u32 {
        self.heard.load(Ordering::Relaxed)
    }

    /// Whether the peer has taken nothing for too long.
    pub fn is_stalled(&self) -> bool {
        self.lock().since.is_some_and(|since| since.elapsed() >= STALLED_FOR)
    }

    /// Writes what waits, whenever the peer takes it, until the wire is ended.
    pub async fn pump(&self) -> Ending {
        loop {
            match self.flush() {
                Err(why) => return why,
                Ok(true) => self.kick.notified().await,
                Ok(false) => tokio::select! {
                    () = self.kick.notified() => {}
                    _ = self.tcp.writable() => {}
                },
            }
        }
    }

    /// Writes what waits, and then these last words, for as long as the peer takes something now and then.
    pub async fn last_words(&self, words: impl IntoIterator<Item = Bytes>) {
        {
            let mut out = self.lock();
            out.end = None;
            out.since.get_or_insert_with(Instant::now);
            out.pieces.extend(words);
        }
        while let Ok(false) = self.flush() {
            if self.is_stalled() || tokio::time::timeout(STALLED_FOR, self.tcp.writable()).await.is_err() {
                break;
            }
        }
        self.end(Ending::Gone);
    }

    /// Drops what waits: the peer is so far behind that it will read everything anew.
    pub fn forget(&self) {
        let mut out = self.lock();
        // The peer must get the rest of a frame that it has the beginning of, so the first piece stays.
        out.pieces.truncate(1);
        out.bytes = out.pieces.iter().map(Bytes::len).sum();
    }

    /// Writes as much as the network takes; `true` when nothing waits any more.
    fn flush(&self) -> Result<bool, Ending> {
        let mut out = self.lock();
        if let Some(end) = out.end {
            return Err(end);
        }
        while !out.pieces.is_empty() {
            let written = {
                let mut slices = [IoSlice::new(&[]); PIECES];
                let mut count = 0;
                for (slice, piece) in slices.iter_mut().zip(&out.pieces) {
                    *slice = IoSlice::new(piece);
                    count += 1;
                }
                self.tcp.try_write_vectored(&slices[..count])
            };
            match written {
                Ok(n) => out.took(n),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(_) => {
                    out.end = Some(Ending::Gone);
                    return Err(Ending::Gone);
                }
            }
        }
        *out = Backlog::default();
        Ok(true)
    }

    fn lock(&self) -> MutexGuard<'_, Backlog> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Backlog {
    /// The peer took so many bytes.
    fn took(&mut self, mut n: usize) {
        self.bytes = self.bytes.saturating_sub(n);
        self.since = Some(Instant::now());
        while let Some(first) = self.pieces.front_mut() {
            if n < first.len() {
                *first = first.slice(n..);
                return;
            }
            n -= first.len();
            self.pieces.pop_front();
        }
    }
}

/// The connection as the WebSocket protocol reads it. What the protocol itself has to say (pongs, the answer to a close)
/// goes the way of all frames.
pub struct Ear(pub std::sync::Arc<Wire>, pub Bytes);

impl io::Read for Ear {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.1.is_empty() {
            return self.0.tcp.try_read(buffer);
        }
        // What came together with the request to upgrade.
        let n = self.1.len().min(buffer.len());
        buffer[..n].copy_from_slice(&self.1.split_to(n));
        if self.1.is_empty() {
            self.1 = Bytes::new();
        }
        Ok(n)
    }
}

impl io::Write for Ear {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.send(&Bytes::copy_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tokio::{
        io::AsyncReadExt,
        net::TcpListener,
        time::{sleep, timeout},
    };

    async fn connected() -> (Arc<Wire>, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let addr = listener.local_addr().expect("an address");
        let (ours, theirs) = tokio::join!(listener.accept(), TcpStream::connect(addr));
        let ours = ours.expect("accepts").0;
        socket2::SockRef::from(&ours)
            .set_send_buffer_size(16 * 1024)
            .expect("sets");
        (Arc::new(Wire::new(ours)), theirs.expect("connects"))
    }

    #[tokio::test]
    async fn what_the_peer_does_not_take_waits_and_arrives_whole_and_in_order() {
        let (wire, mut peer) = connected().await;
        let pump = tokio::spawn({
            let wire = Arc::clone(&wire);
            async move { wire.pump().await }
        });
        let mut expected = Vec::new();
        let mut read = vec![0; 7_000];
        for n in 0..3_000_u32 {
            let packet = Bytes::from(n.to_be_bytes().repeat(250));
            expected.extend_from_slice(&packet);
            wire.send(&packet);
            // The peer lags behind by as much as it may.
            while expected.len() > 200_000 {
                peer.read_exact(&mut read).await.expect("reads");
                assert_eq!(read, expected[..7_000]);
                expected.drain(..7_000);
            }
        }
        let mut rest = vec![0; expected.len()];
        peer.read_exact(&mut rest).await.expect("reads");
        assert!(rest == expected, "the rest is as it was sent");
        wire.end(Ending::Told(End::Behind));
        assert_eq!(pump.await.expect("ends"), Ending::Told(End::Behind));
    }

    #[tokio::test]
    async fn a_peer_that_does_not_read_is_ended_and_what_waits_for_it_is_bounded() {
        let (wire, _peer) = connected().await;
        let packet = Bytes::from(vec![7; 1_000]);
        let mut sent = 0;
        let pump = wire.pump();
        tokio::pin!(pump);
        let ending = loop {
            wire.send(&packet);
            sent += packet.len();
            if let Ok(ending) = timeout(Duration::from_micros(10), &mut pump).await {
                break ending;
            }
            assert!(sent < 64 * 1024 * 1024, "it is ended sooner or later");
        };
        assert_eq!(ending, Ending::Told(End::Behind));
        wire.forget();
        assert!(wire.lock().bytes <= 1_000);
        wire.send(&packet);
        assert!(wire.lock().bytes <= 1_000, "nothing is taken any more");
    }

    #[tokio::test]
    async fn a_peer_that_left_ends_the_wire() {
        let (wire, peer) = connected().await;
        drop(peer);
        for _ in 0..100 {
            wire.send(&Bytes::from_static(b"Hello?"));
            sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(wire.pump().await, Ending::Gone);
    }
}
