//! Read the audit log.

use crate::{Authority, Env, Result, db::vars, paging};
use chrono::{DateTime, Utc};
use model::{
    AuditId, Listing, Scope, Timestamp,
    admin::{AuditBy, AuditEntry},
};
use surrealdb::types::SurrealValue;
use uuid::Uuid;

const AT: &str = "SELECT VALUE at FROM ONLY type::record('audit', $before)";
/// After every entry, and before what SurrealDB's times can't hold: the year 2200.
const FAR_OFF: i64 = 7_258_118_400_000;
/// Entries of one millisecond are in the order of their ids.
const LIST: &str = "
    SELECT record::id(id) AS id, at, by_kind, by_name, action, target, target_name, detail
    FROM audit WHERE at <= $at AND (at < $at OR id < type::record('audit', $before)) ORDER BY at DESC, id DESC LIMIT $limit";

#[derive(SurrealValue)]
struct Row {
    id: Uuid,
    at: DateTime<Utc>,
    by_kind: String,
    by_name: String,
    action: String,
    target: Option<Uuid>,
    target_name: String,
    detail: String,
}

impl From<Row> for AuditEntry {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            at: row.at.into(),
            by: row.by_kind.parse().unwrap_or(AuditBy::Machine),
            by_name: row.by_name,
            action: row.action,
            target: row.target.map(Into::into),
            target_name: row.target_name,
            detail: row.detail,
        }
    }
}

/// What was done to others, the newest first: the latest entries, or those before `before`. An entry that is not there
/// is before nothing.
///
/// # Errors
/// `invalid` for a limit out of bounds; `scope_missing`.
pub async fn list_audit(
    env: &Env,
    by: &Authority,
    before: Option<AuditId>,
    limit: usize,
) -> Result<Listing<AuditEntry>> {
    by.require(Scope::AuditRead)?;
    let rows = paging::rows_for(limit)?;
    let (before, at) = match before {
        None => (Uuid::max(), Timestamp::from_millis(FAR_OFF).map(Timestamp::datetime)),
        Some(before) => (before.uuid(), env.db.find(AT, vars! { before: before.uuid() }).await?),
    };
    let rows: Vec<Row> = match at {
        None => Vec::new(),
        Some(at) => env.db.list(LIST, vars! { at: at, before: before, limit: rows }).await?,
    };
    Ok(paging::listing(rows, limit, |entry: &AuditEntry| entry.id.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::{self, refusal},
        users,
    };
    use model::{
        Code,
        admin::UpdateUser,
        samples::{ADA, HEDY},
    };

    #[tokio::test]
    async fn the_log_is_read_back_in_time_a_page_after_the_other() {
        let (env, clock) = fixtures::env().await;
        let hedy = fixtures::authority(&env, HEDY).await;
        let ada = fixtures::actor(&env, ADA).await;
        let shop = fixtures::key(&env, &[Scope::UsersWrite]);
        for n in 0..7 {
            let by = if n % 2 == 0 { &hedy } else { &shop };
            let command = UpdateUser {
                disabled: Some(n % 2 == 0),
                ..UpdateUser::default()
            };
            users::update_user(&env, by, ada.id(), command).await.expect("changes");
            // Three of them in one millisecond.
            clock.advance_ms(i64::from(n > 2));
        }
        let (mut all, mut before) = (Vec::new(), None);
        // A cursor that leads nowhere must not lead there for ever.
        for _ in 0..7 {
            let page = list_audit(&env, &hedy, before, 2).await.expect("lists");
            assert!(page.items.len() <= 2);
            all.extend(page.items);
            before = page.next.map(|next| next.parse().expect("an id"));
            if before.is_none() {
                break;
            }
        }
        let actions: Vec<_> = all.iter().map(|entry| entry.action.as_str()).collect();
        let (on, off) = ("user.enable", "user.disable");
        assert_eq!(actions, [off, on, off, on, off, on, off], "{all:#?}");
        assert!(all.is_sorted_by_key(|entry| std::cmp::Reverse((entry.at, entry.id))));
        assert_eq!(
            (all[0].by, all[0].by_name.as_str(), all[0].target),
            (AuditBy::Admin, "hedy", Some(ada.id()))
        );
        assert_eq!(
            (all[1].by, all[1].by_name.as_str(), all[1].target_name.as_str()),
            (AuditBy::Key, "shop", "ada")
        );
    }

    #[tokio::test]
    async fn limits_scopes_and_unknown_cursors_are_checked() {
        let (env, _) = fixtures::env().await;
        let shop = fixtures::key(&env, &[Scope::UsersRead]);
        assert_eq!(refusal(list_audit(&env, &shop, None, 5).await), Code::ScopeMissing);
        assert_eq!(
            refusal(list_audit(&env, &Authority::Machine, None, 0).await),
            Code::Invalid
        );
        let nowhere = list_audit(&env, &Authority::Machine, Some(env.new_id().into()), 5)
            .await
            .expect("answers");
        assert_eq!((nowhere.items.len(), nowhere.next), (0, None));
    }

    #[tokio::test]
    async fn a_page_reads_along_the_index_of_times() {
        let (env, _) = fixtures::env().await;
        let binds = vars! { at: env.now().datetime(), before: env.new_id(), limit: 3 };
        let plan = env.db.plan(LIST, binds).await;
        assert!(plan.contains("audit_at") && !plan.contains("TableScan"), "{plan}");
    }
}
