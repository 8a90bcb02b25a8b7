//! The world, as verbs see it. Time and chance come from here and from nowhere else (clippy enforces it), so that
//! tests decide both.

use crate::{
    Db, Result,
    accounts::{HostTrust, PasswordPool, Remembered, TokenKeys},
    throttle::Throttle,
};
use model::Timestamp;
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};
use uuid::Uuid;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now, to the millisecond.
    fn now(&self) -> Timestamp;
}

/// Tosses the coins.
pub trait Random: Send + Sync {
    /// Fills the bytes with chance fit for secrets.
    fn fill(&self, bytes: &mut [u8]);
}

/// The machine's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the machine's clock is read"
    )]
    fn now(&self) -> Timestamp {
        chrono::Utc::now().into()
    }
}

/// The operating system's chance, through a ChaCha generator per thread.
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "the one place where chance is drawn")]
    fn fill(&self, bytes: &mut [u8]) {
        rand::RngCore::fill_bytes(&mut rand::rng(), bytes);
    }
}

/// What the verbs need to know about this Roost.
#[derive(Clone, Debug)]
pub struct Site {
    /// Where people reach it, without a slash at the end, such as `https://chat.example.org`.
    pub public_url: String,
    /// Mails that may leave per second, over all processes.
    pub mails_per_second: f64,
    /// Whether the texts of mails stay in the queue after sending (development), or are wiped.
    pub keep_sent_mail: bool,
    /// Whether a new sign-in ends the earlier sessions of its account.
    pub single_session: bool,
}

/// Everything a verb needs from outside. Cloning it is cheap.
#[derive(Clone)]
pub struct Env {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub random: Arc<dyn Random>,
    /// About this Roost.
    pub site: Arc<Site>,
    /// Where passwords are hashed.
    pub passwords: PasswordPool,
    /// With which access tokens are signed.
    pub tokens: Arc<TokenKeys>,
    /// Which host site's tokens are believed; nobody's, until the operator names one.
    pub host: Arc<HostTrust>,
    pub(crate) throttle: Arc<Throttle>,
    pub(crate) remembered: Arc<Remembered>,
    pub(crate) locks: Arc<crate::locks::Locks>,
    pub(crate) desk: Arc<crate::conversations::Desk>,
    pub(crate) mailboxes: Arc<crate::locks::Locks>,
    pub(crate) bell: Arc<crate::mailbox::Bell>,
    /// What tells this Roost from others to replicators.
    pub mailbox_site: crate::mailbox::Site,
    mint: Arc<Mutex<Mint>>,
}

impl Env {
    /// Opens the world on a database: brings its schema up to date and loads, or makes, the signing key.
    ///
    /// # Errors
    /// When the database can't be reached or was written by a newer Roost.
    pub async fn open(db: Db, site: Site, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Result<Self> {
        crate::migrate::migrate(&db, clock.now()).await?;
        let tokens = TokenKeys::load(&db, random.as_ref(), clock.now()).await?;
        let mailbox_site = crate::mailbox::Site::load(&db, random.as_ref(), clock.now()).await?;
        Ok(Self {
            throttle: Arc::new(Throttle::new(Arc::clone(&clock))),
            passwords: PasswordPool::new(Arc::clone(&random)),
            tokens: Arc::new(tokens),
            host: Arc::default(),
            remembered: Arc::new(Remembered::new(random.as_ref())),
            locks: Arc::default(),
            desk: Arc::default(),
            mailboxes: Arc::default(),
            bell: Arc::default(),
            mailbox_site,
            mint: Arc::default(),
            site: Arc::new(site),
            db,
            clock,
            random,
        })
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A new id (RFC 9562 UUID version 7). Ids of one process ascend, also within a millisecond.
    #[must_use]
    pub fn new_id(&self) -> Uuid {
        let mut noise = [0_u8; 10];
        self.random.fill(&mut noise);
        let millis = self.now().millis().try_into().unwrap_or_default();
        self.mint
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .next(millis, noise)
    }

    /// So many bytes of chance.
    #[must_use]
    pub fn random_bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes);
        bytes
    }
}

impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Env").field("site", &self.site).finish_non_exhaustive()
    }
}

/// Makes ids ascend: RFC 9562 §6.2 method 1, a 12-bit counter in `rand_a`.
#[derive(Default)]
struct Mint {
    millis: u64,
    counter: u16,
}

impl Mint {
    fn next(&mut self, now_millis: u64, mut noise: [u8; 10]) -> Uuid {
        if now_millis > self.millis {
            *self = Self {
                millis: now_millis,
                counter: 0,
            };
        } else if self.counter < 0x0fff {
            self.counter += 1;
        } else {
            *self = Self {
                millis: self.millis + 1,
                counter: 0,
            };
        }
        [noise[0], noise[1]] = self.counter.to_be_bytes();
        uuid::Builder::from_unix_timestamp_millis(self.millis, &noise).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_ascend_within_a_millisecond_and_when_the_clock_steps_back() {
        let mut mint = Mint::default();
        let mut last = Uuid::nil();
        for step in 0..10_000_u64 {
            let id = mint.next(1_000_000 - step % 3, [0xff; 10]);
            assert!(id > last, "{id} after {last}");
            assert_eq!(id.get_version_num(), 7);
            last = id;
        }
    }
}
