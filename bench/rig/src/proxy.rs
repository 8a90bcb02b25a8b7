//! A network that breaks: a TCP proxy that ends every connection after some seconds, in one of the ways that networks have.

use crate::{Result, chance::Chance};
use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    sync::watch,
    time::{sleep, timeout},
};

/// How long a half-open connection stays like that.
const SILENCE: Duration = Duration::from_secs(8);
/// How late everything comes on a slow one.
const LAG: Duration = Duration::from_millis(300);

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// By a reset, in the middle of whatever is under way.
    Reset,
    /// Politely.
    Closed,
    /// Never, as far as anybody is told: nothing comes through any more, either way.
    HalfOpen,
    /// Everything takes longer, and then it is reset.
    Slow,
}

const FATES: [Fate; 4] = [Fate::Reset, Fate::Closed, Fate::HalfOpen, Fate::Slow];

/// How bad the network is.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    /// A connection lives at least so many milliseconds.
    pub from_ms: u64,
    /// And at most so many.
    pub to_ms: u64,
}

/// The proxy. Dropping it does not end it; [`Proxy::calm`] makes it harmless.
pub struct Proxy {
    addr: SocketAddr,
    weather: Arc<watch::Sender<Option<Weather>>>,
    chance: Arc<Mutex<Chance>>,
    cuts: Arc<AtomicU64>,
}

impl Proxy {
    /// Listens, and passes on to `target`.
    pub async fn start(target: String, weather: Weather, chance: Chance) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let proxy = Self {
            addr: listener.local_addr()?,
            weather: Arc::new(watch::Sender::new(Some(weather))),
            chance: Arc::new(Mutex::new(chance)),
            cuts: Arc::default(),
        };
        let (weather, chance, cuts) = (proxy.weather.clone(), proxy.chance.clone(), proxy.cuts.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (target, weather, cuts) = (target.clone(), weather.subscribe(), cuts.clone());
                let (fate, life) = {
                    let mut chance = chance.lock().unwrap_or_else(PoisonError::into_inner);
                    let now = weather.borrow().unwrap_or(Weather { from_ms: 1, to_ms: 1 });
                    (chance.pick(&FATES).copied(), chance.millis(now.from_ms, now.to_ms))
                };
                tokio::spawn(async move {
                    if let Ok(server) = TcpStream::connect(&target).await {
                        pass(client, server, weather, fate.unwrap_or(Fate::Reset), life, &cuts).await;
                    }
                });
            }
        });
        Ok(proxy)
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> String {
        self.addr.to_string()
    }

    /// From now on, nothing is broken any more.
    pub fn calm(&self) {
        self.weather.send_replace(None);
    }

    /// How many connections were broken.
    #[must_use]
    pub fn cuts(&self) -> u64 {
        self.cuts.load(Ordering::Relaxed)
    }
}

/// Passes on both ways until the connection's life is over, or one side ends it.
async fn pass(
    mut client: TcpStream,
    mut server: TcpStream,
    mut weather: watch::Receiver<Option<Weather>>,
    fate: Fate,
    life: Duration,
    cuts: &AtomicU64,
) {
    let stormy = weather.borrow_and_update().is_some();
    let end = async {
        if stormy && timeout(life, weather.changed()).await.is_err() {
            return;
        }
        // In calm weather, and when it clears, a connection lives on.
        std::future::pending().await
    };
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => return,
        () = end => {}
    }
    cuts.fetch_add(1, Ordering::Relaxed);
    match fate {
        Fate::Closed => return,
        Fate::Reset => {}
        Fate::HalfOpen => _ = timeout(SILENCE, both(&mut client, &mut server, None)).await,
        Fate::Slow => _ = timeout(SILENCE / 4, both(&mut client, &mut server, Some(LAG))).await,
    }
    let _ = (client.set_zero_linger(), server.set_zero_linger());
}

/// Passes on, but late; or, without a lag, swallows what comes.
async fn both(client: &mut TcpStream, server: &mut TcpStream, lag: Option<Duration>) {
    let (mut said, mut answered) = ([0; 4096], [0; 4096]);
    loop {
        let (to, bytes) = tokio::select! {
            read = client.read(&mut said) => (&mut *server, read.map(|n| &said[..n])),
            read = server.read(&mut answered) => (&mut *client, read.map(|n| &answered[..n])),
        };
        let Ok(bytes @ [_, ..]) = bytes else { return };
        if let Some(lag) = lag {
            sleep(lag).await;
            if to.write_all(bytes).await.is_err() {
                return;
            }
        }
    }
}
