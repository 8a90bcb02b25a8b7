//! The database, and the one way to change it: a whole transaction in one query, tried again when another
//! transaction was first.

use crate::{Error, Result};
use backon::{ExponentialBuilder, Retryable};
use model::{Code, Rejection};
use std::{sync::Arc, time::Duration};
use surrealdb::{
    IndexedResults, Surreal,
    engine::any::{self, Any},
    types::{QueryError, SurrealValue, Value, Variables},
};

/// How often a transaction is tried when others keep being first.
const TRIES: usize = 12;

/// A handle to the database; cloning it is cheap and shares the session.
#[derive(Clone)]
pub struct Db {
    surreal: Arc<Surreal<Any>>,
    is_shared: bool,
}

/// Engines that run inside of the process that uses them, which therefore is the only one.
const EMBEDDED: [&str; 4] = ["mem://", "memory", "surrealkv://", "rocksdb://"];

/// Who Roost is to a SurrealDB server. An embedded database asks for nobody.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// A database-level or root user.
    pub user: String,
    /// Their password.
    pub password: String,
}

impl Db {
    /// Connects: `mem://`, `surrealkv://<path>?sync=every`, or `ws(s)://<host>`.
    ///
    /// # Errors
    /// When the path can't be written, another process holds it, or the server can't be reached.
    pub async fn connect(url: &str, credentials: Option<Credentials>) -> Result<Self> {
        let db = any::connect(url).await?;
        if let Some(Credentials { user, password }) = credentials {
            db.signin(surrealdb::opt::auth::Root {
                username: user,
                password,
            })
            .await?;
        }
        db.use_ns("roost").use_db("roost").await?;
        Ok(Self {
            surreal: Arc::new(db),
            is_shared: !EMBEDDED.iter().any(|engine| url.starts_with(engine)),
        })
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it does not.
    pub async fn ping(&self) -> Result<()> {
        self.surreal
            .health()
            .await
            .map_err(|error| Error::Unavailable(error.into()))
    }

    /// Whether other processes may use the same database.
    #[must_use]
    pub const fn is_shared(&self) -> bool {
        self.is_shared
    }

    /// The SDK's own handle, for live queries.
    pub(crate) fn surreal(&self) -> &Surreal<Any> {
        &self.surreal
    }

    /// Runs statements that only read, and returns all their results.
    pub(crate) async fn read(&self, surql: &'static str, binds: Variables) -> Result<IndexedResults> {
        Ok(self.surreal.query(surql).bind(binds).await?.check()?)
    }

    /// Reads the rows of the last statement.
    pub(crate) async fn list<T: SurrealValue>(&self, surql: &'static str, binds: Variables) -> Result<Vec<T>> {
        let mut results = self.read(surql, binds).await?;
        let last = results.num_statements() - 1;
        Ok(results.take(last)?)
    }

    /// Reads the one row, if any, of the last statement.
    pub(crate) async fn find<T: SurrealValue>(&self, surql: &'static str, binds: Variables) -> Result<Option<T>> {
        let mut results = self.read(surql, binds).await?;
        let last = results.num_statements() - 1;
        Ok(results.take(last)?)
    }

    /// How the engine would run a `SELECT`; for tests that see to it that no list reads a whole table.
    #[cfg(test)]
    pub(crate) async fn plan(&self, surql: &'static str, binds: Variables) -> String {
        let plan = self
            .surreal
            .query(format!("{surql} EXPLAIN"))
            .bind(binds)
            .await
            .and_then(IndexedResults::check);
        let plan: Result<Value, _> = plan.and_then(|mut results| results.take(results.num_statements() - 1));
        format!("{plan:?}")
    }

    /// Runs statements as one transaction and returns the value of the last of them, which should be a `RETURN`.
    /// `surql` must not say `BEGIN` or `COMMIT` itself.
    ///
    /// A conflict with another transaction is tried again with the same binds, so the statements must compute all
    /// that depends on the database inside. A commit of unknown outcome is *not* tried again.
    ///
    /// # Errors
    /// A `THROW` of a [`Code`]'s name becomes that rejection.
    pub(crate) async fn transact<T: SurrealValue>(&self, surql: &'static str, binds: Variables) -> Result<T> {
        let whole = format!("BEGIN;\n{surql}\nCOMMIT;");
        let backoff = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(2))
            .with_max_delay(Duration::from_millis(250))
            .with_max_times(TRIES)
            .with_jitter();
        (|| self.try_transact::<T>(&whole, &binds))
            .retry(backoff)
            .when(|failure| matches!(failure, Failure::Conflict(_)))
            .await
            .map_err(|failure| match failure {
                Failure::Conflict(error) => Error::Unavailable(error.into()),
                Failure::Other(error) => error,
            })
    }

    async fn try_transact<T: SurrealValue>(&self, surql: &str, binds: &Variables) -> Result<T, Failure> {
        let sent = self.surreal.query(surql.to_owned()).bind(binds.clone()).await;
        let mut results = sent.map_err(|error| Failure::Other(error.into()))?;
        let errors = results.take_errors();
        if !errors.is_empty() {
            return Err(Failure::of(errors.into_values()));
        }
        let last = results.num_statements() - 2;
        let value: Value = results.take(last).map_err(|error| Failure::Other(error.into()))?;
        T::from_value(value).map_err(|error| Failure::Other(error.into()))
    }
}

/// Why a transaction did not commit.
enum Failure {
    /// Another one was first; nothing was changed.
    Conflict(surrealdb::Error),
    /// Anything else.
    Other(Error),
}

impl Failure {
    /// Of the errors of a transaction's statements, all but one say only that another one failed.
    fn of(errors: impl Iterator<Item = surrealdb::Error>) -> Self {
        let mut culprit = None;
        for error in errors {
            match error.query_details() {
                Some(QueryError::TransactionConflict) => return Self::Conflict(error),
                Some(QueryError::NotExecuted | QueryError::Cancelled) if culprit.is_some() => {}
                Some(QueryError::NotExecuted | QueryError::Cancelled) => culprit = Some(error),
                _ => return Self::Other(said(error)),
            }
        }
        let unknown = || surrealdb::Error::internal("a transaction failed without saying why".into());
        Self::Other(culprit.unwrap_or_else(unknown).into())
    }
}

/// A `THROW` of a code's name is a rejection; so is what a unique index says of a name or an address.
fn said(error: surrealdb::Error) -> Error {
    let text = error.message();
    if error.is_thrown() {
        let thrown = text.rsplit(": ").next().unwrap_or(text);
        if let Some(code) = Code::ALL.iter().find(|code| code.as_str() == thrown) {
            return Rejection::new(*code).into();
        }
    }
    for (index, code) in [
        ("account_username", Code::UsernameTaken),
        ("account_email", Code::EmailTaken),
    ] {
        if text.contains(&format!("index `{index}` already contains")) {
            return Rejection::new(code).into();
        }
    }
    error.into()
}

/// Binds for a query: `vars! { id: account.uuid(), now: env.now().datetime() }`.
macro_rules! vars {
    ($($name:ident : $value:expr),* $(,)?) => {{
        #[allow(unused_mut, clippy::allow_attributes, reason = "an empty list of binds mutates nothing")]
        let mut variables = surrealdb::types::Variables::new();
        $(variables.insert(stringify!($name), $value);)*
        variables
    }};
}
pub(crate) use vars;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn writers_of_one_counter_lose_no_update() {
        let db = Db::connect("mem://", None).await.expect("connects");
        db.read("CREATE counter:one SET n = 0", vars! {})
            .await
            .expect("creates");
        let bump = || db.transact::<i64>("LET $c = UPDATE ONLY counter:one SET n += 1; RETURN $c.n;", vars! {});
        let mut seen: Vec<i64> = futures::future::try_join_all((0..20).map(|_| bump()))
            .await
            .expect("all commit");
        seen.sort_unstable();
        assert_eq!(seen, (1..=20).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn a_thrown_code_is_a_rejection_and_changes_nothing() {
        let db = Db::connect("mem://", None).await.expect("connects");
        let outcome = db
            .transact::<bool>("CREATE thing:a; THROW 'username_taken'; RETURN true;", vars! {})
            .await;
        assert!(matches!(outcome, Err(Error::Rejected(r)) if r.code == Code::UsernameTaken));
        let things: Vec<surrealdb::types::Value> = db.list("SELECT * FROM thing", vars! {}).await.unwrap_or_default();
        assert!(things.is_empty());
    }

    /// SurrealDB 3.3.5 keeps times in index keys as texts without trailing zeros, so there a whole second comes *after* all
    /// its milliseconds: `…:21.001Z` < `…:21Z`. [`model::Timestamp::datetime`] writes times that have no trailing zeros.
    #[tokio::test]
    async fn an_index_puts_whole_seconds_before_their_milliseconds() {
        let db = Db::connect("mem://", None).await.expect("connects");
        db.read("DEFINE TABLE thing; DEFINE INDEX thing_at ON thing FIELDS at", vars! {})
            .await
            .expect("defines");
        let times: Vec<_> = [1_000, 1_001, 1_010, 1_100, 1_999, 2_000, 2_500, 10_000]
            .map(|millis| model::Timestamp::from_millis(millis).expect("a time"))
            .into();
        for (n, time) in times.iter().enumerate() {
            let binds = vars! { n: i64::try_from(n).expect("a few"), at: time.datetime() };
            db.read("CREATE type::record('thing', $n) SET at = $at", binds)
                .await
                .expect("creates");
        }
        for (n, now) in times.iter().enumerate() {
            let due: Vec<i64> = db
                .list(
                    "SELECT VALUE record::id(id) FROM thing WHERE at <= $now ORDER BY at, id",
                    vars! { now: now.datetime() },
                )
                .await
                .expect("lists");
            let expected: Vec<i64> = (0..=i64::try_from(n).expect("a few")).collect();
            assert_eq!(due, expected, "{now:?}");
        }
    }
}
