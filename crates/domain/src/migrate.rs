//! Brings a database's schema up to date. Forward only: each step runs once, in order, and is remembered with a
//! checksum, so that a step edited after the fact is noticed instead of half-applied.

use crate::{Db, Error, Result, db::vars};
use model::Timestamp;
use sha2::{Digest, Sha256};
use surrealdb::types::SurrealValue;

/// One step: its name, and its statements. Steps are only ever added, at the end.
type Step = (&'static str, &'static str);

const STEPS: &[Step] = &[
    ("0001_account", include_str!("../schema/account.surql")),
    ("0002_registration", include_str!("../schema/registration.surql")),
    ("0003_session", include_str!("../schema/session.surql")),
    ("0004_conversation", include_str!("../schema/conversation.surql")),
    ("0005_mail", include_str!("../schema/mail.surql")),
    ("0006_standing", include_str!("../schema/standing.surql")),
    ("0007_revocation", include_str!("../schema/revocation.surql")),
    ("0008_api_key", include_str!("../schema/api_key.surql")),
    ("0009_audit", include_str!("../schema/audit.surql")),
    ("0010_invitation", include_str!("../schema/invitation.surql")),
    ("0011_host_identity", include_str!("../schema/host_identity.surql")),
    ("0012_chat", include_str!("../schema/chat.surql")),
    ("0013_search", include_str!("../schema/search.surql")),
    ("0014_mailbox", include_str!("../schema/mailbox.surql")),
    ("0015_letters", include_str!("../schema/letters.surql")),
];

#[derive(SurrealValue)]
struct Applied {
    name: String,
    checksum: String,
}

/// Applies the steps this database has not seen.
///
/// # Errors
/// When a step differs from what was applied under its name, or the database has steps that this Roost does not
/// know (it was written by a newer one).
pub async fn migrate(db: &Db, now: Timestamp) -> Result<()> {
    db.read("DEFINE TABLE IF NOT EXISTS migration SCHEMALESS", vars! {})
        .await?;
    let mut applied: Vec<Applied> = db
        .list("SELECT name, checksum FROM migration ORDER BY name", vars! {})
        .await?;
    if let Some(newer) = applied
        .iter()
        .find(|step| !STEPS.iter().any(|(name, _)| *name == step.name))
    {
        let why = format!("this database has step {}, which only a newer Roost knows", newer.name);
        return Err(Error::Broken {
            doing: "migrating",
            source: why.into(),
        });
    }
    for (name, statements) in STEPS {
        let checksum = checksum(statements);
        match applied
            .iter()
            .position(|step| step.name == *name)
            .map(|at| applied.swap_remove(at))
        {
            Some(step) if step.checksum == checksum => {}
            Some(_) => {
                let why = format!("step {name} was changed after it had been applied");
                return Err(Error::Broken {
                    doing: "migrating",
                    source: why.into(),
                });
            }
            None => apply(db, name, statements, checksum, now).await?,
        }
    }
    Ok(())
}

/// Schema statements can run twice (`IF NOT EXISTS`), so a crash between them and the note below repairs itself.
async fn apply(db: &Db, name: &str, statements: &'static str, checksum: String, now: Timestamp) -> Result<()> {
    db.read(statements, vars! {}).await?;
    let note = "UPSERT type::record('migration', $name) SET name = $name, checksum = $checksum, at = $at";
    db.read(
        note,
        vars! { name: name.to_owned(), checksum: checksum, at: now.datetime() },
    )
    .await?;
    tracing::info!(migration.name = name, "applied a migration");
    Ok(())
}

fn checksum(statements: &str) -> String {
    Sha256::digest(statements)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::{Clock, SystemClock};

    #[tokio::test]
    async fn migrating_twice_changes_nothing_and_an_edited_step_is_refused() {
        let db = Db::connect("mem://", None).await.expect("connects");
        let now = SystemClock.now();
        migrate(&db, now).await.expect("migrates");
        migrate(&db, now).await.expect("migrates again");
        db.read("UPDATE migration:`0001_account` SET checksum = 'other'", vars! {})
            .await
            .expect("updates");
        assert!(migrate(&db, now).await.is_err());
    }

    #[tokio::test]
    async fn a_database_of_a_newer_roost_is_left_alone() {
        let db = Db::connect("mem://", None).await.expect("connects");
        let now = SystemClock.now();
        migrate(&db, now).await.expect("migrates");
        db.read(
            "CREATE migration:`9999_future` SET name = '9999_future', checksum = ''",
            vars! {},
        )
        .await
        .expect("creates");
        assert!(migrate(&db, now).await.is_err());
    }
}
