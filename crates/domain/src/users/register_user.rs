//! See to it that somebody has an account: what the server of a site calls for each of its own users.

use super::create_user::NewUser;
use crate::{
    Authority, Env, Error, Result,
    accounts::{AccountRow, account_fields},
    db::vars,
};
use model::{Account, Code, Scope, admin::CreateUser};

const TWIN: &str = concat!(
    "SELECT ",
    account_fields!(),
    " FROM account WHERE email_key = $email_key"
);

/// Makes an account, or finds the one that has both this address and this username: calling it again changes nothing.
/// Also says whether the account is new.
///
/// # Errors
/// As [`create_user`](super::create_user()); `username_taken` and `email_taken` when somebody has only one of the two.
pub async fn register_user(env: &Env, by: &Authority, command: CreateUser) -> Result<(Account, bool)> {
    by.require(Scope::UsersWrite)?;
    let new = NewUser::parse(by, command)?;
    if let Some(there) = twin(env, &new).await? {
        return Ok((there, false));
    }
    match new.write(env, by, "user.register").await {
        Ok(account) => Ok((account, true)),
        // The same call at the same moment may have been first.
        Err(Error::Rejected(rejection)) if matches!(rejection.code, Code::UsernameTaken | Code::EmailTaken) => {
            match twin(env, &new).await? {
                Some(there) => Ok((there, false)),
                None => Err(rejection.into()),
            }
        }
        Err(other) => Err(other),
    }
}

async fn twin(env: &Env, new: &NewUser) -> Result<Option<Account>> {
    let found: Option<AccountRow> = env.db.find(TWIN, vars! { email_key: new.email.key() }).await?;
    Ok(found
        .filter(|row| row.username == new.username.as_str())
        .map(Account::from))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{self, refusal};
    use model::samples::{ADA, HEDY};

    fn command(email: &str, username: &str) -> CreateUser {
        CreateUser {
            email: email.into(),
            username: username.into(),
            display_name: Some(ADA.display_name.into()),
            password: Some(ADA.password.into()),
            role: None,
        }
    }

    #[tokio::test]
    async fn the_same_call_again_or_at_the_same_moment_finds_the_same_account() {
        let (env, _) = fixtures::env().await;
        let shop = fixtures::key(&env, &[Scope::UsersWrite]);
        let call = || register_user(&env, &shop, command(ADA.email, "ada"));
        let all = futures::future::try_join_all((0..4).map(|_| call()))
            .await
            .expect("all are answered");
        let (again, created) = register_user(&env, &shop, command("ADA@Example.org", "Ada"))
            .await
            .expect("answers");
        assert!(!created && all.iter().all(|(account, _)| account.id == again.id));
        assert_eq!(all.iter().filter(|(_, created)| *created).count(), 1);
        assert_eq!(
            fixtures::actions(&env).await,
            ["user.register ada by shop: with a password"]
        );
    }

    #[tokio::test]
    async fn somebody_elses_name_or_address_is_refused() {
        let (env, _) = fixtures::env().await;
        let hedy = fixtures::authority(&env, HEDY).await;
        fixtures::actor(&env, ADA).await;
        for (email, username, code) in [
            ("other@example.org", "ada", Code::UsernameTaken),
            (ADA.email, "other", Code::EmailTaken),
        ] {
            assert_eq!(
                refusal(register_user(&env, &hedy, command(email, username)).await),
                code,
                "{username}"
            );
        }
    }

    #[tokio::test]
    async fn it_takes_the_scope() {
        let (env, _) = fixtures::env().await;
        let shop = fixtures::key(&env, &[Scope::UsersRead, Scope::Registration]);
        assert_eq!(
            refusal(register_user(&env, &shop, command(ADA.email, "ada")).await),
            Code::ScopeMissing
        );
    }
}
