//! Write a mail into the queue, in the transaction that causes it.

use crate::{Env, mail::MailKind};
use chrono::{DateTime, Utc};
use model::Email;
use surrealdb::types::SurrealValue;
use uuid::Uuid;

/// A mail and the id of its row. A verb binds `mail_id: queued.id` and `mail: queued.row`, and says in its transaction:
/// ```surql
/// CREATE ONLY type::record('mail', $mail_id) CONTENT $mail;
/// ```
#[derive(Clone, Debug)]
pub struct Queued {
    /// The row's id.
    pub id: Uuid,
    /// The row.
    pub row: Row,
}

/// A row of the table `mail`, as it enters the queue.
#[derive(Clone, Debug, SurrealValue)]
pub struct Row {
    to: String,
    kind: String,
    lane: i64,
    data: String,
    state: String,
    open: bool,
    attempts: i64,
    last_error: Option<String>,
    created_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
}

/// No name below this one exists, nor ever will (RFC 2606).
const NOWHERE: &str = ".invalid";

/// Whether no mail can arrive at an address: it is one that was made up for somebody who has none.
#[must_use]
pub fn goes_nowhere(address: &str) -> bool {
    address.to_lowercase().trim_end_matches('.').ends_with(NOWHERE)
}

/// The address of an account that has none: every account has one of its own.
#[must_use]
pub fn address_of_nobody(account: Uuid) -> String {
    format!("{account}@host{NOWHERE}")
}

/// Makes the row of a mail that may leave at once. One to somebody without an address is settled from the start, and holds
/// nothing: no worker ever takes it in hand, whichever verb wrote it.
#[must_use]
pub fn compose(env: &Env, to: &Email, mail: &MailKind) -> Queued {
    let now = env.now().datetime();
    let leaves = !goes_nowhere(to.as_str());
    let row = Row {
        to: to.to_string(),
        kind: mail.name().to_owned(),
        lane: mail.lane(),
        data: if leaves { mail.to_json() } else { String::new() },
        state: if leaves { "queued" } else { "failed" }.to_owned(),
        open: leaves,
        attempts: 0,
        last_error: (!leaves).then(|| "This account has no e-mail address.".to_owned()),
        created_at: now,
        due_at: now,
    };
    Queued { id: env.new_id(), row }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures,
        mail::{Claim, claim, testing},
    };
    use model::samples::{ADA, Player};

    #[tokio::test]
    async fn nobody_tries_to_send_a_mail_to_an_account_without_an_address() {
        let (env, _) = fixtures::env().await;
        let address: &'static str = address_of_nobody(env.new_id()).leak();
        let nowhere = Player { email: address, ..ADA };
        testing::queue(&env, nowhere, &testing::code_mail(ADA)).await;
        assert!(matches!(claim(&env).await, Ok(Claim::Empty)));
        let stored: Vec<String> = env
            .db
            .list("SELECT VALUE data FROM mail", crate::db::vars! {})
            .await
            .expect("reads");
        assert_eq!(stored, [""], "and no code lies around");
        for (address, nowhere) in [
            (ADA.email, false),
            ("x@host.invalid", true),
            ("x@HOST.Invalid", true),
            ("invalid@example.org", false),
            ("x@invalid.example.org", false),
        ] {
            assert_eq!(goes_nowhere(address), nowhere, "{address}");
        }
    }
}
