//! What the realtime door reads when it is woken. It speaks for the server, not for an actor: who may see what it
//! reads is decided by [`audience`].

use super::{
    list_changes::CHANGED,
    list_messages::{RANGE, range},
    row::{MessageRow, Stored},
    who::blocked_either_way,
};
use crate::{Env, Result, db::vars};
use model::{AccountId, ConversationId, Timestamp, limits};
use std::{collections::BTreeSet, time::Duration};
use surrealdb::types::SurrealValue;
use uuid::Uuid;

macro_rules! listeners {
    () => {
        "SELECT account, math::max([joined_seq ?? 0, cleared_seq ?? 0]) AS floor, read_seq, version ?? 0 AS version
            FROM membership:[$conversation]..[$conversation, $last]"
    };
}
#[cfg(test)]
pub(super) const LISTENERS: &str = listeners!();

/// What members let others see is only asked for where somebody is told of it.
const AUDIENCE: &str = concat!(
    "
    LET $kind = (SELECT VALUE kind FROM ONLY type::record('conversation', $conversation));
    LET $members = (",
    listeners!(),
    ");
    LET $told = $members.len() <= $intimate;
    RETURN {
        direct: $kind = 'direct',
        apart: $kind = 'direct' AND $members.len() = 2 AND (SELECT VALUE id FROM
            type::record('block', [$members[0].account, $members[1].account]),
            type::record('block', [$members[1].account, $members[0].account])) != [],
        members: $members,
        shows: IF $told {
            $members.map(|$one| (SELECT read_receipts ?? true AS markers, presence ?? true AS presence
                FROM ONLY type::record('account', $one.account)) ?? { markers: false, presence: false })
        } ELSE { [] },
    };"
);
pub(super) const BLOCKED: &str = "SELECT VALUE record::id(id)[1] FROM block:[$me]..[$me, $last]";
pub(super) const DIRECT: &str = "SELECT VALUE conversation FROM ONLY type::record('direct', [$a, $b])";
pub(super) const HEAD: &str = "
    SELECT record::id(id) AS id, last_seq, rev ?? 0 AS rev FROM ONLY type::record('conversation', $conversation)";
pub(super) const GROWN: &str = "
    SELECT record::id(id) AS id, last_seq, rev ?? 0 AS rev FROM conversation WHERE touched_at >= $since";

/// How far a conversation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SurrealValue)]
pub struct Head {
    id: Uuid,
    /// The `seq` of the newest message.
    pub last_seq: u64,
    /// The `rev` of the newest change.
    pub rev: u64,
}

impl Head {
    /// Of which conversation.
    #[must_use]
    pub const fn conversation(&self) -> ConversationId {
        ConversationId(self.id)
    }
}

/// To whom a conversation is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audience {
    /// Whether it is of two people.
    pub direct: bool,
    /// Whether one of the two blocks the other: then neither learns anything of the other.
    pub apart: bool,
    /// All who are in it, in the order of their ids.
    pub listeners: Vec<Listener>,
}

impl Audience {
    /// Whether markers, typing and presence are told here at all.
    #[must_use]
    pub const fn is_intimate(&self) -> bool {
        self.listeners.len() as u64 <= limits::INTIMATE_MAX && !self.apart
    }

    /// Somebody of them.
    #[must_use]
    pub fn listener(&self, account: AccountId) -> Option<&Listener> {
        let at = self.listeners.binary_search_by_key(&account, |one| one.account);
        at.ok().map(|at| &self.listeners[at])
    }

    /// The same, to note what changed.
    pub fn listener_mut(&mut self, account: AccountId) -> Option<&mut Listener> {
        let at = self.listeners.binary_search_by_key(&account, |one| one.account);
        at.ok().map(|at| &mut self.listeners[at])
    }
}

/// Somebody to whom a conversation is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listener {
    /// Who.
    pub account: AccountId,
    /// They see what comes after it.
    pub floor: u64,
    /// How far they have read.
    pub read_seq: u64,
    /// How often they changed how they keep it.
    pub version: u64,
    /// Whether they let their markers be seen, and so see those of others. Of a large group this is not known.
    pub tells: bool,
    /// Whether they let their presence be seen, and so see that of others. Of a large group this is not known.
    pub shows: bool,
}

#[derive(SurrealValue)]
struct AudienceRow {
    direct: bool,
    apart: bool,
    members: Vec<ListenerRow>,
    shows: Vec<ShowsRow>,
}

#[derive(SurrealValue)]
struct ListenerRow {
    account: Uuid,
    floor: u64,
    read_seq: u64,
    version: u64,
}

#[derive(Clone, Copy, Default, SurrealValue)]
struct ShowsRow {
    markers: bool,
    presence: bool,
}

/// Whether this process is writing to a log, so that [`crate::changes::Change::Written`] is about to tell of it.
#[must_use]
pub fn is_writing(env: &Env, conversation: ConversationId) -> bool {
    env.desk.is_writing(conversation)
}

/// Whether somebody wrote a message by this process within this time.
#[must_use]
pub fn wrote_within(env: &Env, time: Duration) -> bool {
    env.desk.wrote_within(time)
}

/// The log after `seq`, at most `limit` messages of it, ascending.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn log_after(env: &Env, conversation: ConversationId, seq: u64, limit: u64) -> Result<Vec<Stored>> {
    let from = seq.saturating_add(1);
    let rows: Vec<MessageRow> = env
        .db
        .list(RANGE, range(conversation, from, from.saturating_add(limit)))
        .await?;
    Ok(rows.into_iter().map(Stored::from).collect())
}

/// The messages that were changed by the `limit` changes after `rev`, as they are now, ascending by their `rev`. One that
/// was changed again later is left out: it is told by that change.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn changes_after(env: &Env, conversation: ConversationId, rev: u64, limit: u64) -> Result<Vec<Stored>> {
    let from = rev.saturating_add(1);
    let rows: Vec<Option<MessageRow>> = env
        .db
        .list(CHANGED, range(conversation, from, from.saturating_add(limit)))
        .await?;
    Ok(rows.into_iter().flatten().map(Stored::from).collect())
}

/// How far a conversation has come; nothing when there is none.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn head_of(env: &Env, conversation: ConversationId) -> Result<Option<Head>> {
    env.db.find(HEAD, vars! { conversation: conversation.uuid() }).await
}

/// The newest messages of a log, at most `limit`, ascending.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn newest(env: &Env, conversation: ConversationId, limit: u64) -> Result<Vec<Stored>> {
    let head = head_of(env, conversation).await?.map_or(0, |head| head.last_seq);
    log_after(env, conversation, head.saturating_sub(limit), limit).await
}

/// To whom a conversation is told.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn audience(env: &Env, conversation: ConversationId) -> Result<Audience> {
    let intimate = i64::try_from(limits::INTIMATE_MAX).unwrap_or(1);
    let binds = vars! { conversation: conversation.uuid(), last: Uuid::max(), intimate: intimate };
    let Some(row): Option<AudienceRow> = env.db.find(AUDIENCE, binds).await? else {
        return Ok(Audience::default());
    };
    let shows = row.shows.into_iter().chain(std::iter::repeat(ShowsRow::default()));
    let listener = |(member, shows): (ListenerRow, ShowsRow)| Listener {
        account: member.account.into(),
        floor: member.floor,
        read_seq: member.read_seq,
        version: member.version,
        tells: shows.markers,
        shows: shows.presence,
    };
    Ok(Audience {
        direct: row.direct,
        apart: row.apart,
        listeners: row.members.into_iter().zip(shows).map(listener).collect(),
    })
}

/// The ids of all who are in a conversation.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn members_of(env: &Env, conversation: ConversationId) -> Result<Vec<AccountId>> {
    let listeners = audience(env, conversation).await?.listeners;
    Ok(listeners.into_iter().map(|listener| listener.account).collect())
}

/// Whom somebody blocks.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn blocked_by(env: &Env, account: AccountId) -> Result<Vec<AccountId>> {
    let binds = vars! { me: account.uuid(), last: Uuid::max() };
    let blocked: Vec<Uuid> = env.db.list(BLOCKED, binds).await?;
    Ok(blocked.into_iter().map(AccountId).collect())
}

/// Whom somebody blocks, and who blocks them.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn blocks_between(env: &Env, account: AccountId) -> Result<BTreeSet<AccountId>> {
    let others = blocked_either_way(env, account.uuid()).await?;
    Ok(others.into_iter().map(AccountId).collect())
}

/// The direct conversation of two people, if there is one.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn direct_of(env: &Env, one: AccountId, other: AccountId) -> Result<Option<ConversationId>> {
    let binds = vars! { a: one.uuid().min(other.uuid()), b: one.uuid().max(other.uuid()) };
    let found: Option<Uuid> = env.db.find(DIRECT, binds).await?;
    Ok(found.map(ConversationId))
}

/// The conversations in which something happened since, and how far they have come; for the look that needs no wake-up.
///
/// # Errors
/// Only when the database can't be asked.
pub async fn grown_since(env: &Env, since: Timestamp) -> Result<Vec<Head>> {
    env.db.list(GROWN, vars! { since: since.datetime() }).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[tokio::test]
    async fn the_look_without_a_wake_up_reads_only_what_is_new() {
        let (env, _) = fixtures::env().await;
        let plan = env.db.plan(GROWN, vars! { since: env.now().datetime() }).await;
        assert!(
            plan.contains("conversation_touched") && !plan.contains("TableScan"),
            "{plan}"
        );
    }
}
