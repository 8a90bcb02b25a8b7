//! The devices somebody is signed in on.

use crate::{Actor, Env, Result, db::vars};
use chrono::{DateTime, Utc};
use model::command::{Device, SessionKind};
use surrealdb::types::SurrealValue;
use uuid::Uuid;

#[derive(SurrealValue)]
struct Row {
    id: Uuid,
    kind: String,
    user_agent: String,
    created_at: DateTime<Utc>,
    seen_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

const LIST: &str = "
    SELECT record::id(id) AS id, kind, user_agent, created_at, seen_at, expires_at
    FROM session WHERE account = $account";

/// The actor's living sessions: the one that asks first, then the one used last.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn list_sessions(env: &Env, actor: &Actor) -> Result<Vec<Device>> {
    let now = env.now().datetime();
    let rows: Vec<Row> = env.db.list(LIST, vars! { account: actor.id().uuid() }).await?;
    let living = rows.into_iter().filter(|row| row.expires_at > now);
    let mut devices: Vec<Device> = living.map(|row| row.seen_by(actor)).collect();
    devices.sort_by_key(|device| (!device.current, std::cmp::Reverse(device.seen_at)));
    Ok(devices)
}

impl Row {
    fn seen_by(self, actor: &Actor) -> Device {
        Device {
            current: self.id == actor.session.uuid(),
            id: self.id.into(),
            kind: if self.kind == "cookie" {
                SessionKind::Cookie
            } else {
                SessionKind::Token
            },
            user_agent: self.user_agent,
            created_at: self.created_at.into(),
            seen_at: self.seen_at.into(),
            expires_at: self.expires_at.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Caller, accounts,
        fixtures::{self, signed_in},
    };
    use model::samples::{ADA, GRACE};

    #[tokio::test]
    async fn one_sees_ones_own_devices_the_present_one_first_and_nobody_elses() {
        let (env, clock) = fixtures::env().await;
        let laptop = fixtures::actor(&env, ADA).await;
        fixtures::actor(&env, GRACE).await;
        clock.advance_s(60);
        let phone = signed_in(&env, ADA, &Caller::local("Phone/1.0")).await;
        let list = list_sessions(&env, &laptop).await.expect("lists");
        assert_eq!(
            list.iter().map(|d| d.id).collect::<Vec<_>>(),
            [laptop.session, phone.session]
        );
        assert_eq!((list[0].current, list[1].current), (true, false));
        assert_eq!(list[1].user_agent, "Phone/1.0");
        accounts::revoke_session(&env, &laptop, phone.session)
            .await
            .expect("revokes");
        assert_eq!(list_sessions(&env, &laptop).await.expect("lists").len(), 1);
        clock.advance_s(31 * 86_400);
        assert!(
            list_sessions(&env, &laptop).await.expect("lists").is_empty(),
            "what expired is no device"
        );
    }

    #[tokio::test]
    async fn the_list_is_read_along_an_index() {
        let (env, _) = fixtures::env().await;
        let plan = env.db.plan(LIST, vars! { account: env.new_id() }).await;
        assert!(
            plan.contains("session_account") && !plan.contains("TableScan"),
            "{plan}"
        );
    }
}
