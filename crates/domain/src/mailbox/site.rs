//! What tells this Roost from others to replicators, and with what it seals letters.

use crate::{Db, Error, Result, db::vars};
use model::Timestamp;
use surrealdb::types::{Bytes, SurrealValue};
use uuid::Uuid;

/// What never changes in the life of a database, also when a backup of it is restored.
#[derive(Clone)]
pub struct Site {
    /// Replicators name what they note by it.
    pub uuid: Uuid,
    /// The key of the seals: who holds a letter that the server lost can give it back, and nobody can make one up.
    pub(crate) secret: [u8; 32],
}

#[derive(SurrealValue)]
struct Row {
    uuid: Uuid,
    secret: Bytes,
}

/// Of several processes that start at once, one makes it.
const LOAD: &str = "
    IF !mailbox_site:one.exists() { CREATE mailbox_site:one SET uuid = $uuid, secret = $secret RETURN NONE };
    RETURN (SELECT uuid, secret FROM ONLY mailbox_site:one);";

impl Site {
    /// Reads it, or makes it when the database is new.
    pub(crate) async fn load(db: &Db, random: &dyn crate::env::Random, now: Timestamp) -> Result<Self> {
        let (mut noise, mut secret) = ([0; 10], [0; 32]);
        random.fill(&mut noise);
        random.fill(&mut secret);
        let millis = now.millis().try_into().unwrap_or_default();
        let uuid = uuid::Builder::from_unix_timestamp_millis(millis, &noise).into_uuid();
        let binds = vars! { uuid: uuid, secret: Bytes::from(secret.to_vec()) };
        let row: Row = db.transact(LOAD, binds).await?;
        let secret = row.secret.to_vec().try_into();
        Ok(Self {
            uuid: row.uuid,
            secret: secret.map_err(|_| Error::broken("loading the key of the seals")("it is not 32 bytes long"))?,
        })
    }
}
