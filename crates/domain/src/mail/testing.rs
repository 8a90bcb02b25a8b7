//! Mails for tests that need some in the queue without a verb that causes them.

use crate::{
    Env,
    db::vars,
    mail::{MailKind, compose},
};
use model::{Email, MailId, samples::Player};

/// A mail that somebody waits for.
#[must_use]
pub fn code_mail(to: Player) -> MailKind {
    MailKind::SignUpCode {
        display_name: to.display_name.into(),
        code: "K7QM2-X9PRT".into(),
        link: "http://127.0.0.1:3000/join/K7QM2-X9PRT".into(),
        expires_minutes: 60,
    }
}

/// A mail that nobody waits for.
#[must_use]
pub fn welcome_mail(to: Player) -> MailKind {
    MailKind::Welcome {
        display_name: to.display_name.into(),
        username: to.username.into(),
        chat_link: "http://127.0.0.1:3000/chat".into(),
    }
}

/// Puts a mail into the queue.
///
/// # Panics
/// When it can't.
#[expect(clippy::expect_used, reason = "a test without its mail is a failed test")]
pub async fn queue(env: &Env, to: Player, mail: &MailKind) -> MailId {
    let queued = compose(env, &Email::parse(to.email).expect("an address"), mail);
    let binds = vars! { mail_id: queued.id, mail: queued.row };
    let create = "CREATE ONLY type::record('mail', $mail_id) CONTENT $mail; RETURN true;";
    env.db
        .transact::<bool>(create, binds)
        .await
        .expect("a mail in the queue");
    queued.id.into()
}
