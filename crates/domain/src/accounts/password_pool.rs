//! Where passwords are hashed: Argon2id (RFC 9106) with OWASP's parameters, on threads that may block, never more at
//! a time than there are cores. A flood of sign-ins waits in line and, when the line is full, is told to come back:
//! memory stays below `permits × 19 MiB`, and the runtime's own threads stay free. Hashes that came from elsewhere may
//! take more memory; of those, one is checked at a time, so the ceiling is `permits × 19 MiB + 256 MiB`.

use crate::{Error, Result, accounts::legacy_hash::LegacyHash, env::Random};
use argon2::{Algorithm, Argon2, Block, Params, Version, password_hash::phc::PasswordHash};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use model::{Code, Rejection};
use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread::available_parallelism,
};
use subtle::ConstantTimeEq;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// OWASP Password Storage Cheat Sheet: m = 19 MiB, t = 2, p = 1.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const HASH_BYTES: usize = 32;
/// How many may wait; at about 25 ms each on one core, the last of them waits some seconds.
const WAITING_MAX: usize = 256;
/// How many may wait for a check that takes more memory than ours; each may take a second or two.
const LARGE_WAITING_MAX: usize = 16;

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Not the password.
    Wrong,
    /// The password.
    Right,
    /// The password, but hashed in another way or with other parameters: here it is in ours.
    RightButOld(String),
}

/// The pool; clones share it.
#[derive(Clone)]
pub struct PasswordPool(Arc<Pool>);

struct Pool {
    permits: Semaphore,
    waiting: AtomicUsize,
    large: Arc<Semaphore>,
    large_waiting: AtomicUsize,
    random: Arc<dyn Random>,
    /// Memory of hashes that are done, for those that wait.
    spare: Mutex<Vec<Vec<Block>>>,
}

impl PasswordPool {
    pub(crate) fn new(random: Arc<dyn Random>) -> Self {
        let cores = available_parallelism().map_or(1, usize::from);
        Self(Arc::new(Pool {
            permits: Semaphore::new(cores),
            waiting: AtomicUsize::new(0),
            large: Arc::new(Semaphore::new(1)),
            large_waiting: AtomicUsize::new(0),
            random,
            spare: Mutex::default(),
        }))
    }

    /// Hashes a new password into a PHC string.
    ///
    /// # Errors
    /// Busy, when too many wait already.
    pub(crate) async fn hash(&self, password: String) -> Result<String> {
        self.run(move |pool| pool.hash_now(password.as_bytes())).await
    }

    /// Compares a password with a hash of ours or of another system; without one, takes the same time and says
    /// [`Verdict::Wrong`].
    ///
    /// # Errors
    /// Busy, when too many wait already.
    pub(crate) async fn verify(&self, password: String, stored: Option<String>) -> Result<Verdict> {
        let stored = stored.as_deref().map(LegacyHash::parse).transpose();
        let stored = stored.map_err(|why| broken(why.into_owned()))?;
        let is_large = stored
            .as_ref()
            .is_some_and(|hash| hash.memory_kib() > MEMORY_KIB.into());
        let alone = if is_large { Some(self.alone().await?) } else { None };
        self.run(move |pool| {
            let _until_done = alone;
            pool.check(password.as_bytes(), stored.as_ref())
        })
        .await
    }

    /// Waits until no other large check runs.
    async fn alone(&self) -> Result<OwnedSemaphorePermit> {
        let _place = Place::take(&self.0.large_waiting, LARGE_WAITING_MAX)?;
        Arc::clone(&self.0.large)
            .acquire_owned()
            .await
            .map_err(Error::broken("waiting for the password pool"))
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce(&Pool) -> Result<T> + Send + 'static) -> Result<T> {
        let pool = Arc::clone(&self.0);
        let place = Place::take(&pool.waiting, WAITING_MAX)?;
        let permit = pool
            .permits
            .acquire()
            .await
            .map_err(Error::broken("waiting for the password pool"))?;
        drop(place);
        // The permit goes along: a caller who hangs up must not let another hash start beside the one still running.
        permit.forget();
        let permit = Permit(Arc::clone(&pool));
        tokio::task::spawn_blocking(move || work(&permit.0))
            .await
            .map_err(Error::broken("hashing a password"))?
    }
}

impl Pool {
    /// Whoever is wrong about a hash that is not ours, or about a name that nobody has, waits as long as everybody else,
    /// or longer: how fast the answer comes must not tell an account that came by an import, or one that is not there.
    fn check(&self, password: &[u8], stored: Option<&LegacyHash>) -> Result<Verdict> {
        match stored {
            Some(LegacyHash::Argon2(hash)) if is_current(hash) => match self.is_of(password, hash)? {
                true => Ok(Verdict::Right),
                false => Ok(Verdict::Wrong),
            },
            Some(hash) if hash.verify(password) => Ok(Verdict::RightButOld(self.hash_now(password)?)),
            _ => {
                self.hash_now(password)?;
                Ok(Verdict::Wrong)
            }
        }
    }

    /// A new hash, as a PHC string.
    fn hash_now(&self, password: &[u8]) -> Result<String> {
        let mut salt = [0; 16];
        self.random.fill(&mut salt);
        let hash = self.compute(password, &salt)?;
        let [salt, hash] = [salt.as_slice(), &hash].map(|bytes| STANDARD_NO_PAD.encode(bytes));
        Ok(format!(
            "$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}${hash}"
        ))
    }

    /// Whether a hash with our parameters is of this password.
    fn is_of(&self, password: &[u8], hash: &PasswordHash) -> Result<bool> {
        let (Some(salt), Some(known)) = (&hash.salt, &hash.hash) else {
            return Ok(false);
        };
        Ok(self.compute(password, salt)?.as_slice().ct_eq(known.as_bytes()).into())
    }

    fn compute(&self, password: &[u8], salt: &[u8]) -> Result<[u8; HASH_BYTES]> {
        let argon2 = argon2()?;
        let mut memory = self.spare().pop().unwrap_or_default();
        memory.resize(argon2.params().block_count(), Block::default());
        let mut hash = [0; HASH_BYTES];
        let outcome = argon2.hash_password_into_with_memory(password, salt, &mut hash, &mut memory);
        match self.waiting.load(Ordering::SeqCst) {
            0 => self.spare().clear(),
            _ => self.spare().push(memory),
        }
        outcome.map_err(|error| broken(error.to_string()))?;
        Ok(hash)
    }

    fn spare(&self) -> MutexGuard<'_, Vec<Vec<Block>>> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leave to hash, given back when it is dropped.
struct Permit(Arc<Pool>);

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.permits.add_permits(1);
    }
}

/// A place in the line.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize, most: usize) -> Result<Self> {
        let place = Self(waiting);
        if waiting.fetch_add(1, Ordering::SeqCst) >= most {
            return Err(Rejection::new(Code::Busy).retry_after(2).into());
        }
        Ok(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| broken(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn is_current(hash: &PasswordHash) -> bool {
    let with_ours = |name: &str, value: u32| hash.params.get_decimal(name) == Some(value);
    hash.algorithm.as_str() == "argon2id"
        && hash.version == Some(Version::V0x13.into())
        && with_ours("m", MEMORY_KIB)
        && with_ours("t", PASSES)
        && with_ours("p", LANES)
        && hash.hash.as_ref().is_some_and(|hash| hash.len() == HASH_BYTES)
}

fn broken(source: String) -> Error {
    Error::Broken {
        doing: "hashing a password",
        source: source.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::SystemRandom;
    use argon2::PasswordHasher;

    fn pool() -> PasswordPool {
        PasswordPool::new(Arc::new(SystemRandom))
    }

    #[tokio::test]
    async fn a_password_is_known_again_and_no_other_is() {
        let pool = pool();
        let phc = pool.hash("poetical-science".into()).await.expect("hashes");
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert_eq!(
            pool.verify("poetical-science".into(), Some(phc.clone()))
                .await
                .expect("verifies"),
            Verdict::Right
        );
        assert_eq!(
            pool.verify("poetical-sciencE".into(), Some(phc))
                .await
                .expect("verifies"),
            Verdict::Wrong
        );
        assert_eq!(
            pool.verify("anything".into(), None).await.expect("verifies"),
            Verdict::Wrong
        );
    }

    #[tokio::test]
    async fn a_hash_with_other_parameters_is_replaced() {
        let weak = Argon2::new(
            Algorithm::Argon2id,
            Version::V0x13,
            Params::new(8, 1, 1, None).expect("parameters"),
        );
        let old = weak
            .hash_password_with_salt(b"poetical-science", &[7; 16])
            .expect("hashes")
            .to_string();
        let verdict = pool()
            .verify("poetical-science".into(), Some(old))
            .await
            .expect("verifies");
        let Verdict::RightButOld(new) = verdict else {
            panic!("{verdict:?}")
        };
        assert!(new.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{new}");
    }

    #[tokio::test]
    async fn a_flood_waits_in_line_and_a_full_line_says_come_back() {
        let pool = pool();
        let all: Vec<_> = (0..WAITING_MAX + 50).map(|_| pool.verify("x".into(), None)).collect();
        let outcomes = futures::future::join_all(all).await;
        let busy = outcomes
            .iter()
            .filter(|o| matches!(o, Err(Error::Rejected(r)) if r.code == Code::Busy))
            .count();
        assert!(busy > 0 && busy <= 50, "{busy} were turned away");
        assert_eq!(outcomes.iter().filter(|o| o.is_ok()).count(), outcomes.len() - busy);
        assert!(pool.verify("x".into(), None).await.is_ok(), "and the line empties");
    }

    #[tokio::test]
    async fn a_hash_of_another_system_is_replaced_by_ours_when_the_password_is_right() {
        let pool = pool();
        let digest = <md5::Md5 as md5::Digest>::digest(b"poetical-science-1843");
        let md5: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let wrong = pool
            .verify("poetical".into(), Some(md5.clone()))
            .await
            .expect("verifies");
        assert_eq!(wrong, Verdict::Wrong);
        let right = pool
            .verify("poetical-science-1843".into(), Some(md5))
            .await
            .expect("verifies");
        assert!(matches!(right, Verdict::RightButOld(new) if new.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")));
    }

    #[tokio::test]
    async fn of_hashes_that_take_much_memory_one_is_checked_at_a_time_and_others_pass_by() {
        let pool = pool();
        let large = "$argon2id$v=19$m=32768,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let held = pool.alone().await.expect("alone");
        let ask = || pool.verify("x".into(), Some(large.into()));
        let mut waiting = Box::pin(ask());
        assert!(futures::poll!(&mut waiting).is_pending());
        assert_eq!(pool.verify("x".into(), None).await.expect("passes by"), Verdict::Wrong);
        let flood = futures::future::join_all((0..LARGE_WAITING_MAX + 9).map(|_| {
            let ask = ask();
            async { tokio::time::timeout(std::time::Duration::from_millis(300), ask).await }
        }));
        let busy = flood
            .await
            .into_iter()
            .filter(|answer| matches!(answer, Ok(Err(Error::Rejected(_)))))
            .count();
        assert_eq!(busy, 10, "the line has {LARGE_WAITING_MAX} places, and one is taken");
        assert!(futures::poll!(&mut waiting).is_pending());
        drop(held);
        assert_eq!(waiting.await.expect("its turn came"), Verdict::Wrong);
    }
}
