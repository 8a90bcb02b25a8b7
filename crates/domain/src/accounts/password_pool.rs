//! Where passwords are hashed: Argon2id (RFC 9106) with OWASP's parameters, on threads that may block, never more at
//! a time than there are cores. A flood of sign-ins waits in line and, when the line is full, is told to come back:
//! memory stays below `permits × 19 MiB`, and the runtime's own threads stay free.

use crate::{Error, Result, env::Random};
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::phc::PasswordHash};
use model::{Code, Rejection};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::available_parallelism,
};
use tokio::sync::Semaphore;

/// OWASP Password Storage Cheat Sheet: m = 19 MiB, t = 2, p = 1.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// How many may wait; at about 25 ms each on one core, the last of them waits some seconds.
const WAITING_MAX: usize = 256;

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Not the password.
    Wrong,
    /// The password.
    Right,
    /// The password, but hashed with other parameters: here it is with ours.
    RightButOld(String),
}

/// The pool; clones share it.
#[derive(Clone)]
pub struct PasswordPool(Arc<Pool>);

struct Pool {
    permits: Semaphore,
    waiting: AtomicUsize,
    random: Arc<dyn Random>,
    /// A hash of nothing anybody knows, for names that do not exist: they take as long as those that do.
    decoy: String,
}

impl PasswordPool {
    pub(crate) fn new(random: Arc<dyn Random>) -> Self {
        let cores = available_parallelism().map_or(1, usize::from);
        let mut noise = [0; 32];
        random.fill(&mut noise);
        let decoy = hash_now(&noise, random.as_ref()).unwrap_or_default();
        Self(Arc::new(Pool {
            permits: Semaphore::new(cores),
            waiting: AtomicUsize::new(0),
            random,
            decoy,
        }))
    }

    /// Hashes a new password into a PHC string.
    ///
    /// # Errors
    /// Busy, when too many wait already.
    pub(crate) async fn hash(&self, password: String) -> Result<String> {
        self.run(move |pool| hash_now(password.as_bytes(), pool.random.as_ref()))
            .await
    }

    /// Compares a password with a PHC string; without one, takes the same time and says [`Verdict::Wrong`].
    ///
    /// # Errors
    /// Busy, when too many wait already.
    pub(crate) async fn verify(&self, password: String, phc: Option<String>) -> Result<Verdict> {
        self.run(move |pool| {
            let known = phc.is_some();
            let phc = phc.unwrap_or_else(|| pool.decoy.clone());
            let parsed = PasswordHash::new(&phc).map_err(|error| broken(error.to_string()))?;
            let right = argon2()?.verify_password(password.as_bytes(), &parsed).is_ok() && known;
            match right {
                false => Ok(Verdict::Wrong),
                true if is_current(&parsed) => Ok(Verdict::Right),
                true => Ok(Verdict::RightButOld(hash_now(
                    password.as_bytes(),
                    pool.random.as_ref(),
                )?)),
            }
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce(&Pool) -> Result<T> + Send + 'static) -> Result<T> {
        let pool = Arc::clone(&self.0);
        let place = Place::take(&pool.waiting)?;
        let permit = pool
            .permits
            .acquire()
            .await
            .map_err(Error::broken("waiting for the password pool"))?;
        drop(place);
        // The permit goes along: a caller who hangs up must not let another hash start beside the one still running.
        permit.forget();
        let worker = Arc::clone(&pool);
        let work = move || {
            let outcome = work(&worker);
            worker.permits.add_permits(1);
            outcome
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(Error::broken("hashing a password"))?
    }
}

/// A place in the line.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize) -> Result<Self> {
        let place = Self(waiting);
        match waiting.fetch_add(1, Ordering::SeqCst) {
            WAITING_MAX.. => Err(Rejection::new(Code::Busy).retry_after(2).into()),
            _ => Ok(place),
        }
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

fn hash_now(password: &[u8], random: &dyn Random) -> Result<String> {
    let mut salt = [0; 16];
    random.fill(&mut salt);
    let hash = argon2()?
        .hash_password_with_salt(password, &salt)
        .map_err(|error| broken(error.to_string()))?;
    Ok(hash.to_string())
}

fn is_current(hash: &PasswordHash) -> bool {
    let with_ours = |name: &str, value: u32| hash.params.get_decimal(name) == Some(value);
    hash.algorithm.as_str() == "argon2id"
        && with_ours("m", MEMORY_KIB)
        && with_ours("t", PASSES)
        && with_ours("p", LANES)
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
}
