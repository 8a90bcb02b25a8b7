//! Whose mailbox it is, and who may open it.

use super::{
    fault::{Fault, Outcome},
    head,
};
use crate::{Actor, Env, Error, accounts::key_and_name, db::vars};
use model::{Code, Username};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// What may be in a mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rules {
    /// What docs/sync.md says: letters and what belongs to them.
    Letters,
    /// Anything: a database of the laboratory.
    Free,
}

/// A mailbox that somebody may use. Only [`open_mailbox`] and [`open_database`] make one.
#[derive(Clone, Debug)]
pub struct Mailbox {
    id: Uuid,
    name: String,
    rules: Rules,
}

impl Mailbox {
    /// Whose it is: their account's id.
    #[must_use]
    pub const fn id(&self) -> Uuid {
        self.id
    }

    /// What it is called in addresses.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What may be in it.
    #[must_use]
    pub const fn rules(&self) -> Rules {
        self.rules
    }
}

/// The actor's own mailbox, by their username; it is made when it is opened first.
///
/// # Errors
/// [`Fault::NoDatabase`] for any other name, also of somebody who has one: what is not yours does not exist.
pub async fn open_mailbox(env: &Env, actor: &Actor, name: &str) -> Outcome<Mailbox> {
    let username = Username::parse(name).ok();
    let canonical = username.as_ref().and_then(key_and_name).map(|(_, name)| name);
    if canonical.as_deref() != Some(actor.account.username.as_str()) {
        return Err(Fault::NoDatabase.into());
    }
    let id = actor.id().uuid();
    if head::find_head(env, id).await?.is_none() {
        match head::make(env, id, true).await {
            Err(Error::Rejected(refused)) if refused.code == Code::NotFound => return Err(Fault::NoDatabase.into()),
            outcome => outcome?,
        }
    }
    Ok(Mailbox {
        id,
        name: actor.account.username.clone(),
        rules: Rules::Letters,
    })
}

/// Deletes everything of the mailbox `$mailbox`.
macro_rules! erase_mailbox {
    () => {
        "DELETE document:[$mailbox]..[$mailbox, $last] RETURN NONE;
         DELETE document_change:[$mailbox]..[$mailbox, $last] RETURN NONE;
         DELETE document_body:[$mailbox]..[$mailbox, $last] RETURN NONE;
         DELETE attachment:[$mailbox]..[$mailbox, $last] RETURN NONE;
         DELETE local_document:[$mailbox]..[$mailbox, $last] RETURN NONE;
         DELETE letter:[$mailbox]..[$mailbox, $last] RETURN NONE;
         DELETE letter_thread:[$mailbox]..[$mailbox, $last] RETURN NONE;
         DELETE letter_sheet:[$mailbox]..[$mailbox, $last] RETURN NONE;
         DELETE type::record('letter_catalogue', $mailbox) RETURN NONE;
         DELETE type::record('mailbox', $mailbox) RETURN NONE;"
    };
}
pub(crate) use erase_mailbox;

const DROP: &str = concat!(erase_mailbox!(), "RETURN true;");

/// A database of the laboratory, where other people's tests of the protocol run. Whether there is a laboratory is for the
/// door to know.
///
/// # Errors
/// [`Fault::NoDatabase`].
pub async fn open_database(env: &Env, name: &str) -> Outcome<Mailbox> {
    let database = of_laboratory(name);
    head::head(env, database.id).await?;
    Ok(database)
}

/// Makes a database of the laboratory.
///
/// # Errors
/// [`Fault::FileExists`].
pub async fn create_database(env: &Env, name: &str) -> Outcome<()> {
    let database = of_laboratory(name);
    if head::find_head(env, database.id).await?.is_some() {
        return Err(Fault::FileExists.into());
    }
    Ok(head::make(env, database.id, false).await?)
}

/// Deletes a database of the laboratory.
///
/// # Errors
/// [`Fault::NoDatabase`].
pub async fn delete_database(env: &Env, name: &str) -> Outcome<()> {
    let database = open_database(env, name).await?;
    let _turns = env.mailboxes.of(database.id).await;
    let binds = vars! { mailbox: database.id, last: Uuid::max() };
    env.db.transact::<bool>(DROP, binds).await?;
    env.bell.ring(database.id, u64::MAX);
    Ok(())
}

/// Whether this is a database of the laboratory: nobody's account has such an id.
pub(super) fn is_of_laboratory(id: Uuid) -> bool {
    id.get_version_num() == 8
}

fn of_laboratory(name: &str) -> Mailbox {
    let hash = Sha256::new().chain_update(b"laboratory").chain_update(name).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    Mailbox {
        // Version 8, of which `is_of_laboratory` knows.
        id: uuid::Builder::from_custom_bytes(bytes).into_uuid(),
        name: name.to_owned(),
        rules: Rules::Free,
    }
}
