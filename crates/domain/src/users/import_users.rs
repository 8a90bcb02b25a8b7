//! Bring accounts over from another system.

use super::import_line::{Comer, Secret, explain, lines};
use crate::{
    Authority, Env, Error, Result,
    accounts::{NewAccount, words},
    audit,
    db::vars,
};
use futures::{StreamExt, TryStreamExt, stream};
use model::{
    Code, Rejection, Scope,
    admin::{ImportReport, RejectedLine},
};
use std::collections::HashMap;
use surrealdb::types::SurrealValue;
use uuid::Uuid;

/// Lines of one transaction.
const BATCH: usize = 200;
/// How often a batch is looked at again because somebody took one of its names meanwhile.
const TRIES: usize = 5;
/// Passwords hashed at a time; sign-ins go on meanwhile.
const HASHES: usize = 2;

const KNOWN: &str = "
    SELECT username, username_key, email_key FROM account WHERE username_key IN $username_keys;
    SELECT username, username_key, email_key FROM account WHERE email_key IN $email_keys;";

/// The entry of the whole import grows with each of its transactions.
const WRITE: &str = "
    FOR $one IN $comers {
        CREATE type::record('account', $one.id) CONTENT $one.account;
        FOR $word IN $one.words { CREATE type::record('person_word', [$word, $one.id]) };
    };
    UPSERT type::record('audit', $audit_id) CONTENT $audit;
    RETURN true;";

#[derive(Clone, SurrealValue)]
struct Known {
    username: String,
    username_key: String,
    email_key: String,
}

#[derive(Clone, SurrealValue)]
struct Row {
    id: Uuid,
    account: NewAccount,
    words: Vec<String>,
}

/// A batch, once it is known who is there already.
#[derive(Default)]
struct Sorted<'a> {
    comers: Vec<&'a Comer>,
    unchanged: u64,
    rejected: Vec<RejectedLine>,
}

/// Makes an account of each line of a JSONL file that can be taken, and tells of the others. An account that is there already,
/// with the line's address and username, stays as it is; so the same file twice changes nothing the second time. Nobody is
/// written to. A dry run reports the same and writes nothing.
///
/// What was made before an error stays, and the same import can simply be run again.
///
/// # Errors
/// `scope_missing`; `too_large`; `busy`.
pub async fn import_users(env: &Env, by: &Authority, text: &str, dry_run: bool) -> Result<ImportReport> {
    by.require(Scope::UsersWrite)?;
    let mut import = Import {
        env,
        by,
        came: HashMap::new(),
        audit_id: env.new_id(),
        report: ImportReport {
            dry_run,
            created: 0,
            unchanged: 0,
            rejected: Vec::new(),
        },
    };
    for batch in lines(text)?.chunks(BATCH) {
        import.take(batch).await?;
    }
    Ok(import.report)
}

struct Import<'a> {
    env: &'a Env,
    by: &'a Authority,
    /// Who came by earlier lines, since a dry run does not find them in the database; by the keys of their names and of
    /// their addresses. No key is both: only addresses have an `@`.
    came: HashMap<String, Known>,
    audit_id: Uuid,
    report: ImportReport,
}

impl Import<'_> {
    async fn take(&mut self, batch: &[(u64, &str)]) -> Result<()> {
        let now = self.env.now();
        let (mut comers, mut rejected) = (Vec::new(), Vec::new());
        for (number, line) in batch {
            match Comer::read(self.by, line, now) {
                Ok(comer) => comers.push((*number, comer)),
                Err(Error::Rejected(why)) => rejected.push(reject(*number, &why)),
                Err(other) => return Err(other),
            }
        }
        for _ in 0..TRIES {
            let sorted = self.sort_out(&comers).await?;
            match self.write(&sorted).await {
                // Somebody took a name between the look and the transaction: look again.
                Err(Error::Rejected(why)) if matches!(why.code, Code::UsernameTaken | Code::EmailTaken) => {}
                Err(other) => return Err(other),
                Ok(()) => {
                    rejected.extend(sorted.rejected);
                    rejected.sort_by_key(|line| line.line);
                    self.report.rejected.append(&mut rejected);
                    for comer in sorted.comers {
                        let known = Known::from(comer);
                        self.came.insert(known.username_key.clone(), known.clone());
                        self.came.insert(known.email_key.clone(), known);
                    }
                    return Ok(());
                }
            }
        }
        Err(Rejection::new(Code::Busy).retry_after(1).into())
    }

    async fn sort_out<'c>(&self, comers: &'c [(u64, Comer)]) -> Result<Sorted<'c>> {
        let binds = vars! {
            username_keys: comers.iter().map(|(_, comer)| comer.username_key.clone()).collect::<Vec<_>>(),
            email_keys: comers.iter().map(|(_, comer)| comer.email.key()).collect::<Vec<_>>(),
        };
        let mut answers = self.env.db.read(KNOWN, binds).await?;
        let mut found: HashMap<String, Known> = HashMap::new();
        for statement in [0, 1] {
            for known in answers.take::<Vec<Known>>(statement)? {
                found.insert(known.username_key.clone(), known.clone());
                found.insert(known.email_key.clone(), known);
            }
        }
        let mut sorted = Sorted::default();
        for (number, comer) in comers {
            let holder = |key: &str| found.get(key).or_else(|| self.came.get(key));
            match (holder(&comer.email.key()), holder(&comer.username_key)) {
                (Some(known), _) if known.username == comer.username.as_str() => sorted.unchanged += 1,
                (Some(_), _) => sorted.rejected.push(reject(*number, &Code::EmailTaken.into())),
                (None, Some(_)) => sorted.rejected.push(reject(*number, &Code::UsernameTaken.into())),
                (None, None) => {
                    let known = Known::from(comer);
                    found.insert(known.username_key.clone(), known.clone());
                    found.insert(known.email_key.clone(), known);
                    sorted.comers.push(comer);
                }
            }
        }
        Ok(sorted)
    }

    async fn write(&mut self, sorted: &Sorted<'_>) -> Result<()> {
        let made = u64::try_from(sorted.comers.len()).unwrap_or(u64::MAX);
        let (created, unchanged) = (self.report.created + made, self.report.unchanged + sorted.unchanged);
        if made > 0 && !self.report.dry_run {
            let rows: Vec<_> = sorted.comers.iter().map(|comer| row(self.env, comer)).collect();
            let rows: Vec<Row> = stream::iter(rows).buffered(HASHES).try_collect().await?;
            let detail = format!("{created} made, {unchanged} there already");
            let entry = audit::record(self.env, self.by, "user.import", None, "accounts", detail);
            let binds = vars! { comers: rows, audit_id: self.audit_id, audit: entry.row };
            self.env.db.transact::<bool>(WRITE, binds).await?;
        }
        (self.report.created, self.report.unchanged) = (created, unchanged);
        Ok(())
    }
}

impl From<&Comer> for Known {
    fn from(comer: &Comer) -> Self {
        Self {
            username: comer.username.to_string(),
            username_key: comer.username_key.clone(),
            email_key: comer.email.key(),
        }
    }
}

async fn row(env: &Env, comer: &Comer) -> Result<Row> {
    let password_hash = match &comer.secret {
        Secret::Hashed(hash) => hash.to_text(),
        Secret::Plain(password) => env.passwords.hash(password.clone()).await?,
        Secret::None => String::new(),
    };
    let (username, display_name) = (comer.username.to_string(), comer.display_name.to_string());
    Ok(Row {
        id: env.new_id(),
        words: words(&username, &display_name),
        account: NewAccount {
            username,
            username_key: comer.username_key.clone(),
            email: comer.email.to_string(),
            email_key: comer.email.key(),
            display_name,
            role: comer.role.as_str().into(),
            password_hash,
            created_at: comer.created_at,
        },
    })
}

fn reject(line: u64, why: &Rejection) -> RejectedLine {
    RejectedLine {
        line,
        code: why.code.as_str().to_owned(),
        detail: explain(why),
    }
}

#[cfg(test)]
#[path = "import_users_tests.rs"]
mod tests;
