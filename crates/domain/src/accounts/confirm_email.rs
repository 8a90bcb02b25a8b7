//! Prove that a new address is one's own.

use crate::{
    Caller, Env, Result,
    accounts::{
        one_time::{self, Kind, Purpose},
        remembered::account_changed,
        row::{AccountRow, account_fields},
    },
    db::vars,
    mail::{self, MailKind},
};
use model::{Account, Code, Email};

/// Codes that were mailed to the address so far must not open the account any more.
const CONFIRM: &str = concat!(
    "LET $taken = (UPDATE type::record('one_time', $hash) SET used = true WHERE !used RETURN AFTER);
     IF array::len($taken) = 0 { THROW 'code_invalid' };
     LET $owner = (UPDATE ONLY type::record('account', $account_id) SET email = $email, email_key = $email_key);
     IF $owner = NONE { THROW 'code_invalid' };
     UPDATE one_time SET used = true WHERE account = $account_id;
     IF $mail != NONE { CREATE type::record('mail', $mail_id) CONTENT $mail };",
    account_changed!(),
    "RETURN (SELECT ",
    account_fields!(),
    " FROM ONLY type::record('account', $account_id));"
);

/// Gives the account the address that the code was mailed to, and tells the address so far. Whoever holds the code need
/// not be signed in: mail is often read on another device.
///
/// # Errors
/// `code_invalid`, also when another account got the address meanwhile; `rate_limited`.
pub async fn confirm_email(env: &Env, caller: &Caller, code: &str) -> Result<Account> {
    let subject = one_time::find(env, caller, Kind::Code, code).await?;
    let (Purpose::ChangeEmail, Some(account), Some(new)) = (subject.purpose, subject.account, subject.new_email) else {
        return Err(Code::CodeInvalid.into());
    };
    let Ok(new) = Email::parse(&new) else {
        return Err(Code::CodeInvalid.into());
    };
    let told = MailKind::EmailChanged {
        display_name: subject.display_name,
        new_address: veiled(new.as_str()),
        site_link: env.site.public_url.clone(),
    };
    let mail = Email::parse(&subject.email)
        .ok()
        .map(|old| mail::compose(env, &old, &told));
    let (mail_id, mail) = mail.map(|mail| (mail.id, mail.row)).unzip();
    let binds = vars! {
        hash: subject.hash,
        account_id: account,
        email_key: new.key(),
        email: new.to_string(),
        mail_id: mail_id,
        mail: mail,
        now: env.now().datetime(),
        chance: env.new_id(),
    };
    match env.db.transact::<AccountRow>(CONFIRM, binds).await {
        // To say more would say who has the address.
        Err(crate::Error::Rejected(rejection)) if rejection.code == Code::EmailTaken => Err(Code::CodeInvalid.into()),
        Err(other) => Err(other),
        Ok(row) => {
            env.remembered.forget_account(account.into());
            Ok(row.into())
        }
    }
}

/// Enough of an address for its owner to know it, too little for anybody else to write to it.
pub(crate) fn veiled(address: &str) -> String {
    match address.split_once('@') {
        Some((name, host)) => format!("{}…@{host}", name.chars().take(1).collect::<String>()),
        None => "…".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Actor, Error, accounts, fixtures};
    use model::{
        command::{ForgotPassword, UpdateMe},
        samples::{ADA, GRACE},
    };

    fn to(email: &str, password: Option<&str>) -> UpdateMe {
        UpdateMe {
            email: Some(email.into()),
            password: password.map(Into::into),
            ..UpdateMe::default()
        }
    }

    async fn ask(env: &Env, ada: &Actor, email: &str) {
        accounts::update_me(env, &fixtures::caller(), ada, to(email, Some(ADA.password)))
            .await
            .expect("asks");
    }

    #[tokio::test]
    async fn an_address_changes_only_when_its_code_comes_back_and_the_old_one_is_told() {
        let (env, _) = fixtures::env().await;
        let caller = fixtures::caller();
        let ada = fixtures::actor(&env, ADA).await;
        for password in [None, Some("wrong")] {
            let refused = accounts::update_me(&env, &caller, &ada, to("countess@example.org", password)).await;
            assert!(matches!(refused, Err(Error::Rejected(r)) if r.about("password").is_some()));
        }
        accounts::forgot_password(&env, &caller, ForgotPassword { login: "ada".into() })
            .await
            .expect("answers");
        let old_code = fixtures::newest_code(&env, ADA.email).await;
        ask(&env, &ada, "countess@example.org").await;
        let code = fixtures::newest_code(&env, "countess@example.org").await;
        let taken = accounts::exchange_code(&env, &caller, &code).await;
        assert!(taken.is_err(), "a code for an address sets no password");
        assert_eq!(
            fixtures::signed_in(&env, ADA, &caller).await.account.email.as_deref(),
            Some(ADA.email)
        );
        let account = confirm_email(&env, &caller, &code).await.expect("confirms");
        assert_eq!(account.email.as_deref(), Some("countess@example.org"));
        assert!(confirm_email(&env, &caller, &code).await.is_err(), "once");
        assert!(
            accounts::inspect_code(&env, &caller, &old_code, None).await.is_err(),
            "codes at the old address are dead"
        );
        let told = fixtures::newest_mail(&env, ADA.email).await;
        assert!(
            matches!(&told, MailKind::EmailChanged { new_address, .. } if new_address == "c…@example.org"),
            "{told:?}"
        );
        fixtures::actor(
            &env,
            model::samples::Player {
                username: "ada2",
                ..ADA
            },
        )
        .await;
    }

    #[tokio::test]
    async fn an_address_of_somebody_else_is_asked_for_in_silence_and_never_given() {
        let (env, _) = fixtures::env().await;
        let ada = fixtures::actor(&env, ADA).await;
        fixtures::actor(&env, GRACE).await;
        let mails = crate::mail::list_outbox(&env, 100).await.expect("the outbox").len();
        ask(&env, &ada, "Grace@Example.org").await;
        assert_eq!(
            crate::mail::list_outbox(&env, 100).await.expect("the outbox").len(),
            mails
        );
        ask(&env, &ada, "free@example.org").await;
        let code = fixtures::newest_code(&env, "free@example.org").await;
        fixtures::actor(
            &env,
            model::samples::Player {
                email: "free@example.org",
                ..model::samples::MALLORY
            },
        )
        .await;
        let late = confirm_email(&env, &fixtures::caller(), &code).await;
        assert!(matches!(late, Err(Error::Rejected(r)) if r.code == Code::CodeInvalid));
    }

    #[tokio::test]
    async fn a_new_name_is_found_in_the_directory_and_the_old_one_is_not() {
        let (env, _) = fixtures::env().await;
        let ada = fixtures::actor(&env, ADA).await;
        let grace = fixtures::actor(&env, GRACE).await;
        let command = UpdateMe {
            display_name: Some("Countess of Computing".into()),
            ..UpdateMe::default()
        };
        let account = accounts::update_me(&env, &fixtures::caller(), &ada, command)
            .await
            .expect("renames");
        assert_eq!(account.display_name, "Countess of Computing");
        for (query, found) in [("countess", 1), ("lovelace", 0), ("ada", 1)] {
            assert_eq!(
                accounts::find_people(&env, &grace, query).await.expect("finds").len(),
                found,
                "{query}"
            );
        }
    }
}
