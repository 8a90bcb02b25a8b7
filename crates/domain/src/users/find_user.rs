//! Find the account that somebody means.

use super::get_user;
use crate::{Authority, Env, Result, accounts::find_login};
use model::{Account, Code, Scope};

/// The account with this username, e-mail address or id.
///
/// # Errors
/// `not_found`; `scope_missing`.
pub async fn find_user(env: &Env, by: &Authority, login: &str) -> Result<Account> {
    by.require(Scope::UsersRead)?;
    if let Ok(id) = login.trim().parse() {
        return get_user(env, by, id).await;
    }
    let found = find_login(env, login).await?.ok_or(Code::NotFound)?;
    Ok(found.account.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{self, refusal};
    use model::samples::ADA;

    #[tokio::test]
    async fn an_account_is_found_by_any_of_its_names_and_no_other_is() {
        let (env, _) = fixtures::env().await;
        let ada = fixtures::actor(&env, ADA).await;
        for login in ["ada", " ADA ", ADA.email, &ada.id().to_string()] {
            let found = find_user(&env, &Authority::Machine, login).await;
            assert_eq!(found.expect(login).id, ada.id());
        }
        for login in [
            "",
            "adam",
            "ad\u{430}",
            "nobody@example.org",
            "019a0000-0000-7000-8000-000000000000",
        ] {
            assert_eq!(
                refusal(find_user(&env, &Authority::Machine, login).await),
                Code::NotFound,
                "{login}"
            );
        }
    }
}
