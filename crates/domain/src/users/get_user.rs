//! See somebody's account.

use crate::{
    Authority, Env, Result,
    accounts::{AccountRow, account_fields},
    db::vars,
};
use model::{Account, AccountId, Code, Scope};

const GET: &str = concat!(
    "SELECT ",
    account_fields!(),
    " FROM ONLY type::record('account', $account_id)"
);

/// An account, as administrators see it.
///
/// # Errors
/// `not_found`; `scope_missing`.
pub async fn get_user(env: &Env, by: &Authority, id: AccountId) -> Result<Account> {
    by.require(Scope::UsersRead)?;
    let found: Option<AccountRow> = env.db.find(GET, vars! { account_id: id.uuid() }).await?;
    Ok(found.ok_or(Code::NotFound)?.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{self, refusal};
    use model::samples::{ADA, HEDY};

    #[tokio::test]
    async fn who_may_read_sees_the_address_and_who_is_not_there_is_not_found() {
        let (env, _) = fixtures::env().await;
        let hedy = fixtures::authority(&env, HEDY).await;
        let ada = fixtures::actor(&env, ADA).await;
        let seen = get_user(&env, &hedy, ada.id()).await.expect("sees");
        assert_eq!((seen.email.as_deref(), seen.disabled_at), (Some(ADA.email), None));
        assert_eq!(
            refusal(get_user(&env, &hedy, env.new_id().into()).await),
            Code::NotFound
        );
        let shop = fixtures::key(&env, &[Scope::UsersWrite]);
        assert_eq!(refusal(get_user(&env, &shop, ada.id()).await), Code::ScopeMissing);
    }
}
