//! The address that waits to be confirmed.

use crate::{Actor, Env, Result, accounts::one_time::Purpose, db::vars};
use chrono::{DateTime, Utc};
use surrealdb::types::SurrealValue;

#[derive(SurrealValue)]
struct Row {
    email: Option<String>,
    purpose: String,
    used: bool,
    expires_at: DateTime<Utc>,
}

const LIST: &str = "SELECT email, purpose, used, expires_at FROM one_time WHERE account = $account";

/// The address that the actor wants to have, while its code is good. Whether the code was mailed is not told: the address
/// may be somebody else's.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn pending_email(env: &Env, actor: &Actor) -> Result<Option<String>> {
    let now = env.now().datetime();
    let rows: Vec<Row> = env.db.list(LIST, vars! { account: actor.id().uuid() }).await?;
    let waiting = |row: &Row| row.purpose == Purpose::ChangeEmail.as_str() && !row.used && row.expires_at > now;
    Ok(rows.into_iter().find(waiting).and_then(|row| row.email))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{accounts, fixtures};
    use model::{
        command::{ForgotPassword, UpdateMe},
        samples::{ADA, GRACE},
    };

    #[tokio::test]
    async fn an_address_waits_from_the_wish_until_the_code_comes_back_or_ends() {
        let (env, clock) = fixtures::env().await;
        let caller = fixtures::caller();
        let ada = fixtures::actor(&env, ADA).await;
        let grace = fixtures::actor(&env, GRACE).await;
        let forgot = ForgotPassword { login: "ada".into() };
        accounts::forgot_password(&env, &caller, forgot).await.expect("answers");
        assert_eq!(
            pending_email(&env, &ada).await.expect("asks"),
            None,
            "a code of another sort is no address"
        );
        let wish = |email: &str| UpdateMe {
            email: Some(email.into()),
            password: Some(ADA.password.into()),
            ..UpdateMe::default()
        };
        for email in ["countess@example.org", "lovelace@example.org"] {
            accounts::update_me(&env, &caller, &ada, wish(email))
                .await
                .expect("asks");
            assert_eq!(pending_email(&env, &ada).await.expect("asks").as_deref(), Some(email));
        }
        assert_eq!(
            pending_email(&env, &grace).await.expect("asks"),
            None,
            "it is nobody else's business"
        );
        let code = fixtures::newest_code(&env, "lovelace@example.org").await;
        accounts::confirm_email(&env, &caller, &code).await.expect("confirms");
        assert_eq!(pending_email(&env, &ada).await.expect("asks"), None);
        accounts::update_me(&env, &caller, &ada, wish("byron@example.org"))
            .await
            .expect("asks");
        clock.advance_s(8 * 86_400);
        assert_eq!(pending_email(&env, &ada).await.expect("asks"), None);
    }

    #[tokio::test]
    async fn it_is_read_along_an_index() {
        let (env, _) = fixtures::env().await;
        let plan = env.db.plan(LIST, vars! { account: env.new_id() }).await;
        assert!(
            plan.contains("one_time_account") && !plan.contains("TableScan"),
            "{plan}"
        );
    }
}
