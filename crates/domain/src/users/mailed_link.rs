//! A mailed link with which somebody sets their password: a new one, or their first.

use crate::{
    Env, Error, Result,
    accounts::{
        AccountRow, lifetimes,
        one_time::{Kind, OneTimeRow, Purpose},
        secret,
    },
    mail::{self, MailKind, Queued},
};
use model::Email;

pub struct MailedLink {
    pub code_hash: String,
    pub code: OneTimeRow,
    pub mail: Queued,
}

/// Makes the rows of a link. Who has no password yet is invited to Roost, and has a week for it.
pub fn mailed_link(env: &Env, account: &AccountRow, first: bool) -> Result<MailedLink> {
    let email = Email::parse(&account.email).map_err(Error::broken("reading the address of an account"))?;
    let code = secret::new_code(env);
    let lifetime = if first { lifetimes::INVITED } else { lifetimes::CODE };
    let link = format!("{}/confirm/{code}", env.site.public_url);
    let expires_minutes = lifetime.num_minutes();
    let display_name = account.display_name.clone();
    let kind = if first {
        MailKind::Invited {
            display_name,
            username: account.username.clone(),
            link,
            expires_minutes,
        }
    } else {
        MailKind::ResetCode {
            display_name,
            code: code.clone(),
            link,
            expires_minutes,
        }
    };
    let row = OneTimeRow {
        account: Some(account.id),
        ..OneTimeRow::new(Kind::Code, Purpose::Reset, env.now().plus(lifetime).datetime())
    };
    Ok(MailedLink {
        code_hash: secret::hash(secret::normalize_code(&code).as_bytes()),
        code: row,
        mail: mail::compose(env, &email, &kind),
    })
}
