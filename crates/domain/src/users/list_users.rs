//! List accounts, or search among them.

use crate::{
    Authority, Env, Error, Result,
    accounts::{AccountRow, account_fields, with_words},
    db::vars,
    paging,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use model::{Account, Listing, Rejection, Scope, limits};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Which accounts.
#[derive(Clone, Debug, Default)]
pub struct UserQuery {
    /// The beginnings of names, or the beginning of an address; all when not given.
    pub q: Option<String>,
    /// The cursor of an earlier page.
    pub after: Option<String>,
    /// How many at most, 1–100.
    pub limit: usize,
}

const BY_NAME: &str = concat!(
    "SELECT ",
    account_fields!(),
    " FROM account WHERE username > $after ORDER BY username LIMIT $limit"
);
const BY_EMAIL: &str = "
    SELECT VALUE record::id(id) FROM account WHERE email_key >= $from AND email_key < $to LIMIT $limit";
const ROWS: &str = concat!(
    "SELECT ",
    account_fields!(),
    " FROM $ids.map(|$id| type::record('account', $id))"
);

/// Rows read for one word, or for an address, before they are narrowed down.
const CANDIDATES: i64 = 5_000;

/// Accounts in the order of their usernames, a page at a time: all, or those one of whose names begins with each of the
/// words asked for, or whose address begins with what is asked for. Where a single letter fits more than thousands, some
/// are left out; another letter finds them.
///
/// # Errors
/// `invalid` for a limit out of bounds or a cursor that is none; `scope_missing`.
pub async fn list_users(env: &Env, by: &Authority, query: UserQuery) -> Result<Listing<Account>> {
    by.require(Scope::UsersRead)?;
    let rows = paging::rows_for(query.limit)?;
    let after = query.after.as_deref().map_or(Ok(String::new()), read_cursor)?;
    let q: String = query
        .q
        .unwrap_or_default()
        .trim()
        .chars()
        .take(limits::EMAIL_MAX_BYTES)
        .collect();
    let rows: Vec<AccountRow> = if q.is_empty() {
        env.db.list(BY_NAME, vars! { after: after, limit: rows }).await?
    } else {
        let mut rows = search(env, &q).await?;
        rows.retain(|row| row.username > after);
        rows.sort_by(|a, b| a.username.cmp(&b.username));
        rows
    };
    Ok(paging::listing(rows, query.limit, |account: &Account| {
        URL_SAFE_NO_PAD.encode(&account.username)
    }))
}

fn read_cursor(cursor: &str) -> Result<String> {
    let name = URL_SAFE_NO_PAD
        .decode(cursor)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let bad = || Error::from(Rejection::field("after", "This is not a cursor that this list gave."));
    name.filter(|name| !name.is_empty()).ok_or_else(bad)
}

async fn search(env: &Env, q: &str) -> Result<Vec<AccountRow>> {
    let mut ids: BTreeSet<Uuid> = with_words(env, q, CANDIDATES).await?;
    let from = q.to_lowercase();
    if !from.contains(char::is_whitespace) {
        let binds = vars! { to: format!("{from}\u{10ffff}"), from: from, limit: CANDIDATES };
        let by_email: Vec<Uuid> = env.db.list(BY_EMAIL, binds).await?;
        ids.extend(by_email);
    }
    let ids: Vec<Uuid> = ids.into_iter().collect();
    env.db.list(ROWS, vars! { ids: ids }).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{self, refusal};
    use model::{
        Code,
        samples::{ADA, GRACE, HEDY, MALLORY},
    };

    async fn names(env: &Env, query: UserQuery) -> (Vec<String>, Option<String>) {
        let page = list_users(env, &Authority::Machine, query).await.expect("lists");
        (
            page.items.into_iter().map(|account| account.username).collect(),
            page.next,
        )
    }

    async fn everybody() -> Env {
        let (env, _) = fixtures::env().await;
        for player in [MALLORY, ADA, HEDY, GRACE] {
            fixtures::actor(&env, player).await;
        }
        env
    }

    #[tokio::test]
    async fn pages_follow_each_other_in_the_order_of_usernames_until_there_is_no_more() {
        let env = everybody().await;
        let (mut all, mut after) = (Vec::new(), None);
        for _ in 0..4 {
            let query = UserQuery {
                q: Some(" ".into()),
                after,
                limit: 2,
            };
            let (page, next) = names(&env, query).await;
            assert!(page.len() <= 2);
            all.extend(page);
            after = next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(all, ["ada", "grace", "hedy", "mallory"]);
    }

    #[tokio::test]
    async fn a_search_finds_the_beginnings_of_names_and_of_addresses() {
        let env = everybody().await;
        for (q, expected) in [
            ("ad", vec!["ada"]),
            ("HOP", vec!["grace"]),
            ("grace hop", vec!["grace"]),
            ("grace lam", vec![]),
            ("mallory@ex", vec!["mallory"]),
            ("Hedy@Example.org", vec!["hedy"]),
            ("example", vec![]),
            ("@", vec![]),
            ("'; DELETE account;", vec![]),
        ] {
            let query = UserQuery {
                q: Some(q.into()),
                after: None,
                limit: 50,
            };
            assert_eq!(
                names(&env, query).await,
                (expected.into_iter().map(str::to_owned).collect(), None),
                "{q}"
            );
        }
    }

    #[tokio::test]
    async fn a_search_has_pages_too() {
        let env = everybody().await;
        let person = fixtures::actor(
            &env,
            model::samples::Player {
                username: "adam",
                email: "adam@example.org",
                display_name: "Adam",
                ..ADA
            },
        )
        .await;
        let query = |after| UserQuery {
            q: Some("ada".into()),
            after,
            limit: 1,
        };
        let (first, next) = names(&env, query(None)).await;
        let (second, end) = names(&env, query(next)).await;
        assert_eq!(
            (first, second, end),
            (vec!["ada".into()], vec![person.account.username], None)
        );
    }

    #[tokio::test]
    async fn limits_cursors_and_scopes_are_checked() {
        let (env, _) = fixtures::env().await;
        let query = |limit, after: Option<&str>| UserQuery {
            limit,
            after: after.map(str::to_owned),
            q: None,
        };
        for bad in [
            query(0, None),
            query(101, None),
            query(1, Some("")),
            query(1, Some("*")),
            query(1, Some("_w")),
        ] {
            assert_eq!(refusal(list_users(&env, &Authority::Machine, bad).await), Code::Invalid);
        }
        let shop = fixtures::key(&env, &[Scope::UsersWrite]);
        assert_eq!(
            refusal(list_users(&env, &shop, query(1, None)).await),
            Code::ScopeMissing
        );
    }

    #[tokio::test]
    async fn no_list_reads_all_accounts() {
        let (env, _) = fixtures::env().await;
        let plan = env.db.plan(BY_NAME, vars! { after: "ada", limit: 3 }).await;
        assert!(
            plan.contains("account_name") && !plan.contains("TableScan") && !plan.contains("Sort"),
            "{plan}"
        );
        let plan = env.db.plan(BY_EMAIL, vars! { from: "ada", to: "adb", limit: 3 }).await;
        assert!(plan.contains("account_email") && !plan.contains("TableScan"), "{plan}");
    }
}
